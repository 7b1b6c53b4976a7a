"""How much the firmware believes is left in its cell: by its own books, and by the loaded voltage.

The books count time and presses against a budget (`BatteryRules`). No bookkeeping sees a
bad cell, so the voltage under the test load has the last word where it is lower.
"""

from firmware_model.datasheet.curves import interpolate
from firmware_model.datasheet.program import BatteryRules
from firmware_model.units import SECONDS_PER_DAY

_NAS_PER_UAH = 3_600 * 1_000
_SHORTEST_AGE_S = 30 * SECONDS_PER_DAY
"""The use of a fob over years does not show in its first days: they count as a month."""


class Estimate:
    """The estimate of what is left, by one model's books.

    In each question `age_s` is the fob's age in seconds, `presses` its codes so far, `loaded_mv`
    the cell's voltage under the test load in millivolts.
    """

    __slots__ = ("_books", "_budget_nas", "_by_voltage_nas", "_loaded_mv")

    def __init__(self, books: BatteryRules) -> None:
        self._books = books
        self._budget_nas = books.budget_uah * _NAS_PER_UAH
        self._loaded_mv, self._by_voltage_nas = -1, 0

    def percent(self, age_s: int, presses: int, loaded_mv: int) -> int:
        """Return what is left, 0..100, rounded down but for the last quarter of a percent.

        So 0 is shown while the cell still gives codes, and a figure that the ADC reads a little
        low is not lost.
        """
        left_nas = self._left_nas(age_s, presses, loaded_mv)
        return (left_nas * 400 // self._budget_nas + 1) // 4

    def days(self, age_s: int, presses: int, loaded_mv: int) -> int:
        """Return how many days of the present use are left."""
        books = self._books
        average_na = books.sleep_na + presses * books.press_nas // max(age_s, _SHORTEST_AGE_S)
        return self._left_nas(age_s, presses, loaded_mv) // (average_na * SECONDS_PER_DAY)

    def _left_nas(self, age_s: int, presses: int, loaded_mv: int) -> int:
        """Return what is left of the budget: the less of both, or by the voltage alone."""
        books = self._books
        if loaded_mv != self._loaded_mv:  # it is seldom another one at the next press
            hundredths = interpolate(books.voltage_percent, loaded_mv, 100)
            self._loaded_mv = loaded_mv
            self._by_voltage_nas = self._budget_nas * hundredths // 10_000
        if books.estimator == "voltage":
            return self._by_voltage_nas
        left_nas = self._budget_nas - age_s * books.sleep_na - presses * books.press_nas
        if left_nas > self._by_voltage_nas:
            return self._by_voltage_nas
        return left_nas if left_nas > 0 else 0
