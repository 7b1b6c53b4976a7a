"""What the firmware believes is left: its books, the loaded voltage, days of the present use."""

from dataclasses import replace

import pytest

from firmware_model import catalogue
from firmware_model.datasheet.program import BatteryRules
from firmware_model.firmware.estimator import Estimate
from firmware_model.hardware.battery import loaded_mv
from firmware_model.inputs import Charge, Wake
from firmware_model.units import SECONDS_PER_DAY, SimTime
from tests.firmware_model.fobs import (
    DAY_NS,
    FOBS,
    START,
    after,
    personalised,
    press,
    shown,
    token_of,
)

BOOKS = BatteryRules(
    estimator="budget",
    budget_uah=100_000,
    sleep_na=2_000,
    press_nas=360_000,
    voltage_percent=((2000, 0), (2500, 10), (2900, 50), (3000, 100)),
)
FRESH_MV = 3200
YEAR_S = 365 * SECONDS_PER_DAY


@pytest.mark.parametrize(
    ("age_s", "presses", "percent"),
    [
        (0, 0, 100),
        (YEAR_S, 0, 82),  # 2 µA for a year: 17.52 mAh of 100; what is left is rounded down
        (5 * YEAR_S, 0, 12),
        (0, 10_000, 99),  # 0.1 µAh a press
        (6 * YEAR_S, 0, 0),
    ],
)
def test_the_books_count_time_and_presses(age_s: int, presses: int, percent: int) -> None:
    assert Estimate(BOOKS).percent(age_s, presses, FRESH_MV) == percent


def test_the_loaded_voltage_has_the_last_word_where_it_is_lower() -> None:
    assert Estimate(BOOKS).percent(YEAR_S, 0, 2250) == 5
    assert Estimate(replace(BOOKS, estimator="voltage")).percent(5 * YEAR_S, 0, 2900) == 50


@pytest.mark.parametrize(
    ("age_s", "presses", "days"),
    [
        (YEAR_S, 0, 1718),  # 82.48 mAh left at 48 µAh a day
        (5 * YEAR_S, 0, 258),
        (5 * YEAR_S, 18_250, 215),  # ten a day: 2041 nA on average
    ],
)
def test_days_left_of_the_present_use(age_s: int, presses: int, days: int) -> None:
    assert Estimate(BOOKS).days(age_s, presses, FRESH_MV) == pytest.approx(days, abs=1)


def test_the_first_busy_minutes_are_no_measure_of_a_life() -> None:
    assert Estimate(BOOKS).days(60, 20, FRESH_MV) > 1500


@pytest.mark.parametrize("name", FOBS)
def test_a_models_voltage_table_agrees_with_its_cell(name: str) -> None:
    model = catalogue.load(name)
    for percent in range(3, 101):
        millivolts = loaded_mv(model.cell, 1000 - 10 * percent, model.mcu.test_load_na, 25)
        voltage_only = replace(model.battery, estimator="voltage")
        assert Estimate(voltage_only).percent(0, 0, millivolts) == pytest.approx(percent, abs=2)


@pytest.mark.parametrize("name", FOBS)
def test_a_models_books_are_no_more_hopeful_than_its_parts(name: str) -> None:
    model = catalogue.load(name)
    battery, cell = model.battery, model.cell
    usable_uah = cell.capacity_uah * cell.usable_permille // 1000
    leak_na = usable_uah * cell.self_discharge_permille_per_year // 8766
    assert 0.9 * usable_uah < battery.budget_uah < usable_uah
    least_na = model.mcu.sleep_na + leak_na
    if model.screen.until == "always":
        least_na += model.display.on_na + model.mcu.active_na * model.mcu.compute_ms // 60_000
    assert least_na <= battery.sleep_na <= 1.15 * least_na


@pytest.mark.parametrize("percent", [3, 5, 7, 9])
def test_a_drained_fob_shows_the_percent_that_is_left(percent: int) -> None:
    device = personalised("fob-t30")
    now = after(START, 1000)
    device.handle(Charge(10 * percent), now)
    text = shown(press(device, now, 0.2))[0]
    assert text.startswith("bAtt0")
    assert int(text[-1]) == pytest.approx(percent, abs=1)


def test_a_card_counts_down_its_last_three_months() -> None:
    """End 2 from three months, End 1 from a month and a half, End in the last week."""
    device = personalised("card-count")
    device.handle(Wake(), START)
    seen: list[str] = []
    model = device.model.battery
    for days_left in (120, 80, 30, 3):
        uah_left = days_left * 24 * model.sleep_na // 1000
        token = token_of(device)
        age_s = (model.budget_uah - uah_left) * 3600 * 1000 // model.sleep_na
        days = Estimate(model).days(age_s, 0, FRESH_MV)
        due = [n for n in token.model.notices if n.quantity == "battery_days"]
        text = next((n.text for n in due if days < n.below), "")
        seen.append(text)
    assert seen == ["", "End 2", "End 1", "End"]


def test_a_fob_lives_through_its_low_battery_notices_to_its_end() -> None:
    """Years of real presses: full, then bAtt counting down, then nothing more."""
    device = personalised("fob-t60")
    texts: list[str] = []
    now = after(START, 1000)
    for _ in range(400):
        now = SimTime(now + 7 * DAY_NS)
        texts += [text for text in shown(press(device, now)) if text.startswith("bAtt")]
        device.handle(Wake(), after(now, 60))
    numbers = [int(text.removeprefix("bAtt ")) for text in texts]
    assert numbers == sorted(numbers, reverse=True)
    assert {5, 4} <= set(numbers)
    assert not device.gauges(after(now, 60)).running
