"""The register of stored keys: everything the firmware keeps in flash, under which number.

`docs/NVM.md` §4 is this table in words. Retired numbers stay, with a leading underscore.
"""

from enum import IntEnum, unique


@unique
class Key(IntEnum):
    """The number of each stored entry, its meaning, and what its absence means.

    CREDENTIAL and FACTOR are the first of sixteen numbers each, one for every slot; those of the
    slots beyond have numbers of their own (`credential_key`, `factor_key`). PROFILES is the first
    of ten.
    """

    CHIP = 0x01
    """Chip ID (10 bytes) and manufacture day (4). Never absent after manufacture."""
    LIFE_CYCLE = 0x02
    """Life-cycle byte and condition bits. Absent: blank."""
    IDENTITY = 0x03
    """Serial number, Credential ID, dates, as on the wire (WIRE §5). Absent: nameless."""
    CLOCK = 0x04
    """Signed nanoseconds from the RTC's count to the time since 1970. Absent: never set."""
    BOOTS = 0x05
    """How often the firmware booted. Absent: never."""
    EXPIRY = 0x06
    """Expiry day that replaced the identity's (an extension). Absent: the identity's holds."""
    ERROR_LOG = 0x07
    """The latest errors, oldest first. Absent: none."""
    KEY_SET = 0x08
    """SCP03 key version and keys. Absent: the public test keys."""
    SEQUENCE = 0x09
    """SCP03 sequence counter last used. Absent: 0."""
    FAILURES = 0x0A
    """Consecutive failed authentications. Absent: 0."""
    PRESSES = 0x0B
    """Presses counted by credentials that are no longer there. Absent: 0."""
    APP = 0x0C
    """Soft token: its device, the device it is bound to, whether stopped. Absent: not installed."""
    OATH = 0x0D
    """OATH applet: how often it was reset, and its access key. Absent: never, and none."""
    MOLTO2 = 0x0E
    """Molto2: SM4 key, failed authentications, whether the screen is locked. Absent: as made."""
    CREDENTIAL = 0x10
    """Kind, hash, digits, step, T0 and seed of slot 1; the next slots follow. Absent: empty."""
    FACTOR = 0x20
    """Moving factor and presses of slot 1; the next slots follow. Absent: as loaded."""
    FURTHER_CREDENTIAL = 0x30
    """As CREDENTIAL, of slot 17; the next slots follow."""
    PROFILES = 0x84
    """Molto2: titles and settings of the first ten profiles; the next tens follow. Absent: none."""
    FURTHER_FACTOR = 0x90
    """As FACTOR, of slot 17; the next slots follow."""


_CREDENTIALS, _FURTHER_CREDENTIALS = int(Key.CREDENTIAL), int(Key.FURTHER_CREDENTIAL)
_FACTORS, _FURTHER_FACTORS = int(Key.FACTOR), int(Key.FURTHER_FACTOR)
FIRST_SLOTS = 16
"""How many slots have their numbers at CREDENTIAL and FACTOR."""

SLOTS_MAX = 100


def credential_key(slot: int) -> int:
    """Return the number under which the credential of slot `slot` (1..100) is kept."""
    if slot <= FIRST_SLOTS:
        return _CREDENTIALS + slot - 1
    return _FURTHER_CREDENTIALS + slot - 1 - FIRST_SLOTS


def factor_key(slot: int) -> int:
    """Return the number under which the moving factor of slot `slot` (1..100) is kept."""
    if slot <= FIRST_SLOTS:
        return _FACTORS + slot - 1
    return _FURTHER_FACTORS + slot - 1 - FIRST_SLOTS
