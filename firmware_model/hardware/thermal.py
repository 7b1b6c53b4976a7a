"""The heat around a fob: a course of temperature that repeats, and how long each part of it lasted."""

from dataclasses import dataclass

from firmware_model.units import NS_PER_SECOND, SimTime


@dataclass(frozen=True, slots=True)
class Course:
    """A repeating course of temperature: stretches of (seconds, thousandths of °C).

    It repeats from 1970 on, so a course of 24 hours follows the UTC day.
    """

    stretches: tuple[tuple[int, int], ...]

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


ROOM = constant(25_000)

POCKET = Course(((21_600, 20_000), (57_600, 30_000), (7_200, 20_000)))
"""A pocket by day (30 °C from 06:00 to 22:00 UTC), a bedside table by night (20 °C)."""

CAR = Course(((21_600, -5_000), (21_600, 20_000), (21_600, 45_000), (21_600, 10_000)))
"""A fob left in a car."""

COURSES = {"room": ROOM, "pocket": POCKET, "car": CAR}
