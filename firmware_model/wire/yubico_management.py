"""The management applet beside the OATH applet: what the device is (WIRE §12.4)."""

from dataclasses import dataclass
from enum import IntEnum, unique

from firmware_model.wire import tlv

MANAGEMENT_AID = bytes.fromhex("A000000527471117")

READ_CONFIG = 0x1D
OATH_CAPABILITY = 0x20
KEYCHAIN_FORM = 0x01


@unique
class DeviceTag(IntEnum):
    """The tags of the device's information."""

    SUPPORTED = 0x01
    SERIAL_NUMBER = 0x02
    ENABLED = 0x03
    FORM = 0x04
    VERSION = 0x05
    LOCKED = 0x0A


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What READ CONFIG answers: `serial_number` (31 bits), `version`, and the OATH applet alone."""

    serial_number: int
    version: tuple[int, int, int]

    def encode(self) -> bytes:
        """Return the answer: a length byte and the objects."""
        capability = OATH_CAPABILITY.to_bytes(2, "big")
        objects = tlv.encode_all(
            [
                (int(DeviceTag.SUPPORTED), capability),
                (int(DeviceTag.SERIAL_NUMBER), self.serial_number.to_bytes(4, "big")),
                (int(DeviceTag.ENABLED), capability),
                (int(DeviceTag.FORM), bytes((KEYCHAIN_FORM,))),
                (int(DeviceTag.VERSION), bytes(self.version)),
                (int(DeviceTag.LOCKED), b"\0"),
            ]
        )
        return bytes((len(objects),)) + objects
