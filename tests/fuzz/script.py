"""How an input is read: a script of acts, each one byte and what belongs to it.

Check sequences and MACs would keep a fuzzer on the doorstep, so most acts are put into good
frames, and some into a good channel; others go out as they are.
"""


class Script:
    """The bytes of one input, taken from the front; at its end everything reads as zero."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_over(self) -> bool:
        return self._at >= len(self._data)

    def byte(self) -> int:
        return int.from_bytes(self.take(1), "big")

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def piece(self) -> bytes:
        """Return as many bytes as the next one says."""
        return self.take(self.byte())
