"""How long a fob of a model can be expected to live: worked out from its parts, not simulated.

At 25 °C, for a typical cell. `benchmarks/life.py` puts simulated lives beside it.
"""

from dataclasses import dataclass

from firmware_model.catalogue import Model
from firmware_model.hardware.battery import loaded_mv
from firmware_model.units import SECONDS_PER_DAY, SECONDS_PER_YEAR

_HELD_MS = 200
_WORDS_A_PRESS = 5
_ROOM_CELSIUS = 25


@dataclass(frozen=True, slots=True)
class Expectation:
    """What may be expected at so many presses a day.

    `cell_days` is how long the cell gives codes, `limit_days` when the first of the model's own
    limits ends it (None without one; an expiry date is not the model's), `average_na` the mean
    current including self-discharge.
    """

    presses_per_day: int
    cell_days: int
    limit_days: int | None
    average_na: int

    @property
    def days(self) -> int:
        """How long it gives codes, in days."""
        return self.cell_days if self.limit_days is None else min(self.cell_days, self.limit_days)


def expect(model: Model, presses_per_day: int) -> Expectation:
    """Return what may be expected of a fob of `model` at `presses_per_day` (0 or more)."""
    cell = model.cell
    usable_uah = cell.capacity_uah * cell.usable_permille // 1000
    leak_na = usable_uah * cell.self_discharge_permille_per_year * 3600 // SECONDS_PER_YEAR
    average_na = model.mcu.sleep_na + leak_na + _always_on_na(model)
    if not _is_always_on(model):
        average_na += press_nas(model) * presses_per_day // SECONDS_PER_DAY
    last_permille = _last_code_permille(model)
    cell_seconds = usable_uah * last_permille * 3600 // average_na
    return Expectation(
        presses_per_day, cell_seconds // SECONDS_PER_DAY, _limit(model, presses_per_day), average_na
    )


def press_nas(model: Model) -> int:
    """Return what one press costs, in nanoampere-seconds."""
    flash_ms = _WORDS_A_PRESS * model.flash.program_us // 1000
    return awake_nas(model) + model.mcu.flash_write_na * flash_ms // 1000


def awake_nas(model: Model) -> int:
    """Return what processor, button and display draw for one press, in nanoampere-seconds.

    Where a code stands until its step ends, that is half a step of display on average.
    """
    mcu, display = model.mcu, model.display
    shown_ms = model.screen.code_ms
    if model.screen.until == "step":
        shown_ms = model.otp.step_seconds * 1000 // 2
    bursts = (
        (mcu.test_load_na, mcu.test_load_ms),
        (mcu.active_na, mcu.compute_ms),
        (mcu.button_na, _HELD_MS),
        (display.start_na, display.start_ms),
        (display.on_na, shown_ms),
    )
    return sum(current_na * milliseconds for current_na, milliseconds in bursts) // 1000


def _is_always_on(model: Model) -> bool:
    return model.screen.until == "always"


def _always_on_na(model: Model) -> int:
    """Return what a display that never goes off draws, its codes included."""
    if not _is_always_on(model):
        return 0
    step_ms = model.otp.step_seconds * 1000
    return model.display.on_na + model.mcu.active_na * model.mcu.compute_ms // step_ms


def _last_code_permille(model: Model) -> int:
    """Return how far the cell is drawn when it bears the test load for the last time."""
    mcu = model.mcu
    if _is_always_on(model):
        return 1000
    depth = 1000
    while depth and loaded_mv(model.cell, depth, mcu.test_load_na, _ROOM_CELSIUS) < (
        mcu.brown_out_mv
    ):
        depth -= 1
    return depth


def _limit(model: Model, presses_per_day: int) -> int | None:
    limits = []
    if model.life.presses and presses_per_day:
        limits.append(model.life.presses // presses_per_day)
    if model.life.years:
        limits.append(model.life.years * 36525 // 100)
    return min(limits, default=None)
