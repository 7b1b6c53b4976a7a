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
        return (self._left_nas * 400 // self._budget_nas + 1) // 4

    @property
    def days(self) -> int:
        """How many days of the present use are left."""
        age_s = max(self.age_s, _SHORTEST_AGE_S)
        average_na = self.books.sleep_na + self.presses * self.books.press_nas // age_s
        return self._left_nas // (average_na * SECONDS_PER_DAY)

    @property
    def _left_nas(self) -> int:
        """What is left of the budget: the less of both, or by the voltage alone."""
        hundredths = interpolate(self.books.voltage_percent, self.loaded_mv, 100)
        by_voltage_nas = self._budget_nas * hundredths // 10_000
        if self.books.estimator == "voltage":
            return by_voltage_nas
        return min(by_voltage_nas, self._budget_left_nas)

    @property
    def _budget_nas(self) -> int:
        return self.books.budget_uah * _NAS_PER_UAH

    @property
    def _budget_left_nas(self) -> int:
        used = self.age_s * self.books.sleep_na + self.presses * self.books.press_nas
        return max(0, self._budget_nas - used)
