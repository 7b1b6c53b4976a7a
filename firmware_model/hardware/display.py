"""The seven-segment display: characters to segments, contrast, cold and broken segments."""

from firmware_model.datasheet.parts import DisplayPart
from firmware_model.hardware.curves import interpolate
from firmware_model.units import NS_PER_MS, SimTime

# Bit 0 = a (top), clockwise to bit 5 = f, bit 6 = g (middle): the usual lettering.
SEGMENTS: dict[str, int] = {
    "0": 0x3F, "1": 0x06, "2": 0x5B, "3": 0x4F, "4": 0x66,
    "5": 0x6D, "6": 0x7D, "7": 0x07, "8": 0x7F, "9": 0x6F,
    "A": 0x77, "b": 0x7C, "C": 0x39, "c": 0x58, "d": 0x5E, "E": 0x79, "F": 0x71,
    "G": 0x3D, "H": 0x76, "h": 0x74, "I": 0x30, "J": 0x1E, "L": 0x38, "n": 0x54,
    "o": 0x5C, "P": 0x73, "q": 0x67, "r": 0x50, "S": 0x6D, "t": 0x78, "U": 0x3E,
    "u": 0x1C, "y": 0x6E, "-": 0x40, "_": 0x08, "=": 0x48, " ": 0x00,
}  # fmt: skip


def displayable(text: str) -> str:
    """Return `text` in letters seven segments can form; what they cannot becomes an underscore.

    Keeps a letter's case where both exist, takes the other case where only that exists.
    """
    return "".join(
        character
        if character in SEGMENTS
        else character.swapcase()
        if character.swapcase() in SEGMENTS
        else "_"
        for character in text
    )


class Latch:
    """The segment latch and the glass above it.

    `text` is what the firmware last put there ("" is off), `bars` and `icons` likewise; `lit` says
    whether anything is driven. `broken` holds (position from 0, segment 0..6 = a..g) pairs that
    never light.
    """

    __slots__ = ("_part", "bars", "broken", "changed_at", "icons", "lit", "text")

    def __init__(self, part: DisplayPart, now: SimTime) -> None:
        self._part = part
        self.text = ""
        self.bars = 0
        self.icons: tuple[str, ...] = ()
        self.broken: tuple[tuple[int, int], ...] = ()
        self.lit = False
        self.changed_at = now

    def show(self, text: str, bars: int, icons: tuple[str, ...], now: SimTime) -> None:
        """Drive the glass: `text` is cut or filled with blanks to the display's width."""
        self.text = text[: self._part.positions].ljust(self._part.positions) if text else ""
        self.bars = bars
        self.icons = icons
        self.lit = bool(text or bars or icons)
        self.changed_at = now

    def clear(self, now: SimTime) -> None:
        """Switch the glass off."""
        self.show("", 0, (), now)

    def segments(self) -> tuple[int, ...]:
        """Return the lit segments, a pattern for each position; broken ones stay dark."""
        patterns = [SEGMENTS[character] for character in self.text]
        for position, segment in self.broken:
            if position < len(patterns):
                patterns[position] &= ~(1 << segment)
        return tuple(patterns)

    def is_black(self, millicelsius: int) -> bool:
        """Return whether heat has turned the whole glass black, whatever is driven."""
        return millicelsius > self._part.black_above_celsius * 1000

    def contrast_percent(self, supply_mv: int, millicelsius: int, now: SimTime) -> int:
        """Return how strongly the picture stands out, 0..100.

        It fades between the part's two supply levels, and takes its time in the cold.
        """
        part = self._part
        if not self.lit or supply_mv <= part.blank_below_mv:
            return 0
        strength = 100
        if supply_mv < part.dim_below_mv:
            strength = (
                100 * (supply_mv - part.blank_below_mv) // (part.dim_below_mv - part.blank_below_mv)
            )
        settle_ns = interpolate(part.settle_ms_by_celsius, millicelsius // 1000) * NS_PER_MS
        age = now - self.changed_at
        if age < settle_ns:
            strength = strength * age // settle_ns
        return max(0, strength)


def read_segments(patterns: tuple[int, ...]) -> str:
    """Return the characters an eye reads in `patterns`; an impossible one reads as `?`."""
    return "".join(_READ.get(pattern, "?") for pattern in patterns)


_READ = {pattern: character for character, pattern in reversed(SEGMENTS.items())}
