"""Layouts read off their declarations give `construct`'s own bytes, and refuse what it refuses."""

from enum import IntEnum, IntFlag
from typing import Any

import construct as cs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire import activation, card, messages, objects
from firmware_model.wire.declared import Fixed, Template, code_of, octets_of, text_of
from firmware_model.wire.direct import REFUSALS, direct

ROOMS = (activation, card, messages, objects)


def declarations() -> dict[str, cs.Construct]:
    """Return the layout of every field of every message, by `Message.field`."""
    found = {}
    for message in {
        kind for room in ROOMS for kind in vars(room).values() if isinstance(kind, type)
    }:
        if issubclass(message, Fixed) and message is not Fixed:
            for item in message.LAYOUT.subcons:
                found[f"{message.__name__}.{item.name}"] = item.subcon
        elif issubclass(message, Template) and message is not Template:
            for name, layout in message.MEMBERS.values():
                found[f"{message.__name__}.{name}"] = layout
    return found


DECLARED = declarations()


class Refused:
    """Stands for a refusal, so that two of them are equal."""


def engines_verdict(layout: cs.Construct, raw: bytes) -> Any:
    """Parse with construct's engine; what it would write otherwise is refused."""
    try:
        value = layout.parse(raw)
        return value if layout.build(value) == raw else Refused
    except (cs.ConstructError, ValueError, UnicodeError):
        return Refused


def our_verdict(layout: cs.Construct, raw: bytes) -> Any:
    try:
        return direct(layout).parse(raw)
    except REFUSALS:
        return Refused


def test_there_are_layouts_to_compare() -> None:
    assert len(DECLARED) > 60
    assert {"BatteryReading.percent", "CredentialObject.wrapped_seed", "Grant.digits"} <= set(
        DECLARED
    )


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_byte_and_every_length_as_the_engine_reads_it(name: str) -> None:
    layout = DECLARED[name]
    raws = [bytes((byte,)) * length for length in range(20) for byte in range(0, 256, 5)]
    raws += [bytes((byte,)) for byte in range(256)]
    for raw in raws:
        assert our_verdict(layout, raw) == engines_verdict(layout, raw), raw.hex(" ")


@given(name=st.sampled_from(sorted(DECLARED)), raw=st.binary(max_size=72))
def test_any_bytes_as_the_engine_reads_them(name: str, raw: bytes) -> None:
    ours = our_verdict(DECLARED[name], raw)
    assert ours == engines_verdict(DECLARED[name], raw)
    if ours is not Refused:
        assert direct(DECLARED[name]).build(ours) == raw


class Colour(IntEnum):
    RED = 3


class Marks(IntFlag):
    NEW = 1
    OLD = 4


@pytest.mark.parametrize(
    ("layout", "value", "raw"),
    [
        (cs.Int16ub, 0x0102, "01 02"),
        (cs.Int24ub, 0x010203, "01 02 03"),
        (cs.Int64ub, 1, "00 00 00 00 00 00 00 01"),
        (cs.Flag, True, "01"),
        (cs.Bytes(2), b"\x0a\x0b", "0A 0B"),
        ("named" / cs.Int8ub, 7, "07"),
        (code_of(Colour), Colour.RED, "03"),
        (code_of(Marks), Marks.NEW | Marks.OLD, "05"),
        (text_of(4), "fob", "66 6F 62"),
        (octets_of(1, 3), b"\x01\x02", "01 02"),
    ],
)
def test_a_value_and_its_bytes(layout: cs.Construct, value: object, raw: str) -> None:
    plain = direct(layout)
    assert plain.build(value) == bytes.fromhex(raw)
    assert plain.parse(bytes.fromhex(raw)) == value


@pytest.mark.parametrize(
    ("layout", "value"),
    [
        (cs.Int16ub, 0x1_0000),
        (cs.Int16ub, -1),
        (cs.Int24ub, 0x100_0000),
        (cs.Int24ub, None),
        (cs.Bytes(2), b"\x01"),
        (cs.Bytes(2), "ab"),
        (octets_of(1, 3), 7),
        (text_of(4), "fobs!"),
        (text_of(4), "Fob°"),
        (code_of(Colour), 300),
    ],
)
def test_a_value_that_does_not_fit_is_refused(layout: cs.Construct, value: object) -> None:
    with pytest.raises(REFUSALS):
        direct(layout).build(value)


def test_a_declaration_of_another_kind_is_told_at_once() -> None:
    with pytest.raises(TypeError, match="another kind"):
        direct(cs.VarInt)
