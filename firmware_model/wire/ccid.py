"""Messages between host and card reader over a serial line, as the GemPC Twin frames them.

The messages are those of the USB class for card readers (CCID revision 1.1 §6); WIRE §10.1.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum, unique

from firmware_model.wire.t1 import lrc

START = b"\x03\x06"
REFUSAL = b"\x03\x15\x16"
"""Sent for a frame that is damaged; from the host: it did not get our last one."""

HEAD_BYTES = 10
DATA_BYTES_MAX = 271
"""The longest data that a reader with whole T=1 blocks needs (CCID 1.1 §5.1)."""


@unique
class ReaderMessageKind(IntEnum):
    """The types of messages, commands first."""

    SET_PARAMETERS = 0x61
    POWER_ON = 0x62
    POWER_OFF = 0x63
    GET_SLOT_STATUS = 0x65
    ESCAPE = 0x6B
    GET_PARAMETERS = 0x6C
    TRANSFER = 0x6F
    ABORT = 0x72
    DATA = 0x80
    SLOT_STATUS = 0x81
    PARAMETERS = 0x82
    ESCAPED = 0x83


@unique
class SlotError(IntEnum):
    """Why a command failed (CCID 1.1 Table 6.2-2, and the offset of a bad byte)."""

    NOT_SUPPORTED = 0x00
    BAD_SLOT = 0x05
    BAD_PROTOCOL = 0x07
    BAD_LENGTH = 0x01
    CARD_MUTE = 0xFE
    SLOT_BUSY = 0xE0


@dataclass(frozen=True, slots=True)
class ReaderFrame:
    """One message: `kind`, slot, sequence number, three bytes of its own, data."""

    kind: int
    slot: int
    sequence: int
    specific: bytes = bytes(3)
    data: bytes = field(default=b"", repr=False)

    def encode(self) -> bytes:
        """Return the message as a frame."""
        head = bytes((self.kind,)) + len(self.data).to_bytes(4, "little")
        front = START + head + bytes((self.slot, self.sequence)) + self.specific + self.data
        return front + bytes((lrc(front),))


@unique
class Found(Enum):
    """What else a deframer finds."""

    DAMAGED = "a frame with a wrong check byte, or a length beyond the longest message"
    REFUSED = "the host's word that it did not get our last frame"


class ReaderDeframer:
    """Takes the bytes of a line and gives the frames in it; it never holds more than one."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    @property
    def is_waiting(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[ReaderFrame | Found]:
        """Take bytes; return what they complete, in order."""
        self._held += data
        found: list[ReaderFrame | Found] = []
        while (one := self._next()) is not None:
            found.append(one)
        return found

    def expire(self) -> list[ReaderFrame | Found]:
        """Drop the frame that was begun, and look behind its first byte."""
        found: list[ReaderFrame | Found] = []
        while self._held:
            self._held = self._held[1:]
            found += self.feed(b"")
        return found

    def _next(self) -> ReaderFrame | Found | None:
        held = self._held = self._held[self._start() :]
        if held.startswith(REFUSAL):
            self._held = held[len(REFUSAL) :]
            return Found.REFUSED
        head_end = len(START) + HEAD_BYTES
        if len(held) < head_end:
            return None
        length = int.from_bytes(held[3:7], "little")
        end = head_end + length + 1
        if length <= DATA_BYTES_MAX and len(held) < end:
            return None
        if length > DATA_BYTES_MAX or lrc(held[:end]):
            self._held = held[1:]
            return Found.DAMAGED
        self._held = held[end:]
        specific = held[9:12]
        return ReaderFrame(held[2], held[7], held[8], specific, held[head_end : end - 1])

    def _start(self) -> int:
        """Return where a frame may start: bytes before it are noise."""
        held = self._held
        for at in range(len(held)):
            rest = held[at : at + len(REFUSAL)]
            if rest.startswith(START) or REFUSAL.startswith(rest) or START.startswith(rest):
                return at
        return len(held)
