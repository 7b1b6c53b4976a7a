"""How a message is declared: a frozen dataclass beside its `construct` layout.

Both ends use the same declaration. There is exactly one way to write a value; anything else a
peer sent gives None.
"""

from enum import IntEnum, IntFlag
from typing import ClassVar, Self, TypeVar

import construct as cs

from firmware_model.wire import tlv
from firmware_model.wire.direct import ASCII, REFUSALS, Direct, Mapped, checked, direct

_Code = TypeVar("_Code", bound=IntEnum | IntFlag)


def code_of(codes: type[_Code]) -> cs.Construct:
    """Return the layout of one byte that is a member of an IntEnum, or bits of an IntFlag."""
    if issubclass(codes, IntFlag):  # any of its bits together
        return Mapped(cs.Int8ub, codes, int)
    members = {int(member): member for member in codes}

    def member_of(number: int) -> _Code:
        try:
            return members[number]
        except KeyError:
            raise ValueError("no such code") from None

    return Mapped(cs.Int8ub, member_of, int)


def text_of(characters_max: int) -> cs.Construct:
    """Return the layout of 1 to `characters_max` printable ASCII characters, no terminator."""
    return checked(ASCII, lambda text: 1 <= len(text) <= characters_max and text.isprintable())


def octets_of(least: int, most: int) -> cs.Construct:
    """Return the layout of `least` to `most` bytes that fill the value."""
    return checked(cs.GreedyBytes, lambda octets: least <= len(octets) <= most)


class Fixed:
    """A message whose value is one `construct` structure; its names are the dataclass's.

    Only the last field may be of any length.
    """

    __slots__ = ()
    LAYOUT: ClassVar[cs.Struct]
    _FIELDS: ClassVar[list[tuple[str, Direct]]]

    def __init_subclass__(cls) -> None:
        cls._FIELDS = [(item.name, direct(item)) for item in cls.LAYOUT.subcons]

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        try:
            return b"".join([layout.build(getattr(self, name)) for name, layout in self._FIELDS])
        except REFUSALS as error:
            raise _misfit(error) from None

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the message in `value`, or None where it is not in this layout."""
        found, at, size = {}, 0, len(value)
        try:
            for name, layout in cls._FIELDS:
                end = size if layout.size is None else at + layout.size
                found[name] = layout.parse(value[at:end])
                at = end
            return cls(**found) if at == size else None
        except REFUSALS:
            return None


class Template:
    """A message whose value is a row of BER-TLV objects, one for each field.

    `MEMBERS` maps each tag to the field's name and layout, in the order of sending. A field
    that is None is left out; a missing object makes its field None where the dataclass's own
    check lets it. Objects are taken in any order, unknown and repeated ones are refused.
    """

    __slots__ = ()
    MEMBERS: ClassVar[dict[int, tuple[str, cs.Construct]]]
    _MEMBERS: ClassVar[dict[int, tuple[str, Direct]]]

    def __init_subclass__(cls) -> None:
        cls._MEMBERS = {tag: (name, direct(layout)) for tag, (name, layout) in cls.MEMBERS.items()}

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        try:
            items = [
                (tag, layout.build(value))
                for tag, (name, layout) in self._MEMBERS.items()
                if (value := getattr(self, name)) is not None
            ]
        except REFUSALS as error:
            raise _misfit(error) from None
        return tlv.encode_all(items)

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the message in `value`, or None where it is not as declared."""
        items = tlv.decode_all(value)
        if items is None or len(dict(items)) != len(items):
            return None
        try:
            found = {}
            for tag, raw in items:
                name, layout = cls._MEMBERS[tag]
                found[name] = layout.parse(raw)
            return cls(**found)
        except (*REFUSALS, KeyError):
            return None


def _misfit(error: Exception) -> ValueError:
    # The text of the error may quote the value, which may be a secret.
    return ValueError(f"a value does not fit its layout ({type(error).__name__})")
