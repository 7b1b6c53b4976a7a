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
"""2262-01-01: true time stops there, because nanoseconds since 1970 would leave 64 bits soon."""


class TrueTime:
    """Nanoseconds since 1970 that run at a chosen rate and never go back.

    `rate` is true seconds per wall second: 1 real, 0 standing still, up to 10^7 scaled. The wall
    clock may jump: forward jumps are leaps of true time (a suspended machine), backward jumps
    are left out. `pace` is how many times slower a host lives than the fobs, in whole numbers (1
    or more); `is_scaled` says that true time neither stands still nor runs as on the wall.
    `start` is the true time of the wall's instant `start_wall` (that of the making if None).
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
        self._take(rate)

    @property
    def rate(self) -> Fraction:
        """True seconds a wall second."""
        return self._rate

    def now(self) -> SimTime:
        """Return true time."""
        wall = self._wall()
        if wall < self._last_wall:  # set back: go on from where we were
            self._anchor_wall -= self._last_wall - wall
        self._last_wall = wall
        elapsed = wall - self._anchor_wall
        passed = elapsed * self._numerator // self._denominator
        return min(SimTime(self._anchor_true + passed), END)

    def advance(self, nanoseconds: int) -> SimTime:
        """Leap `nanoseconds` (0 or more) forward, to `END` at most; return the new true time."""
        assert nanoseconds >= 0
        self._anchor(min(SimTime(self.now() + nanoseconds), END))
        return self.now()

    def set_rate(self, rate: Fraction) -> None:
        """Let time run at `rate` from now on (0..10^7)."""
        assert STANDING <= rate <= RATE_HIGHEST
        self._anchor(self.now())
        self._take(rate)

    def wall_seconds_until(self, instant: SimTime) -> float | None:
        """Return how long a sleeper waits on the wall for `instant` (0 or more), None for ever."""
        left = instant - self.now()
        if left <= 0:
            return 0.0
        if not self.rate:
            return None
        return float(left / self.rate) / NS_PER_SECOND

    def offset(self) -> int:
        """Return true time minus wall time in nanoseconds: what a store keeps."""
        return self.now() - self._last_wall

    def _take(self, rate: Fraction) -> None:
        """Take a rate apart once: the clock is read with every byte, and fractions are slow."""
        self._rate = rate
        self._numerator, self._denominator = rate.numerator, rate.denominator
        self.is_scaled = rate not in (STANDING, REAL)
        self.pace = max(1, math.ceil(rate))

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
        ValueError: it is none, before 1970 or after 2261.
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        raise ValueError(f"{date!r}: a date like 2029-04-01T09:00:00Z was expected") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    instant = (since.days * 86_400 + since.seconds) * NS_PER_SECOND + since.microseconds * 1000
    if not 0 <= instant <= END:
        raise ValueError(f"{date!r}: true time goes from 1970 to 2261")
    return SimTime(instant)
