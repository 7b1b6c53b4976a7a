"""HDLC frames: ISO/IEC 13239 frame format type 3, as IEC 62056-46 §6.4 profiles it.

A frame stands between flags and says its own length; nothing in it is stuffed or escaped, so
the length leads, and after damage the next flag that starts a good frame does.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum, unique
from typing import NamedTuple

from fastcrc.crc16 import ibm_sdlc as crc16_x25

FLAG = 0x7E
FRAME_BYTES_MIN = 7
FRAME_BYTES_MAX = 0x7FF
"""What eleven bits of length can say, flags not counted."""

INFORMATION_BYTES_MAX = 2030
INFORMATION_BYTES_DEFAULT = 128

UPPER_ADDRESS = 1
"""The upper server address of every fob: its firmware (the logical device)."""

CLIENT_ADDRESS = 0x10

_FLAG = b"\x7e"
_TYPE_3 = 0b1010_0000
_TYPE_MASK = 0b1111_0000
_SEGMENTED = 0b0000_1000
POLL = 0b0001_0000
"""The P/F bit of a control field."""
_CHECK_BYTES = 2
_RESIDUE = 0x0F47
"""CRC-16/X-25 of whatever ends in its own check sequence."""


@unique
class FrameKind(IntEnum):
    """What a frame is, by its control field without the P/F bit and the counters.

    The profile knows no other supervisory frames: no REJ, no SREJ.
    """

    I = 0b000_0_000_0  # noqa: E741  # the standard's own name
    RR = 0b000_0_0001
    RNR = 0b000_0_0101
    SNRM = 0b100_0_0011
    DISC = 0b010_0_0011
    UA = 0b011_0_0011
    DM = 0b000_0_1111
    FRMR = 0b100_0_0111
    UI = 0b000_0_0011
    UNKNOWN = -1


class Control(NamedTuple):
    """A control field taken apart: kind, poll/final, N(R) and N(S) (0 where there is none)."""

    kind: FrameKind
    poll: bool
    received: int
    sent: int


@dataclass(slots=True, unsafe_hash=True)
class Frame:
    """One valid frame. `destination` and `source` are address bytes, see `Address`."""

    destination: bytes
    source: bytes
    control: int
    information: bytes = field(default=b"", repr=False)
    segmented: bool = False


@unique
class Damage(Enum):
    """What is wrong with bytes that began like a frame."""

    FORMAT = "not frame format type 3"
    LENGTH = "a length that cannot be"
    ADDRESS = "an address of 3 or more than 4 bytes"
    HEADER_CHECK = "wrong header check sequence"
    FRAME_CHECK = "wrong frame check sequence"
    NO_FLAG = "no closing flag where the length says"
    CUT_SHORT = "the rest did not come in time"


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes after a flag that are no frame, and why."""

    damage: Damage


@dataclass(frozen=True, slots=True)
class Address:
    """A station's address in one of its forms of 1, 2 or 4 bytes (IEC 62056-46 §6.4.2.2).

    A client has an upper address only, in one byte. A server in 2 or 4 bytes has a lower one
    too, of 7 or 14 bits.
    """

    upper: int
    lower: int = 0
    width: int = 1

    def encode(self) -> bytes:
        """Return the address field; raises ValueError where the form is too narrow."""
        bits = 14 if self.width == 4 else 7
        if self.width not in (1, 2, 4) or max(self.upper, self.lower) >> bits:
            raise ValueError(f"no {self.width}-byte form of address {self.upper}/{self.lower}")
        number = self.upper << bits | self.lower if self.width > 1 else self.upper
        septets = [number >> 7 * place & 0x7F for place in range(self.width)]
        octets = [septet << 1 for septet in reversed(septets)]
        octets[-1] |= 1
        return bytes(octets)

    @classmethod
    def decode(cls, raw: bytes) -> "Address":
        """Return the address in an address field that a `Deframer` has found good."""
        number = 0
        for octet in raw:
            number = number << 7 | octet >> 1
        bits = {1: 0, 2: 7, 4: 14}[len(raw)]
        return cls(number >> bits, number & (1 << bits) - 1, len(raw))

    @property
    def is_calling(self) -> bool:
        """Whether this is the calling address, which any single server on a line answers."""
        return self.lower == {2: 0x7E, 4: 0x3FFE}.get(self.width)

    @property
    def is_for_all(self) -> bool:
        """Whether every server is meant, so that none answers."""
        return self.lower == {2: 0x7F, 4: 0x3FFF}.get(self.width)


SERVER_MAX_SHORT = 125
SERVER_MAX = 0x3FFD


def server_address(lower: int) -> bytes:
    """Return the address field of fob `lower` (1..16381): 2 bytes up to 125, 4 from there.

    Raises ValueError out of that range.
    """
    if not 1 <= lower <= SERVER_MAX:
        raise ValueError(f"a fob's address is 1 to {SERVER_MAX}, not {lower}")
    return Address(UPPER_ADDRESS, lower, 2 if lower <= SERVER_MAX_SHORT else 4).encode()


def client_address() -> bytes:
    """Return the address field of the host, client 16."""
    return Address(CLIENT_ADDRESS).encode()


def control_byte(kind: FrameKind, poll: bool = False, received: int = 0, sent: int = 0) -> int:
    """Return the control field of `kind`; `received` is N(R), `sent` is N(S), modulo 8."""
    return kind | (received & 7) << 5 | (sent & 7) << 1 | (POLL if poll else 0)


def encode(frame: Frame) -> bytes:
    """Return `frame` with exactly one flag before and one after it.

    The information field, at most 2030 bytes, is the sender's to cut.
    """
    return encode_fields(
        frame.destination, frame.source, frame.control, frame.information, frame.segmented
    )


def encode_fields(
    destination: bytes,
    source: bytes,
    control: int,
    information: bytes = b"",
    segmented: bool = False,
) -> bytes:
    """Return the bytes of the frame with these fields (see `encode`)."""
    length = 3 + len(destination) + len(source) + _CHECK_BYTES
    if information:
        length += len(information) + _CHECK_BYTES
    form = _TYPE_3 | length >> 8 | (_SEGMENTED if segmented else 0)
    raw = b"%c%c%b%b%c" % (form, length & 0xFF, destination, source, control)
    if information:
        raw = b"%b%b%b" % (raw, crc16_x25(raw).to_bytes(2, "little"), information)
    return b"~%b%b~" % (raw, crc16_x25(raw).to_bytes(2, "little"))


class WholeFrame(bytes):
    """The bytes of one frame, and the frame: a `Deframer` that gets them need not look again."""

    frame: Frame

    def __new__(cls, frame: Frame) -> "WholeFrame":
        """Return `frame` as bytes."""
        made = super().__new__(cls, encode(frame))
        made.frame = frame
        return made


class Deframer:
    """Finds frames in a stream of bytes; holds at most one unfinished frame, never raises.

    Noise outside flags and floods of flags give nothing. Bytes that begin like a frame and are
    none give a `Damaged`, and the search goes on behind their first flag.
    """

    __slots__ = ("_held", "is_waiting")

    def __init__(self) -> None:
        self._held = b""
        self.is_waiting = False
        """Whether a frame has begun and not ended: the inter-octet time-out runs."""

    def expire(self) -> list[Frame | Damaged]:
        """Give up the unfinished frame; frames behind its false start are found."""
        return self.feed(b"", final=True)

    def feed(self, data: bytes, *, final: bool = False) -> list[Frame | Damaged]:
        """Take bytes from the line and return what became complete, in order.

        `final` says that no more will come of what was begun.
        """
        if type(data) is WholeFrame and not self.is_waiting:
            return [data.frame]
        found: list[Frame | Damaged] = []
        data = self._held + data
        at, last = data.find(_FLAG), len(data) - 1
        while 0 <= at < last:
            start = at + 1
            if data[start] == FLAG:
                at = start
                continue
            outcome, end = _examine(data, start)
            if type(outcome) is Frame:
                found.append(outcome)
                at = end
                continue
            if outcome is None:
                if not final:
                    break
                outcome = Damage.CUT_SHORT
            assert isinstance(outcome, Damage), "neither a frame nor the beginning of one"
            found.append(Damaged(outcome))
            at = data.find(_FLAG, start)
        self._held = data[at:] if at >= 0 else b""
        self.is_waiting = 0 <= at < last
        return found


def _examine(data: bytes, start: int) -> tuple[Frame | Damage | None, int]:
    """Return the frame that starts at `start` and where its closing flag would be.

    Or what is wrong, as soon as that shows; None while more bytes are needed.
    """
    size = len(data)
    form = data[start]
    if form & _TYPE_MASK != _TYPE_3:
        return Damage.FORMAT, 0
    at = start + 2
    if size < at:
        return None, 0
    end = start + ((form & 0x07) << 8 | data[start + 1])
    if end - start < FRAME_BYTES_MIN:
        return Damage.LENGTH, end
    source = _address_end(data, at)
    control = source
    if source > 0:  # a host's address has one byte
        control = source + 1 if size > source and data[source] & 1 else _address_end(data, source)
    if control <= 0:
        return Damage.ADDRESS if control == _BAD else None, end
    body = control + 1 + _CHECK_BYTES
    if end != body:
        if end < body + _CHECK_BYTES:
            return Damage.LENGTH, end
        if size < body:
            return None, end
        if crc16_x25(data[start:body]) != _RESIDUE:
            return Damage.HEADER_CHECK, end
    if size <= end:
        return None, end
    if data[end] != FLAG:
        return Damage.NO_FLAG, end
    if crc16_x25(data[start:end]) != _RESIDUE:
        return Damage.FRAME_CHECK, end
    information = data[body : end - _CHECK_BYTES]
    segmented = form & _SEGMENTED != 0
    return Frame(data[at:source], data[source:control], data[control], information, segmented), end


_UNFINISHED = -1
_BAD = -2


def _address_end(data: bytes, at: int) -> int:
    """Return where the address field at `at` ends, _UNFINISHED or _BAD; LSB set ends it."""
    field = data[at : at + 4]
    if field and field[0] & 1:
        return at + 1
    if len(field) > 1 and field[1] & 1:
        return at + 2
    if len(field) < 3 or (len(field) == 3 and not field[2] & 1):
        return _UNFINISHED
    return _BAD if field[2] & 1 or not field[3] & 1 else at + 4


def _take_apart(control: int) -> Control:
    poll, received, sent = bool(control & POLL), control >> 5, control >> 1 & 7
    if not control & 1:
        return Control(FrameKind.I, poll, received, sent)
    if control & 3 == 1:
        supervisory = {int(kind): kind for kind in (FrameKind.RR, FrameKind.RNR)}
        return Control(supervisory.get(control & 0x0F, FrameKind.UNKNOWN), poll, received, 0)
    named = {int(kind): kind for kind in FrameKind if kind & 3 == 3 and kind > 0}
    return Control(named.get(control & ~POLL, FrameKind.UNKNOWN), poll, 0, 0)


CONTROLS = tuple(_take_apart(control) for control in range(256))
"""Every control field, taken apart."""
