"""How a bench command is declared: its header, its parameters, its function."""

import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from emulator.bench.errors import Number, ScpiError
from emulator.bench.grammar import Channels, Data, Numeric, Text, Word
from emulator.fob import EmulatedFob

SECONDS = {"": 1, "S": 1, "MS": Decimal("1e-3"), "US": Decimal("1e-6"), "NS": Decimal("1e-9"),
           "MIN": 60, "HR": 3600, "D": 86_400, "ANN": 31_557_600}  # fmt: skip
PERCENT = {"": 1, "PCT": 1, "%": 1}
CELSIUS = {"": 1, "CEL": 1}
PLAIN = {"": 1}
INFINITE = ("INF", "INFINITY", "NINF", "NINFINITY", "NAN")
"""SCPI's words for numbers without an end, or none (SCPI-99 vol. 1 §7.2.1)."""


@dataclass(frozen=True, slots=True)
class Decimals:
    """A number from `low` to `high` in the first unit; MIN, MAX and DEF stand for their values.

    A `whole` one is rounded to the nearest (IEEE 488.2 §10.10, §10.34).
    """

    name: str
    low: Decimal
    high: Decimal
    units: dict[str, Any]
    default: Decimal | None = None
    whole: bool = False

    def read(self, datum: Data) -> Decimal:
        """Return the value in the base unit.

        Raises:
            ScpiError: it is no number, has another suffix or is out of range.
        """
        if isinstance(datum, Word):
            named = dict.fromkeys(("MIN", "MINIMUM"), self.low)
            named |= dict.fromkeys(("MAX", "MAXIMUM"), self.high)
            if self.default is not None:
                named |= {"DEF": self.default, "DEFAULT": self.default}
            if datum.value in named:
                return named[datum.value]
            if datum.value in INFINITE:
                raise ScpiError(
                    Number.DATA_OUT_OF_RANGE, f"{self.name}: expected {self.low} to {self.high}"
                )
        if not isinstance(datum, Numeric):
            raise ScpiError(Number.DATA_TYPE_ERROR, f"{self.name}: expected a number")
        if datum.suffix not in self.units:
            raise ScpiError(Number.INVALID_SUFFIX, datum.suffix)
        value: Decimal = datum.value * self.units[datum.suffix]
        if self.whole:
            value = value.to_integral_value(ROUND_HALF_UP)
        if not self.low <= value <= self.high:
            raise ScpiError(
                Number.DATA_OUT_OF_RANGE, f"{self.name}: expected {self.low} to {self.high}"
            )
        return value


@dataclass(frozen=True, slots=True)
class Strings:
    """A quoted text."""

    name: str
    default: str | None = None

    def read(self, datum: Data) -> str:
        """Return the text.

        Raises:
            ScpiError: it is not quoted.
        """
        if not isinstance(datum, Text):
            raise ScpiError(Number.DATA_TYPE_ERROR, f"{self.name}: expected a quoted text")
        return datum.value


@dataclass(frozen=True, slots=True)
class Switch:
    """ON or OFF, 1 or 0."""

    name: str
    default: bool | None = None

    def read(self, datum: Data) -> bool:
        """Return True for on.

        Raises:
            ScpiError: it is neither.
        """
        if isinstance(datum, Word) and datum.value in ("ON", "OFF"):
            return datum.value == "ON"
        if isinstance(datum, Numeric) and not datum.suffix and datum.value in (0, 1):
            return bool(datum.value)
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, f"{self.name}: expected ON or OFF")


@dataclass(frozen=True, slots=True)
class Keywords:
    """One of some words."""

    name: str
    words: tuple[str, ...]
    default: str | None = None

    def read(self, datum: Data) -> str:
        """Return the word in upper case.

        Raises:
            ScpiError: it is none of them.
        """
        if isinstance(datum, Word) and datum.value in self.words:
            return datum.value
        expected = ", ".join(self.words)
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, f"{self.name}: expected {expected}")


Parameter = Decimals | Strings | Switch | Keywords
Answer = str | None
Act = Callable[..., Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class BenchCommand:
    """A header, its parameters and its function.

    `header` is spelled as SCPI does: capitals are the short form, a bracketed node may be left
    out, a question mark makes it a query. `act` gets the session, the fobs if `channels`, then
    one value for each parameter; where the parameters `repeat`, one tuple of values for each
    time that they are given, once or more. `unlisted` says that `act` gets None for the fobs,
    not the selected one, where no channel list is given. `lists` says that a query answers any
    number of values, and not one for each fob.
    """

    header: str
    act: Act
    parameters: tuple[Parameter, ...] = ()
    channels: bool = False
    repeat: bool = False
    unlisted: bool = False
    lists: bool = False

    def arguments(
        self, data: Sequence[Data], fobs_of: Callable[[Channels | None], list[EmulatedFob]]
    ) -> list[Any]:
        """Return the arguments of `act` after the session.

        Args:
            data: what follows the header.
            fobs_of: returns the fobs of a channel list, or the selected one for None.

        Raises:
            ScpiError: data is missing, too many, of the wrong kind or out of range.
        """
        found: list[Any] = []
        rest = list(data)
        if self.channels:
            last = rest[-1] if rest else None
            listed = last if isinstance(last, Channels) else None
            rest = rest[:-1] if listed else rest
            found.append(None if self.unlisted and listed is None else fobs_of(listed))
        if self.repeat:
            times = range(0, max(1, len(rest)), len(self.parameters))
            return found + [self._values(rest[n : n + len(self.parameters)]) for n in times]
        if len(rest) > len(self.parameters):
            raise ScpiError(Number.PARAMETER_NOT_ALLOWED, self.header)
        return [*found, *self._values(rest)]

    def _values(self, data: Sequence[Data]) -> tuple[Any, ...]:
        return tuple(itertools.starmap(_value, itertools.zip_longest(self.parameters, data)))


def _value(parameter: Parameter, datum: Data | None) -> Any:
    if datum is not None:
        return parameter.read(datum)
    if parameter.default is None:
        raise ScpiError(Number.MISSING_PARAMETER, parameter.name)
    return parameter.default


def spellings(header: str) -> Iterable[str]:
    """Yield every spelling of a declared header in upper case: short, long, optional nodes out."""
    body, query = (header[:-1], "?") if header.endswith("?") else (header, "")
    if body.startswith("*"):
        yield body.upper() + query
        return
    choices = []
    for node in body.replace("[:", ":[").split(":"):
        name = node.strip("[]")
        forms = {name.upper(), "".join(c for c in name if not c.islower())}
        choices.append(sorted(forms | {""}) if node.startswith("[") else sorted(forms))
    for nodes in itertools.product(*choices):
        yield ":".join(node for node in nodes if node) + query


def table(commands: Iterable[BenchCommand]) -> dict[str, BenchCommand]:
    """Return spelling -> command; two commands with one spelling are our fault."""
    found: dict[str, BenchCommand] = {}
    for command in commands:
        for spelling in spellings(command.header):
            assert spelling not in found, f"{spelling} is declared twice"
            found[spelling] = command
    return found
