"""Time and its units, as the model counts them: integers, with the unit in the name."""

from typing import NewType

SimTime = NewType("SimTime", int)
"""True time: nanoseconds since 1970-01-01T00:00:00Z. It never goes back (ARCHITECTURE §3)."""

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
SECONDS_PER_DAY = 86_400
SECONDS_PER_YEAR = 31_557_600  # 365.25 days


def seconds(count: int) -> SimTime:
    """Return `count` whole seconds since 1970 as true time."""
    return SimTime(count * NS_PER_SECOND)


def later(now: SimTime, nanoseconds: int) -> SimTime:
    """Return the instant `nanoseconds` after `now`."""
    return SimTime(now + nanoseconds)
