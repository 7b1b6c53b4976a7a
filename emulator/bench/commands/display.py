"""The display (BENCH §7)."""

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase

from emulator.bench.commands.fobs import give, only
from emulator.bench.declared import PLAIN, SECONDS, BenchCommand, Decimals, Strings
from emulator.bench.errors import Number, ScpiError, quote
from emulator.bench.session import Session
from emulator.dark_words import dark_words
from emulator.fob import EmulatedFob
from emulator.picture import picture
from emulator.true_time import nanoseconds
from firmware_model.effects import Face
from firmware_model.inputs import SegmentsBroken

PATTERN = Strings("the text")
TIMEOUT = Decimals("the time-out", Decimal(0), Decimal(10**10), SECONDS, Decimal(10))

PATTERN_BITS = 7
BROKEN = Decimals(
    "a pattern of segments", Decimal(0), Decimal(2**PATTERN_BITS - 1), PLAIN, whole=True
)


def _each(show: Callable[[Face], str]) -> Callable[[Session, list[EmulatedFob]], str]:
    def answer(session: Session, fobs: list[EmulatedFob]) -> str:
        return ",".join(show(session.bench.rack.look(fob)) for fob in fobs)

    return answer


def _one(show: Callable[[Face], str]) -> Callable[[Session, list[EmulatedFob]], str]:
    def answer(session: Session, fobs: list[EmulatedFob]) -> str:
        return show(session.bench.rack.look(only(fobs)))

    return answer


def _dark(session: Session, fobs: list[EmulatedFob]) -> str:
    """Say why each display is dark, "" where it is not."""
    faces = [(session.bench.rack.look(fob).dark, fob.device.model) for fob in fobs]
    return ",".join(quote(dark_words(dark, model) if dark else "") for dark, model in faces)


async def _wait(session: Session, fobs: list[EmulatedFob], pattern: str, timeout: Decimal) -> str:
    """Wait until the text, blanks at its ends left out, is like `pattern` (jokers `?` and `*`)."""

    def like(face: Face) -> bool:
        return fnmatchcase(face.text.strip(), pattern)

    face = await session.bench.rack.wait_for(only(fobs), like, nanoseconds(timeout))
    if face is None:
        raise ScpiError(Number.TIME_OUT, f"no {pattern!r} on the display within {timeout} s")
    return quote(face.text)


def _break(session: Session, fobs: list[EmulatedFob], *patterns: tuple[Decimal]) -> None:
    """Let exactly these segments stay dark: a pattern for each position, 0 for the rest."""
    for fob in fobs:
        positions = fob.device.model.display.positions
        if fob.device.model.app is not None:
            raise ScpiError(Number.SETTINGS_CONFLICT, f"a {fob.model} has no segments")
        if len(patterns) > positions:
            raise ScpiError(
                Number.PARAMETER_NOT_ALLOWED, f"channel {fob.number} has {positions} positions"
            )
    broken = tuple(
        (position, bit)
        for position, (pattern,) in enumerate(patterns)
        for bit in range(PATTERN_BITS)
        if int(pattern) >> bit & 1
    )
    give(session, fobs, SegmentsBroken(broken))


def _broken(session: Session, fobs: list[EmulatedFob]) -> str:  # noqa: ARG001 - every act gets the session
    device = only(fobs).device
    patterns = [0] * device.model.display.positions
    for position, bit in device.broken_segments:
        patterns[position] |= 1 << bit
    return ",".join(map(str, patterns))


COMMANDS = [
    BenchCommand("DISPlay:TEXT?", _each(lambda face: quote(face.text)), channels=True),
    BenchCommand("DISPlay:DARK?", _dark, channels=True),
    BenchCommand("DISPlay:ICONs?", _each(lambda face: quote(",".join(face.icons))), channels=True),
    BenchCommand("DISPlay:BARS?", _each(lambda face: str(face.bars)), channels=True),
    BenchCommand(
        "DISPlay:CONTrast?", _each(lambda face: str(face.contrast_percent)), channels=True
    ),
    BenchCommand(
        "DISPlay:SEGMents?",
        _one(lambda face: ",".join(map(str, face.segments))),
        channels=True,
        lists=True,
    ),
    BenchCommand("DISPlay:SEGMents:BROKen", _break, (BROKEN,), channels=True, repeat=True),
    BenchCommand("DISPlay:SEGMents:BROKen?", _broken, channels=True, lists=True),
    BenchCommand("DISPlay:PICTure?", _one(lambda face: quote(picture(face))), channels=True),
    BenchCommand("DISPlay:WAIT?", _wait, (PATTERN, TIMEOUT), channels=True),
]
