"""The button (BENCH §6)."""

from collections.abc import Iterable
from decimal import Decimal

from emulator.bench.commands.fobs import give
from emulator.bench.declared import SECONDS, BenchCommand, Decimals, Switch
from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from emulator.true_time import nanoseconds
from firmware_model.inputs import ButtonStuck, ContactMoved

SHORT = Decimals("the duration", Decimal("0.001"), Decimal(3600), SECONDS, Decimal("0.2"))
LONG = Decimals("the duration", Decimal("0.001"), Decimal(3600), SECONDS, Decimal(3))
STUCK = Switch("whether the key sticks")


def _press(session: Session, fobs: list[EmulatedFob], duration: Decimal) -> None:
    _require_released(fobs)
    session.press(fobs, nanoseconds(duration))


def _press_rapidly(session: Session, fobs: list[EmulatedFob], duration: Decimal) -> None:
    _require_released(fobs)
    session.press(fobs, nanoseconds(duration), rapid=True)


def _ignored(session: Session, fobs: list[EmulatedFob]) -> str:
    rack = session.bench.rack
    for fob in fobs:
        rack.catch_up(fob)
    return ",".join(str(fob.ignored) for fob in fobs)


def _down(session: Session, fobs: list[EmulatedFob]) -> None:
    _require_idle(session, fobs)
    give(session, fobs, ContactMoved(closed=True))
    for fob in fobs:
        fob.held = True


def _up(session: Session, fobs: list[EmulatedFob]) -> None:
    _require_idle(session, fobs)
    give(session, fobs, ContactMoved(closed=False))
    for fob in fobs:
        fob.held = False


def _is_down(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets the session
    return ",".join(str(int(fob.held or bool(fob.touches % 2))) for fob in fobs)


def _set_stuck(session: Session, fobs: list[EmulatedFob], stuck: bool) -> None:
    give(session, fobs, ButtonStuck(stuck))


def _is_stuck(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets it
    return ",".join(str(int(fob.device.button_stuck)) for fob in fobs)


def _require_released(fobs: Iterable[EmulatedFob]) -> None:
    for fob in fobs:
        if fob.held:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"the button of channel {fob.number} is down")


def _require_idle(session: Session, fobs: Iterable[EmulatedFob]) -> None:
    if session.bench.rack.is_pressing(fobs):
        raise ScpiError(Number.SETTINGS_CONFLICT, "a press has not ended")


COMMANDS = [
    BenchCommand("BUTTon:PRESs", _press, (SHORT,), channels=True),
    BenchCommand("BUTTon:PRESs:RAPid", _press_rapidly, (SHORT,), channels=True),
    BenchCommand("BUTTon:IGNored?", _ignored, channels=True),
    BenchCommand("BUTTon:HOLD", _press, (LONG,), channels=True),
    BenchCommand("BUTTon:DOWN", _down, channels=True),
    BenchCommand("BUTTon:UP", _up, channels=True),
    BenchCommand("BUTTon:STATe?", _is_down, channels=True),
    BenchCommand("BUTTon:STUCk", _set_stuck, (STUCK,), channels=True),
    BenchCommand("BUTTon:STUCk?", _is_stuck, channels=True),
]
