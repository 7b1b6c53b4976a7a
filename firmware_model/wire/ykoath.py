"""The public OATH applet's commands (WIRE §12): Yubico's "YKOATH Protocol Specification".

RENAME is not in that page; its form is what hosts send from firmware 5.3 on. Decoding gives None
for data that is not as declared: the applet answers that with 6A80.
"""

import struct
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import NamedTuple, Self

from firmware_model.generators import Hash, OtpKind
from firmware_model.wire import tlv

OATH_AID = bytes.fromhex("A0000005272101")

NAME_BYTES_MAX = 64
DIGITS = range(6, 9)
CHALLENGE_BYTES = 8
SALT_BYTES = 8
COUNTER_BYTES = 4
CHALLENGE_BYTES_MAX = 64


@unique
class OathInstruction(IntEnum):
    """The instruction bytes of the OATH applet."""

    PUT = 0x01
    DELETE = 0x02
    SET_CODE = 0x03
    RESET = 0x04
    RENAME = 0x05
    LIST = 0xA1
    CALCULATE = 0xA2
    VALIDATE = 0xA3
    CALCULATE_ALL = 0xA4
    SEND_REMAINING = 0xA5


@unique
class OathTag(IntEnum):
    """The tags of what goes in and out."""

    NAME = 0x71
    NAME_LIST = 0x72
    KEY = 0x73
    CHALLENGE = 0x74
    RESPONSE = 0x75
    TRUNCATED_RESPONSE = 0x76
    NO_RESPONSE = 0x77
    PROPERTY = 0x78
    VERSION = 0x79
    COUNTER = 0x7A
    ALGORITHM = 0x7B
    TOUCH = 0x7C


class CredentialType(NamedTuple):
    """Kind and hash of a credential: the two halves of one byte."""

    kind: OtpKind
    algorithm: Hash

    @classmethod
    def decode(cls, code: int) -> "CredentialType | None":
        """Return what `code` stands for, None where it stands for nothing."""
        try:
            return cls(OtpKind(code >> 4), Hash(code & 0x0F))
        except ValueError:
            return None

    @property
    def code(self) -> int:
        """The byte on the wire."""
        return self.kind << 4 | self.algorithm


@dataclass(frozen=True, slots=True)
class PutCredential:
    """PUT: add a credential, or replace the one of that name. `options` are the property bits."""

    name: bytes
    type: CredentialType
    digits: int
    seed: bytes = field(repr=False)
    options: int = 0
    counter: int = 0

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        found = _items(data)
        if found is None or [tag for tag, _ in found[:2]] != [OathTag.NAME, OathTag.KEY]:
            return None
        (_, name), (_, key), *rest = found
        others = dict(rest)
        allowed = {OathTag.PROPERTY, OathTag.COUNTER}
        if len(others) != len(rest) or not others.keys() <= allowed or len(key) < 3:
            return None
        kind = CredentialType.decode(key[0])
        counter = others.get(OathTag.COUNTER, bytes(COUNTER_BYTES))
        if not _is_name(name) or kind is None or key[1] not in DIGITS:
            return None
        if len(counter) != COUNTER_BYTES or len(key) - 2 > kind.algorithm.block_bytes:
            return None
        options = others.get(OathTag.PROPERTY, b"\0")[0]
        return cls(name, kind, key[1], key[2:], options, int.from_bytes(counter, "big"))


@dataclass(frozen=True, slots=True)
class SetCode:
    """SET CODE: from the next selection on, hosts must know `key`; b"" takes that back.

    `response` is the HMAC of `challenge` under it, by which the host shows that it knows the key.
    """

    type: CredentialType | None
    key: bytes = field(repr=False)
    challenge: bytes = b""
    response: bytes = field(default=b"", repr=False)

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        found = _items(data)
        if found is None or not found or found[0][0] != OathTag.KEY:
            return None
        key = found[0][1]
        if not key:
            return cls(None, b"")
        tags = [tag for tag, _ in found]
        kind = CredentialType.decode(key[0])
        if tags != [OathTag.KEY, OathTag.CHALLENGE, OathTag.RESPONSE] or kind is None:
            return None
        challenge, response = found[1][1], found[2][1]
        if not 1 <= len(key) - 1 <= NAME_BYTES_MAX or not challenge:
            return None
        return cls(kind, key[1:], challenge, response)


@dataclass(frozen=True, slots=True)
class Validate:
    """VALIDATE: both ends show that they know the access key."""

    response: bytes = field(repr=False)
    challenge: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        values = _values(data, OathTag.RESPONSE, OathTag.CHALLENGE)
        return None if values is None or not values[1] else cls(*values)


@dataclass(frozen=True, slots=True)
class DeleteCredential:
    """DELETE: erase the credential of that name."""

    name: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        values = _values(data, OathTag.NAME)
        return cls(values[0]) if values is not None and _is_name(values[0]) else None


@dataclass(frozen=True, slots=True)
class RenameCredential:
    """RENAME: give the credential `name` the name `new_name`."""

    name: bytes
    new_name: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        values = _values(data, OathTag.NAME, OathTag.NAME)
        return cls(*values) if values is not None and all(map(_is_name, values)) else None


@dataclass(frozen=True, slots=True)
class Calculate:
    """CALCULATE: the response of one credential to a challenge, which HOTP does not look at."""

    name: bytes
    challenge: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        values = _values(data, OathTag.NAME, OathTag.CHALLENGE)
        if values is None or not _is_name(values[0]) or len(values[1]) > CHALLENGE_BYTES_MAX:
            return None
        return cls(*values)


@dataclass(frozen=True, slots=True)
class CalculateAll:
    """CALCULATE ALL: the responses of all credentials that need neither touch nor counter."""

    challenge: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self | None:
        """Return the message in `data`, or None."""
        values = _values(data, OathTag.CHALLENGE)
        if values is None or not 1 <= len(values[0]) <= CHALLENGE_BYTES_MAX:
            return None
        return cls(values[0])


def encode_response(mac: bytes, digits: int, *, number: int | None) -> bytes:
    """Return a response: the whole `mac`, or where a `number` is given, that (31 bits) alone."""
    if number is None:
        return tlv.encode(OathTag.RESPONSE, bytes((digits,)) + mac)
    return tlv.encode(OathTag.TRUNCATED_RESPONSE, struct.pack(">BI", digits, number))


def _is_name(name: bytes) -> bool:
    return 1 <= len(name) <= NAME_BYTES_MAX


def _values(data: bytes, *tags: int) -> list[bytes] | None:
    """Return the values of exactly these objects in this order, or None."""
    found = _items(data)
    if found is None or [tag for tag, _ in found] != list(tags):
        return None
    return [value for _, value in found]


def _items(data: bytes) -> list[tlv.Item] | None:
    """Return the objects in `data`; a property is its tag and one byte, without a length."""
    items: list[tlv.Item] = []
    at = 0
    while at < len(data):
        if data[at] == OathTag.PROPERTY:
            if at + 2 > len(data):
                return None
            items.append((OathTag.PROPERTY, data[at + 1 : at + 2]))
            at += 2
            continue
        head = tlv.decode_head(data, at)
        if head is None:
            return None
        tag, start, end = head
        items.append((tag, data[start:end]))
        at = end
    return items
