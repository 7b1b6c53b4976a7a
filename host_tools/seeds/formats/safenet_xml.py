"""XML of SafeNet and Aladdin for eToken PASS and its kin: `Tokens/Token[@serial]`, seed in hex."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import BadSeedFile, Found, Reading, Remark, SeedEntry, Unusable
from host_tools.seeds.privacy import displayed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import hash_by_length, hex_seed
from host_tools.seeds.tables.cells import identifier, whole_number
from host_tools.seeds.xml_items import XmlFault, xml_items


def sniff(head: str) -> bool:
    """Tell whether the root is `Tokens`."""
    return "<tokens" in head.lower()


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield a record for each application with a seed.

    Raises:
        BadSeedFile: it is not such a file, or not well-formed.
    """
    yield Remark("the format does not say how many digits; 6 taken", doubtful=True)
    try:
        items = xml_items(file)
        if next(items).tag != "tokens":
            raise BadSeedFile(reading.path, "its root is not Tokens")
        for number, token in enumerate(items, 1):
            yield from _token(token, number)
    except XmlFault as error:
        raise BadSeedFile(reading.path, str(error)) from None


def _token(token: Element, number: int) -> Iterator[Found]:
    serial = (token.get("serial") or "").strip()
    where = f"key {displayed(serial) or f'number {number}'}"
    applications = [element for element in token.iter() if element.tag == "application"]
    if not applications:
        yield SeedEntry(where, fault="it has no application with a seed")
    for index, application in enumerate(applications, 1):
        doubts: list[str] = []
        try:
            record = _record(token, application, serial, index, doubts)
        except (Unusable, ValueError) as error:
            yield SeedEntry(where, fault=str(error), name=serial)
        else:
            yield SeedEntry(where, record, doubts=tuple(doubts))


def _record(
    token: Element, application: Element, serial: str, index: int, doubts: list[str]
) -> SeedRecord:
    seed = hex_seed(_text(application, "seed"), doubts)
    counter = _text(application, "movingfactor")
    return SeedRecord(
        serial_number=identifier(serial),
        credential_id=serial if index == 1 else f"{serial}-{index}",
        seed=seed,
        kind=OtpKind.HOTP,
        algorithm=hash_by_length(seed, doubts),
        counter=whole_number(counter, "moving factor") if counter else 0,
        manufacturer="SafeNet",
        model=_text(token, "productname"),
    )


def _text(parent: Element, name: str) -> str:
    """Return the text of the child called `name`."""
    for child in parent:
        if child.tag == name:
            return (child.text or "").strip()
    return ""
