"""The crystal and the clock it drives: what true time becomes inside one fob.

The clock's lag is a closed form of true time, never a sum over ticks, so it is exact over years.
Its state is an anchor (true time, clock reading) and the unit's own constants.
"""

from firmware_model.hardware.thermal import Course
from firmware_model.spec.parts import Crystal
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR, SimTime

_YEAR_NS = SECONDS_PER_YEAR * NS_PER_SECOND
_BILLION = 1_000_000_000
TICK_HZ = 32_768
_AGEING_YEARS = 30  # beyond, ageing has died out for every permitted decay below 1


class Rtc:
    """A real-time clock on one crystal.

    It counts nanoseconds of its own since it last started. `kept` is the chip's oscillator flag:
    software sets it, a stop clears it, so it tells whether the count has run without a break.
    `offset_ppb` and `ageing_ppb` are this unit's own.
    """

    __slots__ = (
        "_part",
        "_rates",
        "ageing_ppb",
        "anchor_reading",
        "anchor_time",
        "born",
        "course",
        "kept",
        "offset_ppb",
        "running",
    )

    def __init__(
        self, part: Crystal, course: Course, born: SimTime, offset_ppb: int, ageing_ppb: int
    ) -> None:
        self._part = part
        self.born = born
        self.offset_ppb = offset_ppb
        self.ageing_ppb = ageing_ppb
        self.course = course
        self._rates = self._rates_of(course)
        self.anchor_time = born
        self.anchor_reading = 0
        self.running = True
        self.kept = False

    def reading(self, now: SimTime) -> int:
        """Return the clock's own nanoseconds at `now`."""
        if not self.running:
            return self.anchor_reading
        start = self.anchor_time
        error = 0
        for share, rate in zip(self.course.shares(start, now), self._rates, strict=True):
            error += share * rate
        if self.ageing_ppb:
            error += self._aged(now) - self._aged(start)
        return self.anchor_reading + now - start + error // _BILLION

    def when(self, reading: int, now: SimTime) -> SimTime:
        """Return the first instant from `now` on at which the clock reads `reading` or more."""
        assert self.running, "a stopped clock has no alarm"
        instant = now
        missing = reading - self.reading(instant)
        while missing > 0:
            instant = SimTime(instant + missing)
            missing = reading - self.reading(instant)
        return instant

    def rate_ppb(self, now: SimTime) -> int:
        """Return how much too fast (+) or slow (-) the clock runs at `now`."""
        millicelsius = self.course.at(now)
        return self.offset_ppb + self._parabola(millicelsius) + self._ageing_rate(now)

    def follow(self, course: Course, now: SimTime) -> None:
        """Take a new course of temperature from `now` on."""
        self.anchor_reading, self.anchor_time = self.reading(now), now
        self.course = course
        self._rates = self._rates_of(course)

    def stop(self, now: SimTime) -> None:
        """Lose the supply: the count is gone."""
        self.anchor_time, self.anchor_reading, self.running = now, 0, False
        self.kept = False

    def start(self, now: SimTime) -> None:
        """Start from nothing."""
        self.anchor_time, self.anchor_reading, self.running = now, 0, True

    def _rates_of(self, course: Course) -> tuple[int, ...]:
        return tuple(
            self.offset_ppb + self._parabola(millicelsius) for _, millicelsius in course.stretches
        )

    def _parabola(self, millicelsius: int) -> int:
        away = millicelsius - self._part.turnover_millicelsius
        return self._part.parabola_ppt_per_k2 * away * away // 1_000_000_000

    def _ageing_rate(self, now: SimTime) -> int:
        year, into = divmod(now - self.born, _YEAR_NS)
        reached, step = self._ageing_after(min(year, _AGEING_YEARS))
        return reached + step * into // _YEAR_NS

    def _ageing_after(self, years: int) -> tuple[int, int]:
        """Return the rate reached after whole `years` and the step of the year then begun."""
        reached, step = 0, self.ageing_ppb
        for _ in range(years):
            reached += step
            step = step * self._part.ageing_decay_permille // 1000
        return reached, step

    def _aged(self, now: SimTime) -> int:
        """Return the integral of the ageing rate since birth, in ppb times nanoseconds.

        The rate rises along a straight line in each year, each year's rise a fixed share of the
        last's: the integral is a sum of trapezoids.
        """
        year, into = divmod(now - self.born, _YEAR_NS)
        area, reached, step = 0, 0, self.ageing_ppb
        for _ in range(min(year, _AGEING_YEARS)):
            area += (2 * reached + step) * _YEAR_NS // 2
            reached += step
            step = step * self._part.ageing_decay_permille // 1000
        if year > _AGEING_YEARS:
            return area + reached * (now - self.born - _AGEING_YEARS * _YEAR_NS)
        return area + reached * into + step * into * into // (2 * _YEAR_NS)
