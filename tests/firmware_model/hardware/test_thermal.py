"""Courses of temperature: shares of any span of time, and tables a user brings."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.errors import BadInput
from firmware_model.hardware.thermal import (
    CAR,
    POCKET,
    Course,
    Rates,
    constant,
    parse,
)
from firmware_model.units import NS_PER_SECOND, SimTime, seconds

DAY_NS = 86_400 * NS_PER_SECOND


COURSES = st.sampled_from([constant(20_000), POCKET, CAR, Course(((1, 0), (2, 5), (4, 9)))])


@given(start=st.integers(0, 10**18), length=st.integers(0, 10**18), course=COURSES)
def test_a_rate_adds_up_however_the_time_is_cut(start: int, length: int, course: Course) -> None:
    rates = Rates(course, tuple(range(3, 3 + len(course.stretches))))
    ones = Rates(course, (1,) * len(course.stretches))
    instants = [SimTime(start + length * third // 3) for third in range(4)]
    parts = [rates.until(b) - rates.until(a) for a, b in pairwise(instants)]
    assert sum(parts) == rates.until(instants[-1]) - rates.until(instants[0])
    assert ones.until(instants[-1]) == instants[-1]


@given(start=st.integers(0, 40), length=st.integers(0, 40))
def test_a_rates_integral_is_the_sum_of_its_seconds(start: int, length: int) -> None:
    rates = Rates(Course(((1, 0), (2, 5), (4, 9))), (100, 10, 1))
    summed = sum(rates.stretch(seconds(second)).rate for second in range(start, start + length))
    whole = rates.until(seconds(start + length)) - rates.until(seconds(start))
    assert whole == summed * NS_PER_SECOND


@pytest.mark.parametrize(("hour", "celsius"), [(0, 20), (5, 20), (6, 30), (21, 30), (22, 20)])
def test_a_pocket_is_warm_by_day(hour: int, celsius: int) -> None:
    assert POCKET.at(SimTime(20_000 * DAY_NS + hour * 3600 * NS_PER_SECOND)) == celsius * 1000


def test_a_table_gives_the_temperature_from_each_second_on() -> None:
    course = parse("seconds,celsius\n0,21.5\n3600, -10\n# a note\n7200,25\n", "log.csv")
    assert course == Course(((3600, 21_500), (3600, -10_000), (3600, 25_000)))
    assert course.at(seconds(3 * 3600)) == 21_500  # and starts again


def test_one_line_is_a_constant() -> None:
    assert parse("0,30\n", "log.csv") == constant(30_000)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "log.csv: 0 lines of data: expected 1 to 1000"),
        ("seconds,celsius\n", "0 lines of data"),
        ("0,20\n" * 1001, "1001 lines of data"),
        ("5,20\n", "line 1: 5 s: expected seconds rising from 0"),
        ("0,20\n60,21\n60,22\n", "line 3: 60 s: expected seconds rising from 0"),
        ("-5,20\n", "line 1: -5 s: expected seconds rising from 0"),
        ("0,20\n60,hot\n", "line 2: expected whole seconds, a comma and -60 to 120 °C"),
        ("0,20\n60\n", "line 2: expected"),
        ("0,20,30\n", "line 1: expected"),
        ("0,NaN\n", "line 1"),
        ("0,1e99\n", "line 1: 1e99 °C"),
        ("0,-60.5\n", "line 1: -60.5 °C: expected"),
        ("0,121\n", "line 1: 121 °C"),
    ],
)
def test_a_table_that_does_not_check_is_told_with_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, "log.csv")
    assert complaint in str(caught.value)
    assert caught.value.exit_status == 2


@given(text=st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(BadInput):
        parse(text, "log.csv")


def test_a_file_of_secrets_is_not_repeated() -> None:
    with pytest.raises(BadInput) as caught:
        parse("ZZH600000001,3132333435363738393031323334353637383930", "seeds.csv")
    assert "3132" not in str(caught.value)
