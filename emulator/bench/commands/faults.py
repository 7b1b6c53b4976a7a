"""Faults that are ordered, and whether they have fired (BENCH §14)."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from emulator.bench.declared import (
    PERCENT,
    PLAIN,
    SECONDS,
    BenchCommand,
    Decimals,
    Keywords,
    Strings,
    spellings,
)
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.faults.faulty_line import CHANCE_MAX, ArmedFault, FaultyLine
from emulator.faults.line_effects import noise
from emulator.faults.vocabulary import (
    DISCONNECTED,
    FRAMES_MAX,
    LINE_FAULTS,
    NOISE_BYTES_MAX,
    UNSOLICITED,
    FaultValue,
    FaultWay,
    LineFault,
    fault_names,
)
from emulator.fob import EmulatedFob, EmulatedLine
from emulator.rack import EmulatedRack
from emulator.tasks import start_task
from emulator.true_time import nanoseconds
from firmware_model.units import SimTime

DAYS_MAX = 36_525
BOUND_SECONDS_MAX = Decimal(DAYS_MAX * 86_400)

CHANCE = Decimals("the chance", Decimal("0.001"), Decimal(100), PERCENT, Decimal(100))
LASTING = Decimals("how long", Decimal(0), BOUND_SECONDS_MAX, SECONDS, Decimal(0))
NOISE = Decimals("the bytes", Decimal(1), Decimal(NOISE_BYTES_MAX), PLAIN, whole=True)
DICE = Strings("the dice")
FAULT = Strings("the fault", "")

CATALOGUE = {
    spelling: name.upper() for name in fault_names() for spelling in spellings(f"FAULt:{name}")
}
"""Every spelling of a fault, with `FAULt:` before it -> its name in upper case."""


def _arm(
    fault: LineFault, session: Session, fobs: list[EmulatedFob], *given: Decimal | str
) -> None:
    for line in _require_lines(fobs):
        if fault.line_error and not (line.port and line.port.carries_line_errors):
            where = "it" if line.port is None else line.port.address
            raise ScpiError(
                Number.SETTINGS_CONFLICT, f"{where} cannot report line errors: rfc2217: ports can"
            )
    rack = session.bench.rack
    *values, frames, chance, seconds, way = given
    assert isinstance(frames, Decimal)
    assert isinstance(chance, Decimal)
    assert isinstance(seconds, Decimal)
    now = rack.clock.now()
    until = SimTime(now + nanoseconds(seconds)) if seconds else None
    for fob in fobs:
        armed = ArmedFault(
            fault,
            tuple(Decimal(value) for value in values),
            frames=int(frames),
            chance=int(chance * CHANCE_MAX / 100),
            until=until,
            way=FaultWay[str(way)],
        )
        faulty_line(rack, fob).arm(armed)


def _send_noise(session: Session, fobs: list[EmulatedFob], count: Decimal) -> None:
    for fob, line in zip(fobs, _require_lines(fobs), strict=True):
        faults = faulty_line(session.bench.rack, fob)
        line.send(noise(int(count), faults.dice))
        faults.fired[UNSOLICITED] += 1


async def _disconnect(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    rack = session.bench.rack
    for line in dict.fromkeys(_require_lines(fobs)):
        if line.is_unplugged:
            continue
        for fob in rack.fobs:
            if fob.line is line:
                faulty_line(rack, fob).fired[DISCONNECTED] += 1
        await line.unplug()
        if seconds:
            until = SimTime(rack.clock.now() + nanoseconds(seconds))
            rack.call_at(until, partial(_plug_in_later, rack, line))


def _plug_in_later(rack: EmulatedRack, line: EmulatedLine, _instant: SimTime) -> None:
    task = start_task(line.plug_in())
    rack.plugging.add(task)
    task.add_done_callback(rack.plugging.discard)


async def _plug_in(session: Session, fobs: list[EmulatedFob]) -> None:  # noqa: ARG001 - every act gets it
    for line in dict.fromkeys(_require_lines(fobs)):
        await line.plug_in()


def _count(session: Session, fobs: list[EmulatedFob], fault: str) -> str:  # noqa: ARG001 - as above
    name = None if not fault else _known(fault)
    return ",".join(str(_fired(fob.faulty_line, name)) for fob in fobs)


def _fired(faults: FaultyLine | None, name: str | None) -> int:
    if faults is None:
        return 0
    return sum(count for fault, count in faults.fired.items() if name in (None, fault.upper()))


def _known(fault: str) -> str:
    name = CATALOGUE.get(f"FAULT:{fault.upper().removeprefix('FAULT:').removeprefix('FAUL:')}")
    if name is None:
        raise ScpiError(
            Number.ILLEGAL_PARAMETER_VALUE,
            f"unknown fault {fault}: FAULt:CATalog? lists them",
        )
    return name


def _active(session: Session, fobs: list[EmulatedFob]) -> str:
    now = session.bench.rack.clock.now()
    return ",".join(
        quote("; ".join(fob.faulty_line.left(now) if fob.faulty_line else ())) for fob in fobs
    )


def _catalogue(session: Session) -> str:  # noqa: ARG001 - every act gets the session
    return ",".join(map(quote, fault_names()))


async def _clear(session: Session, fobs: list[EmulatedFob]) -> None:
    await mend(session.bench.rack, fobs)
    session.bench.rack.settle()


async def mend(rack: EmulatedRack, fobs: Iterable[EmulatedFob]) -> None:
    """End all faults of `fobs`, plug their lines in, and set the counts to 0."""
    for fob in fobs:
        for end in list(fob.fault_ends):
            end(rack.clock.now())
        if fob.faulty_line is not None:
            fob.faulty_line.mend()
        if fob.line is not None and fob.line.is_unplugged:
            await fob.line.plug_in()


def _take_dice(session: Session, dice: str) -> None:
    rack = session.bench.rack
    rack.fault_dice = dice.encode()
    for fob in rack.fobs:
        if fob.faulty_line is not None:
            fob.faulty_line.dice.state = _random_seed(rack, fob)


def _require_lines(fobs: Iterable[EmulatedFob]) -> list[EmulatedLine]:
    """Return the line of each of `fobs`; raise ScpiError, nothing changed, if one has none."""
    lines = []
    for fob in fobs:
        if fob.line is None:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"channel {fob.number} has no line")
        lines.append(fob.line)
    return lines


def faulty_line(rack: EmulatedRack, fob: EmulatedFob) -> FaultyLine:
    """Return the faults between `fob` and its line."""
    if fob.faulty_line is None:
        fob.faulty_line = FaultyLine(_random_seed(rack, fob))
    return fob.faulty_line


def _random_seed(rack: EmulatedRack, fob: EmulatedFob) -> int:
    named = b"line faults" + fob.number.to_bytes(4, "big") + rack.fault_dice
    return int.from_bytes(hashlib.sha256(named).digest()[:8])


def _value(value: FaultValue) -> Decimals:
    units = SECONDS if value.is_time else PLAIN
    return Decimals(
        value.name, value.low, value.high, units, value.default, whole=not value.is_time
    )


def _bounds(fault: LineFault) -> tuple[Decimals | Keywords, ...]:
    frames = Decimals(
        "the frames", Decimal(1), Decimal(FRAMES_MAX), PLAIN, Decimal(fault.frames), whole=True
    )
    way = Keywords("the direction", tuple(way.name for way in FaultWay), fault.way.name)
    if fault.line_error or fault.effect is None:  # only one way can meet them
        way = Keywords("the direction", (fault.way.name,), fault.way.name)
    return frames, CHANCE, LASTING, way


def _arm_silence(
    fault: LineFault, session: Session, fobs: list[EmulatedFob], seconds: Decimal, way: str
) -> None:
    """Arm it by its seconds alone: no frame of it can be seen."""
    _arm(fault, session, fobs, Decimal(FRAMES_MAX), Decimal(100), seconds, way)


def _command(fault: LineFault) -> BenchCommand:
    header = f"FAULt:{fault.name}"
    if fault.method == "silence":
        _, _, _, way = _bounds(fault)
        seconds = Decimals("how long", Decimal("0.001"), BOUND_SECONDS_MAX, SECONDS)
        act = partial(_arm_silence, fault)
        return BenchCommand(header, act, (seconds, way), channels=True)
    parameters = (*map(_value, fault.values), *_bounds(fault))
    return BenchCommand(header, partial(_arm, fault), parameters, channels=True)


COMMANDS = [
    *map(_command, LINE_FAULTS),
    BenchCommand(f"FAULt:{UNSOLICITED}", _send_noise, (NOISE,), channels=True),
    BenchCommand(f"FAULt:{DISCONNECTED}", _disconnect, (LASTING,), channels=True),
    BenchCommand("FAULt:LINE:PLUG", _plug_in, channels=True),
    BenchCommand("FAULt:COUNt?", _count, (FAULT,), channels=True),
    BenchCommand("FAULt:ACTive?", _active, channels=True),
    BenchCommand("FAULt:CLEar", _clear, channels=True),
    BenchCommand("FAULt:CATalog?", _catalogue, lists=True),
    BenchCommand("FAULt:DICE", _take_dice, (DICE,)),
]
