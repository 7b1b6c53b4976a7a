"""The grammar of program messages (IEEE 488.2 §7): a line to units, a unit to header and data."""

import re
from dataclasses import dataclass
from decimal import Decimal

from emulator.bench.errors import Number, ScpiError

CHANNELS_MAX = 10_000
"""Fobs that one channel list may name, each mention counted."""

_PIECES = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|\([^()]*\)|[^\"'();,]+|[;,]")
_UNIT = re.compile(
    r"\s*(\*?:?[A-Za-z][A-Za-z0-9_:]*|:\*?[A-Za-z][A-Za-z0-9_:]*)(\?)?(?:\s+(.*))?", re.S
)
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:\s*[eE]\s*[+-]?\d{1,5})?)\s*([A-Za-z%]*)")
_BASES = {"B": 2, "Q": 8, "H": 16}
_BASED = re.compile(r"#(?:[Bb][01]{1,64}|[Qq][0-7]{1,32}|[Hh][0-9A-Fa-f]{1,32})")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RANGE = re.compile(r"\s*(\d{1,5})\s*(?::\s*(\d{1,5})\s*)?")


@dataclass(frozen=True, slots=True)
class Numeric:
    """Numeric program data, in whatever base, with its suffix in upper case ("" if none)."""

    value: Decimal
    suffix: str


@dataclass(frozen=True, slots=True)
class Text:
    """String program data, quotes taken off."""

    value: str


@dataclass(frozen=True, slots=True)
class Word:
    """Character program data in upper case."""

    value: str


@dataclass(frozen=True, slots=True)
class Channels:
    """A channel list (SCPI-99 vol. 1 §8.3.2): first and last of each range, as given."""

    ranges: tuple[tuple[int, int], ...]

    def numbers(self) -> list[int]:
        """Return every channel named, in the order given; 9:5 counts down."""
        return [
            number
            for first, last in self.ranges
            for number in range(
                first, last + 1 if first <= last else last - 1, 1 if first <= last else -1
            )
        ]


Data = Numeric | Text | Word | Channels


@dataclass(frozen=True, slots=True)
class Unit:
    """One program message unit: its header in upper case from the root, and its data."""

    header: str
    data: tuple[Data, ...]


def split(line: str) -> list[str]:
    """Return the units of a program message, still as text.

    Raises:
        ScpiError: a quote or parenthesis is left open.
    """
    units, unit, end = [], "", 0
    for piece in _PIECES.finditer(line):
        if piece.start() != end:
            break
        end = piece.end()
        if piece[0] == ";":
            units.append(unit)
            unit = ""
        else:
            unit += piece[0]
    if end != len(line):
        raise ScpiError(_open_number(line[end]), line[end:])
    return [*units, unit]


def parse(text: str, path: str) -> tuple[Unit, str]:
    """Return the unit in `text` and the path that the next one of its message starts from.

    Args:
        text: one unit of `split`, not blank.
        path: where a header without a leading colon starts (IEEE 488.2 §A.1.1), "" for the root.

    Raises:
        ScpiError: the unit has no header, or data that is none.
    """
    match = _UNIT.fullmatch(text)
    if match is None:
        raise ScpiError(Number.SYNTAX_ERROR, text.strip())
    name, query = match[1].upper(), match[2] or ""
    data = tuple(read_datum(piece) for piece in _fields(match[3])) if match[3] else ()
    if name.startswith("*"):
        return Unit(name + query, data), path
    header = name[1:] if name.startswith(":") else path + name
    parent, separator, _ = header.rpartition(":")
    return Unit(header + query, data), parent + separator


def _fields(text: str) -> list[str]:
    fields = [""]
    for piece in _PIECES.findall(text):
        if piece == ",":
            fields.append("")
        else:
            fields[-1] += piece
    return fields


def read_datum(field: str) -> Data:
    """Return one parameter of a unit.

    Raises:
        ScpiError: it is none.
    """
    text = field.strip()
    if not text:
        raise ScpiError(Number.SYNTAX_ERROR, "an empty parameter")
    if text[0] in "\"'":
        if len(text) < 2 or text[-1] != text[0]:
            raise ScpiError(Number.INVALID_STRING_DATA, text)
        return Text(text[1:-1].replace(text[0] * 2, text[0]))
    if text[0] == "(":
        return _channels(text)
    if match := _NUMBER.fullmatch(text):
        return Numeric(Decimal("".join(match[1].split())), match[2].upper())
    if _BASED.fullmatch(text):  # IEEE 488.2 §7.7.4
        return Numeric(Decimal(int(text[2:], _BASES[text[1].upper()])), "")
    if _WORD.fullmatch(text):
        return Word(text.upper())
    raise ScpiError(
        Number.NUMERIC_DATA_ERROR if text[0] in "+-.0123456789" else Number.SYNTAX_ERROR, text
    )


def _channels(text: str) -> Channels:
    if not text.startswith("(@") or not text.endswith(")"):
        raise ScpiError(Number.INVALID_EXPRESSION, text)
    ranges = []
    for part in text[2:-1].split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ScpiError(Number.INVALID_EXPRESSION, text)
        ranges.append((int(match[1]), int(match[2] or match[1])))
    if sum(abs(last - first) + 1 for first, last in ranges) > CHANNELS_MAX:
        raise ScpiError(Number.TOO_MUCH_DATA, f"at most {CHANNELS_MAX} channels")
    return Channels(tuple(ranges))


def _open_number(character: str) -> Number:
    return Number.INVALID_STRING_DATA if character in "\"'" else Number.INVALID_EXPRESSION
