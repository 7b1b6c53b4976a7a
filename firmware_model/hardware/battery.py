"""The coin cell: charge drawn, and the voltage that is left under a load.

Charge is counted exactly, in attocoulombs (1 nA for 1 ns), so that nothing is lost to rounding
over years of sleep. The curves are the part's (`parts.Cell`).
"""

from functools import cache

from firmware_model.datasheet.curves import abscissa_of, interpolate
from firmware_model.datasheet.parts import CellPart
from firmware_model.hardware.thermal import FOREVER, Course, Rates
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_YEAR, SimTime

_AC_PER_UAH = 3_600 * 1_000 * NS_PER_SECOND  # 1 µAh = 1000 nA for 3600 s


class Battery:
    """One coin cell in its holder.

    `capacity_ac` is what this very cell can give at 25 °C, `drawn_ac` what it has given, both in
    attocoulombs; `load_na` is the present current in nanoamperes, `since` the instant up to which
    charge has been counted.
    """

    __slots__ = (
        "_leak_na",
        "_leak_until",
        "_leaks",
        "_measured_celsius",
        "_measured_from_ac",
        "_measured_mv",
        "_measured_na",
        "_measured_to_ac",
        "_part",
        "capacity_ac",
        "course",
        "drawn_ac",
        "load_na",
        "since",
    )

    def __init__(self, part: CellPart, course: Course, capacity_ac: int, now: SimTime) -> None:
        self._part = part
        self.course = course
        self.capacity_ac = capacity_ac
        self.drawn_ac = 0
        self.load_na = 0
        self._leaks = self._leaks_of(course)
        self.since, self._leak_na, self._leak_until = now, 0, 0
        self.skip(now)
        self._measured_from_ac = self._measured_to_ac = 0
        self._measured_na = self._measured_celsius = self._measured_mv = 0

    @staticmethod
    def fresh_capacity_ac(part: CellPart, spread_permille: int) -> int:
        """Return a new cell's usable charge, `spread_permille` more (or less) than typical."""
        typical = part.capacity_uah * _AC_PER_UAH * part.usable_permille // 1000
        return typical * (1000 + spread_permille) // 1000

    def count(self, now: SimTime) -> None:
        """Count the charge that load and self-discharge took up to `now`."""
        if now < self._leak_until:
            self.drawn_ac += (self.load_na + self._leak_na) * (now - self.since)
            self.since = now
            return
        leaked_ac = self._leaks.until(now) - self._leaks.until(self.since)
        self.drawn_ac += self.load_na * (now - self.since) + leaked_ac
        self.skip(now)

    def skip(self, now: SimTime) -> None:
        """Let time pass up to `now` without a charge: the cell is out of its holder."""
        self.since, stretch = now, self._leaks.stretch(now)
        self._leak_na, self._leak_until = stretch.rate, stretch.end

    def spend(self, current_na: int, nanoseconds: int) -> None:
        """Draw a short burst: `current_na` for `nanoseconds`, on top of the steady load."""
        self.drawn_ac += current_na * nanoseconds

    def follow(self, course: Course, now: SimTime) -> None:
        """Take a new course of temperature from `now` on."""
        self.count(now)
        self.course = course
        self._leaks = self._leaks_of(course)
        self.skip(now)

    def depth_permille(self, now: SimTime) -> int:
        """Return how much of what the cell can give at this temperature is gone (0 = fresh).

        The answer is for the last instant counted; it passes 1000 when the cell is overdrawn.
        """
        factor = interpolate(self._part.capacity_permille_by_celsius, self.course.at(now) // 1000)
        return self.drawn_ac * 1_000_000 // (self.capacity_ac * factor)

    def charge_permille(self) -> int:
        """Return what is left of the capacity at 25 °C, 0..1000."""
        return max(0, 1000 - self.drawn_ac * 1000 // self.capacity_ac)

    def set_charge(self, permille: int) -> None:
        """Set what is left, 0..1000 thousandths of this cell's capacity."""
        self.drawn_ac = self.capacity_ac * (1000 - permille) // 1000

    def voltage_mv(self, current_na: int, now: SimTime) -> int:
        """Return the terminal voltage under `current_na`, in millivolts, not below 0."""
        celsius = self.course.at(now) // 1000
        if (
            not self._measured_from_ac <= self.drawn_ac < self._measured_to_ac
            or current_na != self._measured_na
            or celsius != self._measured_celsius
        ):  # the depth seldom changes from one press to the next
            self._measure(current_na, celsius)
        return self._measured_mv

    def _measure(self, current_na: int, celsius: int) -> None:
        """Work out a voltage, and over which charge drawn it stays the same."""
        factor = interpolate(self._part.capacity_permille_by_celsius, celsius)
        full = self.capacity_ac * factor
        depth = self.drawn_ac * 1_000_000 // full
        self._measured_from_ac = -(-depth * full // 1_000_000)
        self._measured_to_ac = -(-(depth + 1) * full // 1_000_000)
        self._measured_na, self._measured_celsius = current_na, celsius
        self._measured_mv = loaded_mv(self._part, depth, current_na, celsius)

    def drawn_at(self, charge_ac: int, now: SimTime) -> SimTime:
        """Return when that much charge will be gone at the present load; `FOREVER` if never."""
        drain_na = self.load_na + max(self._leaks.each)
        if drain_na <= 0:
            return FOREVER
        return SimTime(now + max(NS_PER_SECOND, (charge_ac - self.drawn_ac) // drain_na))

    def empty_at(self, floor_mv: int, now: SimTime) -> SimTime:
        """Return an instant, no later than the one at which the open cell falls to `floor_mv`.

        `FOREVER` while nothing draws on it. An estimate from the present load and the coldest
        stretch of the course. The caller asks again at that instant, and so comes within a minute
        of the end, or within an hour where the temperature changes.
        """
        curve = self._part.open_circuit_mv
        floor_depth = abscissa_of(curve, floor_mv) if curve[-1][1] < floor_mv else 1000
        if curve[-1][1] >= floor_mv:
            floor_depth += max(0, (curve[-1][1] - floor_mv)) // 100 + 1
        coldest = min(
            interpolate(self._part.capacity_permille_by_celsius, millicelsius // 1000)
            for _, millicelsius in self.course.stretches
        )
        left_ac = self.capacity_ac * coldest * floor_depth // 1_000_000 - self.drawn_ac
        drain_na = self.load_na + max(self._leaks.each)
        if drain_na <= 0:
            return FOREVER
        closest_s = 60 if len(self.course.stretches) == 1 else 3600
        return SimTime(now + max(closest_s * NS_PER_SECOND, left_ac // drain_na))

    def _leaks_of(self, course: Course) -> Rates:
        """Return the self-discharge as a current, in nanoamperes, for each stretch."""
        part = self._part
        per_year_ac = self.capacity_ac * part.self_discharge_permille_per_year // 1000
        base_na = per_year_ac // (SECONDS_PER_YEAR * NS_PER_SECOND)
        growth = part.self_discharge_factor_percent_per_10k
        each = (_grown(base_na, growth, celsius - 25_000) for _, celsius in course.stretches)
        return Rates(course, tuple(each))


def loaded_mv(part: CellPart, depth_permille: int, current_na: int, celsius: int) -> int:
    """Return a cell's terminal voltage at a depth of discharge, load and temperature, in mV."""
    open_mv = interpolate(part.open_circuit_mv, depth_permille)
    if depth_permille > 1000:
        # Beyond its end a cell collapses: 2 V at 100 %, nothing at 102 %.
        open_mv -= (depth_permille - 1000) * 100
    milliohm = interpolate(part.resistance_milliohm, depth_permille)
    cold = interpolate(part.resistance_permille_by_celsius, celsius)
    return max(0, open_mv - current_na * milliohm * cold // 10**12)


@cache
def strong_permille(part: CellPart, load_na: int, floor_mv: int) -> int:
    """Return up to which share of its capacity any such cell bears `load_na` above `floor_mv`.

    It holds at the coldest point of the part's curves: up to there no voltage is computed.
    """
    coldest = min(celsius for celsius, _ in part.resistance_permille_by_celsius)
    shrunk = min(factor for _, factor in part.capacity_permille_by_celsius)
    depth = 0
    while depth < 1000 and loaded_mv(part, depth + 10, load_na, coldest) >= floor_mv:
        depth += 10
    return depth * shrunk // 1000


def _grown(base: int, percent_per_10k: int, above_millicelsius: int) -> int:
    """Return `base` grown by a factor for each 10 K, straight lines in between."""
    tens, rest = divmod(above_millicelsius, 10_000)
    low = base
    for _ in range(abs(tens)):
        low = low * percent_per_10k // 100 if tens > 0 else low * 100 // percent_per_10k
    return low + low * (percent_per_10k - 100) * rest // (100 * 10_000)
