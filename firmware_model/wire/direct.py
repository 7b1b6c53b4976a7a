"""What a `construct` declaration says, without the way through `construct`'s streams.

Its engine makes a stream and a context for each value: ten to forty times the cost of the value
itself, on the way of every answer (PERFORMANCE §2). So a declaration is read once, and becomes two
plain functions. `tests/firmware_model/wire/test_direct.py` holds them to the engine's own verdict.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import construct as cs

REFUSALS = (cs.ConstructError, ValueError, OverflowError, TypeError, AttributeError, struct.error)
"""What `parse` and `build` raise where bytes or value do not fit; the text may quote a secret."""


class Mapped(cs.Adapter):  # type: ignore[misc]
    """A layout whose values are those of another, mapped by one function each way.

    Both functions raise ValueError for a value that does not fit. (`construct` asks an adapter to
    say so by two methods of its own names; what reads a declaration asks `decode` and `encode`.)
    """

    def __init__(
        self, layout: cs.Construct, decode: Callable[[Any], Any], encode: Callable[[Any], Any]
    ) -> None:
        super().__init__(layout)
        self.decode = decode
        self.encode = encode

    def _decode(self, obj: Any, context: Any, path: str) -> Any:  # noqa: ARG002 - construct's
        return self.decode(obj)

    def _encode(self, obj: Any, context: Any, path: str) -> Any:  # noqa: ARG002 - construct's
        return self.encode(obj)


def checked(layout: cs.Construct, fits: Callable[[Any], bool]) -> Mapped:
    """Return `layout` restricted to the values for which `fits` is true."""

    def check(value: Any) -> Any:
        if not fits(value):
            raise ValueError("a value is out of its range")
        return value

    return Mapped(layout, check, check)


ASCII = Mapped(cs.GreedyBytes, lambda raw: raw.decode("ascii"), lambda text: text.encode("ascii"))
"""A text that fills the value."""


@dataclass(frozen=True, slots=True)
class Direct:
    """One value: `size` in bytes, None where it fills what is there, and both ways."""

    size: int | None
    parse: Callable[[bytes], Any]
    build: Callable[[Any], bytes]


def direct(layout: cs.Construct) -> Direct:
    """Return `layout` as functions: an integer, bytes, a text, a flag, or an adapter around one.

    There is exactly one way to write a value: a flag is 00 or 01.

    Raises:
        TypeError: this kind of declaration is not read here.
    """
    match layout:
        case cs.Renamed():
            return direct(layout.subcon)
        case cs.FormatField():
            number = struct.Struct(layout.fmtstr)
            return Direct(number.size, lambda raw: number.unpack(raw)[0], number.pack)
        case cs.BytesInteger(signed=False, swapped=False):
            return _number(layout.length)
        case cs.Bytes():
            return _octets(layout.length)
        case cs.Flag:
            return Direct(1, lambda raw: _FLAGS.index(raw) == 1, lambda flag: _FLAGS[bool(flag)])
        case cs.GreedyBytes:
            return Direct(None, bytes, _plain)
        case Mapped():
            return _mapped(layout, direct(layout.subcon))
    raise TypeError(f"{layout!r}: a layout of another kind was expected")


_FLAGS = (b"\x00", b"\x01")


def _number(size: int) -> Direct:
    def parse(raw: bytes) -> int:
        if len(raw) != size:
            raise ValueError("too few or too many bytes")
        return int.from_bytes(raw, "big")

    return Direct(size, parse, lambda value: value.to_bytes(size, "big"))


def _octets(size: int) -> Direct:
    def same(octets: bytes) -> bytes:
        if not isinstance(octets, bytes):
            raise TypeError("bytes were expected")
        if len(octets) != size:
            raise ValueError("too few or too many bytes")
        return octets

    return Direct(size, same, same)


def _plain(octets: bytes) -> bytes:
    if not isinstance(octets, bytes):
        raise TypeError("bytes were expected")
    return octets


def _mapped(mapped: Mapped, inner: Direct) -> Direct:
    decode, encode, parse, build = mapped.decode, mapped.encode, inner.parse, inner.build
    found = Direct(inner.size, lambda raw: decode(parse(raw)), lambda value: build(encode(value)))
    if found.size != 1:
        return found
    # A byte has few values, and they are numbers or codes: each is worked out once. By type too,
    # since 1 is equal to 1.0, which does not fit.
    once = lru_cache(maxsize=256, typed=True)
    return Direct(1, once(found.parse), once(found.build))
