"""Answers with their reasons; typed codes and what is wrong with them."""

import pytest

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKey, OtpKind
from host_tools.verification.decision import (
    AttemptState,
    Bar,
    Decision,
    Verdict,
    clean_code,
    clean_codes,
    decide,
)
from host_tools.verification.search import Credential, Progress, Windows
from host_tools.verification.throttle import Limits, Tally

SEED = b"12345678901234567890"
NOON = 1_800_000_000
credential = Credential.of_seed(SEED, OtpKind.HOTP)


def ask(
    factor: int, standing: AttemptState, *, limits: Limits | None = None, bar: Bar | None = None
) -> Decision:
    code = OtpKey(SEED).code(factor)
    return decide(credential, standing, [code], NOON, Windows(), limits or Limits(), bar)


def test_a_right_code_is_accepted_and_the_failures_before_it_are_forgotten() -> None:
    decision = ask(4, AttemptState(Progress(3), Tally(2, NOON)))
    assert decision.accepted
    assert decision.factor == 4
    assert decision.standing == AttemptState(Progress(5), Tally())


def test_a_replay_is_refused_with_its_reason_and_counted() -> None:
    decision = ask(4, AttemptState(Progress(5)))
    assert decision.verdict is Verdict.REPLAYED
    assert decision.reason == "the code was used already, or a later one was"
    assert decision.standing == AttemptState(Progress(5), Tally(1, NOON))


def test_the_failure_that_locks_says_so_and_a_right_code_is_refused_afterwards() -> None:
    limits = Limits(lock_after_failures=2)
    first = ask(900, AttemptState(), limits=limits)
    second = ask(900, first.standing, limits=limits)
    assert (first.locks, second.locks) == (False, True)
    assert second.reason == "the code is wrong; locked now, after 2 wrong codes"
    third = ask(0, second.standing, limits=limits)
    assert third.verdict is Verdict.LOCKED
    assert third.standing == second.standing


def test_a_try_during_the_delay_is_not_looked_at_and_not_counted() -> None:
    standing = AttemptState(Progress(0), Tally(3, NOON - 4))
    decision = ask(0, standing, limits=Limits(delay_seconds=5))
    assert decision.verdict is Verdict.TOO_SOON
    assert decision.reason == "too soon after a wrong code: wait 11 s"
    assert decision.standing == standing


def test_a_bar_refuses_a_right_code_and_leaves_it_unused() -> None:
    decision = ask(0, AttemptState(), bar=Bar(Verdict.EXPIRED, "the token expired"))
    assert (decision.verdict, decision.reason) == (Verdict.EXPIRED, "the token expired")
    assert decision.standing == AttemptState()


def test_two_codes_resynchronise_where_one_alone_is_refused() -> None:
    key = OtpKey(SEED)
    assert ask(60, AttemptState()).verdict is Verdict.WRONG
    run = [key.code(60), key.code(61)]
    decision = decide(credential, AttemptState(), run, NOON, Windows(), Limits())
    assert decision.accepted
    assert decision.standing.progress == Progress(62)


def test_a_failed_resynchronisation_counts_as_one_failure() -> None:
    decision = decide(credential, AttemptState(), ["000000", "000001"], NOON, Windows(), Limits())
    assert decision.verdict is Verdict.WRONG
    assert decision.standing.tally.failures == 1


def test_no_decision_shows_a_key_or_a_code() -> None:
    decision = ask(0, AttemptState())
    assert "755224" not in repr(decision)
    assert "1234567890" not in repr(credential)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("755224", "755224"), (" 755 224 ", "755224"), ("７５５２２４", "755224")],
)
def test_typed_codes_become_ascii_digits(typed: str, code: str) -> None:
    assert clean_code(typed, 6) == code


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("75522x", "a code has digits only: character 6 of the code is no digit"),
        ("७55224", "a code has digits only: character 1 of the code is no digit"),
        ("75522", "the code has 5 digits, 6 digits expected"),
        ("", "no code given: 6 digits expected"),
    ],
)
def test_a_bad_code_is_named_without_being_repeated(typed: str, line: str) -> None:
    with pytest.raises(BadInput) as caught:
        clean_code(typed, 6)
    assert str(caught.value) == line


def test_without_a_known_length_four_to_ten_digits_will_do() -> None:
    assert clean_code("1234") == "1234"
    with pytest.raises(BadInput, match="4 to 10 digits"):
        clean_code("12345678901")


def test_one_reading_typed_twice_is_no_run() -> None:
    with pytest.raises(BadInput, match="the same code twice"):
        clean_codes(["755224", "755224"])
