"""The failure counter: lockout after N, growing delay, and whose failures are counted together.

RFC 4226 §7.3 asks for both, across parallel sessions; SP 800-63B §5.2.2 caps the count at 100.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum, unique

FAILURES_MAX = 100
"""SP 800-63B §5.2.2: no more than 100 consecutive failed attempts on one account."""

_A_MONTH_SECONDS = 31 * 86_400


@unique
class Scope(StrEnum):
    """Whose failures are counted together, and who stands still when the count is full."""

    GENERATOR = "generator"
    USER = "user"
    SERVICE = "service"
    BANKING = "banking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many wrong codes are borne.

    The `lock_after_failures`-th failure locks. A success forgets the failures before it if
    `consecutive`. After failure number A the next try must wait `delay_seconds` × A, at most
    `delay_max_seconds` (RFC 4226 §7.3; 0 = no delay). A lock opens by itself after
    `lock_seconds`; 0 = only by hand.

    The code that was just accepted, given again within its time step (HOTP: within
    `repeat_seconds`), is refused and no failure: a browser that submits twice; 0 = it is one.
    """

    scope: Scope = Scope.GENERATOR
    lock_after_failures: int = field(default=5, metadata={"range": range(1, FAILURES_MAX + 1)})
    consecutive: bool = True
    delay_seconds: int = field(default=0, metadata={"range": range(3601)})
    delay_max_seconds: int = field(default=3600, metadata={"range": range(86_401)})
    repeat_seconds: int = field(default=60, metadata={"range": range(301)})
    lock_seconds: int = field(default=0, metadata={"range": range(_A_MONTH_SECONDS + 1)})


@dataclass(frozen=True, slots=True)
class Tally:
    """The failures so far, the Unix time of the last one, and of the lock (None = open)."""

    failures: int = 0
    failed_at: int = 0
    locked_at: int | None = None


def settled(tally: Tally, now_seconds: int, limits: Limits) -> Tally:
    """Return `tally` as of now: a lock whose time is over is gone, and its failures with it."""
    if tally.locked_at is None or not limits.lock_seconds:
        return tally
    return Tally() if now_seconds >= tally.locked_at + limits.lock_seconds else tally


def wait_seconds(tally: Tally, now_seconds: int, limits: Limits) -> int:
    """Return how many seconds the next try must still wait; 0 = it may come now.

    Never longer than the delay itself, also where the host's clock was set back since.
    """
    if not (tally.failures and limits.delay_seconds):
        return 0
    delay = min(limits.delay_seconds * tally.failures, limits.delay_max_seconds)
    return min(delay, max(0, tally.failed_at + delay - now_seconds))


def after_failure(tally: Tally, now_seconds: int, limits: Limits) -> Tally:
    """Return the tally with one failure more, locked if that was the last one allowed."""
    failures = tally.failures + 1
    locked = now_seconds if failures >= limits.lock_after_failures else None
    return Tally(failures, now_seconds, locked)


def after_success(tally: Tally, limits: Limits) -> Tally:
    """Return the tally after an accepted code."""
    return Tally() if limits.consecutive else replace(tally, locked_at=None)


def subject_of(scope: Scope, user: str) -> str:
    """Return whose failures `scope` counts, if not the token's: the user's or the contract's."""
    return user if scope is Scope.USER else user.partition("/")[0]
