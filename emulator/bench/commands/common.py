"""What every instrument has: IEEE 488.2 §10 and SCPI-99's SYSTem and STATus (BENCH §5)."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from emulator.bench.declared import PLAIN, Command, Decimals
from emulator.bench.session import Session
from emulator.bench.status import Register
from emulator.true_time import REAL
from firmware_model.hardware.thermal import ROOM
from firmware_model.inputs import ButtonStuck, CutArmed, SegmentsBroken, TemperatureCourse

SCPI_VERSION = "1999.0"

BYTE = Decimals("the mask", Decimal(0), Decimal(255), PLAIN, whole=True)
WORD = Decimals("the mask", Decimal(0), Decimal(65_535), PLAIN, whole=True)
SIGN_FREE = 0x7FFF
"""Bit 15 of a SCPI register is never used (SCPI-99 vol. 1 §9.1)."""


def _identify(session: Session) -> str:
    return session.bench.identity


def _clear(session: Session) -> None:
    session.forget_completion()
    session.status.clear()


def _reset(session: Session) -> None:
    """Put the surroundings back to normal; the fobs' memory and true time stay as they are."""
    session.forget_completion()
    rack = session.bench.rack
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
    await session.quiet()
    return "1"


async def _wait(session: Session) -> None:
    await session.quiet()


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
    Command("*IDN?", _identify),
    Command("*CLS", _clear),
    Command("*RST", _reset),
    Command("*TST?", _self_test),
    Command("*OPC", _complete_later),
    Command("*OPC?", _complete),
    Command("*WAI", _wait),
    Command("*ESR?", partial(_event, _standard)),
    Command("*ESE", partial(_enable, _standard), (BYTE,)),
    Command("*ESE?", partial(_enabled, _standard)),
    Command("*SRE", _service_enable, (BYTE,)),
    Command("*SRE?", _is_service_enabled),
    Command("*STB?", _status_byte),
    Command("SYSTem:ERRor[:NEXT]?", _next_error),
    Command("SYSTem:ERRor:ALL?", _all_errors),
    Command("SYSTem:ERRor:COUNt?", _error_count),
    Command("SYSTem:VERSion?", _version),
    Command("STATus:PRESet", _preset),
    Command("STATus:OPERation[:EVENt]?", partial(_event, _operation)),
    Command("STATus:OPERation:CONDition?", lambda s: str(s.operation_condition())),
    Command("STATus:OPERation:ENABle", partial(_enable, _operation), (WORD,)),
    Command("STATus:OPERation:ENABle?", partial(_enabled, _operation)),
    Command("STATus:QUEStionable[:EVENt]?", partial(_event, _questionable)),
    Command("STATus:QUEStionable:CONDition?", lambda s: str(s.questionable_condition())),
    Command("STATus:QUEStionable:ENABle", partial(_enable, _questionable), (WORD,)),
    Command("STATus:QUEStionable:ENABle?", partial(_enabled, _questionable)),
]
