"""True time runs at its rate and never goes back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.true_time import END, TrueTime, instant_of, spell_seconds
from firmware_model.units import NS_PER_SECOND, SimTime, seconds


class Wall:
    def __init__(self) -> None:
        self.ns = 1_000 * NS_PER_SECOND

    def __call__(self) -> int:
        return self.ns

    def pass_seconds(self, count: float) -> None:
        self.ns += int(count * NS_PER_SECOND)


def test_real_time_keeps_its_offset_to_the_wall() -> None:
    wall = Wall()
    clock = TrueTime(seconds(5000), wall)
    wall.pass_seconds(7)
    assert clock.now() == seconds(5007)
    assert clock.offset() == 4000 * NS_PER_SECOND


def test_time_that_starts_late_starts_where_the_wall_was_and_keeps_its_offset_exactly() -> None:
    wall = Wall()
    begun = wall()
    wall.pass_seconds(3)  # a big rack takes its time to start
    clock = TrueTime(seconds(5000), wall, start_wall=begun)
    assert clock.now() == seconds(5003)

    def hurried() -> int:
        wall.ns += 1
        return wall.ns

    late = TrueTime(SimTime(0), hurried, start_wall=0)
    assert [late.offset() for _ in range(3)] == [0, 0, 0]


def test_scaled_time_runs_faster_and_standing_time_stands() -> None:
    wall = Wall()
    clock = TrueTime(seconds(0), wall)
    clock.set_rate(Fraction(3600))
    wall.pass_seconds(2)
    assert clock.now() == seconds(7200)
    clock.set_rate(Fraction(0))
    wall.pass_seconds(100)
    assert clock.now() == seconds(7200)
    assert clock.advance(NS_PER_SECOND) == seconds(7201)
    assert clock.wall_seconds_until(seconds(7202)) is None
    assert clock.wall_seconds_until(seconds(7201)) == 0


def test_a_wall_clock_set_back_is_left_out_and_set_forward_is_a_leap() -> None:
    wall = Wall()
    clock = TrueTime(seconds(0), wall)
    wall.pass_seconds(10)
    assert clock.now() == seconds(10)
    wall.pass_seconds(-3600)
    assert clock.now() == seconds(10)
    wall.pass_seconds(5)
    assert clock.now() == seconds(15)
    wall.pass_seconds(86_400)
    assert clock.now() == seconds(86_415)


@given(st.lists(st.tuples(st.integers(-(10**10), 10**10), st.integers(0, 10**7)), max_size=30))
def test_whatever_the_wall_does_true_time_never_goes_back(steps: list[tuple[int, int]]) -> None:
    wall = Wall()
    clock = TrueTime(seconds(0), wall)
    before = clock.now()
    for step, rate in steps:
        wall.ns += step
        assert clock.now() >= before
        clock.set_rate(Fraction(rate))
        before = clock.now()


def test_true_time_stops_where_nanoseconds_would_leave_64_bits() -> None:
    clock = TrueTime(seconds(0), Wall())
    assert clock.advance(10**30) == END
    assert END < 2**63


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(0, "0.000000000"), (1_500_000_000, "1.500000000"), (-1, "-0.000000001")],
)
def test_seconds_are_spelled_exactly(nanoseconds: int, text: str) -> None:
    assert spell_seconds(nanoseconds) == text


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("1970-01-02", 86_400),
        ("2029-04-01T09:00:00Z", 1_869_728_400),
        ("2029-04-01T18:00:00+09:00", 1_869_728_400),
    ],
)
def test_a_date_is_utc_unless_it_says_otherwise(date: str, instant: int) -> None:
    assert instant_of(date) == SimTime(instant * NS_PER_SECOND)


@pytest.mark.parametrize("date", ["", "tomorrow", "1969-12-31", "9999-01-01", "2029-13-01"])
def test_what_is_no_date_of_ours_is_refused(date: str) -> None:
    with pytest.raises(ValueError, match="expected a date"):
        instant_of(date)
