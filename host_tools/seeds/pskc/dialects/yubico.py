"""Yubico's exports: keys are named `SERIAL:SLOT`, and other keys than OATH's stand among them.

After yubikey-personalization-gui (`yubikeylogger.cpp` of 2024-05): the Length of OATH-HOTP counts
the characters of the token identifier that a YubiKey types before the code, and challenge-response
and static keys are written without an algorithm.
"""

from host_tools.seeds.entry import ForeignKey
from host_tools.seeds.pskc.values import PskcKey

AES = "yubikey-aes"
MANUFACTURER = "yubico"
CODE_DIGITS = (6, 8)


def matches(key: PskcKey) -> bool:
    """Tell whether Yubico is the manufacturer, or the algorithm is its own."""
    return key.device.manufacturer.lower() == MANUFACTURER or _fragment(key.algorithm) == AES


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Take the identifier's characters off the number of digits, with a doubt.

    Raises ForeignKey: the key makes Yubico's own codes under AES, or answers challenges.
    """
    if _fragment(key.algorithm) == AES:
        raise ForeignKey("a Yubico OTP key (AES)")
    if not key.algorithm and "counter" not in key.values:
        raise ForeignKey("a challenge-response or static key of a YubiKey")
    digits = (key.length or 0) - len(key.key_id)
    if digits in CODE_DIGITS:
        doubts.append(
            f"its Length of {key.length} counts the {len(key.key_id)} characters of its identifier,"
            f" as Yubico writes it; {digits} digits taken"
        )
        key.length = digits


def _fragment(algorithm: str) -> str:
    return algorithm.rpartition("#")[2].rpartition(":")[2].lower()
