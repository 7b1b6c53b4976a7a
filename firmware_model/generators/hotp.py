"""HOTP, the press-counted code: RFC 4226, with SHA-2 as RFC 6238 §1.2 allows."""

import hashlib
import hmac
import struct
from collections.abc import Callable
from enum import IntEnum, unique
from typing import Any

DIGITS = range(4, 11)
"""How many digits a code may have. RFC 4226 §5.3 wants at least 6; real fobs offer 4 to 10."""

COUNTER_MAX = 2**64 - 1
"""The last moving factor: RFC 4226 §5.1 counts in 8 bytes."""


@unique
class OtpKind(IntEnum):
    """What changes the moving factor: a press, or the time."""

    HOTP = 1
    TOTP = 2


@unique
class Hash(IntEnum):
    """The hash under the HMAC; the numbers are those of the public OATH applet."""

    SHA1 = 1
    SHA256 = 2
    SHA512 = 3

    @property
    def title(self) -> str:
        """Its name in FIPS 180-4: SHA-1, SHA-256 or SHA-512."""
        return self.name.replace("SHA", "SHA-")

    @property
    def block_bytes(self) -> int:
        """The hash's block length in bytes, which pads the HMAC key (RFC 2104 §2)."""
        return 128 if self is Hash.SHA512 else 64

    @property
    def output_bytes(self) -> int:
        """The hash's output length in bytes."""
        return {Hash.SHA1: 20, Hash.SHA256: 32, Hash.SHA512: 64}[self]


_NEW: dict[Hash, Callable[..., Any]] = {
    Hash.SHA1: hashlib.sha1,
    Hash.SHA256: hashlib.sha256,
    Hash.SHA512: hashlib.sha512,
}
_NUMBER = struct.Struct(">I")
_MODULI = {digits: 10**digits for digits in DIGITS}
_NO_SEED = "a seed needs at least one byte"
_IPAD = bytes(byte ^ 0x36 for byte in range(256))
_OPAD = bytes(byte ^ 0x5C for byte in range(256))


class OtpKey:
    """A prepared seed: both HMAC pads are hashed once, so each code costs two short hashes.

    `seed` is the OTP key, 1 byte or longer. Raises ValueError on an empty one.

    Example:
        >>> keyfob.OtpKey(b"12345678901234567890").code(0)
        '755224'
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, seed: bytes, algorithm: Hash = Hash.SHA1) -> None:
        if not seed:
            raise ValueError(_NO_SEED)
        new = _NEW[algorithm]
        if len(seed) > algorithm.block_bytes:
            seed = new(seed).digest()
        padded = seed.ljust(algorithm.block_bytes, b"\0")
        self._inner = new(padded.translate(_IPAD))
        self._outer = new(padded.translate(_OPAD))

    def __repr__(self) -> str:
        return "OtpKey(…)"

    def code(self, factor: int, digits: int = 6) -> str:
        """Return the code of moving factor `factor` (0..2^64-1), zero-padded to `digits` (4..10).

        Truncates dynamically as RFC 4226 §5.3 does; the offset is in the last byte of the MAC
        with every hash. Raises ValueError for a factor or a number of digits out of range.
        """
        try:
            modulus = _MODULI[digits]
            message = factor.to_bytes(8, "big")
        except (KeyError, OverflowError):
            raise ValueError(_out_of_range(factor, digits)) from None
        mac = self.mac(message)
        (number,) = _NUMBER.unpack_from(mac, mac[-1] & 0x0F)
        return str((number & 0x7FFF_FFFF) % modulus).zfill(digits)

    def mac(self, message: bytes) -> bytes:
        """Return the whole HMAC of any message (RFC 2104)."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        mac: bytes = outer.digest()
        return mac


def truncated(mac: bytes) -> int:
    """Return the 31-bit number of which a code is the last digits (RFC 4226 §5.3)."""
    offset = mac[-1] & 0x0F
    return int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF


def hotp(seed: bytes, counter: int, digits: int = 6, algorithm: Hash = Hash.SHA1) -> str:
    """Return one HOTP code; see `OtpKey` for the ranges."""
    if not seed:
        raise ValueError(_NO_SEED)
    try:
        modulus, message = _MODULI[digits], counter.to_bytes(8, "big")
    except (KeyError, OverflowError):
        raise ValueError(_out_of_range(counter, digits)) from None
    mac = hmac.digest(seed, message, _NEW[algorithm])
    return str(truncated(mac) % modulus).zfill(digits)


def _out_of_range(factor: int, digits: int) -> str:
    if digits not in _MODULI:
        return f"a code has {DIGITS.start} to {DIGITS.stop - 1} digits, not {digits}"
    return f"a moving factor is 0 to 2^64-1, not {factor}"
