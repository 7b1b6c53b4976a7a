"""The durable state of a board, everything but flash, as one line of hexadecimal numbers."""

from collections.abc import Iterable
from typing import NamedTuple

from firmware_model.hardware.crystal import Rtc

Pairs = tuple[tuple[int, int], ...]
_CLOCK = b"%x %x %x %x %x %x %x"
BOARD_IMAGE = b"%x %b %x %b %x %x %x %x %b"
"""The image of a `BoardState`. What changes seldom is put in encoded: the capacity, `clock_image`
in the place of `born` to `rtc_kept`, and `written_down` for all from `stuck` on."""


class BoardState(NamedTuple):
    """What a board must remember, in the order of its image.

    Times and charges are in the board's units, flags 0 and 1. `stuck` has a bit for each contact,
    the lowest first. `steady_na` is the current of a picture without a time-out, 0 where none is
    shown; `circumstances` are broken segments and the stretches of temperature.
    """

    now: int
    capacity_ac: int
    drawn_ac: int
    born: int
    offset_ppb: int
    ageing_ppb: int
    anchor_time: int
    anchor_reading: int
    rtc_running: int
    rtc_kept: int
    inserted: int
    steady_na: int
    dice: int
    flash_operations: int
    stuck: int
    circumstances: bytes

    @classmethod
    def decode(cls, image: bytes) -> "BoardState":
        """Return the state of which that is the image."""
        *numbers, circumstances = image.split(b" ", 15)
        return cls._make([*map(_number, numbers), circumstances])


def clock_image(rtc: Rtc) -> bytes:
    """Return the part of the image from `born` to `rtc_kept`, which changes seldom."""
    return _CLOCK % (
        rtc.born, rtc.offset_ppb, rtc.ageing_ppb, rtc.anchor_time, rtc.anchor_reading,
        rtc.running, rtc.kept,
    )  # fmt: skip


def written_down(stuck: int, broken: Pairs, stretches: Pairs) -> bytes:
    """Return the end of the image: what sticks, is broken, and the stretches of temperature."""
    return b"%x %b;%b" % (stuck, _written(broken), _written(stretches))


def read_back(circumstances: bytes) -> tuple[Pairs, Pairs]:
    """Return broken segments and stretches from a state's circumstances."""
    broken, stretches = circumstances.split(b";")
    return _pairs(map(_number, broken.split())), _pairs(map(_number, stretches.split()))


def _written(pairs: Pairs) -> bytes:
    return b" ".join(b"%x %x" % pair for pair in pairs)


def _number(digits: bytes) -> int:
    return int(digits, 16)


def _pairs(numbers: Iterable[int]) -> Pairs:
    rest = iter(numbers)
    return tuple(zip(rest, rest, strict=True))
