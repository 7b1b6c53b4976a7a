"""Layouts: every value has one way to be written, and nothing else is read."""

from enum import IntEnum, IntFlag

import pytest

from firmware_model.wire import layouts
from firmware_model.wire.layouts import Layout


class Colour(IntEnum):
    """A code."""

    RED = 1
    BLUE = 0xFE


class Mood(IntFlag):
    """Bits."""

    GOOD = 1
    LOUD = 2


@pytest.mark.parametrize(
    ("layout", "value", "raw"),
    [
        (layouts.number_of(1), 0, "00"),
        (layouts.number_of(1), 255, "FF"),
        (layouts.number_of(3), 0x010203, "01 02 03"),
        (layouts.number_of(4, 1), 1, "00 00 00 01"),
        (layouts.number_of(1, 4, 10), 10, "0A"),
        (layouts.flag_of(), True, "01"),
        (layouts.flag_of(), False, "00"),
        (layouts.flag_of(least=True), True, "01"),
        (layouts.code_of(Colour), Colour.BLUE, "FE"),
        (layouts.code_of(Mood), Mood.GOOD | Mood.LOUD, "03"),
        (layouts.octets_of(2), b"\x01\x02", "01 02"),
        (layouts.octets_of(1, 3), b"\x01\x02", "01 02"),
        (layouts.text_of(2), "ab", "61 62"),
        (layouts.text_like(str.isdigit), "07", "30 37"),
    ],
)
def test_a_value_is_written_and_read(layout: Layout, value: object, raw: str) -> None:
    octets = bytes.fromhex(raw)
    assert layout.build(value) == octets
    read = layout.parse(octets)
    assert read == value
    assert type(read) is type(value)
    assert layout.size in (None, len(octets))


@pytest.mark.parametrize(
    ("layout", "value"),
    [
        (layouts.number_of(1), 256),
        (layouts.number_of(1), -1),
        (layouts.number_of(4, 1), 0),
        (layouts.number_of(1, 4, 10), 11),
        (layouts.flag_of(least=True), False),
        (layouts.octets_of(2), b"\x01"),
        (layouts.octets_of(1, 3), b""),
        (layouts.octets_of(1, 3), bytes(4)),
        (layouts.text_of(2), ""),
        (layouts.text_of(2), "abc"),
        (layouts.text_of(2), "a\n"),
        (layouts.text_of(2), "é"),
        (layouts.text_like(str.isdigit), "x"),
    ],
)
def test_a_value_out_of_range_is_refused_and_not_quoted(layout: Layout, value: object) -> None:
    with pytest.raises(ValueError) as caught:
        layout.build(value)
    assert repr(value) not in str(caught.value)


@pytest.mark.parametrize(
    ("layout", "raw"),
    [
        (layouts.number_of(2), ""),
        (layouts.number_of(2), "01"),
        (layouts.number_of(2), "01 02 03"),
        (layouts.number_of(4, 1), "00 00 00 00"),
        (layouts.number_of(1, 4, 10), "03"),
        (layouts.flag_of(), "02"),
        (layouts.flag_of(least=True), "00"),
        (layouts.code_of(Colour), ""),
        (layouts.code_of(Colour), "02"),
        (layouts.code_of(Colour), "01 01"),
        (layouts.code_of(Mood), "01 01"),
        (layouts.octets_of(2), "01"),
        (layouts.octets_of(1, 3), "01 02 03 04"),
        (layouts.text_of(2), ""),
        (layouts.text_of(2), "61 0A"),
        (layouts.text_of(2), "C3 A9"),
        (layouts.text_of(9), "FF"),
        (layouts.text_like(str.isdigit), "78"),
    ],
)
def test_other_bytes_are_refused(layout: Layout, raw: str) -> None:
    with pytest.raises(ValueError):
        layout.parse(bytes.fromhex(raw))
