"""How much the firmware believes is left in its cell: by its own books, and by the loaded voltage.

The books count time and presses against a budget (`BatteryRules`). No bookkeeping sees a
bad cell, so the voltage under the test load has the last word where it is lower.
"""

from typing import NamedTuple

from firmware_model.datasheet.curves import interpolate
from firmware_model.datasheet.program import BatteryRules
from firmware_model.units import SECONDS_PER_DAY

_NAS_PER_UAH = 3_600 * 1_000
_SHORTEST_AGE_S = 30 * SECONDS_PER_DAY
"""The use of a fob over years does not show in its first days: they count as a month."""


class Estimate(NamedTuple):
    """One estimate.

    `age_s` is the fob's age in seconds, `presses` its codes so far, `loaded_mv` the cell's
    voltage under the test load in millivolts.
    """

    books: BatteryRules
    age_s: int
    presses: int
    loaded_mv: int

    @property
    def percent(self) -> int:
        """What is left, 0..100, rounded down but for the last quarter of a percent.

        So 0 is shown while the cell still gives codes, and a figure that the ADC reads a little
        low is not lost.
        """
        budget_nas = self.books.budget_uah * _NAS_PER_UAH
        return (self._left_nas(budget_nas) * 400 // budget_nas + 1) // 4

    @property
    def days(self) -> int:
        """How many days of the present use are left."""
        age_s = max(self.age_s, _SHORTEST_AGE_S)
        average_na = self.books.sleep_na + self.presses * self.books.press_nas // age_s
        left_nas = self._left_nas(self.books.budget_uah * _NAS_PER_UAH)
        return left_nas // (average_na * SECONDS_PER_DAY)

    def _left_nas(self, budget_nas: int) -> int:
        """Return what is left of the budget: the less of both, or by the voltage alone."""
        books = self.books
        hundredths = interpolate(books.voltage_percent, self.loaded_mv, 100)
        by_voltage_nas = budget_nas * hundredths // 10_000
        if books.estimator == "voltage":
            return by_voltage_nas
        used = self.age_s * books.sleep_na + self.presses * books.press_nas
        return min(by_voltage_nas, max(0, budget_nas - used))
