"""The numbers of the token application's objects: tags, states, flags and codes (WIRE §5)."""

from enum import STRICT, IntEnum, IntFlag, unique


@unique
class Tag(IntEnum):
    """Where each object is found; private class, two bytes (ISO/IEC 8825-1 §8.1.2)."""

    SERIAL_NUMBER = 0xDF20
    CREDENTIAL_ID = 0xDF21
    MODEL_NAME = 0xDF22
    CHIP_ID = 0xDF23
    FIRMWARE_VERSION = 0xDF24
    LIFE_CYCLE = 0xDF25
    MANUFACTURE_DATE = 0xDF26
    EXPIRY_DATE = 0xDF27
    BATTERY = 0xDF28
    CLOCK = 0xDF29
    COUNTERS = 0xDF2A
    ERROR_LOG = 0xDF2C
    SELF_TEST = 0xDF2D
    TRIES_LEFT = 0xDF2E
    SLOTS = 0xFF2B
    CREDENTIAL = 0xFF30
    IDENTITY = 0xFF31


@unique
class LifeCycle(IntEnum):
    """GlobalPlatform's card life-cycle coding (Card Specification 2.3.1 Table 11-6)."""

    BLANK = 0x01
    PERSONALISED = 0x07
    SEALED = 0x0F
    LOCKED = 0x7F
    TERMINATED = 0xFF


@unique
class Condition(IntFlag, boundary=STRICT):
    """Conditions beside the life-cycle: SEALED with IN_USE is the state "in use"."""

    NONE = 0
    IN_USE = 0b0000_0001
    EXPIRED = 0b0000_0010
    LOW_BATTERY = 0b0000_0100


@unique
class Estimator(IntEnum):
    """How the fob estimates what is left in its cell."""

    CHARGE_BUDGET = 1
    LOADED_VOLTAGE = 2


@unique
class ErrorCode(IntEnum):
    """The codes of the error log. Retired numbers stay."""

    SELF_TEST_FAILED = 1
    BROWN_OUT = 2
    CLOCK_LOST = 3
    FLASH_REPAIRED = 4
    FLASH_WORN = 5
    AUTHENTICATION_FAILED = 6
    AUTHENTICATION_BLOCKED = 7
    ZEROISED = 8


@unique
class SelfTestPart(IntEnum):
    """The bit number (0 = least) of each part of the self-test."""

    FIRMWARE = 0
    FLASH = 1
    CRC = 2
    SHA_1 = 3
    SHA_256 = 4
    SHA_512 = 5
    HMAC = 6
    AES = 7
    CMAC = 8
    HOTP = 9
    DISPLAY = 10
    CLOCK = 11

    @property
    def bit(self) -> int:
        """The part's bit in the masks of `SelfTestResult`."""
        return 1 << self
