"""The users file of pam_oath (oath-toolkit): written only.

`HOTP/E/6 user - seed counter` and `HOTP/T60/6 user - seed`, seed in hex, SHA-1.
"""

from collections.abc import Iterable
from typing import BinaryIO

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import Secret
from host_tools.seeds.record import SeedRecord


def sniff(head: str) -> bool:
    """Tell whether the first line is of a users file."""
    return head.startswith(("HOTP ", "HOTP\t", "HOTP/"))


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write one line a record, for the user it names, else for its serial number.

    Raises:
        BadInput: a record is one that pam_oath cannot take.
    """
    del secret
    count = 0
    for record in records:
        user = record.user or record.serial_number
        fits = (
            record.algorithm is Hash.SHA1
            and 6 <= record.digits <= 8
            and (record.kind is OtpKind.HOTP or record.step_seconds in (30, 60))
            and (record.kind is OtpKind.HOTP or record.t0_seconds == 0)
            and not any(character.isspace() for character in user)
        )
        if not fits:
            raise BadInput(
                f"key {record.serial_number}: pam_oath takes only SHA-1, 6 to 8 digits,"
                " steps of 30 or 60 s, and users without spaces"
            )
        moves = "E" if record.kind is OtpKind.HOTP else f"T{record.step_seconds}"
        counter = f"\t{record.counter}" if record.kind is OtpKind.HOTP and record.counter else ""
        line = f"HOTP/{moves}/{record.digits}\t{user}\t-\t{record.seed.hex()}{counter}\n"
        file.write(line.encode())
        count += 1
    return count
