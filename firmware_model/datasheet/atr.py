"""The answer to reset: what a card first tells its reader (ISO/IEC 7816-3 §8)."""

from typing import NamedTuple

DIRECT_CONVENTION = 0x3B
ATR_BYTES_MAX = 33
IFSC_DEFAULT = 32
WAITING_INTEGERS_DEFAULT = 0x4D
BWI_MAX = 9
SPEED_DEFAULT = 0x11
_T1 = 1
_BASIC_BLOCK_MS = 100
"""The unit of the block waiting time at the default clock, 960 × 372 cycles at 3.57 MHz."""


class Atr(NamedTuple):
    """What T=1 needs of an answer to reset; `raw` is all of it, as the reader gets it.

    `ifsc` is the longest information field that the card takes, `waiting_integers` are BWI and
    CWI (TB of T=1), `speed` are the clock rate and baud rate factors (TA1).
    """

    raw: bytes
    ifsc: int = IFSC_DEFAULT
    waiting_integers: int = WAITING_INTEGERS_DEFAULT
    speed: int = SPEED_DEFAULT

    @property
    def block_waiting_ms(self) -> int:
        """The longest time between a block of the reader and the first byte of the card's."""
        return _BASIC_BLOCK_MS << (self.waiting_integers >> 4)

    @classmethod
    def parse(cls, raw: bytes) -> "Atr | None":
        """Return what `raw` says; None where it is no answer to reset that announces T=1.

        The error detection of T=1 must be LRC, which is the default (§11.4.4).
        """
        if not 2 <= len(raw) <= ATR_BYTES_MAX or raw[0] != DIRECT_CONVENTION:
            return None
        ifsc, waiting, speed = IFSC_DEFAULT, WAITING_INTEGERS_DEFAULT, SPEED_DEFAULT
        at, indicator, level = 2, raw[1] >> 4, 1
        protocols: list[int] = []
        while indicator:
            found = {}
            for bit, name in enumerate("ABCD"):
                if indicator >> bit & 1:
                    if at >= len(raw):
                        return None
                    found[name] = raw[at]
                    at += 1
            if level == 1:
                speed = found.get("A", speed)
            # From the third level on, the bytes are those of the protocol named before them.
            if level >= 3 and protocols[-1] == _T1:
                ifsc = found.get("A", ifsc)
                waiting = found.get("B", waiting)
                if found.get("C", 0) & 1:
                    return None
            if "D" not in found:
                break
            protocols.append(found["D"] & 0x0F)
            indicator, level = found["D"] >> 4, level + 1
        checked = raw[1:]
        whole = at + (raw[1] & 0x0F) + 1 == len(raw)
        sane = 1 <= ifsc <= 0xFE and waiting >> 4 <= BWI_MAX
        if _T1 not in protocols or not whole or not sane or _exclusive_or(checked):
            return None
        return cls(raw, ifsc, waiting, speed)


def _exclusive_or(data: bytes) -> int:
    result = 0
    for byte in data:
        result ^= byte
    return result
