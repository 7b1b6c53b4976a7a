"""BER-TLV: tags of one to three bytes, all length forms, and everything that is neither."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire import tlv
from tests.firmware_model.wire.vectors import octets

GOOD = [
    ("80 01 05", [(0x80, b"\x05")]),
    ("DF 20 00", [(0xDF20, b"")]),
    ("FF 2B 02 E1 00", [(0xFF2B, b"\xe1\x00")]),
    ("DF 81 01 01 AA", [(0xDF8101, b"\xaa")]),
    ("80 01 05 81 02 01 02", [(0x80, b"\x05"), (0x81, b"\x01\x02")]),
    ("80 81 80" + " 11" * 128, [(0x80, b"\x11" * 128)]),
    ("80 82 01 00" + " 11" * 256, [(0x80, b"\x11" * 256)]),
]


@pytest.mark.parametrize(("raw", "items"), GOOD)
def test_objects_are_read_and_written(raw: str, items: list[tlv.Item]) -> None:
    assert tlv.decode_all(octets(raw)) == items
    assert tlv.encode_all(items) == octets(raw)


@pytest.mark.parametrize(("raw", "items"), GOOD)
def test_no_truncation_is_taken_for_the_whole(raw: str, items: list[tlv.Item]) -> None:
    whole = octets(raw)
    for length in range(len(whole)):
        assert tlv.decode_all(whole[:length]) != items


@pytest.mark.parametrize(
    "raw",
    [
        "00",
        "80",
        "80 02 01",
        "DF",
        "DF 20",
        "DF 1E 00",  # would fit one byte
        "DF 80 20 00",  # a leading zero septet
        "DF 81 81 01 00",  # four bytes of tag
        "80 80",  # indefinite length
        "80 83 00 00 00",
        "80 81",
        "80 82 01",
        "80 FF 00",
    ],
)
def test_anything_else_is_refused(raw: str) -> None:
    assert tlv.decode_all(octets(raw)) is None


def test_a_length_field_longer_than_needed_is_taken() -> None:
    assert tlv.decode_all(octets("80 82 00 01 05")) == [(0x80, b"\x05")]


@pytest.mark.parametrize("tag", [0x00, 0x1F, 0xDF1E, 0xDF8020, 0xDF818101, 0x8080])
def test_a_tag_that_is_none_cannot_be_written(tag: int) -> None:
    with pytest.raises(ValueError, match="no BER-TLV object"):
        tlv.encode(tag, b"")


def test_a_value_is_found_by_its_path() -> None:
    raw = octets("6F 0A 84 02 A0 00 A5 04 9F 65 01 FF")
    assert tlv.find(raw, 0x6F, 0xA5, 0x9F65) == b"\xff"
    assert tlv.find(raw, 0x6F, 0x85) is None
    assert tlv.find(raw[:-1], 0x6F) is None
    assert tlv.decode_one(raw + raw) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    items = tlv.decode_all(raw)
    if items is not None:
        assert tlv.decode_all(tlv.encode_all(items)) == items


@pytest.mark.parametrize(
    ("raw", "tags"),
    [
        ("", []),
        ("DF 20 66 FF 2B DF 81 01", [0xDF20, 0x66, 0xFF2B, 0xDF8101]),
        ("66 DF", None),
        ("66 00", None),
        ("DF 81", None),
    ],
)
def test_a_list_of_tags_has_whole_tags_only(raw: str, tags: list[int] | None) -> None:
    assert tlv.decode_tags(octets(raw)) == tags


@given(st.binary(max_size=12))
def test_tags_that_were_read_are_written_the_same(raw: bytes) -> None:
    tags = tlv.decode_tags(raw)
    assert tags is None or b"".join(map(tlv.encode_tag, tags)) == raw
