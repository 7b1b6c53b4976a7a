"""A soft token in use: bound to its device, stopped, deleted, extended, handing codes over."""

from dataclasses import replace

import pytest

from firmware_model import catalogue
from firmware_model.effects import Darkness, DarkReason
from firmware_model.generators import Hash, totp
from firmware_model.inputs import (
    AppTap,
    ClockShifted,
    Installed,
    Moved,
    Reset,
)
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    ActivationTag,
    AppStanding,
    AppStatus,
    HandedCode,
    Wish,
)
from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import SetStatus, StoreData
from firmware_model.wire.objects import ExpiryDate, Slots
from tests.firmware_model.firmware.soft import TYPED, Phone
from tests.firmware_model.fobs import START, built, personalised
from tests.firmware_model.wire.activation_vectors import GRANT
from tests.firmware_model.wired import Silent, Wired

DAYS = START // NS_PER_SECOND // SECONDS_PER_DAY
YEAR_S = 365 * SECONDS_PER_DAY


class TestDevice:
    def test_a_copy_on_another_device_gives_no_code(self) -> None:
        phone = Phone()
        phone.activated()
        assert phone.do(Moved("stolen")) == "Not this device"
        assert phone.press() == "Not this device"
        assert phone.press(1.5) == "Not this device"
        assert phone.tap(AppTap.LOGIN) == "Not this device"
        assert phone.line().request() is None
        assert phone.status() == AppStatus(AppStanding.WRONG_DEVICE, "stolen")

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
        assert phone.tap(AppTap.STOP) == "Stopped"
        phone.device.handle(Reset(), phone.now)
        assert phone.press() == "Stopped"
        assert phone.tap(AppTap.EXTEND) == "Stopped"
        assert phone.status().standing is AppStanding.STOPPED

    def test_terminated_by_its_bank_it_is_stopped_until_it_is_installed_anew(self) -> None:
        phone = Phone()
        secrets = phone.activated()
        host = Wired(phone.device, phone.now).open(keys=secrets.key_set, aid=ACTIVATION_AID)
        assert host.status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
        for _ in range(2):
            assert phone.press() == "Stopped"
            assert phone.do(TYPED) == "Stopped"
            assert phone.tap(AppTap.LOGIN) == "Stopped"
            assert phone.status().standing is AppStanding.STOPPED
            phone.device.handle(Reset(), phone.now)
        assert secrets.seed(Hash.SHA1) not in b"".join(phone.device.images().values())
        phone.do(Installed("phone-2"))
        phone.activated()
        assert phone.press().isdecimal()

    def test_locked_by_its_bank_it_hands_nothing_over(self) -> None:
        phone = Phone()
        keys = phone.activated().key_set
        phone.tap(AppTap.LOGIN)
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(SetStatus(LifeCycle.LOCKED)) == 0x9000
        assert host.status(TestDirectLogin.CODE) == 0x6985

    def test_deleted_nothing_shows_and_nothing_answers(self) -> None:
        phone = Phone()
        seed = phone.activated().seed(Hash.SHA1)
        assert phone.tap(AppTap.DELETE) == ""
        assert phone.press() == ""
        assert phone.device.face(phone.now).dark == Darkness(DarkReason.NOT_INSTALLED)
        assert phone.do(TYPED) == ""
        with pytest.raises(Silent):
            Wired(phone.device, phone.now)
        assert seed not in b"".join(phone.device.images().values())

    def test_installed_anew_it_can_be_activated_anew(self) -> None:
        phone = Phone()
        first = phone.activated()
        phone.tap(AppTap.DELETE)
        assert phone.do(Installed("new phone")) == "Not activated"
        phone.do(replace(TYPED, random=bytes(31) + b"\x03"))
        bank = phone.line()
        assert bank.confirm(replace(GRANT, unix_seconds=phone.now // NS_PER_SECOND)).is_ok
        assert bank.secrets.seed(Hash.SHA1) != first.seed(Hash.SHA1)
        assert phone.status() == AppStatus(AppStanding.ACTIVATED, "new phone")

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
        assert phone.tap(AppTap.LOGIN) == "Expired"
        assert phone.tap(AppTap.EXTEND) == "Asking the bank"
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
        assert phone.tap(AppTap.EXTEND) == "Not available"
        phone.wait(20 * YEAR_S)
        assert phone.press().isdecimal()


class TestDirectLogin:
    CODE = Command(0x00, 0xCA, ActivationTag.CODE >> 8, ActivationTag.CODE & 0xFF, ne=256)

    def test_hands_its_code_over_once_in_a_channel_only(self) -> None:
        phone = Phone()
        secrets = phone.activated()
        assert phone.tap(AppTap.LOGIN) == "Asking the bank"
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
        phone.tap(AppTap.LOGIN)
        host = Wired(phone.device, phone.now).open(keys=keys, aid=ACTIVATION_AID)
        assert host.status(self.CODE) == 0x6A88
        assert phone.press() == "Wrong device clock"

    def test_is_not_on_a_pc(self) -> None:
        phone = Phone(built("soft-pc"))
        phone.activated()
        assert phone.tap(AppTap.LOGIN) == "Not available"


def test_the_application_tells_what_the_token_application_tells() -> None:
    phone = Phone()
    phone.activated()
    slots = Slots.decode(phone.line().get(Slots.TAG).data)
    assert slots is not None
    assert slots.slots[0].is_present


def test_both_models_have_an_app_and_no_fob_has() -> None:
    with_app = {name for name in catalogue.names() if catalogue.load(name).app}
    assert with_app == {"soft-phone", "soft-pc", "soft-pc-count"}
