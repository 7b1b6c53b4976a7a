"""Every object of the token application, read from the token's state (WIRE §5)."""

import pytest

from firmware_model.firmware.slots import EXHAUSTED, store_factor
from firmware_model.generators import COUNTER_MAX
from firmware_model.wire.codes import Condition, ErrorCode, Estimator, LifeCycle, SelfTestPart, Tag
from firmware_model.wire.messages import (
    TOKEN_AID,
    GetData,
    GetDataList,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import (
    READABLE,
    BatteryReading,
    Clock,
    ExpiryDate,
    LifeCycleStatus,
    SelfTestResult,
    Slots,
)
from tests.firmware_model.firmware.applications.rig import (
    NOW,
    TODAY,
    Fob,
    hotp_credential,
    identity,
    totp_credential,
)


def token_fob(model: str = "fob-h6", slots: int = 1) -> Fob:
    fob = Fob(model, slots)
    fob.send(Select(TOKEN_AID))
    return fob


def personalised() -> Fob:
    fob = Fob()
    host = fob.open()
    for command in (identity(), hotp_credential(), SetStatus(LifeCycle.PERSONALISED)):
        assert host.status(command) == 0x9000
    fob.send(Select(TOKEN_AID))
    return fob


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("DF 20", "6A 88"),
        ("DF 21", "6A 88"),
        ("DF 22", "66 6F 62 2D 68 36 90 00"),
        ("DF 23", "00 01 02 03 04 05 06 07 08 09 90 00"),
        ("DF 24", "31 2E 30 2E 30 90 00"),
        ("DF 25", "01 00 90 00"),
        ("DF 26", "00 00 4C DB 90 00"),  # 19675 = 2023-11-14
        ("DF 27", "6A 88"),
        ("DF 29", "00 00 00 00 00 00 00 00 00 90 00"),
        ("DF 2A", "00 00 00 00 00 00 00 01 90 00"),
        ("FF 2B", "E1 03 80 01 01 90 00"),
        ("DF 2C", "90 00"),
        ("DF 2D", "03 FE 00 00 90 00"),
        ("DF 2E", "0A 90 00"),
        ("DF 2F", "6A 88"),
        ("FF 30", "6A 88"),
        ("FF 31", "6A 88"),
    ],
)
def test_a_blank_fob_tells(tag: str, answer: str) -> None:
    assert token_fob().hex(f"00 CA {tag} 00") == answer


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("DF 20", "5A 5A 48 36 30 30 30 30 30 30 30 31 90 00"),
        ("DF 21", "5A 5A 48 36 30 30 30 30 30 30 30 31 90 00"),
        ("DF 25", "07 00 90 00"),
        ("DF 26", "00 00 4C DB 90 00"),
        ("DF 27", "00 00 50 C3 90 00"),
        (
            "FF 2B",
            "E1 1B 80 01 01 81 01 01 82 01 01 83 01 06"
            " 86 08 00 00 00 00 00 00 00 00 88 03 8B 72 5B 90 00",
        ),
    ],
)
def test_a_personalised_fob_tells(tag: str, answer: str) -> None:
    assert personalised().hex(f"00 CA {tag} 00") == answer


@pytest.mark.parametrize("tag", sorted(READABLE))
def test_every_readable_object_decodes_as_declared_in_clear_and_in_a_channel(tag: int) -> None:
    fob = personalised()
    if tag == Tag.CLOCK:
        assert fob.open().status(StoreData(Clock(NOW))) == 0x9000
        fob.send(Select(TOKEN_AID))
    value = fob.send(GetData(tag)).data
    assert READABLE[tag].decode(value) is not None
    host = fob.open()
    inside = host.send(GetData(tag))
    assert inside.is_ok
    assert READABLE[tag].decode(inside.data) is not None


def test_the_battery_is_measured_under_load_and_costs_charge() -> None:
    fob = token_fob()
    drawn = fob.board.battery.drawn_ac
    battery = BatteryReading.decode(fob.send(GetData(Tag.BATTERY)).data)
    assert battery is not None
    assert battery.percent == 100
    assert 2900 < battery.loaded_millivolts < 3300
    assert fob.board.battery.drawn_ac > drawn


@pytest.mark.parametrize(
    ("model", "estimator"),
    [("fob-h6", Estimator.CHARGE_BUDGET), ("sid-always", Estimator.LOADED_VOLTAGE)],
)
def test_the_battery_says_how_it_was_estimated(model: str, estimator: Estimator) -> None:
    battery = BatteryReading.decode(token_fob(model).send(GetData(Tag.BATTERY)).data)
    assert battery is not None
    assert battery.estimator is estimator


def test_the_clock_runs_from_what_it_was_set_to() -> None:
    fob = Fob()
    assert fob.open().status(StoreData(Clock(NOW))) == 0x9000
    fob.advance(600.5)
    fob.send(Select(TOKEN_AID))
    clock = Clock.decode(fob.send(GetData(Tag.CLOCK)).data)
    assert clock in (Clock(NOW + 600), Clock(NOW + 601))  # a crystal is never quite right


def test_counters_count_presses_and_boots() -> None:
    fob = personalised()
    slot = fob.token.slots[0]
    assert slot is not None
    store_factor(fob.token.journal, slot, 1, press=1)
    fob.boot()
    fob.send(Select(TOKEN_AID))
    assert fob.hex("00 CA DF 2A 00") == "00 00 00 01 00 00 00 02 90 00"
    assert " 86 08 00 00 00 00 00 00 00 01 " in fob.hex("00 CA FF 2B 00")


def test_an_exhausted_slot_tells_its_last_counter() -> None:
    fob = personalised()
    slot = fob.token.slots[0]
    assert slot is not None
    store_factor(fob.token.journal, slot, EXHAUSTED, press=1)
    slots = Slots.decode(fob.send(GetData(Tag.SLOTS)).data)
    assert slots is not None
    assert slots.slots[0].counter == COUNTER_MAX


def test_a_time_based_slot_tells_step_and_t0() -> None:
    fob = Fob("fob-t60")
    assert fob.open().status(totp_credential(t0_seconds=30)) == 0x9000
    fob.send(Select(TOKEN_AID))
    assert fob.hex("00 CA FF 2B 00") == (
        "E1 21 80 01 01 81 01 02 82 01 02 83 01 06 84 04 00 00 00 3C"
        " 85 08 00 00 00 00 00 00 00 1E 88 03 8B 72 5B 90 00"
    )


def test_the_error_log_keeps_code_and_time() -> None:
    fob = Fob()
    host = fob.open()
    assert host.status(StoreData(Clock(NOW))) == 0x9000
    fob.token.log(ErrorCode.BROWN_OUT)
    fob.send(Select(TOKEN_AID))
    assert fob.hex("00 CA DF 2C 00") == "02 00 00 00 00 65 53 F1 00 90 00"


class TestConditions:
    def test_expired_is_told_before_anybody_pressed(self) -> None:
        assert expiring(TODAY - 4).hex("00 CA DF 25 00") == "01 02 90 00"

    def test_expired_goes_away_with_an_extension(self) -> None:
        fob = expiring(TODAY - 4)
        assert fob.open().status(StoreData(ExpiryDate(TODAY + 100))) == 0x9000
        fob.send(Select(TOKEN_AID))
        assert fob.hex("00 CA DF 25 00") == "01 00 90 00"

    def test_the_last_day_of_grace_is_not_over(self) -> None:
        assert expiring(TODAY - 3).hex("00 CA DF 25 00") == "01 00 90 00"

    def test_low_battery_is_told_where_the_model_has_a_notice_for_it(self) -> None:
        fob = token_fob()
        battery = fob.board.battery
        battery.drawn_ac = battery.capacity_ac * 97 // 100
        found = LifeCycleStatus.decode(fob.send(GetData(Tag.LIFE_CYCLE)).data)
        assert found == LifeCycleStatus(LifeCycle.BLANK, Condition.LOW_BATTERY)


class TestATerminatedFob:
    OPEN = (0xDF20, 0xDF21, 0xDF22, 0xDF23, 0xDF25, 0xDF2D)

    @pytest.fixture
    def fob(self) -> Fob:
        fob = personalised()
        assert fob.open().status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
        fob.send(Select(TOKEN_AID))
        return fob

    @pytest.mark.parametrize("tag", sorted({*READABLE, 0xDF2F, 0xFF30}))
    def test_tells_who_it_was_and_nothing_else(self, fob: Fob, tag: int) -> None:
        assert fob.status(GetData(tag)) == (0x9000 if tag in self.OPEN else 0x6985)

    def test_says_that_it_is_terminated_after_a_boot_too(self, fob: Fob) -> None:
        fob.boot()
        fob.send(Select(TOKEN_AID))
        assert fob.hex("00 CA DF 25 00") == "FF 00 90 00"
        assert fob.hex("80 50 00 00 08 00 00 00 00 00 00 00 00") == "69 85"


class TestAFobThatCannotTrustItself:
    def test_offers_no_channel_after_a_failed_self_test_and_tells_why(self) -> None:
        fob = Fob()
        failed = SelfTestPart.AES.bit
        fob.applications.self_test = SelfTestResult(0x03FE, failed)
        fob.send(Select(TOKEN_AID))
        assert fob.hex("00 CA DF 2D 00") == "03 FE 00 80 90 00"
        assert fob.hex("80 50 00 00 08 00 00 00 00 00 00 00 00") == "69 85"

    def test_with_lost_flash_writes_nothing_and_says_that_it_has_ended_and_why(self) -> None:
        fob = Fob()
        for page in range(fob.model.flash.pages):
            fob.board.flash.program(page, 0, bytes(fob.model.flash.page_bytes))
        fob.boot()
        operations = fob.board.flash.operations
        fob.send(Select(TOKEN_AID))
        assert fob.hex("00 CA DF 25 00") == "FF 00 90 00"
        assert fob.hex("00 CA DF 2D 00") == "03 FE 00 02 90 00"
        assert fob.hex("80 50 00 00 08 00 00 00 00 00 00 00 00") == "69 85"
        assert fob.status(identity()) == 0x6982
        assert fob.board.flash.operations == operations


def expiring(day: int) -> Fob:
    """Return a fob that knows the time and expires; its model gives three days of grace."""
    fob = Fob("sid-always")
    host = fob.open()
    assert host.status(StoreData(Clock(NOW))) == 0x9000
    assert host.status(identity(day)) == 0x9000
    fob.send(Select(TOKEN_AID))
    return fob


def test_a_tag_list_gives_whole_objects_in_the_order_asked_for() -> None:
    fob = token_fob()
    chip, model = "DF 23 0A 00 01 02 03 04 05 06 07 08 09", "DF 22 06 66 6F 62 2D 68 36"
    listed = "00 CB 3F FF 06 5C 04 DF 22 DF 23 00"
    assert fob.hex(listed) == f"{model} {chip} 90 00"
    assert fob.hex("80 CB 3F FF 06 5C 04 DF 23 DF 22 00") == f"{chip} {model} 90 00"
    # A blank fob has no serial number, and nobody reads a credential.
    absent = "00 CB 3F FF 08 5C 06 DF 20 DF 22 FF 30 00"
    assert fob.hex(absent) == f"{model} 90 00"
    assert fob.hex("00 CB 3F FF 04 5C 02 DF 20 00") == "6A 88"


def test_a_tag_list_longer_than_le_is_fetched_in_parts() -> None:
    fob = token_fob()
    whole = fob.hex("00 CB 3F FF 06 5C 04 DF 22 DF 23 00")
    first = fob.hex("00 CB 3F FF 06 5C 04 DF 22 DF 23 05")
    assert first == f"{whole[:14]} 61 11"
    assert fob.hex("00 C0 00 00 00") == whole[15:]


def test_a_tag_list_goes_through_a_channel_and_to_the_issuer_security_domain() -> None:
    fob = Fob()
    host = fob.open()
    answer = host.send(GetDataList((Tag.MODEL_NAME, Tag.TRIES_LEFT)))
    assert answer.data == bytes.fromhex("DF 22 06 66 6F 62 2D 68 36 DF 2E 01 0A")
    domain = Fob()
    assert domain.hex("00 CB 3F FF 04 5C 02 C1 66 00").startswith("C1 03 00 00 00 66 ")
    assert domain.hex("00 CB 3F FF 04 5C 02 DF 22 00") == "6A 88"


def test_a_terminated_fob_leaves_out_what_it_no_longer_tells() -> None:
    fob = Fob()
    host = fob.open()
    assert host.status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
    fob.send(Select(TOKEN_AID))
    told = fob.send(GetDataList((Tag.CLOCK, Tag.MODEL_NAME, Tag.BATTERY)))
    assert told.data == bytes.fromhex("DF 22 06 66 6F 62 2D 68 36")
    assert fob.status(GetDataList((Tag.CLOCK,))) == 0x6A88
