"""Windows, drift and resynchronisation; expected codes are RFC 4226 appendix D's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.generators import OtpKey, OtpKind
from host_tools.verification.decision import AttemptState, Bar, Verdict, decide
from host_tools.verification.search import (
    Credential,
    Progress,
    SearchPlace,
    Windows,
    find,
    find_run,
)
from host_tools.verification.throttle import Limits

SEED = b"12345678901234567890"
NOON = 1_800_000_000
STEP = NOON // 60

hotp = Credential.of_seed(SEED, OtpKind.HOTP)
totp = Credential.of_seed(SEED, OtpKind.TOTP, step_seconds=60)
windows = Windows(
    hotp_ahead_presses=3,
    hotp_resync_presses=50,
    totp_back_steps=1,
    totp_ahead_steps=2,
    totp_resync_steps=20,
)


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


def test_the_expected_press_is_accepted_and_moves_past_itself() -> None:
    found = find(hotp, Progress(0), "755224", NOON, windows)
    assert (found.place, found.factor, found.progress) == (SearchPlace.WITHIN, 0, Progress(1))


@pytest.mark.parametrize(
    ("ahead", "place"),
    [
        (0, SearchPlace.WITHIN),
        (3, SearchPlace.WITHIN),
        (4, SearchPlace.NOWHERE),
        (50, SearchPlace.NOWHERE),
    ],
)
def test_look_ahead_ends_exactly_at_its_distance(ahead: int, place: SearchPlace) -> None:
    found = find(hotp, Progress(20), code(20 + ahead), NOON, windows)
    assert found.place is place
    assert found.progress == (Progress(21 + ahead) if place is SearchPlace.WITHIN else Progress(20))


def test_a_window_of_nothing_accepts_the_expected_code_only() -> None:
    none = Windows(hotp_ahead_presses=0, totp_back_steps=0, totp_ahead_steps=0)
    assert find(hotp, Progress(5), code(5), NOON, none).place is SearchPlace.WITHIN
    assert find(hotp, Progress(5), code(6), NOON, none).place is SearchPlace.NOWHERE
    assert find(totp, Progress(), code(STEP), NOON, none).place is SearchPlace.WITHIN
    assert find(totp, Progress(), code(STEP - 1), NOON, none).place is SearchPlace.NOWHERE


def test_a_used_code_is_told_from_a_wrong_one() -> None:
    assert find(hotp, Progress(8), code(7), NOON, windows).place is SearchPlace.BEHIND
    assert find(totp, Progress(STEP + 1), code(STEP), NOON, windows).place is SearchPlace.BEHIND


@pytest.mark.parametrize(
    ("off", "place"),
    [
        (-2, SearchPlace.NOWHERE),
        (-1, SearchPlace.WITHIN),
        (0, SearchPlace.WITHIN),
        (2, SearchPlace.WITHIN),
        (3, SearchPlace.NOWHERE),
    ],
)
def test_the_time_window_ends_exactly_at_its_distances(off: int, place: SearchPlace) -> None:
    assert find(totp, Progress(), code(STEP + off), NOON, windows).place is place


def test_the_window_moves_with_the_stored_drift() -> None:
    first = find(totp, Progress(), code(STEP + 2), NOON, windows)
    assert first.progress == Progress(STEP + 3, drift_steps=2)
    later = find(totp, first.progress, code(STEP + 100 + 4), NOON + 6000, windows)
    assert later.progress == Progress(STEP + 105, drift_steps=4)
    assert (
        find(totp, first.progress, code(STEP + 100), NOON + 6000, windows).place
        is SearchPlace.NOWHERE
    )


def test_an_unused_step_below_one_already_used_is_refused() -> None:
    assert find(totp, Progress(STEP + 1), code(STEP - 1), NOON, windows).place is SearchPlace.BEHIND


def test_t0_and_a_time_before_it() -> None:
    late = Credential.of_seed(SEED, OtpKind.TOTP, step_seconds=60, t0_seconds=NOON)
    assert find(late, Progress(), "755224", NOON + 59, windows).factor == 0
    assert find(late, Progress(), "755224", NOON - 600, windows).place is SearchPlace.NOWHERE


def test_two_consecutive_codes_catch_up_and_one_gap_does_not() -> None:
    found = find_run(hotp, Progress(1), [code(41), code(42)], NOON, windows)
    assert (found.factor, found.progress) == (41, Progress(43))
    assert find_run(hotp, Progress(1), [code(41), code(43)], NOON, windows).factor is None
    assert find_run(hotp, Progress(1), [code(42), code(41)], NOON, windows).factor is None


@pytest.mark.parametrize(("ahead", "found"), [(0, True), (50, True), (51, False)])
def test_resynchronisation_ends_exactly_at_its_distance(ahead: int, found: bool) -> None:
    run = [code(7 + ahead), code(8 + ahead)]
    assert (find_run(hotp, Progress(7), run, NOON, windows).factor is not None) is found


def test_resynchronisation_never_goes_back() -> None:
    assert find_run(hotp, Progress(8), [code(7), code(8)], NOON, windows).factor is None
    run = [code(STEP - 1), code(STEP)]
    assert find_run(totp, Progress(STEP), run, NOON, windows).factor is None


@pytest.mark.parametrize(("drift", "found"), [(-20, True), (20, True), (-21, False), (21, False)])
def test_time_resynchronisation_takes_the_drift_from_the_last_code(drift: int, found: bool) -> None:
    run = [code(STEP + drift - 1), code(STEP + drift)]
    result = find_run(totp, Progress(), run, NOON, windows)
    assert (result.factor is not None) is found
    if found:
        assert result.progress == Progress(STEP + drift + 1, drift)


def test_the_last_counters_are_searched_without_falling_off_the_end() -> None:
    last = 2**64 - 1
    assert find(hotp, Progress(2**63), "959616", NOON, windows).progress == Progress(2**63 + 1)
    found = find(hotp, Progress(last - 1), "094451", NOON, windows)
    assert (found.factor, found.progress) == (last, Progress(2**64))
    assert found.progress.used_up
    again = find(hotp, Progress(2**64), "094451", NOON, windows)
    assert (again.place, again.factor) == (SearchPlace.BEHIND, last)
    assert find(hotp, Progress(2**64), code(0), NOON, windows).place is SearchPlace.NOWHERE
    run = [code(last - 1), "094451"]
    assert find_run(hotp, Progress(last - 5), run, NOON, windows).progress == Progress(2**64)
    assert find_run(hotp, Progress(last), run, NOON, windows).place is SearchPlace.NOWHERE


@given(
    kind=st.sampled_from(OtpKind),
    start=st.integers(0, 2**40),
    drift=st.integers(-50, 50),
    factor=st.integers(0, 2**40),
    now=st.integers(0, 2**40),
    wide=st.builds(
        Windows,
        hotp_ahead_presses=st.integers(0, 40),
        totp_back_steps=st.integers(0, 20),
        totp_ahead_steps=st.integers(0, 20),
    ),
)
def test_what_is_accepted_lies_in_the_window_and_the_factor_only_rises(
    kind: OtpKind, start: int, drift: int, factor: int, now: int, wide: Windows
) -> None:
    """A WITHIN is at or above next_factor and inside the window; everything else moves nothing."""
    credential = Credential.of_seed(SEED, kind, digits=8)
    progress = Progress(start, drift)
    found = find(credential, progress, credential.key.code(factor, 8), now, wide)
    if found.place is not SearchPlace.WITHIN:
        assert found.progress == progress
        return
    assert found.factor is not None
    assert found.factor >= start
    assert found.progress.next_factor == found.factor + 1
    centre = start if kind is OtpKind.HOTP else now // 30 + drift
    back = 0 if kind is OtpKind.HOTP else wide.totp_back_steps
    ahead = wide.hotp_ahead_presses if kind is OtpKind.HOTP else wide.totp_ahead_steps
    assert centre - back <= found.factor <= centre + ahead


class Counting(OtpKey):
    made = 0

    def code(self, factor: int, digits: int = 6) -> str:
        Counting.made += 1
        return super().code(factor, digits)


def test_every_refused_attempt_computes_the_same_number_of_codes() -> None:
    """Locked, unknown, used, wrong or right: no number of hashes tells them apart."""
    counts = set()
    for kind in OtpKind:
        credential = Credential(key=Counting(SEED), kind=kind)
        for typed in (code(100), code(99), "000000"):
            for bar in (None, Bar(Verdict.UNKNOWN, "")):
                Counting.made = 0
                standing = AttemptState(Progress(100))
                decision = decide(credential, standing, [typed], NOON, windows, Limits(), bar)
                if not decision.accepted:
                    counts.add(Counting.made)
    assert counts == {windows.effort}


def test_a_code_that_will_be_accepted_ends_the_search() -> None:
    Counting.made = 0
    credential = Credential(key=Counting(SEED), kind=OtpKind.HOTP)
    assert find(credential, Progress(7), code(8), NOON, windows, stop_at_hit=True).factor == 8
    assert Counting.made == 2
