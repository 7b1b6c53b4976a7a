"""The flash store: small entries by number, safe against a power cut at any flash operation.

Two banks of one page each. The active bank is a header and a row of records, each ending in a
CRC-32C; the newest record of a number counts. When the row reaches the end of the page, the other
bank is erased, the live entries are copied, and its header is written last: that is the commit.
`docs/NVM.md` §2 and §3 give layout and argument; `tests/simulation/` cuts every operation.
"""

import struct
from collections.abc import Iterator
from enum import Enum, unique
from typing import cast

from fastcrc import crc32

from firmware_model.hardware.pins import FlashPins

MAGIC = b"KF\x01"
HEADER_BYTES = 16
_FRONT, _CHECK = struct.Struct(">BB"), struct.Struct(">I")
RECORD_OVERHEAD = 6  # key, length, CRC-32C
PAYLOAD_MAX = 255
_BLANK = b"\xff"
_VOID = b"\x00"


@unique
class Mounted(Enum):
    """What the banks held at boot."""

    BLANK = "blank"
    """Both banks are as the factory made them."""
    GOOD = "good"
    """A bank is in order."""
    MENDED = "mended"
    """A bank is in order; behind its last record stood one that a cut had torn."""
    LOST = "lost"
    """No bank is in order, yet they are not blank: nothing may be assumed."""


class WornOut(Exception):  # noqa: N818 - the flash no longer holds what is written into it
    """A record read back different from what was written, on both banks."""


class Journal:
    """The store. `entries` is what is in flash, by number; only `put` and `wipe` change it.

    `banks` are the two pages it lives in. Where a cut can damage a paired page too, they are
    not each other's pair.
    """

    __slots__ = (
        "_banks",
        "_flash",
        "_page_bytes",
        "_word",
        "active",
        "entries",
        "sequence",
        "tail",
    )

    def __init__(
        self, flash: FlashPins, banks: tuple[int, int], page_bytes: int, word: int
    ) -> None:
        self._flash = flash
        self._banks = banks
        self._page_bytes = page_bytes
        self._word = word
        self.active = banks[0]
        self.sequence = 0
        self.tail = 0
        self.entries: dict[int, bytes] = {}

    def format(self, entries: dict[int, bytes]) -> None:
        """Write the first bank at the factory."""
        self._write_bank(self._banks[0], 0, entries)

    def mount(self) -> Mounted:
        """Find the active bank, make firm what a cut may have left undecided, read the entries.

        What was read is programmed again, so that it cannot read otherwise later; what was
        not believed is programmed to zeros, which nothing can undo (NVM §3.3).
        """
        found = [(sequence, bank) for bank in self._banks if (sequence := self._header(bank)) >= 0]
        if not found:
            return Mounted.BLANK if all(map(self._is_blank, self._banks)) else Mounted.LOST
        self.sequence, self.active = max(found)
        self._flash.program(self.active, 0, self._header_bytes(self.sequence))
        if self._flash.read(self._spare, 0, HEADER_BYTES) != _VOID * HEADER_BYTES:
            # A header that a cut left undecided might read as valid another time.
            self._void(self._spare, 0, HEADER_BYTES)
        return Mounted.MENDED if self._scan() else Mounted.GOOD

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
            flash, bank, start = self._flash, self.active, self.tail
            flash.program(bank, start, record)
            if flash.read(bank, start, len(record)) == record:
                self.tail = end
                self.entries[key] = value
                return
        self._turn({**self.entries, key: value})

    def put_all(self, entries: dict[int, bytes]) -> None:
        """Store all of `entries`: wholly, or after a cut none of them. It costs a turn of banks."""
        self._turn({**self.entries, **entries})

    def put_without_turning(self, key: int, value: bytes) -> bool:
        """Store `value` under `key` in the active bank, behind words that do not hold it.

        Return False where the bank has no room left that holds it. For what is to be kept when
        the other bank is worn already.
        """
        record = self._record(key, value)
        while (end := self.tail + len(record)) <= self._page_bytes:
            self._flash.program(self.active, self.tail, record)
            if self._flash.read(self.active, self.tail, len(record)) == record:
                self.tail = end
                self.entries[key] = value
                return True
            self._void(self.active, self.tail, end)
            self.tail = end
        return False

    def wipe(self, keep: tuple[int, ...]) -> None:
        """Overwrite everything but the entries in `keep`, in both banks, and erase (NVM §5).

        The caller has stored the decision before; after a power cut the boot calls this again.
        """
        old = self.active
        self._flash.program(self._spare, 0, _VOID * self._page_bytes)
        self._turn({key: self.entries[key] for key in keep if key in self.entries})
        self._flash.program(old, 0, _VOID * self._page_bytes)
        self._flash.erase(old)

    def is_wiped(self, keep: tuple[int, ...]) -> bool:
        """Return whether nothing is left but the entries in `keep`, and the other bank is empty.

        Empty but for its header, which mounting voids.
        """
        body = self._flash.read(self._spare, HEADER_BYTES, self._page_bytes - HEADER_BYTES)
        return set(self.entries) <= set(keep) and not body.strip(_BLANK)

    # Banks --------------------------------------------------------------------------------------

    @property
    def _spare(self) -> int:
        first, second = self._banks
        return second if self.active == first else first

    def _is_blank(self, bank: int) -> bool:
        return not self._flash.read(bank, 0, self._page_bytes).strip(_BLANK)

    def _turn(self, entries: dict[int, bytes]) -> None:
        """Write `entries` into the spare bank, and make it the active one."""
        self._write_bank(self._spare, self.sequence + 1, entries)

    def _write_bank(self, bank: int, sequence: int, entries: dict[int, bytes]) -> None:
        """Fill a bank with `entries`; its header, written last, makes it the active one."""
        self._flash.erase(bank)
        body = b"".join(self._record(key, value) for key, value in entries.items())
        assert len(body) + HEADER_BYTES <= self._page_bytes, "the register outgrew the page"
        for offset, data in ((HEADER_BYTES, body), (0, self._header_bytes(sequence))):
            self._flash.program(bank, offset, data)
            if self._flash.read(bank, offset, len(data)) != data:
                raise WornOut
        self.active, self.sequence, self.entries = bank, sequence, entries
        self.tail = HEADER_BYTES + len(body)

    def _header_bytes(self, sequence: int) -> bytes:
        front = (MAGIC + sequence.to_bytes(5, "big")).ljust(HEADER_BYTES - 4, b"\xff")
        return front + crc32.iscsi(front).to_bytes(4, "big")

    def _header(self, bank: int) -> int:
        """Return a bank's sequence number, -1 where its header is not in order."""
        raw = self._flash.read(bank, 0, HEADER_BYTES)
        sequence = int.from_bytes(raw[3:8], "big")
        return sequence if raw == self._header_bytes(sequence) else -1

    @classmethod
    def entries_in(cls, page: bytes, word: int) -> Iterator[tuple[int, bytes | None]]:
        """Yield every entry that a bank's cells hold, replaced ones too: its number and value.

        The value is None for what a cut left of an entry. For a search for secrets.
        """
        reader = cls(cast("FlashPins", None), (0, 0), len(page), word)
        at = HEADER_BYTES
        while at < len(page):
            record = reader._record_at(page, at)
            if record is not None:
                yield record[0], record[2 : 2 + record[1]]
                at += len(record)
                continue
            if page[at : at + word] not in (_BLANK * word, _VOID * word):
                yield page[at], None
            at += word

    # Records ------------------------------------------------------------------------------------

    def _record(self, key: int, value: bytes) -> bytes:
        length = len(value)
        assert length <= PAYLOAD_MAX, "an entry is at most 255 bytes"
        front = _FRONT.pack(key, length) + value
        if padding := -(length + RECORD_OVERHEAD) % self._word:
            front += _BLANK * padding
        return front + _CHECK.pack(crc32.iscsi(front))

    def _record_at(self, page: bytes, at: int) -> bytes | None:
        """Return the record that starts at `at`, None where none in order does."""
        record = page[at : at + self._extent(page, at)]
        if len(record) < RECORD_OVERHEAD:
            return None
        value = record[2 : 2 + record[1]]
        return record if record == self._record(record[0], value) else None

    def _extent(self, page: bytes, at: int) -> int:
        """Return how long the record that starts at `at` would be by its length byte."""
        length = page[at + 1] if at + 1 < len(page) else 0
        return -(-(length + RECORD_OVERHEAD) // self._word) * self._word

    def _scan(self) -> bool:
        """Read the row of records and settle its end; return whether something was torn there."""
        page, word = self._flash.read(self.active, 0, self._page_bytes), self._word
        entries: dict[int, bytes] = {}
        at = end = HEADER_BYTES
        last = b""
        while at < len(page):
            record = self._record_at(page, at)
            if record is not None:
                entries[record[0]] = record[2 : 2 + record[1]]
                at += len(record)
                end, last = at, record
            elif page[at : at + word] == _VOID * word:
                at += word
            else:
                break
        self.entries = entries
        self._flash.program(self.active, end - len(last), last)
        # Whatever lies behind the last record is void, torn, or a word that a cut left undecided
        # though it reads blank; only the word behind what was begun can be that.
        begun = max(at, len(page.rstrip(_BLANK)))
        if page[at : at + 1] not in (b"", _BLANK):
            begun = max(begun, at + self._extent(page, at))
        self.tail = min(-(-begun // word) * word + word, self._page_bytes)
        self._void(self.active, end, self.tail)
        return begun > at

    def _void(self, bank: int, start: int, end: int) -> None:
        """Program zeros from the back, so that a record is never opened behind its own start."""
        for offset in reversed(range(start, end, self._word)):
            self._flash.program(bank, offset, _VOID * self._word)
