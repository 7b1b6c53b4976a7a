"""The crystal and the clock on it: true time in, the fob's own count out.

The clock's lag is a closed form of true time, never a sum over ticks, so it is exact over years.
Its state is an anchor (true time, clock reading) and the unit's own constants.
"""

from dataclasses import dataclass
from typing import NamedTuple

from firmware_model.datasheet.parts import Crystal
from firmware_model.hardware.thermal import FOREVER, Course, Rates
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR, SimTime

_YEAR_NS = SECONDS_PER_YEAR * NS_PER_SECOND
_TWO_YEARS_NS = 2 * _YEAR_NS
_BILLION = 1_000_000_000
_ERROR_PARTS = _BILLION * _TWO_YEARS_NS
"""How many parts of a `_Piece`'s error are a nanosecond."""
_LATE_NS = 1000
_SOON_NS = 100 * NS_PER_SECOND
"""Within this the rate of a clock at one temperature does not change by a thousandth of a ppb."""


class Rtc:
    """A real-time clock on one crystal.

    It counts nanoseconds of its own since it last started. `kept` is the chip's oscillator flag:
    software sets it, a stop clears it, so it tells whether the count has run without a break.
    `offset_ppb` and `ageing_ppb` are this unit's own.
    """

    __slots__ = (
        "_ahead_at_anchor",
        "_offset_ns",
        "_part",
        "_piece",
        "_rates",
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
        self._piece = self._piece_of(born)
        self.anchor(born, 0)
        self.running = True
        self.halted = False
        self.kept = False

    def reading(self, now: SimTime) -> int:
        """Return the clock's own nanoseconds at `now`."""
        if not self.running or self.halted:
            return self.anchor_reading
        piece = self._piece
        if not piece.start <= now < piece.end:
            piece = self._piece = self._piece_of(now)
        into = now - piece.origin
        ahead = (piece.rise * into + piece.slope) * into + piece.ahead - self._ahead_at_anchor
        return now + self._offset_ns + ahead // _ERROR_PARTS

    def when(self, reading: int, now: SimTime, reading_now: int) -> SimTime:
        """Return an instant, less than a microsecond late, at which the clock reads `reading`.

        Never one at which it reads less; `now`, at which it reads `reading_now`, if that is past.
        """
        assert self.running > self.halted, "a stopped clock has no alarm"
        missing = reading - reading_now
        if missing <= 0:
            return now
        piece = self._piece
        if not piece.start <= now < piece.end:
            piece = self._piece = self._piece_of(now)
        # The rate is rounded down and two nanoseconds cover the other roundings: never early.
        rate = piece.rate + piece.rise * (now - piece.origin) // _YEAR_NS
        instant: int = now + missing * _BILLION // (_BILLION + rate) + 2
        if missing > _SOON_NS or instant >= piece.end:
            while not 0 <= (late := self.reading(SimTime(instant)) - reading) < _LATE_NS:
                instant -= late
        return SimTime(instant)

    def rate_ppb(self, now: SimTime) -> int:
        """Return how much too fast (+) or slow (-) the clock runs at `now`, rounded down."""
        piece = self._piece
        if not piece.start <= now < piece.end:
            piece = self._piece = self._piece_of(now)
        return piece.rate + piece.rise * (now - piece.origin) // _YEAR_NS

    def follow(self, course: Course, now: SimTime) -> None:
        """Take a new course of temperature from `now` on."""
        reading = self.reading(now)
        self.course = course
        self._rates = self._rates_of(course)
        self._piece = self._piece_of(now)
        self.anchor(now, reading)

    def halt(self, halted: bool, now: SimTime) -> None:
        """Let the crystal stop or swing again; the count stands meanwhile, and is not kept."""
        self.anchor(now, self.reading(now))
        self.halted = halted
        self.kept = False

    def stop(self, now: SimTime) -> None:
        """Stop; the count is lost."""
        self.anchor(now, 0)
        self.running = self.kept = False

    def start(self, now: SimTime) -> None:
        """Start from 0."""
        self.anchor(now, 0)
        self.running = True

    def anchor(self, time: SimTime, reading: int) -> None:
        """Let the clock read `reading` at true time `time`; its lag is counted from there."""
        self.anchor_time, self.anchor_reading = time, reading
        self._offset_ns = reading - time
        piece = self._piece_of(time)
        into = time - piece.origin
        ahead = (piece.rise * into + piece.slope) * into + piece.ahead
        self._ahead_at_anchor = ahead - ahead % _TWO_YEARS_NS

    def _rates_of(self, course: Course) -> Rates:
        offset = self.offset_ppb
        each = tuple(offset + self._parabola(millicelsius) for _, millicelsius in course.stretches)
        return Rates(course, each)

    def _parabola(self, millicelsius: int) -> int:
        away = millicelsius - self._part.turnover_millicelsius
        return self._part.parabola_ppt_per_k2 * away * away // 1_000_000_000

    def _piece_of(self, now: SimTime) -> "_Piece":
        year, stretch = self._year_of(now), self._rates.stretch(now)
        before = stretch.area - stretch.rate * (stretch.start - year.start)
        return _Piece(
            max(year.start, stretch.start),
            min(year.end, stretch.end),
            year.start,
            (year.area + before) * _TWO_YEARS_NS,
            (year.reached + stretch.rate) * _TWO_YEARS_NS,
            year.reached + stretch.rate,
            year.step,
        )

    def _year_of(self, now: SimTime) -> "_Year":
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


@dataclass(slots=True)
class _Piece:
    """A time, `start` to before `end`, in one year of ageing and one stretch of temperature.

    Within it the clock's error is a parabola of the time since `origin`, the year's start. It is
    counted in ppb times nanoseconds, and in two years' nanoseconds of those, so that the parabola
    has whole coefficients: `rise`, `slope` and `ahead`. `rate` is by how much the clock is fast
    at `origin`, in ppb, and `rise` by how much more it is a year later.
    """

    start: int
    end: int
    origin: int
    ahead: int
    slope: int
    rate: int
    rise: int
