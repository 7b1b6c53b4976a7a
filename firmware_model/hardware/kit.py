"""The parts that a board is built of, and how far its cell may be drawn before that matters."""

from dataclasses import dataclass

from firmware_model.datasheet import parts
from firmware_model.hardware.battery import strong_permille


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts a board is built of."""

    cell: parts.CellPart
    crystal: parts.Crystal
    mcu: parts.Mcu
    flash: parts.FlashPart
    contact: parts.ButtonPart
    display: parts.DisplayPart


def strong_share_permille(kit: Parts) -> int:
    """Return up to which share drawn the cell bears every load of the board at once."""
    """Return up to which share drawn the cell bears every load of the board at once."""
    mcu, display = kit.mcu, kit.display
    loads = (mcu.test_load_na, mcu.active_na, mcu.flash_write_na, mcu.uart_na, display.start_na)
    steady_na = mcu.sleep_na + mcu.button_na + display.on_na
    floor_mv = mcu.brown_out_mv + mcu.brown_out_hysteresis_mv
    return strong_permille(kit.cell, max(loads) + steady_na, floor_mv)
