"""Key check values, by the name of the method: three bytes that tell a key and give none of it."""

from enum import StrEnum, unique

from firmware_model.wire.scp03_keys import cmac, encrypt_block, key_check_value

CHECK_BYTES = 3


@unique
class Method(StrEnum):
    """How a check value is made; envelopes name one of these, often in other words."""

    GLOBALPLATFORM = "globalplatform"
    """16 bytes of 01 under AES (Amendment D §7.2.2): what PUT KEY sends."""
    CMAC = "cmac"
    """AES-CMAC of one block of zeros (ANSI X9.24-1:2017 Annex A): what most HSMs print for AES."""
    ZEROS = "zeros"
    """One block of zeros under AES: the habit from DES days."""


WORDS = {
    Method.GLOBALPLATFORM: "AES of 16 bytes 01",
    Method.CMAC: "AES-CMAC of 16 bytes 00",
    Method.ZEROS: "AES of 16 bytes 00",
}
"""Each method in words."""


def check_value(key: bytes, method: Method = Method.GLOBALPLATFORM) -> bytes:
    """Return the first 3 bytes of what `method` makes of an AES key (16, 24 or 32 bytes)."""
    zeros = bytes(16)
    if method is Method.GLOBALPLATFORM:
        return key_check_value(key)
    made = cmac(key, zeros) if method is Method.CMAC else encrypt_block(key, zeros)
    return made[:CHECK_BYTES]
