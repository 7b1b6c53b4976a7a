"""Snapshots: save fobs, bring them back (BENCH §15)."""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, TypeVar

from emulator.bench.commands.rack import CHANNEL
from emulator.bench.declared import PLAIN, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from emulator.snapshots.saved import copy, restore, save
from emulator.true_time import spell_seconds
from firmware_model.errors import BadInput

NAME = Strings("the snapshot's name")
REGISTER = Decimals("the register", Decimal(0), Decimal(9), PLAIN, whole=True)

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def _refusing(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let what a snapshot cannot do be a settings conflict, with the reason."""

    @wraps(act)
    def run(*given: Given.args, **named: Given.kwargs) -> Answer:
        try:
            return act(*given, **named)
        except BadInput as error:
            raise ScpiError(Number.SETTINGS_CONFLICT, str(error)) from None

    return run


@_refusing
def _save(session: Session, fobs: list[EmulatedFob], name: str) -> None:
    session.bench.snapshots.put(name, save(session.bench.rack, fobs))


@_refusing
def _restore(session: Session, fobs: list[EmulatedFob] | None, name: str) -> None:
    saved = session.bench.snapshots.get(name)
    if fobs is None:
        numbers = {one.number for one in saved.fobs}
        fobs = [fob for fob in session.bench.rack.fobs if fob.number in numbers]
        if len(fobs) != len(numbers):
            raise BadInput("the snapshot has channels that this rack has not")
    restore(session.bench.rack, saved, fobs)


@_refusing
def _copy(session: Session, fobs: list[EmulatedFob] | None, name: str, number: Decimal) -> None:
    if fobs is None:
        raise BadInput("give the channels that become twins, such as (@2)")
    copy(session.bench.rack, session.bench.snapshots.get(name), int(number), fobs)


def _save_all(session: Session, number: Decimal) -> None:
    _save(session, list(session.bench.rack.fobs), f"{int(number)}")


def _recall_all(session: Session, number: Decimal) -> None:
    _restore(session, None, f"{int(number)}")


def _save_listed(session: Session, fobs: list[EmulatedFob] | None, name: str) -> None:
    _save(session, list(session.bench.rack.fobs) if fobs is None else fobs, name)


@_refusing
def _delete(session: Session, name: str) -> None:
    session.bench.snapshots.delete(name)


@_refusing
def _time(session: Session, name: str) -> str:
    return spell_seconds(session.bench.snapshots.get(name).instant)


def _names(session: Session) -> str:
    return ",".join(map(quote, session.bench.snapshots.names()))


def _incarnation(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets it
    return ",".join(str(fob.incarnation) for fob in fobs)


COMMANDS = [
    BenchCommand("*SAV", _save_all, (REGISTER,)),
    BenchCommand("*RCL", _recall_all, (REGISTER,)),
    BenchCommand("SNAPshot:SAVE", _save_listed, (NAME,), channels=True, unlisted=True),
    BenchCommand("SNAPshot:RESTore", _restore, (NAME,), channels=True, unlisted=True),
    BenchCommand("SNAPshot:COPY", _copy, (NAME, CHANNEL), channels=True, unlisted=True),
    BenchCommand("SNAPshot:DELete", _delete, (NAME,)),
    BenchCommand("SNAPshot:CATalog?", _names, lists=True),
    BenchCommand("SNAPshot:TIME?", _time, (NAME,)),
    BenchCommand("SNAPshot:INCarnation?", _incarnation, channels=True),
]
