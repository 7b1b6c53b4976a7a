"""True time: the emulator's only clock (ARCHITECTURE §3)."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from firmware_model.units import NS_PER_SECOND, SimTime

REAL = Fraction(1)
STANDING = Fraction(0)
RATE_HIGHEST = Fraction(10**7)

END = SimTime(9_214_646_400 * NS_PER_SECOND)
"""2262-01-01: true time stops there, because nanoseconds since 1970 soon exceed 64 bits."""


class TrueTime:
    """Nanoseconds since 1970 that run at a chosen rate and never go back.

    `rate` is true seconds per wall second: 1 real, 0 frozen, up to 10^7 scaled. If the wall clock
    jumps forward, true time leaps (a suspended machine); if it jumps back, true time goes on.
    `pace` is the rate rounded up (1 or more): how many times slower a host is than the fobs.
    `is_scaled` is true at other rates than 0 and 1, `is_standing` at 0. `start` is true time at the
    wall clock's `start_wall` (None: now).
    """

    def __init__(
        self,
        start: SimTime,
        wall: Callable[[], int] = time.time_ns,
        rate: Fraction = REAL,
        start_wall: int | None = None,
    ) -> None:
        self._wall = wall
        self._anchor_wall = wall() if start_wall is None else start_wall
        self._last_wall = self._anchor_wall
        self._anchor_true = int(start)
        self.listeners: list[Callable[[], None]] = []
        """Called when time leaps or its rate is set."""
        self._take(rate)

    @property
    def rate(self) -> Fraction:
        """True seconds a wall second."""
        return self._rate

    def now(self) -> SimTime:
        """Return true time."""
        wall = self._wall()
        if wall < self._last_wall:  # set back: true time goes on
            self._anchor_wall -= self._last_wall - wall
        self._last_wall = wall
        elapsed = wall - self._anchor_wall
        now = self._anchor_true + elapsed * self._numerator // self._denominator
        return SimTime(now) if now < END else END

    def advance(self, nanoseconds: int) -> SimTime:
        """Leap `nanoseconds` (0 or more) forward, at most to `END`; return the new true time."""
        assert nanoseconds >= 0
        self._anchor(min(SimTime(self.now() + nanoseconds), END))
        self._announce()
        return self.now()

    def set_rate(self, rate: Fraction) -> None:
        """Set the rate (0..10^7)."""
        assert STANDING <= rate <= RATE_HIGHEST
        self._anchor(self.now())
        self._take(rate)
        self._announce()

    def wall_seconds_until(self, instant: SimTime) -> float | None:
        """Return the wall seconds until `instant` (0 or more), None if it never comes."""
        left = instant - self.now()
        if left <= 0:
            return 0.0
        if not self.rate:
            return None
        return float(left / self.rate) / NS_PER_SECOND

    def offset(self) -> int:
        """Return true time minus wall time in nanoseconds."""
        return self.now() - self._last_wall

    def _take(self, rate: Fraction) -> None:
        """Split the rate once: the clock is read for every byte, and fractions are slow."""
        self._rate = rate
        self._numerator, self._denominator = rate.numerator, rate.denominator
        self.is_scaled = rate not in (STANDING, REAL)
        self.is_standing = rate == STANDING
        self.pace = max(1, math.ceil(rate))

    def _announce(self) -> None:
        for listener in self.listeners:
            listener()

    def _anchor(self, instant: SimTime) -> None:
        self._anchor_true = int(instant)
        self._anchor_wall = self._last_wall


def spell_seconds(nanoseconds: int) -> str:
    """Return a duration or instant as decimal seconds, exact to the nanosecond, no exponent."""
    sign = "-" if nanoseconds < 0 else ""
    whole, rest = divmod(abs(nanoseconds), NS_PER_SECOND)
    return f"{sign}{whole}.{rest:09d}"


def nanoseconds(seconds: Decimal) -> int:
    """Return decimal seconds as whole nanoseconds, rounded down."""
    return int(seconds * NS_PER_SECOND)


def instant_of(date: str) -> SimTime:
    """Return the instant of an ISO 8601 date or date and time, in UTC unless it says otherwise.

    Raises:
        ValueError: it is invalid, before 1970 or after 2261.
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        raise ValueError(
            f"{date!r}: expected a date like 2029-04-01 or 2029-04-01T09:00:00Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    instant = (since.days * 86_400 + since.seconds) * NS_PER_SECOND + since.microseconds * 1000
    if not 0 <= instant <= END:
        raise ValueError(f"{date!r}: expected a date from 1970 to 2261")
    return SimTime(instant)
