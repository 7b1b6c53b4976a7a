"""The display: its memory, broken segments, contrast by supply and cold."""

from firmware_model.datasheet.curves import interpolate
from firmware_model.datasheet.glass import Glass
from firmware_model.datasheet.parts import DisplayPart
from firmware_model.units import NS_PER_MS, SimTime


class Latch:
    """The display memory, and whether the display is on.

    `memory` is what the program last wrote; `changed_at` is when it was written or switched off.
    `broken` holds (position from 0, segment 0..6 = a..g) pairs that never light.
    """

    __slots__ = ("_part", "broken", "changed_at", "glass", "lit", "memory")

    def __init__(self, part: DisplayPart, now: SimTime) -> None:
        self._part = part
        self.glass = Glass.of(part)
        self.memory = b""
        self.broken: tuple[tuple[int, int], ...] = ()
        self.lit = False
        self.changed_at = now

    def write(self, memory: bytes, now: SimTime) -> None:
        """Drive the glass with `memory`; `b""` switches it off."""
        self.memory = memory
        self.lit = bool(memory)
        self.changed_at = now

    def segments(self, memory: bytes) -> bytes:
        """Return the segments that `memory` lights, a pattern a position; broken ones are dark."""
        patterns = self.glass.patterns(memory)
        if not self.broken:
            return patterns
        seen = bytearray(patterns)
        for position, segment in self.broken:
            if position < len(seen):
                seen[position] &= ~(1 << segment) & 0xFF
        return bytes(seen)

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
