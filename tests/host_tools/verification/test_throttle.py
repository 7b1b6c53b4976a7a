"""Lockout after exactly N, growing delays, and what forgets them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tools.verification.throttle import (
    Limits,
    Tally,
    after_failure,
    after_success,
    settled,
    wait_seconds,
)

NOON = 1_800_000_000


@given(st.integers(1, 100), st.integers(1, 100))
def test_the_nth_failure_locks_and_none_before_it(allowed: int, made: int) -> None:
    limits = Limits(lock_after_failures=allowed)
    tally = Tally()
    for failure in range(1, made + 1):
        if tally.locked_at is None:
            tally = after_failure(tally, NOON + failure, limits)
            assert (tally.locked_at is not None) is (failure == allowed)


def test_the_delay_grows_by_t_with_every_failure_up_to_its_ceiling() -> None:
    limits = Limits(delay_seconds=5, delay_max_seconds=12, lock_after_failures=9)
    waits = []
    tally = Tally()
    for _ in range(4):
        tally = after_failure(tally, NOON, limits)
        waits.append(wait_seconds(tally, NOON, limits))
    assert waits == [5, 10, 12, 12]
    assert wait_seconds(tally, NOON + 11, limits) == 1
    assert wait_seconds(tally, NOON + 12, limits) == 0


def test_a_clock_that_was_set_back_makes_nobody_wait_longer_than_the_delay() -> None:
    limits = Limits(delay_seconds=4)
    tally = after_failure(Tally(), NOON, limits)
    assert wait_seconds(tally, NOON - 86_400, limits) == 4


def test_without_a_delay_nobody_waits() -> None:
    assert wait_seconds(after_failure(Tally(), NOON, Limits()), NOON, Limits()) == 0


def test_a_success_forgets_failures_only_where_they_must_be_consecutive() -> None:
    tally = Tally(3, NOON)
    assert after_success(tally, Limits()) == Tally()
    assert after_success(tally, Limits(consecutive=False)) == tally


@pytest.mark.parametrize(("after", "open_again"), [(599, False), (600, True)])
def test_a_lock_with_a_time_opens_by_itself(after: int, open_again: bool) -> None:
    tally = Tally(5, NOON, NOON)
    limits = Limits(lock_seconds=600)
    assert (settled(tally, NOON + after, limits) == Tally()) is open_again


def test_a_lock_without_a_time_stays() -> None:
    tally = Tally(5, NOON, NOON)
    assert settled(tally, NOON + 10**9, Limits()) is tally
