"""What SNRM and UA say about lengths: literal bytes, defaults, and nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_model.wire.negotiation import Lengths
from tests.firmware_model.wire.vectors import octets


@pytest.mark.parametrize(
    ("lengths", "raw"),
    [
        (Lengths(), "81 80 12 05 01 80 06 01 80 07 04 00 00 00 01 08 04 00 00 00 01"),
        (Lengths(2030, 32), "81 80 13 05 02 07 EE 06 01 20 07 04 00 00 00 01 08 04 00 00 00 01"),
    ],
)
def test_lengths_are_said_as_the_profile_has_it(lengths: Lengths, raw: str) -> None:
    assert lengths.encode() == octets(raw)
    assert Lengths.decode(octets(raw)) == lengths
    for length in range(1, len(octets(raw))):
        assert Lengths.decode(octets(raw)[:length]) is None


@pytest.mark.parametrize(
    ("raw", "lengths"),
    [
        ("", Lengths()),
        ("81 80 00", Lengths()),
        ("81 80 03 05 01 40", Lengths(transmit=64)),
        ("81 80 06 06 04 00 00 00 40", Lengths(receive=64)),
        ("81 80 04 05 02 FF FF", Lengths(transmit=2030)),
        ("81 80 04 06 02 FF FF", Lengths(receive=2030)),
        ("81 80 06 07 04 00 00 00 07", Lengths()),
    ],
)
def test_what_is_missing_is_the_default_and_what_is_too_much_the_most(
    raw: str, lengths: Lengths
) -> None:
    assert Lengths.decode(octets(raw)) == lengths


@pytest.mark.parametrize(
    "raw",
    ["80 80 00", "81 81 00", "81 80", "81 80 01", "81 80 03 05 01 00", "81 80 03 06 01 00"],
)
def test_nonsense_is_refused(raw: str) -> None:
    assert Lengths.decode(octets(raw)) is None


@given(st.binary(max_size=400))
def test_no_bytes_behind_a_good_head_raise(rest: bytes) -> None:
    Lengths.decode(b"\x81\x80" + rest)


def test_the_smaller_of_each_direction_holds() -> None:
    assert Lengths(100, 200).meet(Lengths(transmit=150, receive=50)) == Lengths(50, 150)


@pytest.mark.parametrize(("transmit", "receive"), [(0, 128), (128, 2031), (2031, 1), (1, 0)])
def test_no_length_is_out_of_range(transmit: int, receive: int) -> None:
    with pytest.raises(ValueError, match="1 to 2030"):
        Lengths(transmit, receive)
