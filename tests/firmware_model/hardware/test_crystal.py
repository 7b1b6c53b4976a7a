"""The crystal: the parabola's known values, exact lag over years, alarms that are never early."""

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware_model import catalogue
from firmware_model.hardware.crystal import Rtc
from firmware_model.hardware.thermal import CAR, POCKET, ROOM, Course, constant
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SECONDS_PER_YEAR, SimTime
from tests.firmware_model.fobs import built

START = SimTime(1_800_000_000 * NS_PER_SECOND)
PART = catalogue.load("fob-t60").crystal
YEAR_NS = SECONDS_PER_YEAR * NS_PER_SECOND
DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
COURSES = st.sampled_from(
    [ROOM, POCKET, CAR, constant(-10_000), Course(((7, -20_000), (3, 90_000)))]
)


def clock(offset_ppb: int = 0, ageing_ppb: int = 0, course: Course = ROOM) -> Rtc:
    return Rtc(PART, course, START, offset_ppb, ageing_ppb)


def lag_ns(rtc: Rtc, elapsed_ns: int) -> int:
    return elapsed_ns - rtc.reading(SimTime(START + elapsed_ns))


# -0.034 ppm/K² around 25 °C: always slow.
@pytest.mark.parametrize(
    ("celsius", "ppm"),
    [(15, -3.4), (35, -3.4), (10, -7.65), (40, -7.65), (0, -21.25), (50, -21.25), (-10, -41.65)],
)
def test_parabola(celsius: int, ppm: float) -> None:
    assert clock(course=constant(celsius * 1000)).rate_ppb(START) == round(ppm * 1000)


# 1 ppm = 0.0864 s a day = 31.6 s a year.
@pytest.mark.parametrize(
    ("ppb", "elapsed_ns", "lag_seconds"),
    [
        (-1_000, DAY_NS, 0.0864),
        (-1_000, YEAR_NS, 31.56),
        (-3_860, 3 * DAY_NS, 1.0),
        (-11_600, DAY_NS, 1.0),
        (-20_000, YEAR_NS, 631),
        (-5_000, 139 * DAY_NS, 60),
        (-20_000, 35 * DAY_NS, 60),
        (+20_000, 35 * DAY_NS, -60),
    ],
)
def test_conversion_of_an_offset_into_seconds(
    ppb: int, elapsed_ns: int, lag_seconds: float
) -> None:
    assert lag_ns(clock(ppb), elapsed_ns) / 1e9 == pytest.approx(lag_seconds, rel=0.01)


@pytest.mark.parametrize("course", [ROOM, POCKET, CAR])
@pytest.mark.parametrize("ageing_ppb", [0, 1_500, -1_500])
def test_the_closed_form_is_the_sum_over_every_hour_of_four_years(
    course: Course, ageing_ppb: int
) -> None:
    rtc = clock(-2_345, ageing_ppb, course)
    hour = 3_600 * NS_PER_SECOND
    summed = 0
    hours = 4 * 8_766
    for number in range(hours):
        middle = SimTime(START + number * hour + hour // 2)
        summed += hour * rtc.rate_ppb(middle)
    exact = -lag_ns(rtc, hours * hour) * 1_000_000_000
    # Rates are whole ppb, so the sum may err by one ppb of the time; the course's stretches
    # begin on the hour, so nothing else differs.
    assert abs(exact - summed) <= hours * hour


@given(stops=st.lists(st.integers(0, 3 * YEAR_NS), max_size=8), course=COURSES)
def test_the_reading_does_not_depend_on_how_often_it_is_taken(
    stops: list[int], course: Course
) -> None:
    one, other = clock(777, 1_000, course), clock(777, 1_000, course)
    now = START
    for stop in stops:
        now = SimTime(now + stop)
        one.reading(now)
    assert one.reading(now) == other.reading(now)


@settings(max_examples=300)
@given(
    offset=st.integers(-100_000, 100_000),
    ageing=st.integers(-10_000, 10_000),
    course=COURSES,
    age=st.integers(0, 6 * YEAR_NS),
    ahead=st.one_of(st.integers(0, 200 * NS_PER_SECOND), st.integers(0, YEAR_NS)),
)
@example(offset=-100_000, ageing=10_000, course=ROOM, age=0, ahead=100 * NS_PER_SECOND)
def test_an_alarm_is_never_early_and_less_than_a_microsecond_late(
    offset: int, ageing: int, course: Course, age: int, ahead: int
) -> None:
    rtc = clock(offset, ageing, course)
    now = SimTime(START + age)
    target = rtc.reading(now) + ahead
    instant = rtc.when(target, now, rtc.reading(now))
    assert instant >= now
    assert 0 <= rtc.reading(instant) - target < 1_000


def test_ageing_slows_down_year_by_year_in_either_direction() -> None:
    for sign in (1, -1):
        rtc = clock(0, sign * 1_500)
        rates = [rtc.rate_ppb(SimTime(START + year * YEAR_NS)) for year in range(6)]
        steps = [abs(b - a) for a, b in pairwise(rates)]
        assert steps[:3] == [1_500, 450, 135]
        assert steps == sorted(steps, reverse=True)
        assert rtc.rate_ppb(SimTime(START + 50 * YEAR_NS)) == pytest.approx(sign * 2_140, abs=5)


def test_a_change_of_temperature_counts_from_its_instant() -> None:
    rtc = clock()
    rtc.follow(constant(5_000), SimTime(START + DAY_NS))  # 20 K away: -13.6 ppm
    assert lag_ns(rtc, 2 * DAY_NS) / 1e9 == pytest.approx(86_400 * 13.6e-6, rel=1e-6)


def test_a_stop_loses_the_count_and_the_flag() -> None:
    rtc = clock()
    rtc.kept = True
    rtc.stop(SimTime(START + DAY_NS))
    assert (rtc.reading(SimTime(START + 2 * DAY_NS)), rtc.kept) == (0, False)
    rtc.start(SimTime(START + 3 * DAY_NS))
    assert rtc.reading(SimTime(START + 4 * DAY_NS)) == DAY_NS


def test_a_hundred_fobs_drift_as_fobs_in_the_field_do() -> None:
    """Reports from the field: two minutes a year on average, a second a day not unusual."""
    lags = []
    for seed in range(100):
        device = built("fob-t60", random_seed=seed, now=START)
        rtc = device._board.rtc
        rtc.follow(POCKET, START)
        lags.append(lag_ns(rtc, 3 * YEAR_NS) / 1e9)
    per_year = [abs(lag) / 3 for lag in lags]
    assert 60 < fmean(per_year) < 180
    assert max(per_year) < 365
    assert 100 < pstdev(lags) < 500
