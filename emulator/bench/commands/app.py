"""The user of a soft token at a phone or PC: install, type, tap, copy (BENCH §8.1)."""

import secrets
from collections.abc import Callable
from decimal import Decimal

from emulator.bench.declared import SECONDS, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from firmware_model.inputs import (
    AppInput,
    AppTap,
    ClockShifted,
    Input,
    Installed,
    Moved,
    Tapped,
    Typed,
)
from firmware_model.units import NS_PER_SECOND

DEVICE = Strings("the device ID")
SERVICE_ID = Strings("the service ID")
USER_ID = Strings("the user ID")
START_PASSWORD = Strings("the start password")
SHIFT = Decimals("the shift", Decimal(-(10**10)), Decimal(10**10), SECONDS)

DEVICE_ID_CHARACTERS_MAX = 64
RANDOM_BYTES = 32


def _install(session: Session, fobs: list[EmulatedFob], device_id: str) -> None:
    _act(session, fobs, lambda: Installed(_checked(device_id)))


def _move(session: Session, fobs: list[EmulatedFob], device_id: str) -> None:
    _act(session, fobs, lambda: Moved(_checked(device_id)))


def _type(
    session: Session, fobs: list[EmulatedFob], service_id: str, user_id: str, start_password: str
) -> None:
    _act(
        session,
        fobs,
        lambda: Typed(service_id, user_id, start_password, secrets.token_bytes(RANDOM_BYTES)),
    )


def _tap(tap: AppTap) -> Callable[[Session, list[EmulatedFob]], None]:
    return lambda session, fobs: _act(session, fobs, lambda: Tapped(tap))


def _act(session: Session, fobs: list[EmulatedFob], act: Callable[[], AppInput]) -> None:
    for fob in fobs:
        if fob.device.model.app is None:
            raise ScpiError(
                Number.SETTINGS_CONFLICT, f"channel {fob.number} is a {fob.model}, not a soft token"
            )
    _give(session, fobs, act)


def _shift(session: Session, fobs: list[EmulatedFob], seconds: Decimal) -> None:
    _give(session, fobs, lambda: ClockShifted(int(seconds * NS_PER_SECOND)))


def _give(session: Session, fobs: list[EmulatedFob], stimulus: Callable[[], Input]) -> None:
    rack = session.bench.rack
    for fob in fobs:
        rack.give(fob, stimulus())
    rack.settle()


def _device_ids(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets it
    return ",".join(quote(fob.device.device_id) for fob in fobs)


def _checked(device_id: str) -> str:
    good = 1 <= len(device_id) <= DEVICE_ID_CHARACTERS_MAX
    if not (good and device_id.isascii() and device_id.isprintable()):
        raise ScpiError(
            Number.ILLEGAL_PARAMETER_VALUE,
            f"expected a device ID of 1 to {DEVICE_ID_CHARACTERS_MAX} printable ASCII characters",
        )
    return device_id


COMMANDS = [
    BenchCommand("APPLication:INSTall", _install, (DEVICE,), channels=True),
    BenchCommand("APPLication:COPY", _move, (DEVICE,), channels=True),
    BenchCommand(
        "APPLication:ACTivate", _type, (SERVICE_ID, USER_ID, START_PASSWORD), channels=True
    ),
    BenchCommand("APPLication:EXTend", _tap(AppTap.EXTEND), channels=True),
    BenchCommand("APPLication:LOGin", _tap(AppTap.LOGIN), channels=True),
    BenchCommand("APPLication:STOP", _tap(AppTap.STOP), channels=True),
    BenchCommand("APPLication:DELete", _tap(AppTap.DELETE), channels=True),
    BenchCommand("APPLication:DEVice?", _device_ids, channels=True),
    BenchCommand("CLOCk:SHIFt", _shift, (SHIFT,), channels=True),
]
