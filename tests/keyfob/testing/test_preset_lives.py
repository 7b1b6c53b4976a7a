"""A fob that is low on charge or dead has a life behind it: age, presses, drift and wear agree."""

import pytest

from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR
from tests.keyfob.testing.test_presets import born


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
