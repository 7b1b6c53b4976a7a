"""A VIP server's answer to a provisioning request: one credential, its seed under AES-128-CBC.

The key belongs to the client that asked, so it is given as the pre-shared key. How the Digest is
made is not public: it is not checked, and reading needs `accept_unauthenticated`.
"""

import base64
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO
from xml.etree.ElementTree import Element

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import (
    BadSeedFile,
    Found,
    LockedSeedFile,
    Reading,
    Remark,
    SeedEntry,
    Unusable,
)
from host_tools.seeds.privacy import displayed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.tables.cells import identifier, whole_number
from host_tools.seeds.xml_items import XmlFault, xml_items

_ALGORITHM = re.compile(r"HMAC-(SHA1|SHA256|SHA512)-TRUNC-([0-9]{1,2})DIGITS")


def sniff(head: str) -> bool:
    """Tell whether the root is the answer to a request for a shared secret."""
    return "<GetSharedSecretResponse" in head


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the credentials of the answer.

    Raises:
        BadSeedFile: it is not such an answer, or not well-formed.
        LockedSeedFile: no key was given, and `reading` does not take locked entries.
    """
    try:
        for element in xml_items(file):
            if element.tag != "secretcontainer":
                continue
            vector = _bytes(element, "iv")
            for secret in element.iter("secret"):
                yield _entry(secret, vector, reading)
    except XmlFault as error:
        raise BadSeedFile(reading.path, str(error)) from None
    yield Remark("its digest cannot be checked: how it is made is not public", doubtful=True)


def _entry(secret: Element, vector: bytes, reading: Reading) -> SeedEntry:
    name = (secret.get("Id") or "").strip()
    where = f"key {displayed(name) or '?'}"
    key = reading.secret.key
    if key is None and not reading.locked_too:
        reason = (
            "it is encrypted and needs the provisioning client's key: give it by --psk-file or"
            " KEYFOB_PSK"
        )
        raise LockedSeedFile(reading.path, reason, wants_passphrase=False)
    if not reading.accept_unauthenticated and key is not None:
        return SeedEntry(where, fault="it has no MAC that could be checked", name=name)
    try:
        seed = b"" if key is None else _decrypted(key, vector, _bytes(secret, "cipher"))
        return SeedEntry(where, _record(secret, name, seed))
    except (Unusable, ValueError) as error:
        return SeedEntry(where, fault=str(error), name=name)


def _record(secret: Element, name: str, seed: bytes) -> SeedRecord:
    interface = next(secret.iter("ai"), None)
    algorithm = _ALGORITHM.fullmatch("" if interface is None else interface.get("type", ""))
    if algorithm is None:
        raise Unusable("its algorithm is none that VIP is known to use")
    step, counter = _text(secret, "timestep"), _text(secret, "counter")
    # The type attribute says HOTP for both; what tells them apart is which of the two is there.
    if bool(step) == bool(counter):
        raise Unusable("it has not just one of counter and time step")
    expiry = _text(secret, "expiry")
    return SeedRecord(
        serial_number=identifier(name, "Credential ID"),
        credential_id=name,
        seed=seed,
        kind=OtpKind.TOTP if step else OtpKind.HOTP,
        algorithm=Hash[algorithm[1]],
        digits=int(algorithm[2]),
        counter=whole_number(counter, "counter") if counter else 0,
        step_seconds=whole_number(step, "time step") if step else 30,
        issuer=_text(secret, "issuer"),
        expiry_date=_day(expiry) if expiry else None,
    )


def _decrypted(key: bytes, vector: bytes, ciphertext: bytes) -> bytes:
    try:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        padded = decryptor.update(ciphertext) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise Unusable("it cannot be opened: the key is another one, or it was changed") from None


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Unusable("its expiry is no date of ISO 8601") from None


def _bytes(parent: Element, name: str) -> bytes:
    try:
        return base64.b64decode(_text(parent, name), validate=True)
    except ValueError:
        return b""


def _text(parent: Element, name: str) -> str:
    element = next(parent.iter(name), None)
    return "" if element is None else (element.text or "").strip()
