"""Yubico's exports: keys are named `SERIAL:SLOT`, and Yubico's own AES keys stand among OATH's."""

from host_tools.seeds.entry import ForeignKey
from host_tools.seeds.pskc.values import PskcKey

AES = "yubikey-aes"


def matches(key: PskcKey) -> bool:
    """Tell whether the algorithm is Yubico's own."""
    return key.algorithm.rpartition("#")[2].rpartition(":")[2].lower() == AES


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Raise ForeignKey: such a key makes Yubico's own codes, under AES."""
    del key, doubts
    raise ForeignKey("a Yubico OTP key (AES)")
