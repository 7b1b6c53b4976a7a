"""Kinds of values in a rulebook: what fits, and what a test puts in its place to break it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

YEARS = 100
"""The longest time that a rule can be about."""


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind of value: `expected` in words, whether one `fits`, and what would break it.

    `breaks` gives values that fit as well and mean something else: what a test puts in the place
    of each value of a rulebook.
    """

    expected: str
    fits: Callable[[Any], bool]
    breaks: Callable[[Any], list[Any]]


def number(low: int, high: int) -> ValueKind:
    """Return the kind of whole numbers from `low` to `high`; one less or one more breaks it."""
    return ValueKind(
        f"a number from {low} to {high}",
        lambda value: type(value) is int and low <= value <= high,
        lambda value: [other for other in (value - 1, value + 1) if low <= other <= high],
    )


def choice(*choices: Any) -> ValueKind:
    """Return the kind of one of these words or numbers; another one of them breaks it."""
    return ValueKind(
        "one of " + ", ".join(map(str, choices)),
        lambda value: type(value) in (str, int) and value in choices,
        lambda value: [next(other for other in choices if other != value)],
    )


def words(*choices: str, added: str = "nothing") -> ValueKind:
    """Return the kind of a list of words, each one of `choices` if there are any.

    To leave any of them out breaks it; an empty list is broken by the word `added`.
    """

    def fits(value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(word, str) and word and (not choices or word in choices) for word in value
        )

    def breaks(value: Any) -> list[Any]:
        if choices:
            return [[next(word for word in choices if word not in value[:1])]]
        # Each word counts: a list is broken by leaving any of them out.
        without = [value[:place] + value[place + 1 :] for place in range(len(value))]
        return without or [[added]]

    among = f", each one of {', '.join(choices)}" if choices else ""
    return ValueKind(f"a list of words{among}", fits, breaks)


WORD = ValueKind(
    "a word", lambda value: isinstance(value, str), lambda value: ["" if value else "another"]
)
FLAG = ValueKind("true or false", lambda value: type(value) is bool, lambda value: [not value])
DAYS = number(0, YEARS * 366)
SECONDS = number(0, 31 * 86_400)
