"""How a message is declared: a frozen dataclass beside its `construct` layout.

Both ends use the same declaration. Decoding encodes what it found again and compares, so
there is exactly one way to write a value; whatever else a peer sent gives None.
"""

from dataclasses import fields
from enum import IntEnum, IntFlag
from typing import Any, ClassVar, Self, TypeVar

import construct as cs

from firmware_model.wire import tlv

_Code = TypeVar("_Code", bound=IntEnum | IntFlag)


def code_of(codes: type[_Code]) -> cs.Construct:
    """Return the layout of one byte that is a member of an IntEnum, or bits of an IntFlag."""
    return cs.ExprAdapter(cs.Int8ub, lambda byte, _: codes(byte), lambda code, _: int(code))


def text_of(characters_max: int) -> cs.Construct:
    """Return the layout of 1 to `characters_max` printable ASCII characters, no terminator."""
    return cs.ExprValidator(
        cs.GreedyString("ascii"),
        lambda text, _: 1 <= len(text) <= characters_max and text.isprintable(),
    )


def octets_of(least: int, most: int) -> cs.Construct:
    """Return the layout of `least` to `most` bytes that fill the value."""
    return cs.ExprValidator(cs.GreedyBytes, lambda octets, _: least <= len(octets) <= most)


class Fixed:
    """A message whose value is one `construct` structure; its names are the dataclass's."""

    __slots__ = ()
    LAYOUT: ClassVar[cs.Construct]

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        names = self.__dataclass_fields__  # type: ignore[attr-defined]
        return build(self.LAYOUT, {name: getattr(self, name) for name in names})

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the message in `value`, or None where it is not in this layout."""
        try:
            parsed = cls.LAYOUT.parse(value)
            found = cls(**{item.name: parsed[item.name] for item in fields(cls)})  # type: ignore[arg-type]
            return found if found.encode() == value else None
        except (cs.ConstructError, ValueError):
            return None


class Template:
    """A message whose value is a row of BER-TLV objects, one for each field.

    `MEMBERS` maps each tag to the field's name and layout, in the order of sending. A field
    that is None is left out; a missing object makes its field None where the dataclass's own
    check lets it. Objects are taken in any order, unknown and repeated ones are refused.
    """

    __slots__ = ()
    MEMBERS: ClassVar[dict[int, tuple[str, cs.Construct]]]

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        return tlv.encode_all(
            [
                (tag, build(layout, value))
                for tag, (name, layout) in self.MEMBERS.items()
                if (value := getattr(self, name)) is not None
            ]
        )

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the message in `value`, or None where it is not as declared."""
        items = tlv.decode_all(value)
        if items is None or len(dict(items)) != len(items):
            return None
        try:
            found = {}
            for tag, raw in items:
                name, layout = cls.MEMBERS[tag]
                found[name] = layout.parse(raw)
                if layout.build(found[name]) != raw:
                    return None
            return cls(**found)
        except (cs.ConstructError, KeyError, TypeError, ValueError):
            return None


def build(layout: cs.Construct, value: Any) -> bytes:
    """Return `value` in `layout`; raises ValueError where it does not fit."""
    try:
        return bytes(layout.build(value))
    except (cs.ConstructError, UnicodeError) as error:
        # The text of construct's own error may quote the value, which may be a secret.
        raise ValueError(f"a value does not fit its layout ({type(error).__name__})") from None
