"""What can be read on a fob from outside: its display, and the bench's meters on its parts."""

from firmware_model.board_program import BoardProgram, ProgramReport
from firmware_model.datasheet.segments import letters_of
from firmware_model.effects import Darkness, DarkReason, Face, Gauges
from firmware_model.hardware.board import Board
from firmware_model.units import NS_PER_SECOND, SimTime

READABLE_CONTRAST_PERCENT = 15
"""Below this contrast nothing can be read."""

SINCE_SWITCHED_OFF = frozenset(
    {
        DarkReason.CODE_OVER,
        DarkReason.STEP_ENDED,
        DarkReason.MESSAGE_OVER,
        DarkReason.SWITCHED_OFF,
        DarkReason.STARTED_OVER,
    }
)
"""Reasons that hold since the display went off."""


def face(board: Board, program: BoardProgram) -> Face | None:
    """Return what can be read on the display now, None where nothing is driven."""
    latch, now = board.latch, board.now
    if not latch.lit:
        return None
    millicelsius = board.battery.course.at(now)
    if latch.is_black(millicelsius):
        return Face(dark=Darkness(DarkReason.TOO_HOT))
    supply_mv = board.battery.voltage_mv(board.battery.load_na, now)
    contrast = latch.contrast_percent(supply_mv, millicelsius, now)
    if contrast < READABLE_CONTRAST_PERCENT:
        reason = DarkReason.TOO_COLD if millicelsius < 0 else DarkReason.CELL_LOW
        return Face(contrast_percent=contrast, dark=Darkness(reason))
    memory = program.picture_at(board.rtc_ns) or latch.memory
    segments = latch.segments(memory)
    return Face(
        text=letters_of(segments) or latch.glass.text(memory),
        segments=tuple(segments),
        bars=latch.glass.bars(memory),
        contrast_percent=contrast,
    )


def why_program_is_dark(board: Board, report: ProgramReport, started: SimTime | None) -> Darkness:
    """Return why a program that runs shows nothing; it started at `started`, if that is known."""
    reason = report.dark_reason
    if reason in SINCE_SWITCHED_OFF:
        return Darkness(reason, board.latch.changed_at)
    return Darkness(reason, started if reason is DarkReason.RESTARTED else None)


def gauges(board: Board, report: ProgramReport, *, has_clock: bool, is_low: bool) -> Gauges:
    """Return what the meters read now; the RTC runs if `has_clock`, the program unless `is_low`."""
    unix_ns = report.unix_ns if has_clock else None
    return Gauges(
        charge_permille=board.battery.charge_permille(),
        open_mv=board.open_mv,
        loaded_mv=board.test_load_mv,
        millicelsius=board.battery.course.at(board.now),
        running=has_clock and not is_low,
        clock_unix=None if unix_ns is None else unix_ns // NS_PER_SECOND,
        clock_lag_ns=0 if unix_ns is None else board.now - unix_ns,
        presses=report.presses,
        erases=tuple(page.erases for page in board.flash.pages),
    )
