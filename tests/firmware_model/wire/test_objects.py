"""The objects of the token application: literal bytes, and nothing but these bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import Hash, OtpKey, OtpKind
from firmware_model.wire import objects as wire
from firmware_model.wire.codes import Condition, ErrorCode, Estimator, LifeCycle, SelfTestPart, Tag
from tests.firmware_model.wire.vectors import load, octets

SEED_CHECK = octets("8B 72 5B")
WRAPPED = bytes((20,)) + bytes(range(32))

HOTP_SLOT = wire.SlotObject(1, OtpKind.HOTP, Hash.SHA1, 6, counter=5, seed_check=SEED_CHECK)
HOTP_FIELDS = "80 01 01 81 01 01 82 01 01 83 01 06 86 08 00 00 00 00 00 00 00 05 88 03 8B 72 5B"
TOTP_FIELDS = "80 01 02 81 01 02 82 01 02 83 01 08 84 04 00 00 00 3C 85 08 00 00 00 00 00 00 00 00"

LITERAL = [
    (wire.SerialNumber("ZZH600000001"), "5A 5A 48 36 30 30 30 30 30 30 30 31"),
    (wire.CredentialId("ZZAB12345678"), "5A 5A 41 42 31 32 33 34 35 36 37 38"),
    (wire.ModelName("fob-h6"), "66 6F 62 2D 68 36"),
    (wire.ChipId(bytes(range(10))), "00 01 02 03 04 05 06 07 08 09"),
    (wire.FirmwareVersion("1.0.0"), "31 2E 30 2E 30"),
    (wire.LifeCycleStatus(LifeCycle.BLANK), "01 00"),
    (wire.LifeCycleStatus(LifeCycle.SEALED, Condition.IN_USE | Condition.EXPIRED), "0F 03"),
    (wire.LifeCycleStatus(LifeCycle.TERMINATED, Condition.LOW_BATTERY), "FF 04"),
    (wire.ManufactureDate(20_000), "00 00 4E 20"),
    (wire.ExpiryDate(21_826), "00 00 55 42"),
    (wire.BatteryReading(97, 2950, Estimator.CHARGE_BUDGET), "61 0B 86 01"),
    (wire.Clock(1_700_000_000), "00 00 00 00 65 53 F1 00 01"),
    (wire.Clock(0, valid=False), "00 00 00 00 00 00 00 00 00"),
    (wire.Counters(14_000, 3), "00 00 36 B0 00 00 00 03"),
    (wire.SelfTestResult(0x0FFF, SelfTestPart.AES.bit), "0F FF 00 80"),
    (wire.TriesLeft(10), "0A"),
    (wire.ErrorLog(), ""),
    (
        wire.ErrorLog(
            (
                wire.ErrorLogEntry(ErrorCode.CLOCK_LOST, 0),
                wire.ErrorLogEntry(ErrorCode.BROWN_OUT, 1_700_000_000),
            )
        ),
        "03 00 00 00 00 00 00 00 00 02 00 00 00 00 65 53 F1 00",
    ),
    (wire.Slots(()), ""),
    (wire.Slots((HOTP_SLOT, wire.SlotObject(2))), f"E1 1B {HOTP_FIELDS} E1 03 80 01 02"),
    (HOTP_SLOT, HOTP_FIELDS),
    (
        wire.CredentialObject(
            2, OtpKind.TOTP, Hash.SHA256, 8, WRAPPED, SEED_CHECK, step_seconds=60, t0_seconds=0
        ),
        f"{TOTP_FIELDS} 88 03 8B 72 5B 87 21 {WRAPPED.hex()}",
    ),
    (
        wire.Identity("ZZH600000001", "ZZAB12345678", 20_000, 21_826),
        "80 0C 5A 5A 48 36 30 30 30 30 30 30 30 31 81 0C 5A 5A 41 42 31 32 33 34 35 36 37 38"
        " 82 04 00 00 4E 20 83 04 00 00 55 42",
    ),
    (wire.Identity("1", "2", 0), "80 01 31 81 01 32 82 04 00 00 00 00"),
]
IDS = [f"{type(message).__name__} {number}" for number, (message, _) in enumerate(LITERAL)]
REPEATING = (wire.ErrorLog, wire.Slots)


@pytest.mark.parametrize(("message", "raw"), LITERAL, ids=IDS)
class TestLiteral:
    def test_is_written(self, message: wire.ReadObject, raw: str) -> None:
        assert message.encode() == octets(raw)

    def test_is_read(self, message: wire.ReadObject, raw: str) -> None:
        assert type(message).decode(octets(raw)) == message

    def test_is_not_read_truncated_or_with_trailing_bytes(
        self, message: wire.ReadObject, raw: str
    ) -> None:
        whole = octets(raw)
        for length in range(len(whole)):
            assert type(message).decode(whole[:length]) != message
        assert type(message).decode(whole + b"\x00") != message


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (wire.SerialNumber, ""),
        (wire.SerialNumber, "41" * 65),
        (wire.SerialNumber, "E3 81 82"),
        (wire.SerialNumber, "41 0A"),
        (wire.LifeCycleStatus, "02 00"),
        (wire.LifeCycleStatus, "0F 08"),
        (wire.BatteryReading, "65 0B 86 01"),
        (wire.BatteryReading, "64 0B 86 03"),
        (wire.Clock, "00 00 00 00 65 53 F1 00 02"),
        (wire.ErrorLog, "09 00 00 00 00 00 00 00 00"),
        (wire.ErrorLog, "01 00 00 00 00 00 00 00 00" * 17),
        (wire.Slots, "E2 03 80 01 02"),
        (wire.Slots, "E1 03 80 01 02" * 101),
        (wire.SlotObject, "80 01 00"),
        (wire.SlotObject, "80 01 65"),
        (wire.SlotObject, ""),
        (wire.SlotObject, "80 01 01 81 01 01"),
        (wire.SlotObject, "80 01 01 83 01 06"),
        (wire.SlotObject, f"{HOTP_FIELDS} 84 04 00 00 00 1E"),
        (wire.SlotObject, f"{HOTP_FIELDS} 80 01 01"),
        (wire.SlotObject, f"{HOTP_FIELDS} 89 01 01"),
        (wire.SlotObject, f"{HOTP_FIELDS} 87 11 {'00' * 17}"),
        (wire.SlotObject, HOTP_FIELDS.replace("83 01 06", "83 01 0B")),
        (wire.SlotObject, HOTP_FIELDS.replace("83 01 06", "83 02 00 06")),
        (wire.SlotObject, HOTP_FIELDS.replace("83 01 06", "83 02 06 00")),
        (wire.SlotObject, HOTP_FIELDS.replace("82 01 01", "82 01 04")),
        (wire.CredentialObject, f"{TOTP_FIELDS} 88 03 8B 72 5B"),
        (wire.CredentialObject, f"{HOTP_FIELDS} 87 00"),
        (
            wire.CredentialObject,
            f"{TOTP_FIELDS} 88 03 8B 72 5B 87 11 {'00' * 17}".replace("00 00 00 3C", "00 00 00 00"),
        ),
        (wire.Identity, "80 01 31 81 01 32"),
    ],
)
def test_what_is_not_as_declared_is_refused(kind: type[wire.ReadObject], raw: str) -> None:
    assert kind.decode(octets(raw)) is None


def test_members_are_taken_in_any_order() -> None:
    raw = octets("82 04 00 00 00 00 81 01 32 80 01 31")
    assert wire.Identity.decode(raw) == wire.Identity("1", "2", 0)


@pytest.mark.parametrize(
    "build",
    [
        lambda: wire.BatteryReading(101, 3000, Estimator.CHARGE_BUDGET).encode(),
        lambda: wire.SerialNumber("証").encode(),
        lambda: wire.Counters(-1, 0).encode(),
        lambda: wire.ChipId(b"short").encode(),
        lambda: wire.CredentialObject(1, OtpKind.HOTP, Hash.SHA1, 6, WRAPPED, SEED_CHECK),
        lambda: wire.SlotObject(1, OtpKind.TOTP, Hash.SHA1, 6, counter=0, seed_check=SEED_CHECK),
    ],
)
def test_a_value_out_of_range_is_refused_and_not_quoted(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError) as caught:
        build()
    assert "証" not in str(caught.value)


def test_no_tag_and_no_member_is_used_twice() -> None:
    tags = [tag.value for tag in Tag]
    assert len(set(tags)) == len(tags)
    assert set(wire.READABLE) | set(wire.STORABLE) == set(Tag)
    for template in (wire.SlotObject, wire.CredentialObject, wire.Identity):
        names = [name for name, _ in template.MEMBERS.values()]
        assert len(set(names)) == len(names)


def test_the_seed_check_value_is_the_vectors_and_no_part_of_a_code() -> None:
    vector = load("keys.json")["seed_check"]
    seed = octets(vector["seed"])
    assert wire.seed_check_value(seed) == octets(vector["check"])
    assert str(int.from_bytes(wire.seed_check_value(seed), "big")) not in OtpKey(seed).code(0, 10)


def test_no_seed_shows_in_a_repr() -> None:
    text = repr(LITERAL[-3][0])
    assert "wrapped_seed" not in text


@given(st.sampled_from([*wire.READABLE.values(), *wire.STORABLE.values()]), st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(kind: type[wire.ReadObject], raw: bytes) -> None:
    found = kind.decode(raw)
    assert found is None or kind.decode(found.encode()) == found
