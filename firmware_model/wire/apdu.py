"""Commands and responses of ISO/IEC 7816-4: short and extended, with and without Le.

Decoding never raises for what a peer sent: it returns None for bytes that are no APDU.
"""

from dataclasses import dataclass, field
from enum import IntEnum, unique

SHORT_DATA_MAX = 255
SHORT_NE_MAX = 256
DATA_MAX = 65_535
NE_MAX = 65_536

SECURE_MESSAGING = 0x04
"""The class bit of GlobalPlatform's secure messaging (Card Specification 2.3.1 §11.1.4)."""


@unique
class StatusWord(IntEnum):
    """Every status word the fob sends with a fixed value; ISO's and GlobalPlatform's own.

    Two more carry a number in their low bits: `bytes_left`, `exact_length`.
    """

    OK = 0x9000
    HOST_CRYPTOGRAM_FAILED = 0x6300
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    LOGICAL_CHANNEL_NOT_SUPPORTED = 0x6881
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882
    CHAINING_NOT_SUPPORTED = 0x6884
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_BLOCKED = 0x6983
    REFERENCED_DATA_INVALID = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    WRONG_DATA = 0x6A80
    NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    NOT_ENOUGH_SPACE = 0x6A84
    INCORRECT_P1_P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    INSTRUCTION_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00


_OK = StatusWord.OK


def bytes_left(count: int) -> int:
    """Return 61xx: `count` (1 or more) response bytes wait for GET RESPONSE; 00 = 256 or more."""
    return 0x6100 | (count if count < SHORT_NE_MAX else 0)


def exact_length(count: int) -> int:
    """Return 6Cxx: Le was wrong, `count` (1..256) is right."""
    return 0x6C00 | count & 0xFF


def describe_status(status: int) -> str:
    """Return a status word as hex digits and, where it has one, its name: `6985 (conditions…)`."""
    high, low = status >> 8, status & 0xFF
    if name := _NAMES.get(status):
        meaning = name
    elif high == 0x61:
        meaning = f"{low or '256 or more'} bytes left"
    elif high == 0x6C:
        meaning = f"exact length is {low or SHORT_NE_MAX}"
    else:
        return f"{status:04X}"
    return f"{status:04X} ({meaning})"


_NAMES = {int(word): word.name.lower().replace("_", " ") for word in StatusWord}


@dataclass(slots=True, unsafe_hash=True)
class Command:
    """A command APDU (ISO/IEC 7816-4 §5.1).

    `data` holds 0..65535 bytes. `ne` is the greatest number of response bytes wanted
    (1..65536), None where Le is absent. `extended` asks for the three-byte length fields even
    where the short ones would do; it is always so where they would not, never without either.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    ne: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        if len(self.data) > DATA_MAX or not (self.ne is None or 1 <= self.ne <= NE_MAX):
            raise ValueError("an APDU has at most 65535 data bytes and an Ne of 1 to 65536")
        if len(self.data) > SHORT_DATA_MAX or (self.ne or 0) > SHORT_NE_MAX:
            self.extended = True
        elif not self.data and self.ne is None:
            self.extended = False

    @property
    def p1p2(self) -> int:
        """Both parameter bytes as one number, as GET DATA reads its tag."""
        return self.p1 << 8 | self.p2

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def is_secured(self) -> bool:
        """Whether the class byte announces GlobalPlatform secure messaging."""
        return bool(self.cla & SECURE_MESSAGING)

    def encode_lc(self, count: int) -> bytes:
        """Return the length field for `count` data bytes in this command's own form."""
        return b"\0" + count.to_bytes(2, "big") if self.extended else bytes((count,))

    def encode(self) -> bytes:
        """Return the command as bytes."""
        raw = bytes((self.cla, self.ins, self.p1, self.p2))
        if self.data:
            raw += self.encode_lc(len(self.data)) + self.data
        if self.ne is None:
            return raw
        if not self.extended:
            return raw + bytes((self.ne & 0xFF,))
        return raw + (b"" if self.data else b"\0") + (self.ne & 0xFFFF).to_bytes(2, "big")


@dataclass(slots=True, unsafe_hash=True)
class Response:
    """A response APDU: 0..65536 bytes of data and a status word."""

    data: bytes = field(default=b"", repr=False)
    status: int = StatusWord.OK

    @property
    def is_ok(self) -> bool:
        """Whether the status is 9000."""
        return self.status == _OK

    def encode(self) -> bytes:
        """Return the response as bytes."""
        return self.data + self.status.to_bytes(2, "big")


def decode_command(raw: bytes) -> Command | None:
    """Return the command in `raw`, or None where the lengths do not add up (answer 6700)."""
    size = len(raw)
    if size < 4:
        return None
    cla, ins, p1, p2 = raw[:4]
    if size == 4:
        return Command(cla, ins, p1, p2)
    if size == 5:
        return Command(cla, ins, p1, p2, ne=raw[4] or SHORT_NE_MAX)
    if count := raw[4]:
        ne = (raw[-1] or SHORT_NE_MAX) if size == 6 + count else None
        if size - 5 - count not in (0, 1):
            return None
        return Command(cla, ins, p1, p2, raw[5 : 5 + count], ne)
    if size < 7:
        return None
    number = raw[5] << 8 | raw[6]
    if size == 7:
        return Command(cla, ins, p1, p2, ne=number or NE_MAX, extended=True)
    if not number or size - 7 - number not in (0, 2):
        return None
    ne = (int.from_bytes(raw[-2:], "big") or NE_MAX) if size == 9 + number else None
    return Command(cla, ins, p1, p2, raw[7 : 7 + number], ne, extended=True)


def decode_response(raw: bytes) -> Response | None:
    """Return the response in `raw`, or None where there is no status word in it."""
    if not 2 <= len(raw) <= NE_MAX + 2:
        return None
    return Response(raw[:-2], int.from_bytes(raw[-2:], "big"))
