"""The data objects of the issuer security domain, as GlobalPlatform lays them out: WIRE §6.

Card Specification 2.3.1 §11.3 (which objects), §H.2 (card recognition data), Table 11-30 (key
information), §H.4 (CPLC is the payment schemes' own, 42 bytes); Amendment D §7.1.1 (counter).
"""

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import ClassVar, Self

import construct as cs

from firmware_model.wire import tlv
from firmware_model.wire.declared import Fixed
from firmware_model.wire.scp03_keys import KEY_TYPE_AES, KeySet


@unique
class CardTag(IntEnum):
    """Where GET DATA finds each object while the issuer security domain is selected."""

    CARD_RECOGNITION_DATA = 0x0066
    SEQUENCE_COUNTER = 0x00C1
    KEY_INFORMATION = 0x00E0
    PRODUCTION_LIFE_CYCLE = 0x9F7F


_GLOBALPLATFORM = bytes.fromhex("2A 86 48 86 FC 6B")
"""The object identifier 1.2.840.114283."""


def _identified(tag: int, arcs: str) -> bytes:
    return tlv.encode(tag, tlv.encode(0x06, _GLOBALPLATFORM + bytes.fromhex(arcs)))


CARD_RECOGNITION_DATA = tlv.encode(
    0x73,
    tlv.encode(0x06, _GLOBALPLATFORM + b"\x01")
    + _identified(0x60, "02 02 03 01")  # Card Specification 2.3.1
    + _identified(0x63, "03")
    + _identified(0x64, "04 03 70"),  # SCP03 with i = 70
)
"""The value of object 66: which GlobalPlatform this is, and which secure channel."""


@dataclass(frozen=True, slots=True)
class KeyInformation:
    """Object E0: which keys there are. One template C0 each: identifier, version, type, length."""

    TAG: ClassVar = CardTag.KEY_INFORMATION
    version: int
    key_bytes: int

    @classmethod
    def of(cls, keys: KeySet) -> Self:
        """Return the information about `keys`, which holds no key."""
        return cls(keys.version, len(keys.enc))

    def encode(self) -> bytes:
        """Return the value as bytes: three keys of one set."""
        return tlv.encode_all(
            [
                (0xC0, bytes((identifier, self.version, KEY_TYPE_AES, self.key_bytes)))
                for identifier in (1, 2, 3)
            ]
        )

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the set in `value`, None where it is not three AES keys of one set."""
        first = tlv.find(value, 0xC0)
        if first is None or len(first) != 4:
            return None
        found = cls(first[1], first[3])
        return found if found.encode() == value else None


@dataclass(frozen=True, slots=True)
class SequenceCounter(Fixed):
    """Object C1: the counter of the last INITIALIZE UPDATE with the default key set."""

    TAG: ClassVar = CardTag.SEQUENCE_COUNTER
    LAYOUT: ClassVar = cs.Struct("count" / cs.Int24ub)
    count: int


@dataclass(frozen=True, slots=True)
class ProductionLifeCycle(Fixed):
    """Object 9F7F, the card production life-cycle data: 42 bytes, dates as BCD YDDD.

    A simulator has no fabricators; fields without a meaning for it are zero.
    """

    TAG: ClassVar = CardTag.PRODUCTION_LIFE_CYCLE
    LAYOUT: ClassVar = cs.Struct(
        "fabricator" / cs.Int16ub,
        "chip_type" / cs.Int16ub,
        "operating_system" / cs.Int16ub,
        "operating_system_date" / cs.Int16ub,
        "operating_system_level" / cs.Int16ub,
        "fabrication_date" / cs.Int16ub,
        "chip_serial_number" / cs.Int32ub,
        "chip_batch" / cs.Int16ub,
        "module" / cs.Bytes(4),
        "card_manufacturer" / cs.Bytes(4),
        "pre_personaliser" / cs.Bytes(8),
        "personaliser" / cs.Bytes(8),
    )
    chip_serial_number: int
    chip_batch: int = 0
    fabrication_date: int = 0
    operating_system_date: int = 0
    operating_system_level: int = 0
    fabricator: int = 0
    chip_type: int = 0
    operating_system: int = 0
    module: bytes = bytes(4)
    card_manufacturer: bytes = bytes(4)
    pre_personaliser: bytes = bytes(8)
    personaliser: bytes = bytes(8)
