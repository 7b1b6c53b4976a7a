"""The heat around a fob: a course of temperature that repeats, and how long each part lasted."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from firmware_model.units import NS_PER_SECOND, SimTime

STRETCHES_MAX = 1000
COLDEST, HOTTEST = -60_000, 120_000
"""The temperatures a board may meet, in thousandths of °C; beyond them no curve says anything."""


class CourseError(ValueError):
    """A table that is no course of temperature; the message names file and line."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Course:
    """A repeating course of temperature: stretches of (seconds, thousandths of °C).

    It repeats from 1970 on, so a course of 24 hours follows the UTC day. There are 1 to 1000
    stretches, each at least a second long.
    """

    stretches: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        assert 1 <= len(self.stretches) <= STRETCHES_MAX, "a course has 1 to 1000 stretches"
        assert all(
            seconds > 0 and COLDEST <= millicelsius <= HOTTEST
            for seconds, millicelsius in self.stretches
        ), "a stretch lasts, and stays within what a board may meet"

    @property
    def period_ns(self) -> int:
        """Length of one round in nanoseconds."""
        return sum(seconds for seconds, _ in self.stretches) * NS_PER_SECOND

    def at(self, now: SimTime) -> int:
        """Return the temperature at `now` in thousandths of °C."""
        return self.stretches[self.stretch_at(now)][1]

    def stretch_at(self, now: SimTime) -> int:
        """Return the number of the stretch that `now` falls into."""
        if len(self.stretches) == 1:
            return 0
        into = now % self.period_ns
        for number, (seconds, _) in enumerate(self.stretches):
            into -= seconds * NS_PER_SECOND
            if into < 0:
                return number
        raise AssertionError("a course covers its whole period")

    def shares(self, start: SimTime, end: SimTime) -> tuple[int, ...]:
        """Return how many nanoseconds of start..end fell into each stretch.

        Closed form over any number of rounds, so a leap of years costs no more than a second.
        """
        if len(self.stretches) == 1:
            return (end - start,)
        period = self.period_ns
        rounds = end // period - start // period
        return tuple(
            rounds * seconds * NS_PER_SECOND + late - early
            for (seconds, _), late, early in zip(
                self.stretches, self._into(end % period), self._into(start % period), strict=True
            )
        )

    def _into(self, instant: int) -> list[int]:
        spent = []
        for seconds, _ in self.stretches:
            part = min(instant, seconds * NS_PER_SECOND)
            spent.append(part)
            instant -= part
        return spent


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
        CourseError: naming file, line and what was expected.
    """
    rows = [
        (number, line.split(","))
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if rows and rows[0][1][0].strip() == "seconds":
        del rows[0]
    if not 1 <= len(rows) <= STRETCHES_MAX:
        raise CourseError(f"{file}: {len(rows)} lines of data: expected 1 to {STRETCHES_MAX}")
    points = [_point(cells, f"{file}: line {number}") for number, cells in rows]
    starts = [start for start, _ in points]
    for (number, _), start, before in zip(rows, starts, [-1, *starts], strict=False):
        if start <= before or (before < 0 and start):
            raise CourseError(f"{file}: line {number}: {start} s: expected seconds rising from 0")
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
        raise CourseError(f"{where}: {','.join(cells)!r}: expected {expected}") from None
    if not COLDEST <= millicelsius <= HOTTEST:
        raise CourseError(f"{where}: {celsius.strip()} °C: expected {expected}")
    return seconds, millicelsius


ROOM = constant(25_000)

POCKET = Course(((21_600, 20_000), (57_600, 30_000), (7_200, 20_000)))
"""A pocket by day (30 °C from 06:00 to 22:00 UTC), a bedside table by night (20 °C)."""

CAR = Course(((21_600, -5_000), (21_600, 20_000), (21_600, 45_000), (21_600, 10_000)))
"""A fob left in a car."""

COURSES = {"room": ROOM, "pocket": POCKET, "car": CAR}
