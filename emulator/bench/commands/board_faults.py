"""Faults of supply, surroundings, key and glass that end by themselves (BENCH §14.2)."""

from collections.abc import Callable
from decimal import Decimal

from emulator.bench.commands.faults import BOUND_SECONDS_MAX, faulty_line
from emulator.bench.commands.supply import CHARGE, DEPTH, OPERATION
from emulator.bench.commands.surroundings import TEMPERATURE
from emulator.bench.declared import PLAIN, SECONDS, BenchCommand, Decimals
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.faults.vocabulary import (
    CUT_INSIDE,
    DEAD_POSITION,
    PULLED_CELL,
    SAGGING_CELL,
    STUCK_KEY,
    WRONG_TEMPERATURE,
)
from emulator.fob import EmulatedFob
from emulator.rack import EmulatedRack
from emulator.true_time import nanoseconds
from firmware_model.effects import Effect, FobEvent, Happened
from firmware_model.hardware.thermal import constant
from firmware_model.inputs import (
    ButtonStuck,
    CellInserted,
    CellRemoved,
    Charge,
    CutArmed,
    Input,
    SegmentsBroken,
    TemperatureCourse,
)
from firmware_model.units import SimTime

SEGMENTS = 7
LASTING = Decimals("how long", Decimal("0.001"), BOUND_SECONDS_MAX, SECONDS)
POSITION = Decimals("the position", Decimal(1), Decimal(16), PLAIN, whole=True)

Inputs = Callable[[EmulatedFob], tuple[Input, Input]]
"""Returns with which input a fault begins at a fob, and with which it ends."""


def _bounded(
    session: Session, fobs: list[EmulatedFob], name: str, inputs: Inputs, seconds: Decimal
) -> None:
    """Begin a fault at each of `fobs`, and end it `seconds` of true time later."""
    rack = session.bench.rack
    for fob, (begin, end) in [(fob, inputs(fob)) for fob in fobs]:
        rack.give(fob, begin)
        faulty_line(rack, fob).fired[name] += 1
        _follow_supply(rack, fob, begin)
        _end_later(rack, fob, end, nanoseconds(seconds))
    rack.settle()


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
    _bounded(session, fobs, PULLED_CELL, lambda _: (CellRemoved(), CellInserted()), seconds)


def _sag(session: Session, fobs: list[EmulatedFob], percent: Decimal, seconds: Decimal) -> None:
    rack = session.bench.rack

    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        before = fob.device.gauges(rack.catch_up(fob)).charge_permille
        return Charge(int(percent * 10)), Charge(before)

    _bounded(session, fobs, SAGGING_CELL, inputs, seconds)


def _warm(session: Session, fobs: list[EmulatedFob], celsius: Decimal, seconds: Decimal) -> None:
    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        wrong = TemperatureCourse(constant(int(celsius * 1000)))
        return wrong, TemperatureCourse(fob.device.surroundings)

    _bounded(session, fobs, WRONG_TEMPERATURE, inputs, seconds)


def _stick(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    ends = ButtonStuck(stuck=True), ButtonStuck(stuck=False)
    _bounded(session, fobs, STUCK_KEY, lambda _: ends, seconds)


def _deaden(session: Session, fobs: list[EmulatedFob], at: Decimal, seconds: Decimal) -> None:
    for fob in fobs:
        if at > fob.device.model.display.positions or fob.device.model.app is not None:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} has no glass there")

    def inputs(fob: EmulatedFob) -> tuple[Input, Input]:
        before = fob.device.broken_segments
        dead = tuple((int(at) - 1, segment) for segment in range(SEGMENTS))
        return SegmentsBroken(tuple({*before, *dead})), SegmentsBroken(before)

    _bounded(session, fobs, DEAD_POSITION, inputs, seconds)


def _cut_inside(
    session: Session, fobs: list[EmulatedFob], operation: Decimal, depth: Decimal
) -> None:
    """Arm a cut inside a flash operation; it has fired when the supply has failed there."""
    rack = session.bench.rack
    for fob in fobs:
        rack.give(fob, CutArmed(int(operation), int(depth * 10)))
        _count_cut(rack, fob)
    rack.settle()


def _count_cut(rack: EmulatedRack, armed: EmulatedFob) -> None:
    def watch(fob: EmulatedFob, effect: Effect) -> None:
        if fob is armed and effect == Happened(FobEvent.POWER_LOST):
            end(SimTime(0))
            faulty_line(rack, fob).fired[CUT_INSIDE] += 1
            rack.unpowered.add(fob)

    def end(_: SimTime) -> None:
        armed.fault_ends.remove(end)
        rack.watchers.remove(watch)

    armed.fault_ends.append(end)
    rack.watchers.append(watch)


COMMANDS = [
    BenchCommand(f"FAULt:{PULLED_CELL}", _pull, (LASTING,), channels=True),
    BenchCommand(f"FAULt:{SAGGING_CELL}", _sag, (CHARGE, LASTING), channels=True),
    BenchCommand(f"FAULt:{CUT_INSIDE}", _cut_inside, (OPERATION, DEPTH), channels=True),
    BenchCommand(f"FAULt:{WRONG_TEMPERATURE}", _warm, (TEMPERATURE, LASTING), channels=True),
    BenchCommand(f"FAULt:{STUCK_KEY}", _stick, (LASTING,), channels=True),
    BenchCommand(f"FAULt:{DEAD_POSITION}", _deaden, (POSITION, LASTING), channels=True),
]
