"""Decrypt single values, and check their MACs, with what is prepared once a file."""

import binascii
import hashlib
import re
from collections.abc import Callable
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pskc.algorithms import normalise_algorithm
from pskc.encryption import decrypt
from pskc.exceptions import PSKCError

_AES_CBC = re.compile(r".*#aes(128|192|256)-cbc")
_PADDED_WRAP = re.compile(r".*#kw-aes-?(128|192|256)-pad")
_HMAC = re.compile(r"(?:.*#)?hmac-([a-z0-9-]+)")
_BLOCK = 16
_PADDINGS = [b""] + [bytes([length]) * length for length in range(1, _BLOCK + 1)]

Decrypt = Callable[[bytes, bytes | None], bytes]
"""Takes a ciphertext, and an IV where it does not stand before it."""

Mac = Callable[[bytes], bytes]


class CipherFault(Exception):  # noqa: N818 - it becomes a fault of a key or a file
    """A value cannot be decrypted, or its MAC is wrong; the message is one plain clause."""


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes of base64 text, blanks in it ignored; raises CipherFault naming `what`."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise CipherFault(f"{what} is no base64") from None


@cache
def canonical(algorithm: str) -> str:
    """Return the URI of an encryption or MAC algorithm, whatever its spelling; "" for none."""
    padded = _PADDED_WRAP.fullmatch(algorithm)
    if padded:  # unwrapping tells RFC 3394 from RFC 5649 by the initial value, not by the name
        return f"http://www.w3.org/2001/04/xmlenc#kw-aes{padded[1]}"
    return normalise_algorithm(algorithm) or ""


def decryptor_of(algorithm: str, key: bytes) -> Decrypt:
    """Return a function that decrypts values under `key`.

    AES-CBC is done with one ECB context and the chaining outside, for a CBC context serves one
    value only; python-pskc has the other ciphers.

    Raises CipherFault for an algorithm that is unknown, or a key of another length.
    """
    uri = canonical(algorithm)
    if not uri:
        raise CipherFault("it does not name its encryption algorithm")
    match = _AES_CBC.fullmatch(uri)
    if match is None:
        return lambda data, iv: _by_library(uri, key, data, iv)
    if len(key) * 8 != int(match[1]):
        raise CipherFault(f"the key has {len(key) * 8} bits, and AES-{match[1]} is used")
    update = Cipher(algorithms.AES(key), modes.ECB()).decryptor().update  # noqa: S305

    def aes_cbc(data: bytes, iv: bytes | None) -> bytes:
        if iv:
            data = iv + data
        length = len(data) - _BLOCK
        if length <= 0 or length % _BLOCK:
            raise CipherFault("its length is none that AES-CBC makes")
        mixed = int.from_bytes(update(data[_BLOCK:])) ^ int.from_bytes(data[:length])
        plain = mixed.to_bytes(length)
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or not plain.endswith(_PADDINGS[pad]):
            raise CipherFault("invalid padding")
        return plain[:-pad]

    return aes_cbc


def mac_of(algorithm: str, key: bytes) -> Mac:
    """Return a function that makes HMACs under `key`, from copies of one prepared object.

    Raises CipherFault for an algorithm that is unknown.
    """
    match = _HMAC.fullmatch(canonical(algorithm))
    try:
        blank = hashlib.new(match[1]) if match else None
    except ValueError:
        blank = None
    if blank is None or match is None:
        raise CipherFault("its MAC algorithm is unknown")
    size = blank.block_size
    padded = (key if len(key) <= size else hashlib.new(match[1], key).digest()).ljust(size, b"\0")
    inner = hashlib.new(match[1], bytes(byte ^ 0x36 for byte in padded))  # RFC 2104 §2
    outer = hashlib.new(match[1], bytes(byte ^ 0x5C for byte in padded))

    def mac(data: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(data)
        second.update(first.digest())
        return second.digest()

    return mac


def _by_library(uri: str, key: bytes, data: bytes, iv: bytes | None) -> bytes:
    try:
        return decrypt(uri, key, data, iv)
    except (PSKCError, ValueError) as error:
        said = str(error) if isinstance(error, PSKCError) else "the key or the value is invalid"
        raise CipherFault(said) from None
