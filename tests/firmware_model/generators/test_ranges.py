"""What lies outside a range is refused, what lies at its end is not; no seed is ever shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import (
    COUNTER_MAX,
    DIGITS,
    Hash,
    OtpKey,
    hotp,
    step_start,
    time_step,
    totp,
)

SEED = b"12345678901234567890"


@pytest.mark.parametrize("counter", [-1, COUNTER_MAX + 1])
def test_a_counter_outside_eight_bytes_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="0 to 2\\^64-1"):
        hotp(SEED, counter)


@pytest.mark.parametrize("digits", [-1, 0, DIGITS.start - 1, DIGITS.stop, 100])
def test_a_number_of_digits_outside_4_to_10_is_refused(digits: int) -> None:
    with pytest.raises(ValueError, match="4 to 10 digits"):
        hotp(SEED, 0, digits)


def test_an_empty_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one byte"):
        OtpKey(b"")


def test_a_time_before_t0_has_no_code() -> None:
    with pytest.raises(ValueError, match="moving factor"):
        totp(SEED, 99, t0_seconds=100)
    assert totp(SEED, 100, t0_seconds=100) == hotp(SEED, 0)


@pytest.mark.parametrize("step", [0, -30])
def test_a_step_is_at_least_a_second(step: int) -> None:
    with pytest.raises(ValueError, match="at least one second"):
        time_step(0, step)


def test_steps_go_on_beyond_32_bits_of_time() -> None:
    assert time_step(2**31, 1) == 2**31
    assert totp(SEED, 2**40, step_seconds=1) == hotp(SEED, 2**40)


@given(st.integers(0, 2**62), st.integers(1, 86_400), st.integers(0, 2**40))
def test_a_step_starts_where_it_says(time: int, step: int, t0: int) -> None:
    number = time_step(t0 + time, step, t0)
    start = step_start(number, step, t0)
    assert start <= t0 + time < start + step
    assert time_step(start, step, t0) == number
    assert time_step(start - 1, step, t0) == number - 1


@given(st.integers(0, COUNTER_MAX), st.sampled_from(list(DIGITS)), st.sampled_from(Hash))
def test_a_code_has_its_digits_and_shorter_ones_are_its_end(
    counter: int, digits: int, algorithm: Hash
) -> None:
    key = OtpKey(SEED, algorithm)
    code = key.code(counter, digits)
    assert len(code) == digits
    assert key.code(counter, 10).endswith(code)
    assert int(key.code(counter, 10)) < 2**31


def test_a_key_made_ready_shows_no_seed() -> None:
    assert "1234" not in repr(OtpKey(SEED))


def test_a_hash_has_the_name_of_its_standard() -> None:
    assert [each.title for each in Hash] == ["SHA-1", "SHA-256", "SHA-512"]
