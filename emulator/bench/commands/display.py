"""The eye on the display (BENCH §7)."""

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase

from emulator.bench.declared import SECONDS, Command, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.picture import picture
from emulator.rack import Fob
from emulator.true_time import nanoseconds
from firmware_model.effects import Face

PATTERN = Strings("the text")
TIMEOUT = Decimals("the time-out", Decimal(0), Decimal(10**10), SECONDS, Decimal(10))


def _each(show: Callable[[Face], str]) -> Callable[[Session, list[Fob]], str]:
    def answer(session: Session, fobs: list[Fob]) -> str:
        return ",".join(show(session.bench.rack.look(fob)) for fob in fobs)

    return answer


def _one(show: Callable[[Face], str]) -> Callable[[Session, list[Fob]], str]:
    def answer(session: Session, fobs: list[Fob]) -> str:
        return show(session.bench.rack.look(_only(fobs)))

    return answer


async def _wait(session: Session, fobs: list[Fob], pattern: str, timeout: Decimal) -> str:
    """Wait until the text, blanks at its ends left out, is like `pattern` (jokers `?` and `*`)."""

    def like(face: Face) -> bool:
        return fnmatchcase(face.text.strip(), pattern)

    face = await session.bench.rack.wait_for(_only(fobs), like, nanoseconds(timeout))
    if face is None:
        raise ScpiError(Number.TIME_OUT, f"no {pattern!r} on the display within {timeout} s")
    return quote(face.text)


def _only(fobs: list[Fob]) -> Fob:
    if len(fobs) != 1:
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, "one channel at a time")
    return fobs[0]


COMMANDS = [
    Command("DISPlay:TEXT?", _each(lambda face: quote(face.text)), channels=True),
    Command("DISPlay:DARK?", _each(lambda face: quote(face.dark_because)), channels=True),
    Command("DISPlay:ICONs?", _each(lambda face: quote(",".join(face.icons))), channels=True),
    Command("DISPlay:BARS?", _each(lambda face: str(face.bars)), channels=True),
    Command("DISPlay:CONTrast?", _each(lambda face: str(face.contrast_percent)), channels=True),
    Command(
        "DISPlay:SEGMents?", _one(lambda face: ",".join(map(str, face.segments))), channels=True
    ),
    Command("DISPlay:PICTure?", _one(lambda face: quote(picture(face))), channels=True),
    Command("DISPlay:WAIT?", _wait, (PATTERN, TIMEOUT), channels=True),
]
