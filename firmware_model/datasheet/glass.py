"""The map of a display: which bits of its memory are which segments, letters and step bars."""

from functools import cache

from firmware_model.datasheet.parts import DisplayPart
from firmware_model.datasheet.segments import letters_of, patterns_of

BARS_BYTES = 2
"""Behind the cells: one bit for each step bar, the lowest first."""
LETTER_BYTES = 4


class Glass:
    """The map of a display: which bits of its memory are which segments.

    A cell of `segments` is one byte, bit 0 = a .. bit 6 = g; a cell of `letters` is four bytes, a
    Unicode code point, little-endian. Behind the cells stand two bytes of step bars.
    """

    __slots__ = ("_cells_end", "has_letters", "positions")

    @staticmethod
    @cache
    def of(part: DisplayPart) -> "Glass":
        """Return the map of that display, the same one each time."""
        return Glass(part)

    def __init__(self, part: DisplayPart) -> None:
        self.positions = part.positions
        self.has_letters = part.cells == "letters"
        self._cells_end = part.positions * (LETTER_BYTES if self.has_letters else 1)

    @property
    def memory_bytes(self) -> int:
        """How long its memory is."""
        return self._cells_end + BARS_BYTES

    def memory(self, text: str, bars: int = 0) -> bytes:
        """Return the memory that shows `text`, cut to the width, and that many step bars.

        On a display of segments, `text` is in letters that segments form (`displayable`).
        """
        if self.has_letters:
            cells = text[: self.positions].encode("utf-32-le")
        else:
            cells = patterns_of(text[: self.positions])
        cells = cells.ljust(self._cells_end, b"\0")
        return cells + ((1 << bars) - 1).to_bytes(BARS_BYTES, "little") if bars else cells

    def text(self, memory: bytes) -> str:
        """Return what `memory` reads as, blanks at its end left out."""
        cells = memory[: self._cells_end]
        if self.has_letters:
            return cells.decode("utf-32-le", "replace").rstrip(" \0")
        return letters_of(cells).rstrip()

    def patterns(self, memory: bytes) -> bytes:
        """Return the pattern of each position; `b""` where there are letters instead."""
        if self.has_letters:
            return b""
        return memory[: self._cells_end].ljust(self._cells_end, b"\0")

    def bars(self, memory: bytes) -> int:
        """Return how many step bars are lit."""
        return int.from_bytes(memory[self._cells_end : self.memory_bytes], "little").bit_count()
