"""Yubico's exports: keys are named `SERIAL:SLOT`, and other keys than OATH's stand among them.

Its AES keys are known by their algorithm, as every foreign key is (`key_record.profile_of`). After
yubikey-personalization-gui (`yubikeylogger.cpp` of 2024-05): the Length of OATH-HOTP counts the
characters of the token identifier that a YubiKey types before the code, and challenge-response and
static keys are written without an algorithm.
"""

from host_tools.seeds.entry import ForeignKey
from host_tools.seeds.pskc.values import PskcKey

MANUFACTURER = "yubico"
CODE_DIGITS = (6, 8)


def matches(key: PskcKey) -> bool:
    """Tell whether Yubico is the manufacturer."""
    return key.device.manufacturer.lower() == MANUFACTURER


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Take the identifier's characters off the number of digits, with a doubt.

    Raises ForeignKey: the key answers challenges, or is a password.
    """
    if not key.algorithm and "counter" not in key.values:
        raise ForeignKey("a challenge-response or static key of a YubiKey")
    digits = (key.length or 0) - len(key.key_id)
    if digits in CODE_DIGITS:
        doubts.append(
            f"its Length of {key.length} counts the {len(key.key_id)} characters of its identifier,"
            f" as Yubico writes it; {digits} digits taken"
        )
        key.length = digits
