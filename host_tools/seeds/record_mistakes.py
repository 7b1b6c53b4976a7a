"""Mistakes that are made with a seed's record on its way to a server (BENCH §14.3)."""

import base64
from dataclasses import replace
from enum import Enum, unique

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.seeds.record import SeedRecord

STEPS = (30, 60)
"""The two steps that are mixed up, in seconds."""


@unique
class RecordMistake(Enum):
    """What is wrong in the record; the value is the word for it."""

    STEP = "step"
    """30 s instead of 60 s, or 60 s instead of 30 s."""
    HEX = "hex"
    """The seed's hexadecimal digits were taken for the seed."""
    BASE32 = "base32"
    """The characters of its Base32 were."""
    BASE64 = "base64"
    """The characters of its Base64 were."""

    @classmethod
    def named(cls, encoding: str) -> "RecordMistake":
        """Return the mistake with that encoding.

        Raises:
            BadInput: it is none.
        """
        if encoding not in _ENCODED:
            known = ", ".join(_ENCODED)
            raise BadInput(f"unknown encoding {encoding!r}: expected one of {known}")
        return cls(encoding)


_ENCODED = {
    "hex": lambda seed: seed.hex().upper().encode(),
    "base32": base64.b32encode,
    "base64": base64.b64encode,
}


def mistaken_record(record: SeedRecord, mistake: RecordMistake) -> SeedRecord:
    """Return `record` with the mistake in it.

    Raises:
        BadInput: a step of a record that has none; or the seed that comes out is too long.
    """
    if mistake is RecordMistake.STEP:
        if record.kind is not OtpKind.TOTP:
            raise BadInput(f"{record.serial_number} counts presses: it has no time step to mix up")
        short, long = STEPS
        return replace(record, step_seconds=long if record.step_seconds == short else short)
    try:
        return replace(record, seed=_ENCODED[mistake.value](record.seed))
    except ValueError as error:
        raise BadInput(f"{record.serial_number}: {error}") from None
