"""Frames: literal bytes both ways, and every way of spoiling them."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire.hdlc import (
    CONTROLS,
    FRAME_BYTES_MAX,
    SERVER_MAX,
    Address,
    Damage,
    Damaged,
    Deframer,
    Frame,
    FrameKind,
    WholeFrame,
    control_byte,
    encode,
    server_address,
)
from tests.firmware_model.wire.vectors import load, octets

VECTORS = load("hdlc.json")
VALID = VECTORS["valid"]
SMALL = octets(VALID[2]["bytes"])


def frame_of(vector: dict[str, Any]) -> Frame:
    return Frame(
        octets(vector["destination"]),
        octets(vector["source"]),
        octets(vector["control"])[0],
        octets(vector.get("information", "")),
        vector.get("segmented", False),
    )


@pytest.mark.parametrize("vector", VALID, ids=lambda v: v["name"])
class TestValidFrame:
    def test_is_encoded_with_one_flag_at_either_end(self, vector: dict[str, Any]) -> None:
        assert encode(frame_of(vector)) == octets(vector["bytes"])

    def test_is_found_whole(self, vector: dict[str, Any]) -> None:
        assert Deframer().feed(octets(vector["bytes"])) == [frame_of(vector)]

    def test_is_found_byte_by_byte(self, vector: dict[str, Any]) -> None:
        deframer = Deframer()
        raw = octets(vector["bytes"])
        found = [deframer.feed(raw[at : at + 1]) for at in range(len(raw))]
        assert found == [[]] * (len(raw) - 1) + [[frame_of(vector)]]

    def test_is_found_between_others_that_share_its_flags(self, vector: dict[str, Any]) -> None:
        raw = octets(vector["bytes"])
        assert Deframer().feed(raw[:-1] + raw[:-1] + raw) == [frame_of(vector)] * 3

    def test_is_found_behind_noise_and_before_trailing_bytes(self, vector: dict[str, Any]) -> None:
        found = Deframer().feed(b"\x00\x55\xff" + octets(vector["bytes"]) + b"\x01\x02")
        assert found[0] == frame_of(vector)

    def test_gives_nothing_truncated_at_any_length(self, vector: dict[str, Any]) -> None:
        raw = octets(vector["bytes"])
        for length in range(len(raw)):
            assert Deframer().feed(raw[:length]) == []

    def test_truncated_is_damage_when_time_is_up_and_the_next_is_found(
        self, vector: dict[str, Any]
    ) -> None:
        raw = octets(vector["bytes"])
        for length in range(2, min(len(raw), 40)):
            deframer = Deframer()
            deframer.feed(raw[:length])
            assert Damaged(Damage.CUT_SHORT) in deframer.expire()
            assert deframer.feed(SMALL) == [frame_of(VALID[2])]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda v: v["damage"] + " " + v["bytes"])
def test_damage_is_named_and_the_next_frame_is_found(vector: dict[str, Any]) -> None:
    deframer = Deframer()
    found = deframer.feed(octets(vector["bytes"]))
    assert found[:1] == [Damaged(Damage[vector["damage"]])]
    deframer.expire()
    assert deframer.feed(SMALL) == [frame_of(VALID[2])]


@pytest.mark.parametrize("at", range(len(SMALL)))
def test_no_flipped_bit_goes_unnoticed(at: int) -> None:
    for bit in range(8):
        spoilt = bytearray(SMALL)
        spoilt[at] ^= 1 << bit
        deframer = Deframer()
        found = deframer.feed(bytes(spoilt)) + deframer.expire()
        assert not any(isinstance(item, Frame) for item in found)


def test_a_false_start_does_not_swallow_the_frame_behind_it() -> None:
    # A length of 2047 with a good format byte: only its header check shows that it is none.
    found = Deframer().feed(octets("7e a7 ff 02 03 21 10 00 00") + SMALL)
    assert found == [Damaged(Damage.HEADER_CHECK), frame_of(VALID[2])]


def test_a_flood_of_flags_gives_nothing_and_holds_nothing() -> None:
    deframer = Deframer()
    assert deframer.feed(b"\x7e" * 100_000) == []
    assert not deframer.is_waiting
    assert deframer.feed(SMALL) == [frame_of(VALID[2])]


@given(st.lists(st.binary(max_size=3000), max_size=8))
def test_no_bytes_raise_or_fill_the_memory(chunks: list[bytes]) -> None:
    deframer = Deframer()
    for chunk in chunks:
        deframer.feed(b"\x7e\xa7" + chunk)
        assert len(deframer._held) <= FRAME_BYTES_MAX + 1
    deframer.expire()
    assert not deframer.is_waiting


@given(
    st.integers(1, SERVER_MAX),
    st.integers(0, 255),
    st.binary(max_size=2030),
    st.booleans(),
    st.integers(1, 2100),
)
def test_what_is_encoded_is_found_again_in_any_pieces(
    lower: int, control: int, information: bytes, segmented: bool, step: int
) -> None:
    frame = Frame(server_address(lower), b"\x21", control, information, segmented)
    raw = encode(frame)
    deframer = Deframer()
    pieces = pairwise([*range(0, len(raw), step), len(raw)])
    assert [found for start, end in pieces for found in deframer.feed(raw[start:end])] == [frame]


@pytest.mark.parametrize(
    ("lower", "raw"),
    [
        (1, "02 03"),
        (125, "02 fb"),
        (126, "00 02 00 fd"),
        (128, "00 02 02 01"),
        (16381, "00 02 fe fb"),
    ],
)
def test_server_addresses_take_two_bytes_up_to_125_and_four_from_there(
    lower: int, raw: str
) -> None:
    assert server_address(lower) == octets(raw)
    assert Address.decode(octets(raw)) == Address(1, lower, len(octets(raw)))


@pytest.mark.parametrize("lower", [0, -1, 16382])
def test_no_server_address_is_out_of_range(lower: int) -> None:
    with pytest.raises(ValueError, match="1 to 16381"):
        server_address(lower)


@pytest.mark.parametrize("address", [Address(128), Address(1, 128, 2), Address(1, 1, 3)])
def test_an_address_that_does_not_fit_its_form_is_refused(address: Address) -> None:
    with pytest.raises(ValueError, match="no "):
        address.encode()


@pytest.mark.parametrize(
    ("control", "kind", "poll", "received", "sent"),
    [
        (0b000_1_000_0, FrameKind.I, True, 0, 0),
        (0b101_0_011_0, FrameKind.I, False, 5, 3),
        (0b111_1_0001, FrameKind.RR, True, 7, 0),
        (0b010_0_0101, FrameKind.RNR, False, 2, 0),
        (0b100_1_0011, FrameKind.SNRM, True, 0, 0),
        (0b010_1_0011, FrameKind.DISC, True, 0, 0),
        (0b011_1_0011, FrameKind.UA, True, 0, 0),
        (0b000_1_1111, FrameKind.DM, True, 0, 0),
        (0b100_1_0111, FrameKind.FRMR, True, 0, 0),
        (0b000_1_0011, FrameKind.UI, True, 0, 0),
    ],
)
def test_control_fields_are_those_of_iso_13239(
    control: int, kind: FrameKind, poll: bool, received: int, sent: int
) -> None:
    assert CONTROLS[control] == (kind, poll, received, sent)
    assert control_byte(kind, poll, received, sent) == control


@pytest.mark.parametrize("control", [0b000_1_1001, 0b000_1_1101, 0b111_1_1111, 0b001_1_0011])
def test_rej_srej_and_everything_else_is_unknown(control: int) -> None:
    assert CONTROLS[control].kind is FrameKind.UNKNOWN


def test_a_whole_frame_is_its_bytes_and_need_not_be_looked_at_again() -> None:
    frame = Frame(b"\x02\x03", b"\x21", 0x10, b"\x00\xca")
    whole, deframer = WholeFrame(frame), Deframer()
    assert whole == encode(frame)
    (found,) = deframer.feed(whole)
    assert found is frame
    assert not deframer.is_waiting


def test_a_whole_frame_behind_the_beginning_of_another_is_looked_at() -> None:
    frame = Frame(b"\x02\x03", b"\x21", 0x10, b"\x00\xca")
    deframer, plain = Deframer(), Deframer()
    for begun in (b"\x7e\xa0\x0f", b"\x7e"):
        found = deframer.feed(begun) + deframer.feed(WholeFrame(frame))
        assert found == plain.feed(begun) + plain.feed(encode(frame))
