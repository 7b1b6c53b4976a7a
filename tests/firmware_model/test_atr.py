"""The answer to reset, as ISO/IEC 7816-3 §8 lays it out."""

import pytest

from firmware_model.datasheet.atr import Atr
from firmware_model.datasheet.card import PLAIN_CARD


@pytest.mark.parametrize(
    ("written", "ifsc", "waiting_ms"),
    [
        ("3B 80 01 81", 32, 1600),
        ("3B 80 81 31 FE 15 DB", 254, 200),
        ("3B FD 13 00 00 81 31 FE 15 80 73 C0 21 C0 57 59 75 62 69 4B 65 79 40", 254, 200),
        (PLAIN_CARD.atr, 254, 1600),
    ],
)
def test_it_tells_how_long_blocks_and_pauses_may_be(
    written: str, ifsc: int, waiting_ms: int
) -> None:
    raw = bytes.fromhex(written)
    atr = Atr.parse(raw)
    assert atr is not None
    assert (atr.raw, atr.ifsc, atr.block_waiting_ms) == (raw, ifsc, waiting_ms)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "nothing"),
        ("3B", "no format byte"),
        ("3F 80 01 81", "inverse convention"),
        ("3B 80 01 82", "wrong check byte"),
        ("3B 80 01", "no check byte"),
        ("3B 80 01 81 00", "a byte too many"),
        ("3B 00", "T=0 alone"),
        ("3B 80 00 80", "T=0 alone, said so"),
        ("3B F0 13 00", "cut in the interface bytes"),
        ("3B 82 01 41", "cut in the historical bytes"),
        ("3B 80 81 31 00 15 25", "IFSC of 0"),
        ("3B 80 81 31 FE A5 6B", "a block waiting time beyond the table"),
        ("3B 80 81 71 FE 15 01 9A", "CRC in place of LRC"),
    ],
)
def test_anything_else_is_none(written: str, why: str) -> None:
    assert Atr.parse(bytes.fromhex(written)) is None, why
