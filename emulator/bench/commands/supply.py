"""The supply, the charge of the cell, the fob's own clock (BENCH §8)."""

from collections.abc import Callable
from decimal import Decimal

from emulator.bench.commands.fobs import give
from emulator.bench.declared import PERCENT, PLAIN, BenchCommand, Decimals
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from emulator.true_time import spell_seconds
from firmware_model.effects import Gauges
from firmware_model.inputs import CellInserted, CellRemoved, Charge, CutArmed

NOT_A_NUMBER = "9.91E+37"
"""SCPI's answer for a value that does not exist (SCPI-99 vol. 1 §7.2.1.5)."""

CHARGE = Decimals("the charge", Decimal(0), Decimal(100), PERCENT)
OPERATION = Decimals("the flash operation", Decimal(0), Decimal(10**6), PLAIN, whole=True)
DEPTH = Decimals("how far into it", Decimal(0), Decimal(100), PERCENT, Decimal(50))


def _gauge(read: Callable[[Gauges], str]) -> Callable[[Session, list[EmulatedFob]], str]:
    def answer(session: Session, fobs: list[EmulatedFob]) -> str:
        rack = session.bench.rack
        return ",".join(read(fob.device.gauges(rack.catch_up(fob))) for fob in fobs)

    return answer


def _charge(session: Session, fobs: list[EmulatedFob], percent: Decimal) -> None:
    give(session, fobs, Charge(int(percent * 10)))


def _cut(session: Session, fobs: list[EmulatedFob]) -> None:
    give(session, fobs, CellRemoved())
    session.bench.rack.unpowered.update(fobs)


def _cut_later(
    session: Session, fobs: list[EmulatedFob], operation: Decimal, depth: Decimal
) -> None:
    give(session, fobs, CutArmed(int(operation), int(depth * 10)))


def _restore(session: Session, fobs: list[EmulatedFob]) -> None:
    give(session, fobs, CellInserted())
    session.bench.rack.unpowered.difference_update(fobs)


def _percent_left(gauges: Gauges) -> str:
    return str(Decimal(gauges.charge_permille) / 10)


def _volts(gauges: Gauges) -> str:
    return str(Decimal(gauges.open_mv) / 1000)


def _volts_loaded(gauges: Gauges) -> str:
    return str(Decimal(gauges.loaded_mv) / 1000)


def _is_running(gauges: Gauges) -> str:
    return str(int(gauges.running))


def _clock(gauges: Gauges) -> str:
    return NOT_A_NUMBER if gauges.clock_unix is None else str(gauges.clock_unix)


def _clock_error(gauges: Gauges) -> str:
    """Return by how many seconds the fob's clock is ahead of true time."""
    return NOT_A_NUMBER if gauges.clock_unix is None else spell_seconds(-gauges.clock_lag_ns)


COMMANDS = [
    BenchCommand("BATTery:CHARge", _charge, (CHARGE,), channels=True),
    BenchCommand("BATTery:CHARge?", _gauge(_percent_left), channels=True),
    BenchCommand("BATTery:VOLTage?", _gauge(_volts), channels=True),
    BenchCommand("BATTery:VOLTage:LOADed?", _gauge(_volts_loaded), channels=True),
    BenchCommand("POWer:CUT", _cut, channels=True),
    BenchCommand("POWer:CUT:ARM", _cut_later, (OPERATION, DEPTH), channels=True),
    BenchCommand("POWer:RESTore", _restore, channels=True),
    BenchCommand("POWer:STATe?", _gauge(_is_running), channels=True),
    BenchCommand("CLOCk:TIME?", _gauge(_clock), channels=True),
    BenchCommand("CLOCk:ERRor?", _gauge(_clock_error), channels=True),
]
