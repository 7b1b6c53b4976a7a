"""Read PSKC, RFC 6030 and its drafts, key by key, in memory that does not grow with the file."""

from collections.abc import Generator, Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

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
from host_tools.seeds.privacy import displayed, quoted
from host_tools.seeds.pskc.ciphers import CipherFault
from host_tools.seeds.pskc.container import NO_MAC, PskcContainer
from host_tools.seeds.pskc.dialects import adapt
from host_tools.seeds.pskc.dialects.drafts import fill_from
from host_tools.seeds.pskc.dialects.fragment import fragment_of
from host_tools.seeds.pskc.header import PskcHeader, read_header
from host_tools.seeds.pskc.key_record import check_purpose, record_of
from host_tools.seeds.pskc.values import PskcKey, keys_of, name_in
from host_tools.seeds.xml_items import XmlFault, xml_items
from host_tools.seeds.xml_source import XmlSource

PBKDF2_ROUNDS_FEW = 10_000
"""Fewer than this no longer slow anybody down."""

_PACKAGES = ("keypackage", "device")
_UNLOCKING = ("encryptionkey", "encryptionmethod", "macmethod", "digestmethod", "macalgorithm")


def sniff(head: str) -> bool:
    """Tell whether a file that begins with `head` is PSKC, one of its drafts, or a piece of it."""
    folded = head.lower()
    if "keycontainer" in folded:
        return True
    if "secretcontainer" in folded:
        return "getsharedsecretresponse" not in folded
    return fragment_of(head) is not None


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what `file` holds, key by key, in memory that does not grow with the file.

    Raises:
        BadSeedFile: the container is not readable as a whole: XML, version, key, passphrase.
        LockedSeedFile: it is encrypted, and `reading` has neither secret nor `locked_too`.
    """
    container: PskcContainer | None = None
    root: Element | None = None
    parts: list[Element] = []
    try:
        source = XmlSource(file)
        yield from _remarks(source)
        for element in xml_items(source):
            if root is None:
                root = element.makeelement(element.tag, dict(element.attrib))
            elif element.tag in _PACKAGES:
                if container is None:
                    container = yield from _open(root, parts, reading)
                yield from _package(container, element, reading)
            elif element.tag == "signature":
                yield Remark("it is signed, and XML signatures are not checked", doubtful=True)
            elif container is None:
                parts.append(element)
            elif element.tag in _UNLOCKING:
                reason = f"{element.tag} stands after the keys, against RFC 6030 §11"
                raise BadSeedFile(reading.path, reason)
    except (XmlFault, Unusable) as error:
        raise BadSeedFile(reading.path, str(error)) from None
    except LookupError as error:
        reason = f"its encoding is unknown ({error}); save the file as UTF-8"
        raise BadSeedFile(reading.path, reason) from None
    if container is None:
        piece = f"a {source.fragment} without the KeyContainer around it" * bool(source.fragment)
        raise BadSeedFile(reading.path, f"{piece or 'it'} holds no key")


def _remarks(source: XmlSource) -> Iterator[Remark]:
    if source.blank_lines is not None:
        yield Remark("blanks stand before the XML declaration; they were passed over")
    if source.fragment:
        yield Remark(
            f"a {source.fragment} without the KeyContainer around it: how its values are encrypted"
            " and what else belongs to it is missing",
            doubtful=True,
        )


def _open(
    root: Element, parts: list[Element], reading: Reading
) -> Generator[Found, None, PskcContainer]:
    """Read what stands before the keys, and make the key ready that opens them."""
    header = read_header(root, parts)
    if header.for_certificate:
        raise Unusable(
            "it is encrypted for a certificate (X.509); a key or a passphrase was expected"
        )
    key = reading.secret.key
    if header.derivation is not None:
        key = None
        rounds = header.derivation.rounds
        yield Remark(
            f"its key comes from a passphrase by {rounds:,} rounds of PBKDF2",
            doubtful=rounds < PBKDF2_ROUNDS_FEW,
        )
        if reading.secret.passphrase is not None:
            key = header.derivation.key_of(reading.secret.passphrase)
    else:
        for name in header.key_names:
            yield Remark(f"it is encrypted under the key named {quoted(name)}")
    return PskcContainer(header, key)


def _package(container: PskcContainer, package: Element, reading: Reading) -> Iterator[Found]:
    """Yield the keys of one KeyPackage (a Device, in the drafts)."""
    try:
        keys = keys_of(package)
    except Unusable as error:
        name = name_in(package)
        where = f"key {displayed(name) or '?'}"
        yield SeedEntry(where, fault=str(error), name=name)
        return
    if not keys:
        where = f"key {displayed(name_in(package)) or '?'}"
        yield Remark("a key package without a key", where, doubtful=True)
    for key in keys:
        name = key.device.serial or key.key_id
        where = f"key {displayed(name) or '?'}"
        try:
            yield _entry(container, key, where, reading)
        except ForeignKey as error:
            yield Remark(f"left out: {error}", where, left_out=True, name=name)
        except Unusable as error:
            yield SeedEntry(where, fault=str(error), name=name)


def _entry(container: PskcContainer, key: PskcKey, where: str, reading: Reading) -> SeedEntry:
    """Decrypt one key and make its record; raises Unusable or ForeignKey."""
    doubts: list[str] = []
    if key.properties:
        fill_from(container.header.properties, key)
    adapt(key, doubts)
    check_purpose(key)
    unchecked = container.settle(key)
    locked = [value for value in key.values.values() if value.cipher]
    opened: dict[str, bytes] = {}
    if locked and container.key is None:
        if not reading.locked_too:
            raise _locked(container.header, reading)
        return SeedEntry(where, record_of(key, opened, doubts, locked=True), doubts=tuple(doubts))
    unchecked = unchecked or any(container.lacks_mac(value) for value in locked)
    if unchecked and not reading.accept_unauthenticated:
        raise Unusable(NO_MAC)
    try:
        for name, value in key.values.items():
            if (plain := container.value_of(value)) is not None:
                opened[name] = plain
    except CipherFault as error:
        raise Unusable(
            "it cannot be opened: the key or passphrase is another one, or it was changed"
            f" ({error})"
        ) from None
    if unchecked:
        doubts.append("no MAC that could be checked")
    return SeedEntry(where, record_of(key, opened, doubts), doubts=tuple(doubts))


def _locked(header: PskcHeader, reading: Reading) -> LockedSeedFile:
    passphrase = header.derivation is not None
    names = ", ".join(quoted(name) for name in header.key_names)
    what = "a passphrase" if passphrase else "a pre-shared key" + (names and f" named {names}")
    how = "the prompt or KEYFOB_PASSPHRASE" if passphrase else "--psk-file or KEYFOB_PSK"
    return LockedSeedFile(
        reading.path,
        f"it is encrypted and needs {what}: give it by {how}",
        wants_passphrase=passphrase,
    )
