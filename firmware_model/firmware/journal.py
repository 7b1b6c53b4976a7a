"""The flash store: small entries by number, safe against a power cut at any flash operation.

Two banks of one page each. The active bank is a header and a row of records, each ending in a
CRC-32C; the newest record of a number counts. When the row reaches the end of the page, the other
bank is erased, the live entries are copied, and its header is written last: that is the commit.
`docs/NVM.md` §3 gives the layout and the argument; `tests/.../test_journal.py` cuts every operation.
"""

from enum import Enum, unique

from fastcrc import crc32

from firmware_model.hardware.board import Board

MAGIC = b"KF\x01"
HEADER_BYTES = 16
RECORD_OVERHEAD = 6  # key, length, CRC-32C
PAYLOAD_MAX = 255
BANKS = (0, 1)
_BLANK = 0xFF
_VOID = 0x00


@unique
class Mounted(Enum):
    """What the banks held at boot."""

    BLANK = "blank"
    """Both banks are as the factory made them."""
    GOOD = "good"
    """A bank is in order."""
    LOST = "lost"
    """No bank is in order, yet they are not blank: nothing may be assumed."""


class WornOut(Exception):  # noqa: N818 - the flash no longer holds what is written into it
    """A record read back different from what was written, on both banks."""


class Journal:
    """The store. `entries` is what is in flash, by number; only `put` and `wipe` change it."""

    __slots__ = ("_board", "_page_bytes", "_word", "active", "entries", "sequence", "tail")

    def __init__(self, board: Board) -> None:
        self._board = board
        self._page_bytes = board.flash.part.page_bytes
        self._word = board.flash.part.word_bytes
        self.active = 0
        self.sequence = 0
        self.tail = 0
        self.entries: dict[int, bytes] = {}

    def format(self, entries: dict[int, bytes]) -> None:
        """Write the first bank at the factory."""
        self.entries = dict(entries)
        self.sequence = 0
        self._write_bank(0)

    def mount(self) -> Mounted:
        """Find the active bank, mend what a cut may have left, and read the entries.

        What was read is programmed again, so that a bit that a cut left undecided cannot read
        otherwise later; a torn record, and the word a cut may have touched behind the last
        one, is programmed to zeros, which nothing can undo.
        """
        found = [(sequence, bank) for bank in BANKS if (sequence := self._header(bank)) is not None]
        if not found:
            blank = all(
                set(self._board.read(bank, 0, self._page_bytes)) == {_BLANK} for bank in BANKS
            )
            return Mounted.BLANK if blank else Mounted.LOST
        self.sequence, self.active = max(found)
        self._board.program(self.active, 0, self._board.read(self.active, 0, HEADER_BYTES))
        self._scan()
        return Mounted.GOOD

    def get(self, key: int) -> bytes | None:
        """Return the entry under `key`, or None."""
        return self.entries.get(key)

    def put(self, key: int, value: bytes) -> None:
        """Store `value` (at most 255 bytes) under `key`: wholly, or after a cut not at all.

        Raises `WornOut` when neither bank holds what is written into it.
        """
        record = self._record(key, value)
        end = self.tail + len(record)
        if end <= self._page_bytes:
            self._board.program(self.active, self.tail, record)
            if self._board.read(self.active, self.tail, len(record)) == record:
                self.tail = end
                self.entries[key] = value
                return
        self.entries[key] = value
        self._turn()

    def wipe(self, keep: tuple[int, ...]) -> None:
        """Overwrite everything but the entries in `keep`, in both banks, and erase (NVM §5).

        The caller has already stored the decision; after a cut, boot calls this again.
        """
        self.entries = {key: self.entries[key] for key in keep if key in self.entries}
        old, spare = self.active, 1 - self.active
        self._blacken(spare)
        self.sequence += 1
        self._write_bank(spare)
        self._blacken(old)
        self._board.erase(old)

    def is_wiped(self, keep: tuple[int, ...]) -> bool:
        """Return whether nothing is left but the entries in `keep`, and the other bank is blank."""
        spare = self._board.read(1 - self.active, 0, self._page_bytes)
        return set(self.entries) <= set(keep) and set(spare) == {_BLANK}

    def _turn(self) -> None:
        self.sequence += 1
        spare = 1 - self.active
        self._write_bank(spare)

    def _write_bank(self, bank: int) -> None:
        """Fill a bank with the live entries; its header, written last, makes it the active one."""
        self._board.erase(bank)
        body = b"".join(self._record(key, value) for key, value in self.entries.items())
        assert len(body) + HEADER_BYTES <= self._page_bytes, "the register outgrew the page"
        header = self._header_bytes(self.sequence)
        self._board.program(bank, HEADER_BYTES, body)
        if self._board.read(bank, HEADER_BYTES, len(body)) != body:
            raise WornOut
        self._board.program(bank, 0, header)
        if self._board.read(bank, 0, HEADER_BYTES) != header:
            raise WornOut
        self.active = bank
        self.tail = HEADER_BYTES + len(body)

    def _blacken(self, bank: int) -> None:
        self._board.program(bank, 0, bytes(self._page_bytes))

    def _header_bytes(self, sequence: int) -> bytes:
        front = (MAGIC + sequence.to_bytes(5, "big")).ljust(HEADER_BYTES - 4, b"\xff")
        return front + crc32.iscsi(front).to_bytes(4, "big")

    def _header(self, bank: int) -> int | None:
        raw = self._board.read(bank, 0, HEADER_BYTES)
        sequence = int.from_bytes(raw[3:8], "big")
        return sequence if raw == self._header_bytes(sequence) else None

    def _record(self, key: int, value: bytes) -> bytes:
        assert len(value) <= PAYLOAD_MAX, "an entry is at most 255 bytes"
        front = bytes((key, len(value))) + value
        padding = -(len(front) + 4) % self._word
        front += b"\xff" * padding
        return front + crc32.iscsi(front).to_bytes(4, "big")

    def _scan(self) -> None:
        page = self._board.read(self.active, 0, self._page_bytes)
        word = self._word
        entries: dict[int, bytes] = {}
        at, last = HEADER_BYTES, 0
        written = len(page.rstrip(b"\xff"))
        end = min(written + -written % word, self._page_bytes)
        while at < end:
            if page[at] == _VOID:
                at += word
                continue
            length = page[at + 1] if at + 1 < len(page) else 0
            size = length + RECORD_OVERHEAD
            size += -size % word
            record = page[at : at + size]
            value = record[2 : 2 + length]
            if len(record) < size or record != self._record(page[at], value):
                break
            entries[page[at]] = value
            last, at = at, at + size
        self.entries = entries
        if last:
            self._board.program(self.active, last, page[last : last + self._size_at(page, last)])
        # From here on everything is torn, or a word that a cut may have left undecided though it
        # reads blank: zeros settle it.
        void_end = min(max(at, end) + word, self._page_bytes)
        if at < void_end:
            self._board.program(self.active, at, bytes(void_end - at))
        self.tail = void_end

    def _size_at(self, page: bytes, at: int) -> int:
        size = page[at + 1] + RECORD_OVERHEAD
        return size + -size % self._word
