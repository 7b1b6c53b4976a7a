"""The hand on the button (BENCH §6)."""

from collections.abc import Iterable
from decimal import Decimal

from emulator.bench.declared import SECONDS, Command, Decimals
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.rack import Fob
from emulator.true_time import nanoseconds
from firmware_model.inputs import Contact

SHORT = Decimals("the duration", Decimal("0.001"), Decimal(3600), SECONDS, Decimal("0.2"))
LONG = Decimals("the duration", Decimal("0.001"), Decimal(3600), SECONDS, Decimal(3))


def _press(session: Session, fobs: list[Fob], duration: Decimal) -> None:
    _refuse_held(fobs)
    session.press(fobs, nanoseconds(duration))


def _down(session: Session, fobs: list[Fob]) -> None:
    _refuse_busy(session, fobs)
    _move(session, fobs, Contact(closed=True))
    for fob in fobs:
        fob.held = True


def _up(session: Session, fobs: list[Fob]) -> None:
    _refuse_busy(session, fobs)
    _move(session, fobs, Contact(closed=False))
    for fob in fobs:
        fob.held = False


def _is_down(session: Session, fobs: list[Fob]) -> str:  # noqa: ARG001 - every act gets the session
    return ",".join(str(int(fob.held or bool(fob.touches % 2))) for fob in fobs)


def _move(session: Session, fobs: Iterable[Fob], move: Contact) -> None:
    rack = session.bench.rack
    for fob in fobs:
        rack.give(fob, move)
    rack.settle()


def _refuse_held(fobs: Iterable[Fob]) -> None:
    for fob in fobs:
        if fob.held:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"the button of channel {fob.number} is down")


def _refuse_busy(session: Session, fobs: Iterable[Fob]) -> None:
    if session.bench.rack.busy(fobs):
        raise ScpiError(Number.SETTINGS_CONFLICT, "a press has not run its course")


COMMANDS = [
    Command("BUTTon:PRESs", _press, (SHORT,), channels=True),
    Command("BUTTon:HOLD", _press, (LONG,), channels=True),
    Command("BUTTon:DOWN", _down, channels=True),
    Command("BUTTon:UP", _up, channels=True),
    Command("BUTTon:STATe?", _is_down, channels=True),
]
