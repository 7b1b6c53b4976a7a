"""A soft token's app: activated once, bound to one device, stopped, deleted, extended."""

from dataclasses import replace

import pytest

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Event
from firmware_model.firmware.memory import Key
from firmware_model.generators import Hash, totp
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    ClockShifted,
    CutArmed,
    Installed,
    Moved,
    Reset,
    Tap,
    Typed,
)
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    AppStatus,
    Confirmation,
    GeneralAuthenticate,
    HandedCode,
    Refusal,
    Request,
    Standing,
    Tag,
    Wish,
)
from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import Select, StoreData
from firmware_model.wire.objects import ExpiryDate, Slots
from tests.firmware_model.firmware.soft import TYPED, Phone, has_test_keys
from tests.firmware_model.fobs import CHIP_ID, START, built, events, personalised, shown, token_of
from tests.firmware_model.wire.activation_vectors import GRANT, KEPT
from tests.firmware_model.wired import Silent, Wired
from tests.simulation.power import raw_flash

DAYS = START // NS_PER_SECOND // SECONDS_PER_DAY
YEAR_S = 365 * SECONDS_PER_DAY


def status_of(phone: Phone) -> AppStatus:
    status = AppStatus.decode(phone.line().get(Tag.STATUS).data)
    assert status is not None
    return status


class TestBlank:
    def test_it_comes_installed_on_its_device_and_not_activated(self) -> None:
        phone = Phone()
        assert phone.device.device_id == CHIP_ID.hex().upper()
        assert status_of(phone) == AppStatus(Standing.NOT_ACTIVATED, phone.device.device_id)
        assert phone.device.face(START).dark_because == "the app is not activated"
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
        assert phone.device.face(phone.now).dark_because == "the device is off"
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
        assert phone.text() == "Activated"
        assert status_of(phone).standing is Standing.ACTIVATED
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
        assert Event.ACTIVATED in events(bank.wired.effects)

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
        assert status_of(phone).standing is Standing.NOT_ACTIVATED

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
        assert status_of(phone).standing is Standing.NOT_ACTIVATED

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
        refusal = GeneralAuthenticate(Refusal(refused=True)).command()
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
        assert status_of(phone).standing is Standing.NOT_ACTIVATED

    @pytest.mark.parametrize("ahead", [-60, 0, 60])
    def test_a_small_difference_is_borne(self, ahead: int) -> None:
        phone = Phone()
        phone.device.handle(ClockShifted(ahead * NS_PER_SECOND), phone.now)
        phone.activated()
        assert status_of(phone).standing is Standing.ACTIVATED

    @pytest.mark.parametrize(
        "changes", [{"digits": 10, "issue_days": 2**32 - 1}, {"expiry_days": 2**32 - 1}]
    )
    def test_a_grant_that_no_token_can_be_is_refused(self, changes: dict[str, int]) -> None:
        phone = Phone()
        phone.do(TYPED)
        grant = replace(GRANT, unix_seconds=START // NS_PER_SECOND, **changes)  # type: ignore[arg-type]
        assert phone.line().confirm(grant).status == 0x6A80
        assert status_of(phone).standing is Standing.NOT_ACTIVATED

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


class TestPowerCuts:
    """Everything that an activation gives is stored in one step: all of it, or nothing."""

    @pytest.mark.parametrize("permille", [0, 500, 1000])
    def test_in_mid_activation_leave_nothing_half(self, permille: int) -> None:
        outcomes = set()
        for operation in range(1, 40):
            phone = Phone()
            phone.do(TYPED)
            bank = phone.line()
            assert bank.challenge().is_ok
            phone.device.handle(CutArmed(operation, permille), phone.now)
            try:
                bank.send(bank.confirmation(replace(GRANT, unix_seconds=START // NS_PER_SECOND)))
                break
            except Silent:
                pass
            images = phone.device.images()
            phone.device = Device.restore(phone.device.model, images)
            phone.device.handle(Reset(), phone.now)
            phone.device.handle(CellInserted(), phone.now)
            outcomes.add(self._whole_or_nothing(phone))
        else:
            pytest.fail("the cuts did not come to an end")
        assert operation > 3
        assert False in outcomes

    @staticmethod
    def _whole_or_nothing(phone: Phone) -> bool:
        """Return whether the token is activated; fail where it is anything between."""
        token = token_of(phone.device)
        activated = status_of(phone).standing is Standing.ACTIVATED
        assert token.life_cycle is (LifeCycle.SEALED if activated else LifeCycle.BLANK)
        assert (token.identity is not None) is activated
        assert has_test_keys(phone) is not activated
        kept = {Key.APP, Key.CHIP, Key.CLOCK, Key.BOOTS, Key.ERROR_LOG}
        assert activated or set(token.journal.entries) <= kept | {Key.SEQUENCE}
        if activated:
            assert phone.press().isdecimal()
        else:
            phone.activated()  # the user simply types again
        return activated

    def test_in_mid_deletion_leave_no_app_that_is_half_there(self) -> None:
        deleted = []
        for operation in range(1, 2000, 17):
            phone = Phone()
            seed = phone.activated().seed(Hash.SHA1)
            phone.device.handle(CutArmed(operation, 500), phone.now)
            phone.tap(Tap.DELETE)
            if phone.device.gauges(phone.now).running:
                break
            phone.device.handle(CellInserted(), phone.now)
            deleted.append(not phone.device.device_id)
            if phone.device.device_id:
                assert phone.press().isdecimal()
            else:
                assert seed not in raw_flash(phone.device)
        else:
            pytest.fail("the cuts did not come to an end")
        assert set(deleted) == {True, False}


class TestDevice:
    def test_a_copy_on_another_device_gives_no_code(self) -> None:
        phone = Phone()
        phone.activated()
        assert phone.do(Moved("stolen")) == "Not this device"
        assert phone.press() == "Not this device"
        assert phone.press(1.5) == "Not this device"
        assert phone.tap(Tap.LOGIN) == "Not this device"
        assert phone.line().request() is None
        assert status_of(phone) == AppStatus(Standing.WRONG_DEVICE, "stolen")

    def test_the_right_device_gives_codes_again_after_a_restart(self) -> None:
        phone = Phone()
        phone.do(Installed("mine"))
        phone.activated()
        phone.do(Moved("other"))
        phone.do(Moved("mine"))
        phone.device.handle(Reset(), phone.now)
        assert phone.press().isdecimal()

    def test_stopped_it_gives_no_code_for_good(self) -> None:
        phone = Phone()
        phone.activated()
        assert phone.tap(Tap.STOP) == "Stopped"
        phone.device.handle(Reset(), phone.now)
        assert phone.press() == "Stopped"
        assert phone.tap(Tap.EXTEND) == "Stopped"
        assert status_of(phone).standing is Standing.STOPPED

    def test_deleted_nothing_shows_and_nothing_answers(self) -> None:
        phone = Phone()
        seed = phone.activated().seed(Hash.SHA1)
        assert phone.tap(Tap.DELETE) == ""
        assert phone.press() == ""
        assert phone.device.face(phone.now).dark_because == "the app is not installed"
        assert phone.do(TYPED) == ""
        with pytest.raises(Silent):
            Wired(phone.device, phone.now)
        assert seed not in b"".join(phone.device.images().values())

    def test_installed_anew_it_can_be_activated_anew(self) -> None:
        phone = Phone()
        first = phone.activated()
        phone.tap(Tap.DELETE)
        assert phone.do(Installed("new phone")) == "Not activated"
        phone.do(replace(TYPED, random=bytes(31) + b"\x03"))
        bank = phone.line()
        assert bank.confirm(replace(GRANT, unix_seconds=phone.now // NS_PER_SECOND)).is_ok
        assert bank.secrets.seed(Hash.SHA1) != first.seed(Hash.SHA1)
        assert status_of(phone) == AppStatus(Standing.ACTIVATED, "new phone")

    def test_provisioned_like_a_fob_it_is_bound_to_no_device(self) -> None:
        phone = Phone(personalised("soft-pc"))
        assert phone.press().isdecimal()
        phone.do(Moved("elsewhere"))
        assert phone.press().isdecimal()


class TestExtension:
    def test_near_its_date_it_says_so_before_the_code(self) -> None:
        phone = Phone()
        phone.activated()
        phone.wait(58 * SECONDS_PER_DAY)
        assert phone.press().isdecimal()
        phone.wait(12 * SECONDS_PER_DAY)
        assert phone.press() == "Expires in 20 days"
        phone.wait(3)
        assert phone.text().isdecimal()

    def test_after_its_date_it_gives_no_code_until_extended(self) -> None:
        phone = Phone()
        keys = phone.activated().key_set
        phone.wait(91 * SECONDS_PER_DAY)
        assert phone.press() == "Expired"
        assert phone.tap(Tap.LOGIN) == "Expired"
        assert phone.tap(Tap.EXTEND) == "Asking the bank"
        request = phone.line().request()
        assert request is not None
        assert (request.wish, request.serial_number) == (Wish.EXTENSION, "ZZP100000001")
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(StoreData(ExpiryDate(DAYS + 400))) == 0x9000
        assert phone.text() == "Expires 2028-02-19"
        assert phone.line().request() is None
        assert phone.press().isdecimal()

    def test_nobody_extends_it_outside_a_channel(self) -> None:
        phone = Phone()
        phone.activated()
        assert phone.line().wired.status(StoreData(ExpiryDate(DAYS + 400))) == 0x6982

    def test_one_without_a_date_has_nothing_to_extend(self) -> None:
        phone = Phone()
        phone.activated(replace(GRANT, expiry_days=None))
        assert phone.tap(Tap.EXTEND) == "Not available"
        phone.wait(20 * YEAR_S)
        assert phone.press().isdecimal()


class TestDirectLogin:
    CODE = Command(0x00, 0xCA, Tag.CODE >> 8, Tag.CODE & 0xFF, ne=256)

    def test_hands_its_code_over_once_in_a_channel_only(self) -> None:
        phone = Phone()
        secrets = phone.activated()
        assert phone.tap(Tap.LOGIN) == "Asking the bank"
        wired = phone.line().wired
        assert wired.status(self.CODE) == 0x6982
        host = Wired(phone.device, phone.now).open(keys=secrets.key_set, aid=ACTIVATION_AID)
        code = HandedCode.decode(host.send(self.CODE).data)
        right = totp(secrets.seed(Hash.SHA1), phone.now // NS_PER_SECOND, digits=6, step_seconds=30)
        assert code == HandedCode(right)
        assert host.status(self.CODE) == 0x6A88
        assert phone.text() == ""

    def test_gives_nothing_unasked(self) -> None:
        phone = Phone()
        keys = phone.activated().key_set
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(self.CODE) == 0x6A88

    def test_never_goes_back_in_time(self) -> None:
        phone = Phone()
        keys = phone.activated().key_set
        phone.press()
        phone.device.handle(ClockShifted(-600 * NS_PER_SECOND), phone.now)
        phone.tap(Tap.LOGIN)
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(self.CODE) == 0x6A88
        assert phone.press() == "Wrong device clock"

    def test_is_not_on_a_pc(self) -> None:
        phone = Phone(built("soft-pc"))
        phone.activated()
        assert phone.tap(Tap.LOGIN) == "Not available"


def test_the_application_tells_what_the_token_application_tells() -> None:
    phone = Phone()
    phone.activated()
    slots = Slots.decode(phone.line().get(Slots.TAG).data)
    assert slots is not None
    assert slots.slots[0].is_present


def test_both_models_have_an_app_and_no_fob_has() -> None:
    with_app = {name for name in catalogue.names() if catalogue.load(name).app}
    assert with_app == {"soft-phone", "soft-pc"}


def test_a_request_survives_any_bytes_of_a_stranger() -> None:
    phone = Phone()
    phone.do(TYPED)
    bank = phone.line()
    for garbage in (b"", b"\x7c\x00", b"\x7c\x82\xff\xff", bytes(500)):
        bank.wired.send(Command(0x00, 0x87, 0, 0, garbage, ne=256))
    assert isinstance(bank.request(), Request)
