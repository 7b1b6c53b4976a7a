"""Blocks of T=1, the block protocol of contact cards: ISO/IEC 7816-3 §11.3 (WIRE §10.2).

Both ends use them. A block is NAD, PCB, LEN, information and one byte of LRC.
"""

from dataclasses import dataclass, field
from enum import Enum, IntEnum, unique

NAD = 0x00
INFORMATION_BYTES_MAX = 254
IFS_DEFAULT = 32

MORE = 0x20
_SUPERVISORY, _RESPONSE = 0xC0, 0x20
_HEAD_BYTES, _LRC_BYTES = 3, 1


@unique
class BlockKind(Enum):
    """What a block is."""

    I = "information"  # noqa: E741 - the standard's name
    R = "receive-ready"
    S_REQUEST = "supervisory request"
    S_RESPONSE = "supervisory response"


@unique
class Supervision(IntEnum):
    """What a supervisory block is about."""

    RESYNCH = 0x00
    IFS = 0x01
    ABORT = 0x02
    WTX = 0x03


@unique
class BlockDamage(IntEnum):
    """Why a block is not taken: the error in the R-block that answers it."""

    LRC = 1
    OTHER = 2


@dataclass(frozen=True, slots=True)
class T1Block:
    """One block.

    `number` is N(S) of an I-block and N(R) of an R-block, 0 or 1; `more` is the M bit of an
    I-block; `error` that of an R-block, 0 for none; `about` what a supervisory block is about.
    """

    kind: BlockKind
    information: bytes = field(default=b"", repr=False)
    number: int = 0
    more: bool = False
    error: int = 0
    about: Supervision | None = None

    def encode(self) -> bytes:
        """Return the block as bytes."""
        body = bytes((NAD, self._pcb(), len(self.information))) + self.information
        return body + bytes((lrc(body),))

    def _pcb(self) -> int:
        match self.kind:
            case BlockKind.I:
                return self.number << 6 | self.more * MORE
            case BlockKind.R:
                return 0x80 | self.number << 4 | self.error
        assert self.about is not None, "a supervisory block is about something"
        response = _RESPONSE if self.kind is BlockKind.S_RESPONSE else 0
        return _SUPERVISORY | response | self.about


def decode(raw: bytes) -> T1Block | BlockDamage:
    """Return the block that `raw` is, or why it is none."""
    if len(raw) < _HEAD_BYTES + _LRC_BYTES:
        return BlockDamage.OTHER
    if lrc(raw):
        return BlockDamage.LRC
    nad, pcb, length = raw[:_HEAD_BYTES]
    information = raw[_HEAD_BYTES:-_LRC_BYTES]
    if nad != NAD or length != len(information) or length > INFORMATION_BYTES_MAX:
        return BlockDamage.OTHER
    if not pcb & 0x80:
        if pcb & 0x1F:
            return BlockDamage.OTHER
        return T1Block(BlockKind.I, information, number=pcb >> 6 & 1, more=bool(pcb & MORE))
    if not pcb & 0x40:
        error = pcb & 0x0F
        if pcb & 0x20 or information or error > BlockDamage.OTHER:
            return BlockDamage.OTHER
        return T1Block(BlockKind.R, number=pcb >> 4 & 1, error=error)
    return _supervisory(pcb, information)


def lrc(data: bytes) -> int:
    """Return the exclusive-or of all bytes; 0 for a block with its LRC."""
    result = 0
    for byte in data:
        result ^= byte
    return result


_WITH_VALUE = (Supervision.IFS, Supervision.WTX)


def _supervisory(pcb: int, information: bytes) -> T1Block | BlockDamage:
    try:
        about = Supervision(pcb & 0x1F)
    except ValueError:
        return BlockDamage.OTHER
    if len(information) != (about in _WITH_VALUE):
        return BlockDamage.OTHER
    if about is Supervision.IFS and not 1 <= information[0] <= INFORMATION_BYTES_MAX:
        return BlockDamage.OTHER
    kind = BlockKind.S_RESPONSE if pcb & _RESPONSE else BlockKind.S_REQUEST
    return T1Block(kind, information, about=about)
