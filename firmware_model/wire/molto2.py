"""The published Molto2 command set (WIRE §13): commands, keys, and its message authentication.

Source: Token2's protocol page (token2/molto2-tools). Its SM4 is that of GB/T 32907-2016.
"""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from firmware_model.generators import Hash
from firmware_model.wire import tlv

CLA_PLAIN, CLA_SECURED = 0x80, 0x84

PROFILES = 100
BLOCK_BYTES = 16
CHALLENGE_BYTES = 8
MAC_BYTES = 4
SEED_BYTES_MAX = 63
TITLE_BYTES_MAX = 12
TITLE_FIELD_BYTES = 16
QUEUED = 0x9060
TRIES_LEFT = 0x6300
DIGITS = (4, 6, 8, 10)
STEPS = (30, 60)
HASHES = (Hash.SHA1, Hash.SHA256)
TIMEOUT_SECONDS = (15, 30, 60, 120)

_PAD = b"\x80"


@unique
class MoltoInstruction(IntEnum):
    """The instruction bytes."""

    READ = 0x41
    GET_CHALLENGE = 0x4B
    FACTORY_RESET = 0x56
    WRITE_SEED = 0xC5
    AUTHENTICATE = 0xCE
    CONFIGURE = 0xD4
    WRITE_TITLE = 0xD5
    CHANGE_KEY = 0xD7
    LOCK_SCREEN = 0xD8
    DELETE_SEED = 0xE6


@unique
class MoltoTag(IntEnum):
    """The tags of what goes in and out."""

    HASH = 0x0A
    DIGITS = 0x0B
    STEP = 0x0D
    TIME = 0x0F
    TIMEOUT = 0x1F
    SEED_INFORMATION = 0x70
    CONFIGURATION = 0x81
    GENERATOR = 0x86
    PUBLIC = 0x95


def device_key(customer_key: bytes) -> bytes:
    """Return the SM4 key that a customer key stands for."""
    return hashlib.sha1(customer_key).digest()[:BLOCK_BYTES]  # noqa: S324 - the command set's own


DEFAULT_KEY = device_key(b"TOKEN2MOLTO1-KEY")
"""The key of a device from the factory, which is published."""


def encrypt(key: bytes, blocks: bytes) -> bytes:
    """Return whole blocks under SM4 in ECB mode."""
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - as above
    return encryptor.update(blocks) + encryptor.finalize()


def decrypt(key: bytes, blocks: bytes) -> bytes | None:
    """Return whole blocks in clear, None where they are none."""
    if not blocks or len(blocks) % BLOCK_BYTES:
        return None
    decryptor = Cipher(algorithms.SM4(key), modes.ECB()).decryptor()  # noqa: S305 - as above
    return decryptor.update(blocks) + decryptor.finalize()


def is_authentic(key: bytes, header: bytes, data: bytes) -> bool:
    """Return whether `data` ends in its MAC; `header` is INS P1 P2 of its command.

    The last block of SM4-CBC over a plain class byte, `header`, the body's length and the body,
    padded only where it does not fill its blocks.
    """
    body, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
    message = bytes((CLA_PLAIN,)) + header + bytes((len(body),)) + body
    if len(message) % BLOCK_BYTES:
        message += _PAD
        message += bytes(-len(message) % BLOCK_BYTES)
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(bytes(BLOCK_BYTES))).encryptor()
    blocks = encryptor.update(message) + encryptor.finalize()
    return hmac.compare_digest(blocks[-BLOCK_BYTES:][:MAC_BYTES], mac)


def unpadded(clear: bytes) -> bytes:
    """Return what was padded with 80 and zeros; all of it where there is no padding.

    b"" for zeros alone, which say that something is to be cleared.
    """
    stripped = clear.rstrip(b"\0")
    if not stripped:
        return b""
    return stripped[:-1] if stripped.endswith(_PAD) else clear


def new_key(clear: bytes) -> bytes | None:
    """Return the key in the clear body of a key change, None where it is not as declared."""
    front, key, rest = clear[:1], clear[1 : 1 + BLOCK_BYTES], clear[1 + BLOCK_BYTES :]
    if front != b"\0" or rest != _PAD.ljust(BLOCK_BYTES - 1, b"\0"):
        return None
    return key


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """What a profile is beside its seed: `title` in UTF-8, `timeout` 0 to 3 of the display."""

    title: bytes = b""
    timeout: int = 1
    algorithm: Hash = Hash.SHA1
    digits: int = 6
    step_seconds: int = 30

    @property
    def shown_seconds(self) -> int:
        """How long the display stays on."""
        return TIMEOUT_SECONDS[self.timeout]


@dataclass(frozen=True, slots=True)
class Configuration:
    """The body of CONFIGURE; what is None stays as it is."""

    unix_seconds: int | None = None
    timeout: int | None = None
    algorithm: Hash | None = None
    digits: int | None = None
    step_seconds: int | None = None

    @classmethod
    def decode(cls, body: bytes) -> Self | None:
        """Return the configuration in `body`, or None."""
        outer = _items(body)
        if outer is None or outer.keys() != {MoltoTag.CONFIGURATION}:
            return None
        items = _items(outer[MoltoTag.CONFIGURATION])
        inner = _items((items or {}).get(MoltoTag.GENERATOR, b""))
        if not items or inner is None:
            return None
        time = items.pop(MoltoTag.TIME, None)
        if time is not None and len(time) != _TIME_BYTES:
            return None
        items.pop(MoltoTag.GENERATOR, None)
        number = {}
        for values, allowed in ((items, _OF_THE_DISPLAY), (inner, _OF_THE_GENERATOR)):
            for tag, value in values.items():
                if tag not in allowed or len(value) != 1 or value[0] not in allowed[tag]:
                    return None
                number[tag] = value[0]
        algorithm = number.get(MoltoTag.HASH)
        return cls(
            unix_seconds=None if time is None else int.from_bytes(time, "big"),
            timeout=number.get(MoltoTag.TIMEOUT),
            algorithm=None if algorithm is None else Hash(algorithm),
            digits=number.get(MoltoTag.DIGITS),
            step_seconds=number.get(MoltoTag.STEP),
        )


_TIME_BYTES = 4
_OF_THE_DISPLAY: dict[int, Collection[int]] = {MoltoTag.TIMEOUT: range(len(TIMEOUT_SECONDS))}
_OF_THE_GENERATOR: dict[int, Collection[int]] = {
    MoltoTag.HASH: HASHES,
    MoltoTag.DIGITS: DIGITS,
    MoltoTag.STEP: STEPS,
}


def _items(raw: bytes) -> dict[int, bytes] | None:
    """Return the values by tag, a byte of tag and a byte of length each; None where they are not.

    BER would read the tag 1F as the beginning of a longer one.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(raw):
        tag, start = raw[at], at + 2
        at = start + (raw[at + 1] if start <= len(raw) else len(raw))
        if at > len(raw) or tag in found:
            return None
        found[tag] = raw[start:at]
    return found


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """What READ without a profile answers; what its first three bytes mean is not published."""

    serial_number: str
    unix_seconds: int

    def encode(self) -> bytes:
        """Return the answer."""
        serial = self.serial_number.encode("ascii")
        body = tlv.encode(0x02, serial) + tlv.encode(MoltoTag.TIME, _u32(self.unix_seconds))
        return tlv.encode(MoltoTag.PUBLIC, body)


@dataclass(frozen=True, slots=True)
class PublicProfile:
    """What READ of a profile answers, to anybody."""

    settings: ProfileSettings
    unix_seconds: int
    has_seed: bool = field(default=False)

    def encode(self) -> bytes:
        """Return the answer; the second time field, whose meaning is not published, is zero."""
        settings = self.settings
        value = b"".join(
            (
                bytes((_WRITTEN if self.has_seed else 0,)),
                settings.title.ljust(TITLE_FIELD_BYTES, b"\0"),
                _u32(self.unix_seconds),
                _u32(0),
                bytes((settings.algorithm, settings.step_seconds, settings.digits, self.has_seed)),
            )
        )
        return tlv.encode(MoltoTag.PUBLIC, tlv.encode(MoltoTag.SEED_INFORMATION, value))


_WRITTEN = 0x20


def _u32(number: int) -> bytes:
    return min(number, 0xFFFF_FFFF).to_bytes(4, "big")
