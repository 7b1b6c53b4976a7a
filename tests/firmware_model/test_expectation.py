"""What may be expected of a model, worked out from its parts, against lives that were lived."""

from pathlib import Path

import pytest

from firmware_model import catalogue
from firmware_model.effects import FobEvent
from firmware_model.expectation import expect, press_nas
from firmware_model.inputs import Wake
from firmware_model.units import SimTime
from tests.firmware_model.fobs import (
    DAY_NS,
    FOBS,
    START,
    after,
    events,
    personalised,
    press,
    with_part,
)


@pytest.mark.parametrize("name", [name for name in FOBS if name != "sid-always"])
def test_a_press_costs_what_the_board_counts_for_it(name: str) -> None:
    model = catalogue.load(name)
    device = personalised(name)
    now = after(START, 1000)
    device.handle(Wake(), now)
    before = device._board.battery.drawn_ac
    press(device, now)
    end = after(now, 300)
    device.handle(Wake(), end)
    asleep_na = model.mcu.sleep_na + device._board.battery._leaks.each[0]
    spent_nas = (device._board.battery.drawn_ac - before) // 10**9 - asleep_na * 300
    assert spent_nas == pytest.approx(press_nas(model), rel=0.35)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fob-t60", "fob-h6", "sid-always"])
def test_a_life_lasts_as_long_as_expected(name: str) -> None:
    """Pressed once a day at 25 °C; the cell's own spread is known."""
    device = personalised(name)
    battery = device._board.battery
    spread = battery.capacity_ac / battery.fresh_capacity_ac(device.model.cell, 0)
    expected = expect(device.model, 1).cell_days * spread
    day = 1
    while FobEvent.DIED not in events(press(device, SimTime(START + day * DAY_NS))):
        day += 1
        assert day < 9000
    assert day == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    ("name", "presses_per_day", "days"),
    [("fob-h6", 10, 1400), ("fob-t30", 20, 400), ("card-count", 1, 3652)],
)
def test_the_models_own_limits_count(name: str, presses_per_day: int, days: int) -> None:
    assert expect(catalogue.load(name), presses_per_day).days == days


def test_the_catalogues_page_says_what_is_expected() -> None:
    page = (Path(__file__).parents[2] / "docs/MODELS.md").read_text("utf-8")
    fobs = [name for name in catalogue.names() if not name.startswith("soft-")]
    for name in fobs:
        found = expect(catalogue.load(name), 10)
        said = f"{found.days / 365.25:.1f} years | {found.cell_days / 365.25:.1f} years |"
        rows = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
        assert any(said in row for row in rows), f"{name}: {said}"


def test_without_a_press_only_time_counts() -> None:
    model = catalogue.load("fob-h6")
    assert expect(model, 0).limit_days is None
    assert expect(model, 0).cell_days > expect(model, 100).cell_days


def test_a_bigger_cell_lasts_longer() -> None:
    bigger = with_part("fob-t60", "cell", '"cr2032"')
    ratio = expect(bigger, 10).cell_days / expect(catalogue.load("fob-t60"), 10).cell_days
    assert ratio == pytest.approx(225 / 160, rel=0.05)
