"""Faults of supply, surroundings, key, glass, crystal and flash (BENCH §14.2)."""

from collections.abc import Callable
from decimal import Decimal

from emulator.bench.commands.faults import BOUND_SECONDS_MAX, faulty_line
from emulator.bench.commands.supply import CHARGE, DEPTH, OPERATION
from emulator.bench.commands.surroundings import TEMPERATURE
from emulator.bench.declared import PLAIN, SECONDS, BenchCommand, Decimals
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.faults import vocabulary
from emulator.faults.vocabulary import BoardFault
from emulator.fob import EmulatedFob
from emulator.rack import EmulatedRack
from emulator.true_time import nanoseconds
from firmware_model.effects import Effect, FobEvent, Happened
from firmware_model.hardware.flash import Page
from firmware_model.hardware.thermal import constant
from firmware_model.inputs import (
    ButtonStuck,
    CellInserted,
    CellRemoved,
    Charge,
    ContactMoved,
    CrystalHalted,
    CutArmed,
    CycleCutArmed,
    FlashFlipped,
    FlashWorn,
    Input,
    SegmentsBroken,
    TemperatureCourse,
)
from firmware_model.units import SimTime

SEGMENTS = 7
LASTING = Decimals("how long", Decimal("0.001"), BOUND_SECONDS_MAX, SECONDS)
POSITION = Decimals("the position", Decimal(1), Decimal(16), PLAIN, whole=True)
CYCLE = Decimals("the processor cycle", Decimal(1), Decimal(10**12), PLAIN, whole=True)
STORM = Decimals("how long", Decimal("0.001"), Decimal(60), SECONDS)
CLOSINGS = Decimals("the closings", Decimal(1), Decimal(500), PLAIN, Decimal(20), whole=True)
BITS = Decimals("the bits", Decimal(1), Decimal(1000), PLAIN, Decimal(1), whole=True)
PAGE = Decimals("the flash page", Decimal(0), Decimal(10_000), PLAIN, Decimal(0), whole=True)
"""From 1; 0 leaves it to the dice, or means every page."""

BLANK = 0xFF

Inputs = Callable[[EmulatedFob], tuple[Input, Input]]
"""Returns with which input a fault begins at a fob, and with which it ends."""


def _bounded(
    session: Session, fobs: list[EmulatedFob], fault: BoardFault, inputs: Inputs, seconds: Decimal
) -> None:
    """Begin a fault at each of `fobs`, and end it `seconds` of true time later."""
    rack = session.bench.rack
    for fob, (begin, end) in [(fob, inputs(fob)) for fob in fobs]:
        rack.give(fob, begin)
        _count(rack, fob, fault)
        _follow_supply(rack, fob, begin)
        _end_later(rack, fob, end, nanoseconds(seconds))
    rack.settle()


def _count(rack: EmulatedRack, fob: EmulatedFob, fault: BoardFault, times: int = 1) -> None:
    faulty_line(rack, fob).fired[fault.header] += times


def _end_later(rack: EmulatedRack, fob: EmulatedFob, end: Input, duration: int) -> None:
    def finish(instant: SimTime) -> None:
        if finish in fob.fault_ends:  # else `*RST` or `FAULt:CLEar` was faster
            fob.fault_ends.remove(finish)
            rack.give(fob, end, instant)
            _follow_supply(rack, fob, end)

    fob.fault_ends.append(finish)
    rack.call_at(SimTime(rack.clock.now() + duration), finish)


def _follow_supply(rack: EmulatedRack, fob: EmulatedFob, given: Input) -> None:
    if isinstance(given, CellRemoved):
        rack.unpowered.add(fob)
    elif isinstance(given, CellInserted):
        rack.unpowered.discard(fob)


def _pull(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    ends = CellRemoved(), CellInserted()
    _bounded(session, fobs, vocabulary.PULLED_CELL, lambda _: ends, seconds)


def _sag(session: Session, fobs: list[EmulatedFob], percent: Decimal, seconds: Decimal) -> None:
    rack = session.bench.rack

    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        before = fob.device.gauges(rack.catch_up(fob)).charge_permille
        return Charge(int(percent * 10)), Charge(before)

    _bounded(session, fobs, vocabulary.SAGGING_CELL, inputs, seconds)


def _warm(session: Session, fobs: list[EmulatedFob], celsius: Decimal, seconds: Decimal) -> None:
    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        wrong = TemperatureCourse(constant(int(celsius * 1000)))
        return wrong, TemperatureCourse(fob.device.surroundings)

    _bounded(session, fobs, vocabulary.WRONG_TEMPERATURE, inputs, seconds)


def _stick(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    ends = ButtonStuck(stuck=True), ButtonStuck(stuck=False)
    _bounded(session, fobs, vocabulary.STUCK_KEY, lambda _: ends, seconds)


def _halt_crystal(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    for fob in fobs:
        _require_board(fob)
    ends = CrystalHalted(halted=True), CrystalHalted(halted=False)
    _bounded(session, fobs, vocabulary.HALTED_CRYSTAL, lambda _: ends, seconds)


def _deaden(session: Session, fobs: list[EmulatedFob], at: Decimal, seconds: Decimal) -> None:
    for fob in fobs:
        if at > fob.device.model.display.positions or fob.device.model.app is not None:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} has no glass there")

    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        before = fob.device.broken_segments
        dead = tuple((int(at) - 1, segment) for segment in range(SEGMENTS))
        return SegmentsBroken(tuple({*before, *dead})), SegmentsBroken(before)

    _bounded(session, fobs, vocabulary.DEAD_POSITION, inputs, seconds)


def _bounce(session: Session, fobs: list[EmulatedFob], seconds: Decimal, closings: Decimal) -> None:
    """Let the contact close and open so often within that time, at instants of the dice."""
    rack = session.bench.rack
    for fob in fobs:
        if rack.is_pressing([fob]) or fob.held or fob.device.button_stuck:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} is being pressed")
    for fob in fobs:
        now, dice = rack.clock.now(), faulty_line(rack, fob).dice
        span = nanoseconds(seconds)
        moves = sorted(dice.below(span) for _ in range(2 * int(closings)))
        for number, after in enumerate(moves):
            _move_later(rack, fob, SimTime(now + after), closed=number % 2 == 0)
        _count(rack, fob, vocabulary.BOUNCING_KEY)


def _move_later(rack: EmulatedRack, fob: EmulatedFob, instant: SimTime, *, closed: bool) -> None:
    def move(instant: SimTime) -> None:
        if end in fob.fault_ends:
            fob.fault_ends.remove(end)
            rack.give(fob, ContactMoved(closed), instant)

    def end(instant: SimTime) -> None:
        """Open the contact for good; so does the end of every other move that was to come."""
        fob.fault_ends.remove(end)
        rack.give(fob, ContactMoved(closed=False), instant)

    fob.fault_ends.append(end)
    rack.call_at(instant, move)


def _flip(session: Session, fobs: list[EmulatedFob], bits: Decimal, page: Decimal) -> None:
    """Flip bits by the dice in bytes that hold something, of that page or of any."""
    rack = session.bench.rack
    written = {fob: _written_bytes(fob, int(page)) for fob in fobs}
    for fob, places in written.items():
        if not places:
            raise ScpiError(
                Number.SETTINGS_CONFLICT, f"channel {fob.number} has nothing written in flash there"
            )
    for fob, places in written.items():
        dice = faulty_line(rack, fob).dice
        for _ in range(int(bits)):
            number, offset = places[dice.below(len(places))]
            rack.give(fob, FlashFlipped(number, offset, 1 << dice.below(8)))
        _count(rack, fob, vocabulary.FLIPPED_BITS, int(bits))
    rack.settle()


def _written_bytes(fob: EmulatedFob, page: int) -> list[tuple[int, int]]:
    """Return page (from 0) and offset of every byte that is not blank; `page` from 1, 0 for all."""
    images, size = fob.device.images(), fob.device.model.flash.page_bytes
    return [
        (number, offset)
        for number in _pages(fob, page)
        for offset, cell in enumerate(Page.restored(images[f"flash/{number}"], size).cells)
        if cell != BLANK
    ]


def _pages(fob: EmulatedFob, page: int) -> range:
    pages = fob.device.model.flash.pages
    if page > pages:
        raise ScpiError(
            Number.SETTINGS_CONFLICT, f"channel {fob.number} has {pages} flash pages, from 1"
        )
    return range(page - 1, page) if page else range(pages)


def _wear(session: Session, fobs: list[EmulatedFob], page: Decimal) -> None:
    rack = session.bench.rack
    for fob, pages in [(fob, _pages(fob, int(page))) for fob in fobs]:
        for number in pages:
            rack.give(fob, FlashWorn(number))
        _count(rack, fob, vocabulary.WORN_FLASH)
    rack.settle()


def _cut_inside(
    session: Session, fobs: list[EmulatedFob], operation: Decimal, depth: Decimal
) -> None:
    cut = CutArmed(int(operation), int(depth * 10))
    _arm_cut(session, fobs, vocabulary.CUT_INSIDE, cut, CutArmed(0, 0))


def _cut_at_cycle(session: Session, fobs: list[EmulatedFob], cycle: Decimal) -> None:
    for fob in fobs:
        _require_board(fob)
    cut = CycleCutArmed(int(cycle))
    _arm_cut(session, fobs, vocabulary.CUT_AT_CYCLE, cut, CycleCutArmed(0))


def _require_board(fob: EmulatedFob) -> None:
    if fob.device.model.app is not None:
        raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} is an app, not a board")


def _arm_cut(
    session: Session, fobs: list[EmulatedFob], fault: BoardFault, cut: Input, disarm: Input
) -> None:
    """Arm a cut; it has fired when the supply has failed there."""
    rack = session.bench.rack
    for fob in fobs:
        _watch_cut(rack, fob, fault, disarm)
        rack.give(fob, cut)
    rack.settle()


def _watch_cut(rack: EmulatedRack, armed: EmulatedFob, fault: BoardFault, disarm: Input) -> None:
    def watch(fob: EmulatedFob, effect: Effect) -> None:
        if end not in armed.fault_ends:  # a snapshot was restored: another life
            forget()
        elif fob is armed and effect == Happened(FobEvent.POWER_LOST):
            armed.fault_ends.remove(end)
            forget()
            _count(rack, fob, fault)
            rack.unpowered.add(fob)

    def forget() -> None:
        rack.watchers = [watcher for watcher in rack.watchers if watcher is not watch]

    def end(instant: SimTime) -> None:
        armed.fault_ends.remove(end)
        forget()
        rack.give(armed, disarm, instant)

    armed.fault_ends.append(end)
    rack.watchers.append(watch)


_ACTS = (
    (vocabulary.PULLED_CELL, _pull, (LASTING,)),
    (vocabulary.SAGGING_CELL, _sag, (CHARGE, LASTING)),
    (vocabulary.CUT_INSIDE, _cut_inside, (OPERATION, DEPTH)),
    (vocabulary.CUT_AT_CYCLE, _cut_at_cycle, (CYCLE,)),
    (vocabulary.WRONG_TEMPERATURE, _warm, (TEMPERATURE, LASTING)),
    (vocabulary.STUCK_KEY, _stick, (LASTING,)),
    (vocabulary.BOUNCING_KEY, _bounce, (STORM, CLOSINGS)),
    (vocabulary.DEAD_POSITION, _deaden, (POSITION, LASTING)),
    (vocabulary.HALTED_CRYSTAL, _halt_crystal, (LASTING,)),
    (vocabulary.FLIPPED_BITS, _flip, (BITS, PAGE)),
    (vocabulary.WORN_FLASH, _wear, (PAGE,)),
)

COMMANDS = [
    BenchCommand(f"FAULt:{fault.header}", act, parameters, channels=True)
    for fault, act, parameters in _ACTS
]
