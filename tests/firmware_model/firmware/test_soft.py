"""A soft token's app before it is one, and how its user makes it one: once, by a password."""

from dataclasses import replace

import pytest

from firmware_model.effects import Darkness, DarkReason, FobEvent
from firmware_model.generators import Hash, totp
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    ClockShifted,
    Installed,
    Typed,
)
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    ActivationRefusal,
    AppStanding,
    AppStatus,
    Confirmation,
    GeneralAuthenticate,
    Request,
    Wish,
)
from firmware_model.wire.apdu import Command
from firmware_model.wire.messages import Select, StoreData
from firmware_model.wire.objects import ExpiryDate
from tests.firmware_model.firmware.soft import TYPED, Phone, has_test_keys
from tests.firmware_model.fobs import CHIP_ID, START, built, events, shown, token_of
from tests.firmware_model.wire.activation_vectors import GRANT, KEPT
from tests.firmware_model.wired import Wired

DAYS = START // NS_PER_SECOND // SECONDS_PER_DAY
YEAR_S = 365 * SECONDS_PER_DAY


class TestBlank:
    def test_it_comes_installed_on_its_device_and_not_activated(self) -> None:
        phone = Phone()
        assert phone.device.device_id == CHIP_ID.hex().upper()
        assert phone.status() == AppStatus(AppStanding.NOT_ACTIVATED, phone.device.device_id)
        assert phone.device.face(START).dark == Darkness(DarkReason.NOT_ACTIVATED)
        assert phone.press() == "Not activated"
        assert phone.line().request() is None

    def test_it_has_the_devices_time_and_no_battery_to_run_down(self) -> None:
        phone = Phone()
        phone.wait(40 * YEAR_S)
        gauges = phone.device.gauges(phone.now)
        assert gauges.clock_unix == phone.now // NS_PER_SECOND
        assert (gauges.charge_permille, gauges.running) == (1000, True)

    def test_a_device_that_was_off_has_the_right_time_afterwards(self) -> None:
        phone = Phone()
        phone.device.handle(CellRemoved(), phone.now)
        assert phone.device.face(phone.now).dark == Darkness(DarkReason.DEVICE_OFF, phone.now)
        phone.now = SimTime(phone.now + 1000 * NS_PER_SECOND)
        phone.device.handle(CellInserted(), phone.now)
        assert phone.device.gauges(phone.now).clock_unix == phone.now // NS_PER_SECOND

    def test_a_fob_has_no_app_and_no_application_of_that_name(self) -> None:
        fob = built("fob-t60")
        assert fob.device_id == ""
        assert shown(fob.handle(TYPED, START)) == []
        assert Wired(fob, START).status(Select(ACTIVATION_AID)) == 0x6A82


class TestActivation:
    def test_what_was_typed_becomes_a_request_without_the_password(self) -> None:
        phone = Phone()
        assert phone.do(TYPED) == "Asking the bank"
        request = phone.line().request()
        assert request is not None
        assert request.wish is Wish.ACTIVATION
        assert (request.service_id, request.user_id) == ("301245", "0001234567")
        assert request.unix_seconds == START // NS_PER_SECOND
        assert b"4711" not in request.encode().replace(request.public or b"", b"")

    def test_is_the_literal_transcript(self) -> None:
        phone = Phone()
        phone.do(Installed("phone-1"))
        assert phone.activated().seed(Hash.SHA1) == KEPT["seed"]

    def test_makes_a_token_that_shows_the_banks_codes(self) -> None:
        phone = Phone()
        secrets = phone.activated()
        assert phone.text() == "Activated; set app lock"
        assert phone.status().standing is AppStanding.ACTIVATED
        seed = secrets.seed(Hash.SHA1)
        assert phone.press() == totp(seed, phone.now // NS_PER_SECOND, digits=6, step_seconds=30)
        assert token_of(phone.device).identity is not None
        assert phone.press(1.5) == "ZZP100000001"
        assert phone.press() == "Expires 2027-04-15"

    def test_tells_the_trace(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        bank = phone.line()
        bank.confirm(replace(GRANT, unix_seconds=START // NS_PER_SECOND))
        assert FobEvent.ACTIVATED in events(bank.wired.effects)

    def test_replaces_the_public_test_keys(self) -> None:
        phone = Phone()
        assert has_test_keys(phone)
        keys = phone.activated().key_set
        assert not has_test_keys(phone)
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(StoreData(ExpiryDate(DAYS + 500))) == 0x9000

    def test_works_once(self) -> None:
        phone = Phone()
        phone.activated()
        assert phone.do(TYPED) == "Already activated"
        assert phone.line().request() is None

    def test_ends_with_a_wrong_password_at_either_end(self) -> None:
        phone = Phone()
        phone.do(Typed("301245", "0001234567", "4712", bytes(31) + b"\x05"))
        bank = phone.line()
        assert bank.challenge().is_ok
        assert not bank.right  # the bank learns it by the proof
        assert bank.send(bank.confirmation()).status == 0x6982  # and the app by the bank's
        assert phone.text() == "Refused by the bank"
        assert phone.status().standing is AppStanding.NOT_ACTIVATED

    def test_gives_whoever_answers_one_guess_for_each_typing(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        bank = phone.line()
        assert bank.challenge(verifier=bytes(383) + b"\x02").is_ok
        assert bank.challenge().status == 0x6985
        assert bank.challenge().status == 0x6985

    def test_cannot_be_replayed(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        bank = phone.line()
        grant = replace(GRANT, unix_seconds=START // NS_PER_SECOND)
        assert bank.confirm(grant).is_ok
        said = bank.confirmation(grant)
        phone.do(Installed("another"))
        phone.do(replace(TYPED, random=bytes(31) + b"\x09"))
        again = phone.line()
        assert again.challenge().is_ok
        assert again.send(said).status == 0x6982
        assert phone.status().standing is AppStanding.NOT_ACTIVATED

    def test_its_turns_come_in_their_order_only(self) -> None:
        phone = Phone()
        bank = phone.line()
        assert bank.challenge().status == 0x6985  # nobody has typed
        phone.do(TYPED)
        bank = phone.line()
        confirmation = Confirmation(bytes(32), bytes(60))
        assert bank.send(confirmation).status == 0x6985  # the second before the first
        assert bank.request() is None

    def test_a_no_of_the_bank_is_told_to_the_user(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        bank = phone.line()
        refusal = GeneralAuthenticate(ActivationRefusal(refused=True)).command()
        assert bank.wired.status(refusal) == 0x9000
        assert phone.text() == "Refused by the bank"
        assert bank.request() is None

    @pytest.mark.parametrize("ahead", [-3600, -61, 61, 3600])
    def test_a_wrong_device_clock_is_noticed_and_nothing_stored(self, ahead: int) -> None:
        phone = Phone()
        phone.device.handle(ClockShifted(ahead * NS_PER_SECOND), phone.now)
        phone.do(TYPED)
        bank = phone.line()
        request = bank.request()
        assert request is not None
        assert request.unix_seconds == START // NS_PER_SECOND + ahead
        status = bank.confirm(replace(GRANT, unix_seconds=START // NS_PER_SECOND)).status
        assert status == 0x6985
        assert phone.text() == "Wrong device clock"
        assert phone.status().standing is AppStanding.NOT_ACTIVATED

    @pytest.mark.parametrize("ahead", [-60, 0, 60])
    def test_a_small_difference_is_borne(self, ahead: int) -> None:
        phone = Phone()
        phone.device.handle(ClockShifted(ahead * NS_PER_SECOND), phone.now)
        phone.activated()
        assert phone.status().standing is AppStanding.ACTIVATED

    @pytest.mark.parametrize(
        "changes", [{"digits": 10, "issue_days": 2**32 - 1}, {"expiry_days": 2**32 - 1}]
    )
    def test_a_grant_that_no_token_can_be_is_refused(self, changes: dict[str, int]) -> None:
        phone = Phone()
        phone.do(TYPED)
        grant = replace(GRANT, unix_seconds=START // NS_PER_SECOND, **changes)  # type: ignore[arg-type]
        assert phone.line().confirm(grant).status == 0x6A80
        assert phone.status().standing is AppStanding.NOT_ACTIVATED

    @pytest.mark.parametrize(
        "typed",
        [
            replace(TYPED, service_id=""),
            replace(TYPED, user_id="a/b"),
            replace(TYPED, user_id="é"),
            replace(TYPED, start_password=""),
        ],
    )
    def test_what_cannot_be_right_is_not_even_asked(self, typed: Typed) -> None:
        phone = Phone()
        assert phone.do(typed) == "Check what you typed"
        assert phone.line().request() is None

    def test_a_request_waits_for_its_time_and_no_longer(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        phone.wait(300)
        assert phone.line().request() is not None
        phone.wait(1)
        bank = phone.line()
        assert bank.request() is None
        assert bank.challenge().status == 0x6985

    def test_a_request_does_not_outlive_the_power(self) -> None:
        phone = Phone()
        phone.do(TYPED)
        phone.device.handle(CellRemoved(), phone.now)
        phone.device.handle(CellInserted(), phone.now)
        assert phone.line().request() is None

    def test_the_password_is_in_no_image(self) -> None:
        phone = Phone()
        effects = phone.device.handle(TYPED, phone.now)
        phone.activated()
        images = b"".join(phone.device.images().values())
        assert b"4711" not in images
        assert "4711" not in repr(TYPED) + repr(effects)


def test_a_request_survives_any_bytes_of_a_stranger() -> None:
    phone = Phone()
    phone.do(TYPED)
    bank = phone.line()
    for garbage in (b"", b"\x7c\x00", b"\x7c\x82\xff\xff", bytes(500)):
        bank.wired.send(Command(0x00, 0x87, 0, 0, garbage, ne=256))
    assert isinstance(bank.request(), Request)
