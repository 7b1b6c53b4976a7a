"""How a message is declared: a frozen dataclass beside the layouts of its fields.

Both ends use the same declaration. There is exactly one way to write a value; whatever else a
peer sent gives None.
"""

from typing import Any, ClassVar, Self

from firmware_model.wire import tlv
from firmware_model.wire.layouts import Layout


class Fixed:
    """A message whose fields stand one after the other.

    `LAYOUT` has the layout of each in the order of sending, by the dataclass's names; only the
    last one may be of whatever length.
    """

    __slots__ = ()
    LAYOUT: ClassVar[dict[str, Layout]]

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        return b"".join(
            [_build(layout, getattr(self, name)) for name, layout in self.LAYOUT.items()]
        )

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the message in `value`, or None where it is not in this layout."""
        found, at, size = {}, 0, len(value)
        try:
            for name, layout in cls.LAYOUT.items():
                end = size if layout.size is None else at + layout.size
                found[name] = layout.parse(value[at:end])
                at = end
            return cls(**found) if at == size else None
        except ValueError:
            return None


class Template:
    """A message whose value is a row of BER-TLV objects, one for each field.

    `MEMBERS` maps each tag to the field's name and layout, in the order of sending. A field
    that is None is left out; a missing object makes its field None where the dataclass's own
    check lets it. Objects are taken in any order, unknown and repeated ones are refused.
    """

    __slots__ = ()
    MEMBERS: ClassVar[dict[int, tuple[str, Layout]]]

    def encode(self) -> bytes:
        """Return the value as bytes; raises ValueError where a field is out of its range."""
        return tlv.encode_all(
            [
                (tag, _build(layout, value))
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
            return cls(**found)
        except (KeyError, TypeError, ValueError):
            return None


def _build(layout: Layout, value: Any) -> bytes:
    try:
        return layout.build(value)
    except (AttributeError, TypeError):
        raise ValueError("a value is not of the kind that its layout has") from None
