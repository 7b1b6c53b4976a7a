"""Damage done to a board on purpose: a power cut to come, dead segments, bad cells."""

from firmware_model.hardware.board import Board
from firmware_model.inputs import (
    BoardDamage,
    CrystalHalted,
    CutArmed,
    CycleCutArmed,
    FlashFlipped,
    FlashWorn,
    SegmentsBroken,
)


def damage(board: Board, given: BoardDamage) -> bool:
    """Do `given` to `board`; return whether its durable state is another now."""
    match given:
        case CutArmed(operation, permille):
            board.flash.arm_cut(operation, permille)
            return False
        case CycleCutArmed(cycles):
            board.arm_cycle_cut(cycles)
            return False
        case SegmentsBroken(segments):
            board.break_segments(segments)
        case FlashFlipped(page, offset, mask):
            board.flash.flip(page, offset, mask)
        case FlashWorn(page):
            board.flash.wear_out(page)
        case CrystalHalted(halted):
            board.halt_crystal(halted)
    return True
