"""Which moving factor a code on the display is of: only of those just shown."""

import pytest

from firmware_model.generators import OtpKind, time_step
from host_tools.provisioning.station.confirm import confirmed_factor, plain_code, problem_with
from host_tools.seeds.record import SeedRecord

# RFC 4226 Appendix D: the codes of counters 0 to 6.
HOTP_CODES = ("755224", "287082", "359152", "969429", "338314", "254676", "287922")
HOTP = SeedRecord(
    serial_number="A", credential_id="A", seed=b"12345678901234567890", kind=OtpKind.HOTP
)
# RFC 6238 Appendix B: SHA-1, 8 digits, at 1111111111 s.
TOTP = SeedRecord(
    serial_number="A",
    credential_id="A",
    seed=b"12345678901234567890",
    kind=OtpKind.TOTP,
    digits=8,
)


@pytest.mark.parametrize(
    ("code", "counter", "factor"),
    [
        ("755224", 1, 0),
        ("755 224 ", 1, 0),
        ("755224", 3, 0),
        ("359152", 3, 2),
        ("755224", 4, None),  # shown too long ago
        ("287082", 1, None),  # not shown yet
        ("755224", 0, None),
        ("", 1, None),
        ("75522", 1, None),
        ("bAtt 5", 1, None),
    ],
)
def test_a_counted_code_is_one_of_the_last_three_shown(
    code: str, counter: int, factor: int | None
) -> None:
    assert confirmed_factor(HOTP, plain_code(code), counter - 1) == factor


def test_no_code_from_before_the_files_counter_counts() -> None:
    record = SeedRecord(
        serial_number="A", credential_id="A", seed=HOTP.seed, kind=OtpKind.HOTP, counter=5
    )
    assert confirmed_factor(record, HOTP_CODES[4], 5) is None
    assert confirmed_factor(record, HOTP_CODES[5], 5) == 5


@pytest.mark.parametrize(
    ("seconds", "factor"),
    [
        (1111111111, 37037037),
        (1111111111 + 60, 37037037),
        (1111111111 + 90, None),
        (1111111111 - 30, None),
    ],
)
def test_a_timed_code_is_of_the_fobs_own_step_or_the_two_before(
    seconds: int, factor: int | None
) -> None:
    assert confirmed_factor(TOTP, "14050471", time_step(seconds, 30, 0)) == factor


def test_a_fob_without_a_clock_that_runs_has_shown_no_timed_code() -> None:
    assert confirmed_factor(TOTP, "14050471", None) is None


@pytest.mark.parametrize("code", ["", "75522", "7552244", "75522a", "bAtt 5", "٧٥٥٢٢٤"])
def test_what_cannot_be_a_code_of_the_fob_is_named_as_such(code: str) -> None:
    assert "6 digits" in problem_with(HOTP, plain_code(code))


@pytest.mark.parametrize("code", ["755224", "755 224", " 755\u3000224\t", "７５５２２４"])
def test_a_code_may_be_typed_in_groups_and_by_a_japanese_keyboard(code: str) -> None:
    assert problem_with(HOTP, plain_code(code)) == ""
    assert confirmed_factor(HOTP, plain_code(code), 0) == 0
