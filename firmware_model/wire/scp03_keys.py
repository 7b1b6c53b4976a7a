"""SCP03's static keys: derivation, check values, diversification, and wrapping under the DEK.

GlobalPlatform Amendment D v1.1.1 §4 and §7.2, Card Specification 2.3.1 §B.6, SP 800-108 §5.1.
WIRE §7 says what we chose where these leave a choice.
"""

import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFCMAC, CounterLocation, Mode

from firmware_model.wire.apdu import StatusWord

BLOCK_BYTES = 16
KEY_BYTES = (16, 24, 32)
KEY_CHECK_BYTES = 3
DEFAULT_VERSION = 0
"""In INITIALIZE UPDATE and PUT KEY: whichever key set there is."""

FACTORY_VERSION = 0xFF
KEY_TYPE_AES = 0x88

_ZERO_BLOCK = bytes(BLOCK_BYTES)
_LABEL_ZEROS = bytes(11)
_LABELS = (b"ENC", b"MAC", b"DEK")


@dataclass(frozen=True, slots=True)
class KeySet:
    """Three static AES keys of one length (16, 24 or 32 bytes) and their version (1..127, 255).

    Raises ValueError where the lengths differ or are none of AES's.
    """

    version: int
    enc: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    dek: bytes = field(repr=False)

    def __post_init__(self) -> None:
        lengths = {len(key) for key in self.keys}
        if len(lengths) != 1 or not lengths <= set(KEY_BYTES):
            raise ValueError("a key set has three AES keys of one length: 16, 24 or 32 bytes")

    @property
    def keys(self) -> tuple[bytes, bytes, bytes]:
        """ENC, MAC and DEK: key identifiers 1, 2 and 3."""
        return self.enc, self.mac, self.dek

    @property
    def check_values(self) -> bytes:
        """PUT KEY's answer: the version and the three check values."""
        return bytes((self.version,)) + b"".join(key_check_value(key) for key in self.keys)


TEST_KEYS = KeySet(FACTORY_VERSION, *[bytes(range(0x40, 0x50))] * 3)
"""The public test keys every fob leaves the factory with. They protect nothing."""


class CmacKey:
    """A key for AES-CMAC (RFC 4493), set up once for any number of messages.

    That costs twice as much as a message; an SCP03 session uses each of its keys several times.
    """

    __slots__ = ("_fresh",)

    def __init__(self, key: bytes) -> None:
        self._fresh = CMAC(AES(key))

    def mac(self, message: bytes) -> bytes:
        """Return the MAC of `message`, all 16 bytes."""
        state = self._fresh.copy()
        state.update(message)
        return state.finalize()

    def derive(self, constant: int, length_bytes: int, context: bytes) -> bytes:
        """Return data derived from the key as Amendment D §4.1.5 does; L counts bits."""
        fixed = _LABEL_ZEROS + bytes((constant, 0, *divmod(8 * length_bytes, 0x100)))
        derived = self.mac(fixed + b"\x01" + context)
        if length_bytes > BLOCK_BYTES:
            derived += self.mac(fixed + b"\x02" + context)
        return derived[:length_bytes]


def cmac(key: bytes, message: bytes) -> bytes:
    """Return AES-CMAC (RFC 4493), all 16 bytes."""
    return CmacKey(key).mac(message)


def key_check_value(key: bytes) -> bytes:
    """Return the first 3 bytes of 16 bytes of 01 under an AES key (Amendment D §7.2.2)."""
    return encrypt_block(key, b"\x01" * BLOCK_BYTES)[:KEY_CHECK_BYTES]


def diversify(master: bytes, diversification_data: bytes, version: int) -> KeySet:
    """Return the key set of the fob with this chip ID, from the issuer's one master key.

    SP 800-108 §5.1 in counter mode with AES-CMAC: 32-bit counter before the label ("ENC", "MAC",
    "DEK"), a zero byte, the chip ID and a 32-bit length in bits. The keys are as long as `master`.
    """
    keys = [
        KBKDFCMAC(
            AES,
            Mode.CounterMode,
            len(master),
            rlen=4,
            llen=4,
            location=CounterLocation.BeforeFixed,
            label=label,
            context=diversification_data,
            fixed=None,
        ).derive(master)
        for label in _LABELS
    ]
    return KeySet(version, *keys)


def wrap_under_dek(dek: bytes, secret: bytes) -> bytes:
    """Return `secret` (1..255 bytes): its length, then AES-CBC under the DEK with a zero IV.

    Padded with 80 00… unless it fills its blocks (Amendment D §7.2, Card Specification 2.3.1
    Table 11-70).
    """
    padded = secret if len(secret) % BLOCK_BYTES == 0 else pad(secret)
    return bytes((len(secret),)) + encrypt_chain(dek, _ZERO_BLOCK, padded)


def unwrap_under_dek(dek: bytes, wrapped: bytes) -> bytes | None:
    """Return the secret in `wrapped`, None where its length cannot be; any padding is taken."""
    length, ciphertext = wrapped[0] if wrapped else 0, wrapped[1:]
    if not 0 <= len(ciphertext) - length < BLOCK_BYTES or not length or len(ciphertext) % 16:
        return None
    return decrypt_chain(dek, _ZERO_BLOCK, ciphertext)[:length]


def encode_key_data(new: KeySet, dek: bytes, *, length_bytes: bool = True) -> bytes:
    """Return PUT KEY's data field: `new` under the DEK now in force (Amendment D §7.2).

    Without `length_bytes` it is the widespread form that leaves out each key's length byte.
    """
    parts = [bytes((new.version,))]
    for key in new.keys:
        component = wrap_under_dek(dek, key)[0 if length_bytes else 1 :]
        check = key_check_value(key)
        parts += (bytes((KEY_TYPE_AES, len(component))), component, bytes((len(check),)), check)
    return b"".join(parts)


def decode_key_data(data: bytes, dek: bytes) -> KeySet | StatusWord:
    """Return the key set in PUT KEY's data field, in either form, or why it is refused.

    6A80 where the data is malformed, 6982 where a check value does not fit its key.
    """
    keys: list[bytes] = []
    fits = True
    at = 1
    for _ in _LABELS:
        length = data[at + 1] if at + 1 < len(data) else 0
        end = at + 2 + length
        block = data[at + 2 : end]
        if data[at : at + 1] != bytes((KEY_TYPE_AES,)) or len(data) < end + 4 or data[end] != 3:
            return StatusWord.WRONG_DATA
        if length % BLOCK_BYTES == 0:
            block = bytes((length,)) + block
        key = unwrap_under_dek(dek, block)
        if key is None or len(key) not in KEY_BYTES:
            return StatusWord.WRONG_DATA
        check = data[end + 1 : end + 1 + KEY_CHECK_BYTES]
        fits = hmac.compare_digest(check, key_check_value(key)) and fits
        keys.append(key)
        at = end + 1 + KEY_CHECK_BYTES
    if at != len(data) or not 1 <= data[0] <= 0x7F or len({len(key) for key in keys}) != 1:
        return StatusWord.WRONG_DATA
    return KeySet(data[0], *keys) if fits else StatusWord.SECURITY_STATUS_NOT_SATISFIED


def pad(data: bytes) -> bytes:
    """Return `data` with 80 and as many 00 as fill its last block: always at least the 80."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK_BYTES)


def unpad(data: bytes) -> bytes | None:
    """Return `data` without its padding, None where there is none."""
    stripped = data.rstrip(b"\0")
    good = stripped.endswith(b"\x80") and len(data) - len(stripped) < BLOCK_BYTES
    return stripped[:-1] if good else None


def encrypt_block(key: bytes, block: bytes) -> bytes:
    """Return one block under AES alone."""
    return Cipher(AES(key), ECB()).encryptor().update(block)  # noqa: S305  # one block


def encrypt_chain(key: bytes, initial: bytes, data: bytes) -> bytes:
    """Return whole blocks under AES-CBC."""
    return Cipher(AES(key), CBC(initial)).encryptor().update(data)


def decrypt_chain(key: bytes, initial: bytes, data: bytes) -> bytes:
    """Return whole blocks out of AES-CBC."""
    return Cipher(AES(key), CBC(initial)).decryptor().update(data)
