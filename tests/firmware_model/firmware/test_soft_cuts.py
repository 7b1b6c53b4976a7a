"""A soft token whose device loses its power inside any flash operation: all, or nothing."""

from dataclasses import replace

import pytest

from firmware_model.device import Device
from firmware_model.firmware.memory import Key
from firmware_model.generators import Hash
from firmware_model.inputs import (
    AppTap,
    CellInserted,
    CutArmed,
    Reset,
)
from firmware_model.units import NS_PER_SECOND
from firmware_model.wire.activation import (
    AppStanding,
)
from firmware_model.wire.codes import LifeCycle
from tests.firmware_model.firmware.soft import TYPED, Phone, has_test_keys
from tests.firmware_model.fobs import START, token_of
from tests.firmware_model.wire.activation_vectors import GRANT
from tests.firmware_model.wired import Silent
from tests.shares import every
from tests.simulation.power import raw_flash


class TestPowerCuts:
    """Everything that an activation gives is stored in one step: all of it, or nothing."""

    @pytest.mark.parametrize("permille", every(3, [0, 500, 1000]))
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
        activated = phone.status().standing is AppStanding.ACTIVATED
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
        before = Phone()
        seed = before.activated().seed(Hash.SHA1)
        model, images = before.device.model, before.device.images()
        deleted = []
        for operation in range(1, 2000, 17):
            phone = Phone(Device.restore(model, images), before.now)
            phone.device.handle(Reset(), phone.now)
            phone.device.handle(CutArmed(operation, 500), phone.now)
            phone.tap(AppTap.DELETE)
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
