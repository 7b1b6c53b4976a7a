"""A fob that is low on charge, dead or expired has a life behind it: all that it shows agrees."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from emulator.firmware.programs import RackPrograms
from emulator.model_source import model_source
from emulator.population import populate
from emulator.settings import FobPlan, Settings
from emulator.store import RackStore
from firmware_model.catalogue import names
from firmware_model.device import Device
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR
from keyfob.testing.presets import apply
from tests.keyfob.testing.test_presets import LIMITLESS, NOW, born, pressed
from tests.shares import every

WITH_NOTICE = ("fob-h6", "fob-t30", "fob-t60", "go7-menu", "hotp-card")


@pytest.mark.parametrize("preset", ["low-battery", "dead"])
def test_it_was_made_years_ago_pressed_thousands_of_times_and_has_worn(preset: str) -> None:
    device = born("fob-t60", preset)
    board = device._board
    gauges = device.gauges(board.now)
    years = (board.now - board.rtc.born) / (SECONDS_PER_YEAR * NS_PER_SECOND)
    assert 4 < years < 9
    assert sum(gauges.erases) > 50
    if preset == "dead":
        assert not gauges.running
    else:
        assert gauges.presses > 1.8 * years * 365
        assert 10 <= gauges.charge_permille <= 150
        assert abs(gauges.clock_lag_ns) > 10 * NS_PER_SECOND


@pytest.mark.parametrize("model", every(2, WITH_NOTICE))
def test_each_fob_of_a_rack_is_low_on_battery_in_its_own_way(model: str) -> None:
    """Forty of them, so that the worst cells of their kind are among them."""
    plan = apply(FobPlan(source=model_source(model)), "low-battery", {})
    settings = Settings(plans=(plan,) * 40, dice=b"forty")
    store = RackStore(None)
    devices = [fob.device for fob in populate(store, settings, NOW, RackPrograms()).fobs]
    store.close()
    gauges = [device.gauges(NOW) for device in devices]
    assert all(gauge.running for gauge in gauges)
    assert len({gauge.clock_lag_ns for gauge in gauges}) == 40
    assert len({gauge.charge_permille for gauge in gauges}) > 10
    assert {gauge.presses for gauge in gauges} == {gauges[0].presses}
    seen = {pressed(device) for device in devices}
    assert not any(text.isdigit() or not text for text in seen), seen


def calls_of(function: Callable[..., object], work: Callable[[], object]) -> int:
    """Return how often `function` is called while `work` is done."""
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is function.__code__

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("preset", ["low-battery", "dead", "expired"])
@pytest.mark.parametrize("model", every(3, names()))
def test_a_life_costs_hundreds_of_inputs_not_ten_thousands(model: str, preset: str) -> None:
    """The second fob of its kind: what the first one found out about the model is known."""

    def bear() -> object:
        return born(model, preset)

    if model.startswith("soft-") or (preset == "expired" and model in LIMITLESS):
        return
    if (model, preset) == ("card-count", "dead"):  # it ends first; then no press is like another
        return
    bear()
    assert calls_of(Device.handle, bear) < 2000
