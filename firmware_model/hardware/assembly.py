"""Building a board: afresh from its parts, or again from its images."""

from collections.abc import Mapping

from firmware_model.hardware.battery import Battery
from firmware_model.hardware.board import Board
from firmware_model.hardware.crystal import Rtc
from firmware_model.hardware.dice import Drbg
from firmware_model.hardware.flash import Flash, Page
from firmware_model.hardware.image import BoardState, read_back
from firmware_model.hardware.kit import Parts
from firmware_model.hardware.thermal import Course
from firmware_model.units import SimTime


def assemble(kit: Parts, random_seed: int, now: SimTime, course: Course) -> Board:
    """Build a board at `now`: the random seed decides how this unit differs from others."""
    dice = Drbg(random_seed)
    spread = dice.normal(kit.cell.capacity_sigma_permille)
    limit = kit.crystal.offset_limit_ppb
    offset = max(-limit, min(limit, dice.normal(kit.crystal.offset_sigma_ppb)))
    ageing = dice.normal(kit.crystal.ageing_sigma_ppb)
    capacity = Battery.fresh_capacity_ac(kit.cell, spread)
    board = Board(
        kit,
        battery=Battery(kit.cell, course, capacity, now),
        rtc=Rtc(kit.crystal, course, now, offset, ageing),
        flash=Flash.fresh(kit.flash, dice),
        dice=dice,
        inserted=True,
        now=now,
    )
    board.settle_load()
    return board


def restore(kit: Parts, images: Mapping[str, bytes]) -> Board:
    """Return the board that `images` describes, at the instant they were kept."""
    state = BoardState.decode(images["board"])
    broken, stretches = read_back(state.circumstances)
    course, now, dice = Course(stretches), SimTime(state.now), Drbg(state.dice)
    size = kit.flash.page_bytes
    pages = [Page.restored(images[f"flash/{n}"], size) for n in range(kit.flash.pages)]
    flash = Flash(kit.flash, pages, dice)
    flash.operations = state.flash_operations
    battery = Battery(kit.cell, course, state.capacity_ac, now)
    battery.drawn_ac = state.drawn_ac
    rtc = Rtc(kit.crystal, course, SimTime(state.born), state.offset_ppb, state.ageing_ppb)
    rtc.running, rtc.kept = bool(state.rtc_running), bool(state.rtc_kept)
    rtc.anchor(SimTime(state.anchor_time), state.anchor_reading)
    board = Board(
        kit,
        battery=battery,
        rtc=rtc,
        flash=flash,
        dice=dice,
        inserted=bool(state.inserted),
        now=now,
    )
    for number, contact in enumerate(board.contacts):
        contact.stuck = contact.closed = bool(state.stuck >> number & 1)
    board.break_segments(broken)
    board.settle_load()
    if board.inserted:
        battery.load_na += state.steady_na
    return board
