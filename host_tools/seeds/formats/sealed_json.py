"""Open the encrypted exports of Aegis and 2FAS, as their projects document them.

Aegis: a master key under scrypt (RFC 7914) and AES-256-GCM in a slot, the database under that key.
2FAS: `ciphertext:salt:nonce` in base64, AES-256-GCM under PBKDF2 with HMAC-SHA-256.
"""

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from host_tools.seeds.entry import LockedSeedFile, Reading, Unusable
from host_tools.seeds.json_file import member

SCRYPT_COST_MAX = 1 << 20
"""scrypt's N; with r = 8 it takes 1 GiB. Aegis writes 2^15."""

PBKDF2_ROUNDS_2FAS = 10_000
PASSWORD_SLOT = 1

_WRONG = "it cannot be opened: the passphrase is another one, or it was changed"


def open_aegis(content: Any, reading: Reading) -> Any:
    """Return the database of an encrypted export of Aegis.

    Raises:
        LockedSeedFile: no passphrase was given.
        Unusable: it is another passphrase, or the export is not of the documented form.
    """
    passphrase = _passphrase(reading).encode()
    header = member(content, "header", dict)
    for slot in member(header, "slots", list):
        if not isinstance(slot, dict) or slot.get("type") != PASSWORD_SLOT:
            continue
        cost, blocks, lanes = (member(slot, name, int) for name in ("n", "r", "p"))
        if not (1 < cost <= SCRYPT_COST_MAX and cost & (cost - 1) == 0 and blocks == 8):
            raise Unusable("its scrypt parameters are none that Aegis writes")
        if not 1 <= lanes <= 4:
            raise Unusable("its scrypt parameters are none that Aegis writes")
        key = Scrypt(_hex(slot, "salt"), 32, cost, blocks, lanes).derive(passphrase)
        try:
            master = _opened(key, member(slot, "key_params", dict), _hex(slot, "key"))
            data = base64.b64decode(member(content, "db", str), validate=True)
            return json.loads(_opened(master, member(header, "params", dict), data))
        except (InvalidTag, ValueError):
            continue
    raise Unusable(_WRONG)


def open_2fas(content: Any, reading: Reading) -> Any:
    """Return the services of an encrypted export of 2FAS; raises as `open_aegis` does."""
    passphrase = _passphrase(reading).encode()
    try:
        parts = member(content, "servicesEncrypted", str).split(":")
        data, salt, nonce = (base64.b64decode(part, validate=True) for part in parts)
        key = PBKDF2HMAC(hashes.SHA256(), 32, salt, PBKDF2_ROUNDS_2FAS).derive(passphrase)
        return json.loads(AESGCM(key).decrypt(nonce, data, None))
    except (InvalidTag, ValueError):
        raise Unusable(_WRONG) from None


def _passphrase(reading: Reading) -> str:
    if reading.secret.passphrase is None:
        raise LockedSeedFile(
            reading.path,
            "it is encrypted and needs a passphrase: give it by the prompt or KEYFOB_PASSPHRASE",
            wants_passphrase=True,
        )
    return reading.secret.passphrase


def _opened(key: bytes, parameters: Any, data: bytes) -> bytes:
    return AESGCM(key).decrypt(_hex(parameters, "nonce"), data + _hex(parameters, "tag"), None)


def _hex(value: Any, name: str) -> bytes:
    try:
        return bytes.fromhex(member(value, name, str))
    except ValueError:
        raise Unusable(f"its {name!r} is not hexadecimal") from None
