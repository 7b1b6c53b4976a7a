"""The crystal and the clock on it: true time in, the fob's own count out.

The clock's lag is a closed form of true time, never a sum over ticks, so it is exact over years.
Its state is an anchor (true time, clock reading) and the unit's own constants.
"""

from typing import NamedTuple

from firmware_model.datasheet.parts import Crystal
from firmware_model.hardware.thermal import FOREVER, Course, Rates
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR, SimTime

_YEAR_NS = SECONDS_PER_YEAR * NS_PER_SECOND
_TWO_YEARS_NS = 2 * _YEAR_NS
_BILLION = 1_000_000_000
_ERROR_PARTS = _BILLION * _TWO_YEARS_NS
"""How many parts of an error, in two years' nanoseconds times ppb, are a nanosecond."""
_LATE_NS = 1000
_SOON_NS = 100 * NS_PER_SECOND
"""Within this the rate of a clock at one temperature does not change by a thousandth of a ppb."""


class Rtc:
    """A real-time clock on one crystal.

    It counts nanoseconds of its own since it last started. `kept` is the chip's oscillator flag:
    software sets it, a stop clears it, so it tells whether the count has run without a break.
    `offset_ppb` and `ageing_ppb` are this unit's own.

    From `_from` to before `_until`, in one year of ageing and one stretch of temperature, it is
    ahead of true time by a parabola of the time since `_origin`, the year's start. Its coefficients
    are whole numbers (`_ERROR_PARTS`): `_ahead` at the origin and `_slope`; `_rate` is how much too
    fast the clock is there in ppb, and `_rise` by how much more it is so a year later.
    """

    __slots__ = (
        "_ahead",
        "_ahead_at_anchor",
        "_from",
        "_offset_ns",
        "_origin",
        "_part",
        "_rate",
        "_rates",
        "_rise",
        "_slope",
        "_until",
        "_year",
        "ageing_ppb",
        "anchor_reading",
        "anchor_time",
        "born",
        "course",
        "halted",
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
        self._year = _Year(born, born + _YEAR_NS, 0, 0, ageing_ppb)
        self._from: int = 0
        self._until: int = 0
        self.running = True
        self.halted = False
        self.kept = False
        self.anchor(born, 0)

    def reading(self, now: int) -> int:
        """Return the clock's own nanoseconds at `now`."""
        if not self._from <= now < self._until:
            self._enter(now)
        into = now - self._origin
        ahead = (self._rise * into + self._slope) * into + self._ahead
        return now + self._offset_ns + ahead // _ERROR_PARTS

    def when(self, reading: int, now: SimTime, reading_now: int) -> SimTime:
        """Return an instant, less than a microsecond late, at which the clock reads `reading`.

        Never one at which it reads less; `now`, at which it reads `reading_now`, if that is past.
        `FOREVER` where the clock stands. Its last `reading` was that at `now`.
        """
        missing = reading - reading_now
        if self.halted or not self.running:
            return FOREVER
        if missing <= 0:
            return now
        # The rate is rounded down and two nanoseconds cover the other roundings: never early.
        rate = self._rate + self._rise * (now - self._origin) // _YEAR_NS
        instant: int = now + missing * _BILLION // (_BILLION + rate) + 2
        if missing > _SOON_NS or instant >= self._until:
            while not 0 <= (late := self.reading(instant) - reading) < _LATE_NS:
                instant -= late
            if now < self._from:
                self._enter(now)
        return instant  # type: ignore[return-value]  # a call of SimTime is a tenth of this one

    def rate_ppb(self, now: SimTime) -> int:
        """Return how much too fast (+) or slow (-) the clock runs at `now`, rounded down."""
        if not self._from <= now < self._until:
            self._enter(now)
        return self._rate + self._rise * (now - self._origin) // _YEAR_NS

    def follow(self, course: Course, now: SimTime) -> None:
        """Take a new course of temperature from `now` on."""
        reading = self.reading(now)
        self.course = course
        self._rates = self._rates_of(course)
        self.anchor(now, reading)

    def halt(self, halted: bool, now: SimTime) -> None:
        """Let the crystal stop or swing again; the count stands meanwhile, and is not kept."""
        reading = self.reading(now)
        self.halted = halted
        self.kept = False
        self.anchor(now, reading)

    def stop(self, now: SimTime) -> None:
        """Stop; the count is lost."""
        self.running = self.kept = False
        self.anchor(now, 0)

    def start(self, now: SimTime) -> None:
        """Start from 0."""
        self.running = True
        self.anchor(now, 0)

    def anchor(self, time: SimTime, reading: int) -> None:
        """Let the clock read `reading` at true time `time`; its lag is counted from there."""
        self.anchor_time, self.anchor_reading = time, reading
        self._offset_ns = reading - time
        self._ahead_at_anchor = 0
        self._enter(time)
        into = time - self._origin
        ahead = (self._rise * into + self._slope) * into + self._ahead
        self._ahead_at_anchor = ahead - ahead % _TWO_YEARS_NS
        self._ahead -= self._ahead_at_anchor

    def _enter(self, now: int) -> None:
        """Take the parabola of the year of ageing and the stretch of temperature at `now`."""
        if self.halted or not self.running:  # it loses a second every second
            self._from, self._until, self._origin = 0, FOREVER, int(self.anchor_time)
            self._rate, self._rise, self._slope, self._ahead = -_BILLION, 0, -_ERROR_PARTS, 0
            return
        year, stretch = self._year_of(now), self._rates.stretch(now)
        before = stretch.area - stretch.rate * (stretch.start - year.start)
        self._from, self._until = max(year.start, stretch.start), min(year.end, stretch.end)
        self._origin = year.start
        self._rate, self._rise = year.reached + stretch.rate, year.step
        self._slope = self._rate * _TWO_YEARS_NS
        self._ahead = (year.area + before) * _TWO_YEARS_NS - self._ahead_at_anchor

    def _rates_of(self, course: Course) -> Rates:
        offset = self.offset_ppb
        each = tuple(offset + self._parabola(millicelsius) for _, millicelsius in course.stretches)
        return Rates(course, each)

    def _parabola(self, millicelsius: int) -> int:
        away = millicelsius - self._part.turnover_millicelsius
        return self._part.parabola_ppt_per_k2 * away * away // 1_000_000_000

    def _year_of(self, now: int) -> "_Year":
        year = self._year
        if not year.start <= now < year.end:
            year = _Year(self.born, self.born + _YEAR_NS, 0, 0, self.ageing_ppb)
            while now >= year.end and year.step:
                year = _Year(
                    year.end,
                    year.end + _YEAR_NS,
                    year.area + (2 * year.reached + year.step) * _YEAR_NS // 2,
                    year.reached + year.step,
                    _share(year.step, self._part.ageing_decay_permille),
                )
            if not year.step:  # ageing has died out: one endless last year
                year = year._replace(end=FOREVER)
            self._year = year
        return year


def _share(value: int, permille: int) -> int:
    """Return that share of `value`, rounded towards 0 so that ageing dies out either way."""
    share = abs(value) * permille // 1000
    return share if value > 0 else -share


class _Year(NamedTuple):
    """One year of ageing: its bounds, the integral and the rate at its start, the rate's rise.

    The rate rises along a straight line in each year, each year's rise a fixed share of the
    last's: the integral is a sum of trapezoids.
    """

    start: int
    end: int
    area: int
    reached: int
    step: int
