"""Layouts: how one value stands in bytes, big-endian, and in exactly one way.

A layout turns a value into bytes and back. Both raise ValueError where value or bytes are out of
range; building never quotes the value, which may be a secret. No parsing library, because this is
on the way of every frame, and of every start of the command (PERFORMANCE §2).
"""

from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Any, Protocol


class Layout(Protocol):
    """What all layouts are."""

    @property
    def size(self) -> int | None:
        """How many bytes it has, None where it fills what is there."""

    def build(self, value: Any) -> bytes:
        """Return `value` as bytes."""

    def parse(self, raw: bytes) -> Any:
        """Return the value that fills `raw`."""


class _Number:
    """An unsigned number of `size` bytes, `least` to `most`."""

    __slots__ = ("_least", "_most", "size")

    def __init__(self, size: int, least: int, most: int) -> None:
        self.size = size
        self._least = least
        self._most = most

    def build(self, value: int) -> bytes:
        if not self._least <= value <= self._most:
            raise ValueError("a number is out of its range")
        return value.to_bytes(self.size, "big")

    def parse(self, raw: bytes) -> int:
        value = int.from_bytes(raw, "big")
        if len(raw) != self.size or not self._least <= value <= self._most:
            raise ValueError("no number of this range")
        return value


class _Flag(_Number):
    """One byte, 00 or 01."""

    __slots__ = ()

    def parse(self, raw: bytes) -> bool:
        return bool(super().parse(raw))


class _Code:
    """One byte with a meaning."""

    __slots__ = ("_codes", "size")

    def __init__(self, codes: type[IntEnum] | type[IntFlag]) -> None:
        self.size = 1
        self._codes = codes

    def build(self, value: IntEnum | IntFlag) -> bytes:
        return bytes((value,))

    def parse(self, raw: bytes) -> IntEnum | IntFlag:
        if len(raw) != 1:
            raise ValueError("a code is one byte")
        return self._codes(raw[0])


class _Octets:
    """`least` to `most` bytes that mean nothing here."""

    __slots__ = ("_least", "_most", "size")

    def __init__(self, least: int, most: int) -> None:
        self.size = least if least == most else None
        self._least = least
        self._most = most

    def build(self, value: bytes) -> bytes:
        if not self._least <= len(value) <= self._most:
            raise ValueError("too few or too many bytes")
        return bytes(value)

    parse = build


class _Text:
    """ASCII without a terminator, as `good` finds it."""

    __slots__ = ("_good", "size")

    def __init__(self, good: Callable[[str], bool]) -> None:
        self.size = None
        self._good = good

    def build(self, value: str) -> bytes:
        if not (value.isascii() and self._good(value)):
            raise ValueError("a text has characters that it may not have")
        return value.encode("ascii")

    def parse(self, raw: bytes) -> str:
        value = raw.decode("ascii", "replace")
        self.build(value)
        return value


def number_of(size: int, least: int = 0, most: int | None = None) -> Layout:
    """Return the layout of an unsigned number of `size` bytes, `least` to `most` (default: all)."""
    return _Number(size, least, (1 << 8 * size) - 1 if most is None else most)


def flag_of(*, least: bool = False) -> Layout:
    """Return the layout of a byte that is 00 or 01; with `least` True it is never 00."""
    return _Flag(1, least, 1)


def code_of(codes: type[IntEnum] | type[IntFlag]) -> Layout:
    """Return the layout of one byte that is a member of an IntEnum, or bits of an IntFlag."""
    return _Code(codes)


def octets_of(least: int, most: int | None = None) -> Layout:
    """Return the layout of `least` to `most` bytes; of exactly `least` where `most` is None."""
    return _Octets(least, least if most is None else most)


def text_of(characters_max: int) -> Layout:
    """Return the layout of 1 to `characters_max` printable ASCII characters that fill the value."""
    return _Text(lambda text: 1 <= len(text) <= characters_max and text.isprintable())


def text_like(good: Callable[[str], bool]) -> Layout:
    """Return the layout of an ASCII text that fills the value and that `good` finds good."""
    return _Text(good)
