"""The common commands of IEEE 488.2 §10, and SCPI-99's SYSTem and STATus (BENCH §5)."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from emulator.bench.commands.faults import mend
from emulator.bench.declared import PLAIN, BenchCommand, Decimals, Strings
from emulator.bench.session import Session
from emulator.bench.status import Register
from emulator.true_time import REAL
from firmware_model.hardware.thermal import ROOM
from firmware_model.inputs import ButtonStuck, CutArmed, SegmentsBroken, TemperatureCourse

SCPI_VERSION = "1999.0"

BYTE = Decimals("the mask", Decimal(0), Decimal(255), PLAIN, whole=True)
WORD = Decimals("the mask", Decimal(0), Decimal(65_535), PLAIN, whole=True)
TOKEN = Strings("the token")
SIGN_FREE = 0x7FFF
"""Bit 15 of a SCPI register is never used (SCPI-99 vol. 1 §9.1)."""


def _identify(session: Session) -> str:
    return session.bench.identity


def _clear(session: Session) -> None:
    session.forget_completion()
    session.status.clear()


async def _reset(session: Session) -> None:
    """Reset the surroundings; the fobs' memory and true time stay as they are."""
    session.forget_completion()
    rack = session.bench.rack
    await mend(rack, rack.fobs)
    rack.set_rate(REAL)
    for fob in rack.fobs:
        rack.give(fob, CutArmed(0, 0))
        if fob.device.surroundings != ROOM:
            rack.give(fob, TemperatureCourse(ROOM))
        if fob.device.button_stuck:
            rack.give(fob, ButtonStuck(stuck=False))
        if fob.device.broken_segments:
            rack.give(fob, SegmentsBroken(()))
    rack.settle()
    session.selected = 1


def _self_test(session: Session) -> str:  # noqa: ARG001 - every act gets the session
    return "0"


def _complete_later(session: Session) -> None:
    session.complete_later()


async def _complete(session: Session) -> str:
    await session.wait_for_presses()
    return "1"


async def _wait(session: Session) -> None:
    await session.wait_for_presses()


def _status_byte(session: Session) -> str:
    return str(session.status.byte(message_available=bool(session.answers)))


def _service_enable(session: Session, mask: Decimal) -> None:
    session.status.service_enable = int(mask) & ~64


def _is_service_enabled(session: Session) -> str:
    return str(session.status.service_enable)


def _next_error(session: Session) -> str:
    return str(session.status.next_error())


def _all_errors(session: Session) -> str:
    found = [str(session.status.next_error())]
    while session.status.errors:
        found.append(str(session.status.next_error()))
    return ",".join(found)


def _error_count(session: Session) -> str:
    return str(len(session.status.errors))


def _version(session: Session) -> str:  # noqa: ARG001 - every act gets the session
    return SCPI_VERSION


def _ignore_token(session: Session, token: str) -> None:
    """Do nothing: a bench that asks for a token has taken it before (`Session`)."""


def _preset(session: Session) -> None:
    session.status.operation.enable = 0
    session.status.questionable.enable = 0


Which = Callable[[Session], Register]


def _event(which: Which, session: Session) -> str:
    return str(which(session).take())


def _enable(which: Which, session: Session, mask: Decimal) -> None:
    which(session).enable = int(mask) & SIGN_FREE


def _enabled(which: Which, session: Session) -> str:
    return str(which(session).enable)


def _standard(session: Session) -> Register:
    return session.status.standard


def _operation(session: Session) -> Register:
    return session.status.operation


def _questionable(session: Session) -> Register:
    return session.status.questionable


COMMANDS = [
    BenchCommand("*IDN?", _identify, lists=True),
    BenchCommand("*CLS", _clear),
    BenchCommand("*RST", _reset),
    BenchCommand("*TST?", _self_test),
    BenchCommand("*OPC", _complete_later),
    BenchCommand("*OPC?", _complete),
    BenchCommand("*WAI", _wait),
    BenchCommand("*ESR?", partial(_event, _standard)),
    BenchCommand("*ESE", partial(_enable, _standard), (BYTE,)),
    BenchCommand("*ESE?", partial(_enabled, _standard)),
    BenchCommand("*SRE", _service_enable, (BYTE,)),
    BenchCommand("*SRE?", _is_service_enabled),
    BenchCommand("*STB?", _status_byte),
    BenchCommand("SYSTem:ERRor[:NEXT]?", _next_error),
    BenchCommand("SYSTem:ERRor:ALL?", _all_errors),
    BenchCommand("SYSTem:ERRor:COUNt?", _error_count),
    BenchCommand("SYSTem:TOKen", _ignore_token, (TOKEN,)),
    BenchCommand("SYSTem:VERSion?", _version),
    BenchCommand("STATus:PRESet", _preset),
    BenchCommand("STATus:OPERation[:EVENt]?", partial(_event, _operation)),
    BenchCommand("STATus:OPERation:CONDition?", lambda s: str(s.operation_condition())),
    BenchCommand("STATus:OPERation:ENABle", partial(_enable, _operation), (WORD,)),
    BenchCommand("STATus:OPERation:ENABle?", partial(_enabled, _operation)),
    BenchCommand("STATus:QUEStionable[:EVENt]?", partial(_event, _questionable)),
    BenchCommand("STATus:QUEStionable:CONDition?", lambda s: str(s.questionable_condition())),
    BenchCommand("STATus:QUEStionable:ENABle", partial(_enable, _questionable), (WORD,)),
    BenchCommand("STATus:QUEStionable:ENABle?", partial(_enabled, _questionable)),
]
