"""Accept or refuse: search, failure counter and bars put together, with the reason in words."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from itertools import pairwise

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind, time_step
from host_tools.verification import throttle
from host_tools.verification.search import (
    Credential,
    Progress,
    SearchPlace,
    SearchResult,
    Windows,
    find,
    find_run,
)
from host_tools.verification.throttle import Limits, Tally

_LENGTHS = range(4, 11)


@unique
class Verdict(StrEnum):
    """What became of an attempt; the value is its name in JSON and in the audit log."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    REPLAYED = "replayed"
    LOCKED = "locked"
    TOO_SOON = "too_soon"
    UNKNOWN = "unknown"
    NOT_ENROLLED = "not_enrolled"
    NOT_ACTIVE = "not_active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Bar:
    """Something other than the code that forbids acceptance, and why."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptState:
    """What an attempt starts from and what it leaves behind."""

    progress: Progress = field(default_factory=Progress)
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to an attempt.

    `factor` is the moving factor accepted or replayed, None otherwise; `standing` is what must be
    durable before the answer is given; `locks` says that this very failure shut the lock.
    """

    verdict: Verdict
    reason: str
    standing: AttemptState
    factor: int | None = None
    locks: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the answer is yes."""
        return self.verdict is Verdict.ACCEPTED


def decide(
    credential: Credential,
    standing: AttemptState,
    codes: Sequence[str],
    now_seconds: int,
    windows: Windows,
    limits: Limits,
    bar: Bar | None = None,
    used_at: int | None = None,
) -> Decision:
    """Decide on one code, or on two or more consecutive ones (a resynchronisation).

    `codes` are ASCII digits, see `clean_code`; `now_seconds` is Unix time. Every refusal costs
    the same search, so that an unknown, locked or barred token costs what a wrong code costs.
    Only a code looked at and not accepted is a failure: a barred, locked or hurried attempt
    changes nothing. `used_at` is the Unix time of the last code accepted: that one, sent again at
    once, is refused and no failure.
    """
    assert codes
    tally = throttle.settled(standing.tally, now_seconds, limits)
    standing = AttemptState(standing.progress, tally)
    bar = bar or _shut(tally, now_seconds, limits)
    if len(codes) > 1:
        found = find_run(credential, standing.progress, codes, now_seconds, windows)
    else:
        found = find(
            credential,
            standing.progress,
            codes[0],
            now_seconds,
            windows,
            stop_at_hit=bar is None,
        )
    if bar is not None:
        return Decision(bar.verdict, bar.reason, standing)
    if found.place is SearchPlace.WITHIN:
        after = AttemptState(found.progress, throttle.after_success(tally, limits))
        return Decision(Verdict.ACCEPTED, "the code is right", after, found.factor)
    if len(codes) == 1 and _is_repeat(credential, standing, found, now_seconds, limits, used_at):
        reason = "the code was just accepted, and counts once"
        return Decision(Verdict.REPLAYED, reason, standing, found.factor)
    return _refused(found, standing, now_seconds, limits, consecutive=len(codes) > 1)


def clean_code(text: str, digits: int | None = None) -> str:
    """Return a typed code as ASCII digits.

    Blanks go, full-width digits (as a Japanese keyboard types them) become ASCII. `digits` is how
    many are expected, None for 4 to 10. Raises BadInput, which never repeats the code.
    """
    if text.isascii() and text.isdecimal() and len(text) == (digits or len(text)) in _LENGTHS:
        return text
    code = "".join(unicodedata.normalize("NFKC", text).split())
    expected = f"{digits} digits" if digits else "4 to 10 digits"
    if not code:
        raise BadInput(f"no code given: {expected} expected")
    if not (code.isascii() and code.isdecimal()):
        place = next(
            index for index, sign in enumerate(code, 1) if not (sign.isascii() and sign.isdecimal())
        )
        raise BadInput(f"a code has digits only: character {place} of the code is no digit")
    if len(code) != digits and (digits is not None or len(code) not in _LENGTHS):
        raise BadInput(f"the code has {len(code)} digits, {expected} expected")
    return code


def clean_codes(texts: Sequence[str], digits: int | None = None) -> tuple[str, ...]:
    """Return typed codes as ASCII digits; raises BadInput also when a run repeats a code.

    Two equal codes in a row are one reading typed twice, not two consecutive ones.
    """
    codes = tuple(clean_code(text, digits) for text in texts)
    if any(one == other for one, other in pairwise(codes)):
        raise BadInput("the same code twice: consecutive codes are needed, wait for the next one")
    return codes


def _is_repeat(
    credential: Credential,
    standing: AttemptState,
    found: SearchResult,
    now_seconds: int,
    limits: Limits,
    used_at: int | None,
) -> bool:
    """Whether the code is the one accepted last, within its time step (HOTP: repeat_seconds)."""
    if used_at is None or not limits.repeat_seconds or found.place is not SearchPlace.BEHIND:
        return False
    if found.factor != standing.progress.next_factor - 1:
        return False
    if credential.kind is OtpKind.HOTP:
        return 0 <= now_seconds - used_at <= limits.repeat_seconds
    step, t0 = credential.step_seconds, credential.t0_seconds
    return time_step(now_seconds, step, t0) == time_step(used_at, step, t0)


def _refused(
    found: SearchResult,
    standing: AttemptState,
    now_seconds: int,
    limits: Limits,
    *,
    consecutive: bool,
) -> Decision:
    tally = throttle.after_failure(standing.tally, now_seconds, limits)
    locks = tally.locked_at is not None
    if found.place is SearchPlace.BEHIND:
        verdict, reason = Verdict.REPLAYED, "the code was used already, or a later one was"
    elif standing.progress.used_up:
        verdict, reason = Verdict.WRONG, "the token is used up: its last counter, 2^64-1, was used"
    elif consecutive:
        verdict, reason = Verdict.WRONG, "the codes are not consecutive ones of this token"
    else:
        verdict, reason = Verdict.WRONG, "the code is wrong"
    if locks:
        reason += f"; locked now, after {_failures(tally.failures)}"
    return Decision(verdict, reason, AttemptState(standing.progress, tally), found.factor, locks)


def _shut(tally: Tally, now_seconds: int, limits: Limits) -> Bar | None:
    if tally.locked_at is not None:
        return Bar(Verdict.LOCKED, _locked(tally, tally.locked_at, now_seconds, limits))
    if wait := throttle.wait_seconds(tally, now_seconds, limits):
        return Bar(Verdict.TOO_SOON, f"too soon after a wrong code: wait {wait} s")
    return None


def _locked(tally: Tally, locked_at: int, now_seconds: int, limits: Limits) -> str:
    reason = f"locked after {_failures(tally.failures)}"
    if limits.lock_seconds:
        reason += f"; opens in {locked_at + limits.lock_seconds - now_seconds} s"
    return reason


def _failures(count: int) -> str:
    return f"{count} wrong code" + ("s" if count != 1 else "")
