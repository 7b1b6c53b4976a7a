"""Where a code stands: look-ahead, time window, drift and resynchronisation, as pure values.

RFC 4226 §7.4 and RFC 6238 §5.2 and §6. Nothing here knows a clock or a store: the time is an
argument, and the new progress is the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from hmac import compare_digest

from firmware_model.generators import COUNTER_MAX, Hash, OtpKey, OtpKind, time_step

LOOK_BACK = 10
"""How many moving factors behind the window are computed, to tell a replay from a wrong code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What never changes about a token: its key and how codes are made of it.

    `digits` is 4 to 10; `step_seconds` and `t0_seconds` (since 1970) count for TOTP only.
    """

    key: OtpKey = field(repr=False)
    kind: OtpKind
    digits: int = 6
    step_seconds: int = 30
    t0_seconds: int = 0

    @classmethod
    def of_seed(
        cls,
        seed: bytes,
        kind: OtpKind,
        algorithm: Hash = Hash.SHA1,
        digits: int = 6,
        step_seconds: int = 30,
        t0_seconds: int = 0,
    ) -> "Credential":
        """Return the credential of `seed`, with its HMAC pads ready."""
        return cls(
            key=OtpKey(seed, algorithm),
            kind=kind,
            digits=digits,
            step_seconds=step_seconds,
            t0_seconds=t0_seconds,
        )

    def codes(self, factors: range) -> list[str]:
        """Return the codes of `factors`, in order."""
        code, digits = self.key.code, self.digits
        return [code(factor, digits) for factor in factors]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a token has come.

    `next_factor` is the lowest moving factor still acceptable: all below it are used or passed
    over, and it is 2^64 where the last one is used (RFC 4226 §5.1). `drift_steps` is the token's
    clock minus the host's, in time steps (RFC 6238 §6).
    """

    next_factor: int = 0
    drift_steps: int = 0

    @property
    def used_up(self) -> bool:
        """Whether no moving factor is left, and so no code will be accepted again."""
        return self.next_factor > COUNTER_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """How far a code may be off; every value is a distance, and 0 means only the expected one.

    `hotp_ahead_presses` is the look-ahead s of RFC 4226 §7.4: the expected counter and so many
    after it are accepted. `totp_back_steps` and `totp_ahead_steps` count from the step of now plus
    the stored drift. The two `…_resync_…` are what consecutive codes may bridge. The stored drift
    follows the token's (RFC 6238 §6) up to `drift_steps_max` either way; 0 = it stays 0, for
    tokens that are exact and users who are late. What a resynchronisation found is kept.
    """

    hotp_ahead_presses: int = field(default=10, metadata={"range": range(1001)})
    hotp_resync_presses: int = field(default=100, metadata={"range": range(100_001)})
    totp_back_steps: int = field(default=1, metadata={"range": range(1001)})
    totp_ahead_steps: int = field(default=1, metadata={"range": range(1001)})
    totp_resync_steps: int = field(default=60, metadata={"range": range(100_001)})
    drift_steps_max: int = field(default=1000, metadata={"range": range(100_001)})

    @property
    def effort(self) -> int:
        """How many codes any attempt computes, whatever the token: no timing tells them apart."""
        widest = max(self.hotp_ahead_presses, self.totp_back_steps + self.totp_ahead_steps)
        return widest + 1 + LOOK_BACK


@unique
class SearchPlace(Enum):
    """Where a code was found."""

    WITHIN = "within the window"
    BEHIND = "used already, or passed over"
    NOWHERE = "not in the window"


@dataclass(slots=True)
class SearchResult:
    """What a search found: the place, the moving factor (None when nowhere), and the progress.

    `progress` is that after acceptance when the place is WITHIN, else the progress as it was.
    """

    place: SearchPlace
    factor: int | None
    progress: Progress


def find(
    credential: Credential,
    progress: Progress,
    code: str,
    now_seconds: int,
    windows: Windows,
    *,
    stop_at_hit: bool = False,
) -> SearchResult:
    """Look for `code` (ASCII digits) in the window of `now_seconds` (Unix time).

    A code that is not acceptable always costs the same number of codes, compared in constant
    time. `stop_at_hit` lets an acceptable one end the search: for an attempt that will be
    accepted then, which anybody sees anyway.
    """
    first, last = _window(credential, progress, now_seconds, windows)
    lowest = max(first, progress.next_factor)
    window = range(lowest, min(last, COUNTER_MAX) + 1)
    hit = _first(credential, window, code, stop_at_hit=stop_at_hit)
    behind = None
    if hit is None or not stop_at_hit:
        behind = _behind(credential, progress, code, lowest, windows.effort - len(window))
    if hit is not None:
        after = _after(credential, progress, hit, hit, now_seconds)
        return SearchResult(SearchPlace.WITHIN, hit, _followed(progress, after, windows))
    return SearchResult(
        SearchPlace.NOWHERE if behind is None else SearchPlace.BEHIND, behind, progress
    )


def find_run(
    credential: Credential,
    progress: Progress,
    codes: Sequence[str],
    now_seconds: int,
    windows: Windows,
) -> SearchResult:
    """Look for consecutive `codes` (two or more) in the resynchronisation window.

    RFC 4226 §7.4: a run is required because a single code would hit a wide window by chance. For
    TOTP the last code of the run belongs to now, so the drift is taken from it.
    """
    run = len(codes)
    if credential.kind is OtpKind.HOTP:
        start = progress.next_factor
        stop = start + windows.hotp_resync_presses + run
    else:
        centre = _step(credential, now_seconds) + progress.drift_steps
        start = max(0, progress.next_factor, centre - windows.totp_resync_steps - run + 1)
        stop = centre + windows.totp_resync_steps + 1
    tried = range(start, min(stop, COUNTER_MAX + 1))
    candidates = credential.codes(tried)
    found = None
    wanted = "".join(codes)
    for index in range(len(candidates) - run + 1):
        if compare_digest("".join(candidates[index : index + run]), wanted) and found is None:
            found = tried[index]
    if found is None:
        return SearchResult(SearchPlace.NOWHERE, None, progress)
    last = found + run - 1
    return SearchResult(
        SearchPlace.WITHIN, found, _after(credential, progress, found, last, now_seconds)
    )


def _first(credential: Credential, window: range, code: str, *, stop_at_hit: bool) -> int | None:
    """Return the first moving factor in `window` that makes `code`, None if there is none."""
    first = None
    for factor in window:
        if compare_digest(credential.key.code(factor, credential.digits), code):
            first = factor if first is None else first
            if stop_at_hit:
                break
    return first


def _behind(
    credential: Credential, progress: Progress, code: str, below: int, count: int
) -> int | None:
    """Return the last used or passed-over moving factor that makes `code`.

    Computes `count` codes below the moving factor `below`, or as many elsewhere near zero.
    """
    start = max(0, min(below, COUNTER_MAX + 1) - count)
    tried = range(start, start + count)
    last = None
    for factor, candidate in zip(tried, credential.codes(tried), strict=True):
        if compare_digest(candidate, code) and factor < progress.next_factor:
            last = factor
    return last


def _step(credential: Credential, now_seconds: int) -> int:
    return time_step(now_seconds, credential.step_seconds, credential.t0_seconds)


def _window(
    credential: Credential, progress: Progress, now_seconds: int, windows: Windows
) -> tuple[int, int]:
    if credential.kind is OtpKind.HOTP:
        return progress.next_factor, progress.next_factor + windows.hotp_ahead_presses
    centre = _step(credential, now_seconds) + progress.drift_steps
    return centre - windows.totp_back_steps, centre + windows.totp_ahead_steps


def _followed(before: Progress, after: Progress, windows: Windows) -> Progress:
    """Return `after`, its drift no further from 0 than the policy says or than it was."""
    lowest = min(-windows.drift_steps_max, before.drift_steps)
    highest = max(windows.drift_steps_max, before.drift_steps)
    return Progress(after.next_factor, max(lowest, min(after.drift_steps, highest)))


def _after(
    credential: Credential, progress: Progress, first: int, last: int, now_seconds: int
) -> Progress:
    assert first >= progress.next_factor, "a moving factor never goes back"
    if credential.kind is OtpKind.HOTP:
        return Progress(last + 1, progress.drift_steps)
    return Progress(last + 1, last - _step(credential, now_seconds))
