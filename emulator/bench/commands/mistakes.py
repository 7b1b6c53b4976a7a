"""Mistakes that people make with fobs (BENCH §14.3)."""

from decimal import Decimal

from emulator.bench.commands.app import SHIFT
from emulator.bench.commands.faults import BOUND_SECONDS_MAX, faulty_line
from emulator.bench.commands.rack import CHANNEL
from emulator.bench.declared import PLAIN, SECONDS, BenchCommand, Decimals
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.faults import vocabulary
from emulator.faults.vocabulary import BoardFault
from emulator.fob import EmulatedFob
from emulator.snapshots.saved import copy, save
from emulator.true_time import nanoseconds
from firmware_model.effects import Face
from firmware_model.errors import BadInput
from firmware_model.inputs import ClockShifted
from firmware_model.units import NS_PER_MS, NS_PER_SECOND

PRESS_NS = 200 * NS_PER_MS
DARK_NS = 7200 * NS_PER_SECOND
"""Longer than any model stays lit after a press: the longest time step is an hour."""

PRESSES = Decimals("the presses", Decimal(1), Decimal(1000), PLAIN, whole=True)
TWO_YEARS = Decimal(63_115_200)
LYING = Decimals("how long", Decimal(1), BOUND_SECONDS_MAX, SECONDS, TWO_YEARS)


def _count(session: Session, fob: EmulatedFob, fault: BoardFault, times: int = 1) -> None:
    faulty_line(session.bench.rack, fob).fired[fault.header] += times


async def _press_in_pocket(session: Session, fobs: list[EmulatedFob], presses: Decimal) -> None:
    """Press so often, each time until the display is dark again; count what the fob counted."""
    rack = session.bench.rack
    for fob in fobs:
        if fob.device.model.screen.until == "always":
            raise ScpiError(
                Number.SETTINGS_CONFLICT,
                f"channel {fob.number} is always on: presses count nothing",
            )
    for _ in range(int(presses)):
        before = {fob: fob.ignored for fob in fobs}
        rack.press(fobs, PRESS_NS)
        await rack.wait_for_presses(fobs)
        for fob in fobs:
            await rack.wait_for(fob, _is_dark, DARK_NS)
            took_it = fob.ignored == before[fob] and fob.device.gauges(rack.catch_up(fob)).running
            _count(session, fob, vocabulary.POCKET_PRESSES, int(took_it))


def _is_dark(face: Face) -> bool:
    return not face.text


def _set_wrongly(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    """Let each clock be wrong by exactly so much, whatever it was before."""
    rack = session.bench.rack
    lags = []
    for fob in fobs:
        gauges = fob.device.gauges(rack.catch_up(fob))
        if gauges.clock_unix is None:
            raise ScpiError(
                Number.SETTINGS_CONFLICT, f"channel {fob.number} has no clock that was set"
            )
        lags.append(gauges.clock_lag_ns)
    for fob, lag_ns in zip(fobs, lags, strict=True):
        rack.give(fob, ClockShifted(nanoseconds(seconds) + lag_ns))
        _count(session, fob, vocabulary.WRONG_CLOCK)
    rack.settle()


async def _leave_in_drawer(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    """Let time pass; true time is one for the rack, so it passes for all of its fobs."""
    rack = session.bench.rack
    if rack.is_pressing(fobs):
        raise ScpiError(Number.SETTINGS_CONFLICT, "a fob is being pressed: *WAI first")
    await rack.advance(nanoseconds(seconds))
    for fob in fobs:
        _count(session, fob, vocabulary.DRAWER)


def _make_twins(session: Session, fobs: list[EmulatedFob] | None, number: Decimal) -> None:
    rack = session.bench.rack
    others = [fob for fob in fobs or () if fob.number != number]
    if not others or number > len(rack.fobs):
        raise ScpiError(
            Number.SETTINGS_CONFLICT,
            "expected a channel and, as a list, others that become its twins, such as 1,(@2)",
        )
    try:
        copy(rack, save(rack, [rack.fobs[int(number) - 1]]), int(number), others)
    except BadInput as error:
        raise ScpiError(Number.SETTINGS_CONFLICT, str(error)) from None
    for fob in others:
        _count(session, fob, vocabulary.TWIN)


COMMANDS = [
    BenchCommand(
        f"FAULt:{vocabulary.POCKET_PRESSES.header}", _press_in_pocket, (PRESSES,), channels=True
    ),
    BenchCommand(f"FAULt:{vocabulary.WRONG_CLOCK.header}", _set_wrongly, (SHIFT,), channels=True),
    BenchCommand(f"FAULt:{vocabulary.DRAWER.header}", _leave_in_drawer, (LYING,), channels=True),
    BenchCommand(
        f"FAULt:{vocabulary.TWIN.header}", _make_twins, (CHANNEL,), channels=True, unlisted=True
    ),
]
