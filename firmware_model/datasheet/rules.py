"""The rules a key of a model's TOML can have: each declares one field of a table.

The catalogue checks values by them, and `docs/MODELS.md` is held against them by a test.
"""

from dataclasses import field
from typing import Any

Curve = tuple[tuple[int, int], ...]
"""Points (x, y) with rising x."""
Limits = tuple[tuple[int, int], tuple[int, int]]
"""The range of a curve's x, and of its y."""


def span(low: int, high: int, meaning: str) -> Any:
    """Declare a whole number of `low`..`high`; the unit is in the key's name."""
    return field(metadata={"low": low, "high": high, "meaning": meaning})


def points(meaning: str, x: tuple[int, int], y: tuple[int, int]) -> Any:
    """Declare a curve: pairs [x, y] with rising x, both within their (lowest, highest)."""
    return field(metadata={"curve": (x, y), "meaning": meaning})


def choice(*choices: str, meaning: str) -> Any:
    """Declare one word of `choices`."""
    return field(metadata={"choices": choices, "meaning": meaning})


def several(*choices: str, meaning: str) -> Any:
    """Declare a list of words of `choices`, which may be empty."""
    return field(metadata={"choices": choices, "several": True, "meaning": meaning})


def enum(kind: type[Any], meaning: str) -> Any:
    """Declare the name of a member of `kind`, in lower case."""
    return field(metadata={"enum": kind, "meaning": meaning})


def text(meaning: str) -> Any:
    """Declare a text."""
    return field(metadata={"type": str, "meaning": meaning})


def flag(meaning: str) -> Any:
    """Declare true or false."""
    return field(metadata={"type": bool, "meaning": meaning})
