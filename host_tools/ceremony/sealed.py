"""A secret sealed by a passphrase: scrypt (RFC 7914) and AES-256-GCM, in a small JSON file."""

import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from firmware_model.errors import BadInput

COST = 1 << 17
"""scrypt's N; with r = 8 each guess takes 128 MiB and some tenths of a second."""

COST_MAX = 1 << 20
"""More than a file may ask of us: 1 GiB."""

_BLOCK, _LANES = 8, 1
_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12
_KIND = "keyfob sealed keys 1"


def seal(secret: bytes, passphrase: str, cost: int = COST) -> str:
    """Return the text of a file in which `secret` is sealed; its header is authenticated too.

    `cost` is scrypt's N, a power of two up to COST_MAX.
    """
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    header = {"kind": _KIND, "kdf": "scrypt", "n": cost, "r": _BLOCK, "p": _LANES}
    header |= {"salt": salt.hex(), "cipher": "AES-256-GCM", "nonce": nonce.hex()}
    cipher = AESGCM(_derived(passphrase, salt, cost))
    sealed = cipher.encrypt(nonce, secret, _bound(header))
    return json.dumps(header | {"sealed": sealed.hex()}, indent=1) + "\n"


def is_sealed(text: str) -> bool:
    """Tell whether `text` is what `seal` makes, by its beginning."""
    return text.lstrip().startswith("{")


def unseal(text: str, passphrase: str, origin: str) -> bytes:
    """Return the secret that `seal` put into `text`.

    Raises:
        BadInput: naming `origin`: it is no such file, the passphrase is another, or a byte of
            it was changed.
    """
    found = _parsed(text)
    if found is None:
        raise BadInput(f"{origin} is no sealed key file of keyfob keys combine")
    header, salt, nonce, sealed = found
    try:
        return AESGCM(_derived(passphrase, salt, header["n"])).decrypt(
            nonce, sealed, _bound(header)
        )
    except (InvalidTag, ValueError):
        raise BadInput(f"{origin}: the passphrase is another, or the file was changed") from None


def _parsed(text: str) -> tuple[dict[str, Any], bytes, bytes, bytes] | None:
    """Return header, salt, nonce and ciphertext, None where the text is not of our making."""
    try:
        header = json.loads(text)
        sealed = bytes.fromhex(header.pop("sealed"))
        salt, nonce = bytes.fromhex(header["salt"]), bytes.fromhex(header["nonce"])
        cost = header["n"]
        ours = header["kind"] == _KIND and (header["r"], header["p"]) == (_BLOCK, _LANES)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if not ours or type(cost) is not int or not 2 <= cost <= COST_MAX or cost & (cost - 1):
        return None
    return header, salt, nonce, sealed


def _derived(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt, _KEY_BYTES, cost, _BLOCK, _LANES).derive(passphrase.encode())


def _bound(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()
