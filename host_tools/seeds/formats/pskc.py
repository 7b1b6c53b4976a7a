"""Read PSKC, RFC 6030 and its drafts: python-pskc, handed the container in slices."""

import re
from collections.abc import Generator, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from pskc import PSKC
from pskc.exceptions import PSKCError
from pskc.key import EncryptedValue, Key
from pskc.parser import PSKCParser

from host_tools.seeds.entry import (
    BadSeedFile,
    ForeignKey,
    Found,
    LockedSeedFile,
    Reading,
    Remark,
    SeedEntry,
    Unusable,
)
from host_tools.seeds.formats.pskc_key import check_purpose, record_of
from host_tools.seeds.privacy import displayed, quoted
from host_tools.seeds.xml_items import XmlFault, xml_items

PBKDF2_ROUNDS_MAX = 800_000
"""Half a second on a small machine; a file that asks for more wants to keep us busy."""

PBKDF2_ROUNDS_FEW = 10_000
"""Fewer than this no longer slow anybody down."""

DERIVED_KEY_BYTES_MAX = 64

_PACKAGES = ("KeyPackage", "Device")
_UNLOCKING = ("EncryptionKey", "EncryptionMethod", "MACMethod", "DigestMethod", "MACAlgorithm")
_XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_PADDED_WRAP = re.compile(r"http://www\.w3\.org/2009/xmlenc11#kw-aes-?(128|192|256)-pad")
_VALUES = ("secret", "counter", "time_offset", "time_interval", "time_drift")
_BROKEN = (PSKCError, ValueError, TypeError, AttributeError, KeyError, OverflowError)
"""All that python-pskc lets out on elements that are missing, empty or no number."""


def sniff(head: str) -> bool:
    """Tell whether a file that begins with `head` is PSKC, or one of its drafts."""
    return "KeyContainer" in head or (
        "SecretContainer" in head and "GetSharedSecretResponse" not in head
    )


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what `file` holds, key by key, in memory that does not grow with the file.

    Raises:
        BadSeedFile: the container is not readable as a whole: XML, version, key, passphrase.
        LockedSeedFile: it is encrypted, and `reading` has neither secret nor `locked_too`.
    """
    container: PSKC | None = None
    header: Element | None = None
    try:
        for element in xml_items(file):
            if header is None:
                header = element.makeelement(element.tag, dict(element.attrib))
            elif element.tag in _PACKAGES:
                if container is None:
                    container = yield from _open(header, reading)
                yield from _package(container, element, reading)
            elif element.tag == "Signature":
                yield Remark("it is signed; keyfob does not check XML signatures", doubtful=True)
            elif container is None:
                header.append(element)
            elif element.tag in _UNLOCKING:
                reason = f"{element.tag} stands after the keys, against RFC 6030 §11"
                raise BadSeedFile(reading.path, reason)
    except XmlFault as error:
        raise BadSeedFile(reading.path, str(error)) from None
    if container is None:
        raise BadSeedFile(reading.path, "it holds no key")


def _open(header: Element, reading: Reading) -> Generator[Found, None, PSKC]:
    """Read what stands before the keys, and make the key ready that opens them."""
    container = PSKC()
    _respell(header)
    try:
        PSKCParser.parse_document(container, header)
    except _BROKEN as error:
        raise BadSeedFile(reading.path, f"its header is not PSKC's ({_said(error)})") from None
    encryption = container.encryption
    if header.find(".//X509Data") is not None:
        reason = "it is encrypted for a certificate (X.509); keyfob opens keys and passphrases"
        raise BadSeedFile(reading.path, reason)
    if encryption.derivation.algorithm is not None:
        yield from _derive(container, reading)
    else:
        encryption.key = reading.secret.key
        for name in encryption.key_names:
            yield Remark(f"it is encrypted under the key named {displayed(name or '')!r}")
    if encryption.key is not None and container.mac.algorithm is not None:
        _settle_mac_key(container, reading)
    return container


def _derive(container: PSKC, reading: Reading) -> Iterator[Found]:
    derivation = container.encryption.derivation
    rounds = derivation.pbkdf2_iterations or 0
    if rounds > PBKDF2_ROUNDS_MAX:
        reason = f"it wants {rounds:,} rounds of PBKDF2; keyfob does at most {PBKDF2_ROUNDS_MAX:,}"
        raise BadSeedFile(reading.path, reason)
    if (derivation.pbkdf2_key_length or 0) > DERIVED_KEY_BYTES_MAX:
        raise BadSeedFile(reading.path, "it wants a longer key from PBKDF2 than any cipher has")
    yield Remark(
        f"its key comes from a passphrase by {rounds:,} rounds of PBKDF2",
        doubtful=rounds < PBKDF2_ROUNDS_FEW,
    )
    if reading.secret.passphrase is not None:
        try:
            container.encryption.derive_key(reading.secret.passphrase)
        except _BROKEN as error:
            reason = f"its passphrase cannot be turned into a key ({_said(error)})"
            raise BadSeedFile(reading.path, reason) from None


def _settle_mac_key(container: PSKC, reading: Reading) -> None:
    """Decrypt the MAC key once; python-pskc would do it again for each value."""
    try:
        key = container.mac.key
    except _BROKEN:
        reason = (
            "its MAC key cannot be decrypted: another key or passphrase is needed,"
            " or it was changed"
        )
        raise BadSeedFile(reading.path, reason) from None
    if not key:
        raise BadSeedFile(reading.path, "its MAC key is empty")
    container.mac.key = key


def _package(container: PSKC, package: Element, reading: Reading) -> Iterator[Found]:
    """Yield the keys of one KeyPackage (a Device, in the drafts)."""
    _respell(package)
    container.devices.clear()
    device = container.add_device()
    try:
        PSKCParser.parse_key_package(device, package)
    except _BROKEN as error:
        yield SeedEntry(_name_of(package), fault=f"it is not readable ({_said(error)})")
        return
    if not device.keys:
        yield Remark("a key package without a key", where=_name_of(package), doubtful=True)
    unchecked = _has_unchecked_mac(package, container)
    for key in device.keys:
        where = f"key {displayed(device.serial or key.id or '') or '?'}"
        try:
            yield _entry(key, where, reading, unchecked=unchecked)
        except ForeignKey as error:
            yield Remark(f"left out: {error}", where, left_out=True)
        except Unusable as error:
            yield SeedEntry(where, fault=str(error), name=device.serial or key.id or "")


def _respell(part: Element) -> None:
    """Put into python-pskc's words what it does not know, though it can do it."""
    for method in part.iter("EncryptionMethod"):
        # Its unwrapping tells RFC 3394 from RFC 5649 by the initial value, not by the name.
        if padded := _PADDED_WRAP.fullmatch(method.get("Algorithm", "")):
            method.set("Algorithm", f"{_XMLENC}kw-aes{padded[1]}")
    for suite in part.iter("Suite"):
        # privacyIDEA writes the hash as an attribute, where every reader looks for text.
        suite.text = suite.text or suite.get("hashalgo")


def _entry(key: Key, where: str, reading: Reading, *, unchecked: bool) -> SeedEntry:
    """Decrypt one key and make its record; raises Unusable or ForeignKey."""
    check_purpose(key)
    container = key.device.pskc
    values = {name: getattr(key, f"_{name}", None) for name in _VALUES}
    encrypted = [value for value in values.values() if isinstance(value, EncryptedValue)]
    doubts: list[str] = []
    if encrypted and container.encryption.key is None:
        if not reading.locked_too:
            raise _locked(container, reading)
        secret = values["secret"]
        decrypted = {
            name: None if isinstance(value, EncryptedValue) else value
            for name, value in values.items()
        }
        decrypted["secret"] = secret if isinstance(secret, bytes) else b""
    else:
        for value in encrypted:
            algorithm = value.algorithm or container.encryption.algorithm or ""
            unchecked = unchecked or (value.mac_value is None and "#kw-" not in algorithm)
        if unchecked and not reading.accept_unauthenticated:
            raise Unusable("it has no MAC that could be checked, so nobody knows if it was changed")
        try:
            decrypted = {name: getattr(key, name) for name in _VALUES}
        except _BROKEN as error:
            raise Unusable(
                f"it cannot be opened: the key or passphrase is another one,"
                f" or it was changed ({_said(error)})"
            ) from None
    if unchecked:
        doubts.append("no MAC that could be checked")
    record = record_of(key, decrypted, doubts)
    return SeedEntry(where, record, doubts=tuple(doubts))


def _has_unchecked_mac(package: Element, container: PSKC) -> bool:
    """Tell whether a MAC stands on a plain value: RFC 6030 §6.1 has none, so none is checked."""
    return any(
        mac.tag in ("ValueMAC", "ValueDigest")
        for data in package.iter("Data")
        for holder in (data, *data)
        if holder.find("PlainValue") is not None
        or (holder.find("Value") is not None and not container.encryption.algorithm)
        for mac in holder
    )


def _locked(container: PSKC, reading: Reading) -> LockedSeedFile:
    passphrase = container.encryption.derivation.algorithm is not None
    names = ", ".join(quoted(name) for name in container.encryption.key_names)
    what = "a passphrase" if passphrase else "a pre-shared key" + (names and f" named {names}")
    return LockedSeedFile(
        reading.path, f"it is encrypted and wants {what}", wants_passphrase=passphrase
    )


def _name_of(package: Element) -> str:
    """Name a package that could not be parsed, by what its XML shows."""
    serial = next((element.text for element in package.iter("SerialNo") if element.text), None)
    key = next(package.iter("Key"), None)
    return f"key {displayed(serial or (key.get('Id') if key is not None else '') or '') or '?'}"


def _said(error: BaseException) -> str:
    """Return what was wrong in words, without values that may be quoted from the file."""
    if isinstance(error, PSKCError):
        return str(error)
    if isinstance(error, (ValueError, OverflowError)):
        return "a value is not the base64, number or date it should be"
    return "an element is missing, or not where it belongs"
