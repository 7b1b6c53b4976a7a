"""The temperature around a fob: a course that repeats, and the time spent in each part of it."""

from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import accumulate

from firmware_model.errors import BadInput
from firmware_model.units import NS_PER_SECOND, SimTime

FOREVER = SimTime(1 << 80)
"""Later than any true time."""

STRETCHES_MAX = 1000
COLDEST, HOTTEST = -60_000, 120_000
"""The temperatures a board may meet, in thousandths of °C; the parts' curves end there."""


@dataclass(frozen=True, slots=True)
class Course:
    """A repeating course of temperature: stretches of (seconds, thousandths of °C).

    It repeats from 1970 on, so a course of 24 hours follows the UTC day. There are 1 to 1000
    stretches, each at least a second long; `starts` and `period_ns` say, in nanoseconds, when
    each begins within a round, and how long a round is.
    """

    stretches: tuple[tuple[int, int], ...]
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    period_ns: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        assert 1 <= len(self.stretches) <= STRETCHES_MAX, "a course has 1 to 1000 stretches"
        assert all(
            seconds > 0 and COLDEST <= millicelsius <= HOTTEST
            for seconds, millicelsius in self.stretches
        ), "a stretch lasts, and stays within what a board may meet"
        lengths = (seconds * NS_PER_SECOND for seconds, _ in self.stretches)
        *starts, period_ns = accumulate(lengths, initial=0)
        object.__setattr__(self, "starts", tuple(starts))
        object.__setattr__(self, "period_ns", period_ns)

    def at(self, now: SimTime) -> int:
        """Return the temperature at `now` in thousandths of °C."""
        if len(self.stretches) == 1:
            return self.stretches[0][1]
        return self.stretches[self.stretch_at(now)][1]

    def stretch_at(self, now: SimTime) -> int:
        """Return the number of the stretch that `now` falls into."""
        return bisect_right(self.starts, now % self.period_ns) - 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a course in true time, from `start` to before `end`, with its rate.

    `area` is the rate's integral from 1970 to `start`, in rate times nanoseconds.
    """

    start: int
    end: int
    area: int
    rate: int


class Rates:
    """One rate for each stretch of a course, and its integral over any time, in closed form.

    Years cost no more computing than a second.
    """

    __slots__ = ("_areas", "_course", "each")

    def __init__(self, course: Course, each: tuple[int, ...]) -> None:
        assert len(each) == len(course.stretches), "a rate for each stretch"
        self._course = course
        self.each = each
        lengths = (seconds * NS_PER_SECOND for seconds, _ in course.stretches)
        areas = (rate * length for rate, length in zip(each, lengths, strict=True))
        self._areas = tuple(accumulate(areas, initial=0))

    def stretch(self, instant: int) -> Stretch:
        """Return the stretch that `instant` falls into; a course of one stretch is endless."""
        if len(self.each) == 1:
            return Stretch(0, FOREVER, 0, self.each[0])
        course = self._course
        rounds, into = divmod(instant, course.period_ns)
        number = bisect_right(course.starts, into) - 1
        start = instant - into + course.starts[number]
        end = start + course.stretches[number][0] * NS_PER_SECOND
        area = rounds * self._areas[-1] + self._areas[number]
        return Stretch(start, end, area, self.each[number])

    def until(self, instant: SimTime) -> int:
        """Return the rate's integral from 1970 to `instant`, in rate times nanoseconds."""
        stretch = self.stretch(instant)
        return stretch.area + stretch.rate * (instant - stretch.start)


def constant(millicelsius: int) -> Course:
    """Return the course that never changes."""
    return Course(((86_400, millicelsius),))


def parse(text: str, file: str) -> Course:
    """Return the course that a table `seconds,celsius` in CSV describes.

    Each line gives the temperature (-60..120 °C, up to three decimals) from that second on,
    until the next line's; seconds are whole, start at 0 and rise. The last stretch is as long
    as the one before it (a day where there is only one), then the course starts again. `file`
    is only named in errors.

    Raises:
        BadInput: naming file, line and what was expected.
    """
    rows = [
        (number, line.split(","))
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if rows and rows[0][1][0].strip() == "seconds":
        del rows[0]
    if not 1 <= len(rows) <= STRETCHES_MAX:
        raise BadInput(f"{file}: {len(rows)} lines of data: expected 1 to {STRETCHES_MAX}")
    points = [_point(cells, f"{file}: line {number}") for number, cells in rows]
    starts = [start for start, _ in points]
    for (number, _), start, before in zip(rows, starts, [-1, *starts], strict=False):
        if start <= before or (before < 0 and start):
            raise BadInput(f"{file}: line {number}: {start} s: expected seconds rising from 0")
    ends = starts[1:]
    ends.append(2 * starts[-1] - starts[-2] if len(starts) > 1 else 86_400)
    return Course(
        tuple((end - start, celsius) for (start, celsius), end in zip(points, ends, strict=True))
    )


def _point(cells: list[str], where: str) -> tuple[int, int]:
    expected = f"whole seconds, a comma and {COLDEST // 1000} to {HOTTEST // 1000} °C"
    try:
        start, celsius = cells
        seconds, millicelsius = int(start), int(Decimal(celsius.strip()) * 1000)
    except (ValueError, InvalidOperation, OverflowError):
        # Not what stands there: somebody may have taken a file of seeds for a table.
        raise BadInput(f"{where}: expected {expected}") from None
    if not COLDEST <= millicelsius <= HOTTEST:
        raise BadInput(f"{where}: {celsius.strip()} °C: expected {expected}")
    return seconds, millicelsius


ROOM = constant(25_000)

POCKET = Course(((21_600, 20_000), (57_600, 30_000), (7_200, 20_000)))
"""A pocket by day (30 °C from 06:00 to 22:00 UTC), a bedside table by night (20 °C)."""

CAR = Course(((21_600, -5_000), (21_600, 20_000), (21_600, 45_000), (21_600, 10_000)))
"""A fob left in a car."""

COURSES = {"room": ROOM, "pocket": POCKET, "car": CAR}
