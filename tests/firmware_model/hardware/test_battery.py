"""The coin cell against data-sheet read-outs and budgets worked out by hand."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.datasheet.parts import CellPart
from firmware_model.hardware.battery import Battery, loaded_mv, strong_permille
from firmware_model.hardware.thermal import CAR, POCKET, ROOM, Course, constant
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR, SimTime

START = SimTime(1_800_000_000 * NS_PER_SECOND)
CR2032 = catalogue.load("sid-always").cell
CR2025 = catalogue.load("fob-t60").cell
CR2016 = catalogue.load("fob-h6").cell
TEST_LOAD_NA = 2_000_000


def battery(part: CellPart = CR2032, course: Course = ROOM) -> Battery:
    return Battery(part, course, Battery.fresh_capacity_ac(part, 0), START)


# Open circuit, and under 2 mA, at a depth of discharge (computed from data-sheet curves).
@pytest.mark.parametrize(
    ("depth_permille", "open_mv", "loaded"),
    [
        (500, 2944, 2914),
        (750, 2880, 2820),
        (850, 2780, 2680),
        (900, 2651, 2481),
        (950, 2420, 2180),
    ],
)
def test_voltage_falls_as_the_curves_say(depth_permille: int, open_mv: int, loaded: int) -> None:
    assert loaded_mv(CR2032, depth_permille, 0, 25) == pytest.approx(open_mv, abs=1)
    assert loaded_mv(CR2032, depth_permille, TEST_LOAD_NA, 25) == pytest.approx(loaded, abs=1)


def test_thinner_cells_have_more_resistance() -> None:
    drops = [3250 - loaded_mv(part, 0, TEST_LOAD_NA, 25) for part in (CR2032, CR2025, CR2016)]
    assert drops == [20, 26, 40]


@pytest.mark.parametrize(("celsius", "factor"), [(-20, 2.3), (0, 1.4), (25, 1.0), (60, 0.85)])
def test_cold_raises_the_resistance(celsius: int, factor: float) -> None:
    drop = 2930 - loaded_mv(CR2032, 600, TEST_LOAD_NA, celsius)
    at_room = 2930 - loaded_mv(CR2032, 600, TEST_LOAD_NA, 25)
    assert drop == pytest.approx(at_room * factor, abs=2)


@pytest.mark.parametrize(("celsius", "share"), [(-20, 0.75), (0, 0.9), (25, 1.0), (60, 1.0)])
def test_cold_takes_away_capacity(celsius: int, share: float) -> None:
    cell = battery(course=constant(celsius * 1000))
    cell.drawn_ac = cell.capacity_ac * 3 // 10
    assert cell.depth_permille(START) == pytest.approx(300 / share, abs=1)


def years_to_empty(part: CellPart, usable_uah: int, current_na: int) -> float:
    """Return how long that charge lasts as the board counts it, without self-discharge."""
    cell = battery(replace(part, self_discharge_permille_per_year=0))
    cell.capacity_ac = usable_uah * 3_600_000 * NS_PER_SECOND
    cell.load_na = current_na
    cell.count(SimTime(START + SECONDS_PER_YEAR * NS_PER_SECOND))
    return cell.capacity_ac / cell.drawn_ac


# Usable charge in µAh, average current in nA, years: life = charge / (current * 8766 h).
@pytest.mark.parametrize(
    ("part", "usable_uah", "current_na", "years"),
    [
        (CR2032, 210_000, 3_200, 7.5),
        (CR2032, 210_000, 4_000, 6.0),
        (CR2032, 210_000, 4_600, 5.2),
        (CR2016, 85_000, 1_670, 5.8),
    ],
)
def test_budgets_worked_out_by_hand(
    part: CellPart, usable_uah: int, current_na: int, years: float
) -> None:
    assert years_to_empty(part, usable_uah, current_na) == pytest.approx(years, abs=0.06)


@pytest.mark.parametrize(
    ("usable_uah", "current_na", "years"),
    [(210_000, 3_200, 7.0), (210_000, 4_000, 5.7), (210_000, 4_600, 5.0), (85_000, 1_670, 5.4)],
)
def test_self_discharge_of_one_percent_a_year_shortens_them(
    usable_uah: int, current_na: int, years: float
) -> None:
    part = CR2032 if usable_uah > 100_000 else CR2016
    cell = battery(part)
    cell.capacity_ac = usable_uah * 3_600_000 * NS_PER_SECOND
    cell.follow(ROOM, START)
    cell.load_na = current_na
    cell.count(SimTime(START + SECONDS_PER_YEAR * NS_PER_SECOND))
    assert cell.capacity_ac / cell.drawn_ac == pytest.approx(years, abs=0.1)


def test_fourteen_thousand_presses_cost_about_one_milliampere_hour() -> None:
    cell = battery()
    for _ in range(14_000):
        cell.spend(250_000, NS_PER_SECOND)  # 250 µA·s each
    assert cell.drawn_ac / (3_600_000 * NS_PER_SECOND) == pytest.approx(972, abs=1)  # µAh


def test_self_discharge_doubles_with_ten_kelvin() -> None:
    leaks = [
        battery(course=constant(celsius * 1000))._leaks.each[0] for celsius in (15, 25, 35, 45)
    ]
    for cooler, warmer in pairwise(leaks):
        assert warmer == pytest.approx(2 * cooler, rel=0.02)
    assert leaks[1] == pytest.approx(209_250 * 0.01 / 8.766, abs=1)  # 1 % a year, in nA


@given(
    stops=st.lists(st.integers(1, 10**16), max_size=20),
    course=st.sampled_from([ROOM, POCKET, CAR]),
)
def test_charge_does_not_depend_on_how_often_it_is_counted(
    stops: list[int], course: Course
) -> None:
    once, often = battery(course=course), battery(course=course)
    once.load_na = often.load_na = 1_234
    now = START
    for stop in stops:
        now = SimTime(now + stop)
        often.count(now)
    once.count(now)
    assert once.drawn_ac == often.drawn_ac


@given(permille=st.integers(0, 1000))
def test_the_bench_reads_back_the_charge_it_sets(permille: int) -> None:
    cell = battery()
    cell.set_charge(permille)
    assert cell.charge_permille() == permille


@pytest.mark.parametrize("part", [CR2032, CR2025, CR2016])
def test_a_strong_cell_bears_its_load_at_any_temperature(part: CellPart) -> None:
    load_na, floor_mv = 2_040_000, 1_820
    strong = strong_permille(part, load_na, floor_mv)
    assert 500 < strong < 800
    for celsius in range(-60, 121, 5):
        cell = battery(part, constant(celsius * 1000))
        cell.set_charge(1000 - strong)
        assert cell.voltage_mv(load_na, START) >= floor_mv


def test_a_cell_collapses_beyond_its_end() -> None:
    voltages = [loaded_mv(CR2032, depth, 0, 25) for depth in (1000, 1005, 1010, 1020, 2000)]
    assert voltages == [2000, 1500, 1000, 0, 0]
