"""What stands before the keys of a container: how values are encrypted and authenticated."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from pskc.encryption import algorithm_key_lengths
from pskc.exceptions import PSKCError

from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.pskc.ciphers import CipherFault, canonical, from_base64
from host_tools.seeds.pskc.dialects.drafts import KeyProperties, properties_of
from host_tools.seeds.pskc.values import attribute, encrypted

PBKDF2_ROUNDS_MAX = 800_000
"""Half a second on a small machine."""

DERIVED_KEY_BYTES_MAX = 64

_PRF = re.compile(r"(?:.*#)?hmac-([a-z0-9-]+)")


@dataclass(slots=True)
class Derivation:
    """PBKDF2's parameters (RFC 8018 §5.2)."""

    salt: bytes = b""
    rounds: int = 0
    key_bytes: int = 0
    hash_name: str = "sha1"

    def key_of(self, passphrase: str) -> bytes:
        """Return the key that a passphrase gives.

        Raises Unusable where the parameters are missing, unknown, or too costly.
        """
        if self.rounds > PBKDF2_ROUNDS_MAX:
            raise Unusable(
                f"it needs {self.rounds:,} rounds of PBKDF2, more than the"
                f" {PBKDF2_ROUNDS_MAX:,} that are done"
            )
        if self.key_bytes > DERIVED_KEY_BYTES_MAX:
            raise Unusable("it needs a longer key from PBKDF2 than any cipher has")
        if not (self.salt and self.rounds > 0 and self.key_bytes > 0):
            raise Unusable("its PBKDF2 parameters lack the salt, the rounds or the key's length")
        try:
            return hashlib.pbkdf2_hmac(
                self.hash_name, passphrase.encode(), self.salt, self.rounds, self.key_bytes
            )
        except ValueError:
            raise Unusable("its PBKDF2 pseudo-random function is unknown") from None


@dataclass(slots=True)
class PskcHeader:
    """How the values of a container are encrypted and authenticated.

    `algorithm` is the encryption's where the container names one, `mac_key` algorithm and base64
    text of the encrypted MAC key ("" where there is none), `properties` what keys may share.
    """

    algorithm: str = ""
    iv: bytes | None = None
    key_names: list[str] = field(default_factory=list)
    derivation: Derivation | None = None
    mac_algorithm: str = ""
    mac_key: tuple[str, str] = ("", "")
    for_certificate: bool = False
    properties: KeyProperties = field(default_factory=dict)


def read_header(root: Element, parts: Sequence[Element]) -> PskcHeader:
    """Return what the root of a container and the elements before its keys say.

    Raises Unusable where it is not PSKC, of another version, or a parameter is invalid.
    """
    if root.tag not in ("keycontainer", "secretcontainer"):
        raise Unusable("its root is neither KeyContainer nor SecretContainer")
    version = attribute(root, "version")
    if root.tag == "keycontainer" and version not in ("", "1", "1.0"):
        raise Unusable(f"Unsupported version {quoted(version, 10)} of PSKC: 1.0 was expected")
    header = PskcHeader()
    try:
        for part in _first(parts, "encryptionkey", "encryptionmethod"):
            _encryption(header, part)
        for part in _first(parts, "macmethod", "digestmethod"):
            header.mac_algorithm = attribute(part, "algorithm")
            for child in part:
                if child.tag == "mackey":
                    header.mac_key = encrypted(child)
        header.properties = dict(
            properties_of(part) for part in parts if part.tag == "keyproperties"
        )
        for part in _first(parts, "macalgorithm"):
            header.mac_algorithm = (part.text or "").strip() or header.mac_algorithm
    except CipherFault as error:
        raise Unusable(str(error)) from None
    return header


def _first(parts: Sequence[Element], *tags: str) -> list[Element]:
    """Return the first part of the first of `tags` that is there, as a list of at most one."""
    found = [part for tag in tags for part in parts if part.tag == tag]
    return found[:1]


def _encryption(header: PskcHeader, part: Element) -> None:
    header.algorithm = attribute(part, "algorithm")
    header.for_certificate = next(part.iter("x509data"), None) is not None
    texts: dict[str, str] = {}
    for element in part.iter():
        text = (element.text or "").strip()
        if element.tag in ("keyname", "masterkeyname", "carriedkeyname"):
            header.key_names.append(text)
        elif text:
            texts.setdefault(element.tag, text)
    if "iv" in texts:
        header.iv = from_base64(texts["iv"], "its IV")
    method = next(part.iter("keyderivationmethod"), None)
    by_passphrase = header.algorithm.lower().startswith("pbe")
    if method is None and not by_passphrase:
        return
    derivation = Derivation(
        salt=from_base64(texts.get("specified") or texts.get("pbesalt", ""), "its salt"),
        rounds=_number(texts.get("iterationcount") or texts.get("pbeiterationcount", "0")),
        key_bytes=_number(texts.get("keylength", "0")),
    )
    if method is not None and not canonical(attribute(method, "algorithm")).endswith("#pbkdf2"):
        raise Unusable("its key derivation is not PBKDF2")
    for element in part.iter("prf"):
        name = canonical(attribute(element, "algorithm"))
        match = _PRF.fullmatch(name)
        derivation.hash_name = match[1] if match else "?" if name else "sha1"
    if by_passphrase and not derivation.key_bytes:
        try:
            derivation.key_bytes = algorithm_key_lengths(canonical(header.algorithm))[0]
        except PSKCError:
            raise Unusable("its encryption algorithm is unknown") from None
    header.derivation = derivation


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Unusable("a parameter of its PBKDF2 is no whole number")
    return int(text)
