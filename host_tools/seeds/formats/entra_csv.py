"""CSV for Microsoft Entra ID, in which Token2 and Deepnet deliver too: a header, seed in base32.

`upn,serial number,secret key,time interval,manufacturer,model`; vendors leave `upn` out. Entra
takes time-based codes of 6 digits with SHA-1 and 30 or 60 s, and secrets up to 128 characters.
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.columns import Column
from host_tools.seeds.entry import Found, Reading, Secret
from host_tools.seeds.formats.table_writer import write_rows
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import base32_text
from host_tools.seeds.tables.kinds import ENTRA
from host_tools.seeds.tables.reader import first_rows, read_table

COLUMNS = ("upn", "serial number", "secret key", "time interval", "manufacturer", "model")
SECRET_CHARACTERS_MAX = 128

_OWN = {Column.USER, Column.SERIAL, Column.SEED, Column.STEP, Column.MANUFACTURER, Column.MODEL}


def sniff(head: str) -> bool:
    """Tell whether the header has `serial number` and `secret key`, and no column of others."""
    start = first_rows(head)
    words = {" ".join(cell.lower().replace("_", " ").split()) for cell in start.header}
    named = {name for name in start.names or () if name not in (None, Column.IGNORED)}
    return "secret key" in words and "serial number" in words and named <= _OWN


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; columns may stand in any order.

    Raises:
        BadSeedFile: naming the line: there is no header with serial number and secret key.
    """
    return read_table(file, reading, ENTRA)


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write the table in clear; return how many records there were.

    Raises:
        BadInput: a record is one that Entra cannot take, or a cell would be a formula.
    """
    del secret
    return write_rows(file, (_row(record) for record in records), COLUMNS)


def _row(record: SeedRecord) -> list[object]:
    fits = (
        record.kind is OtpKind.TOTP
        and record.algorithm is Hash.SHA1
        and record.digits == 6
        and record.step_seconds in (30, 60)
        and record.t0_seconds == 0
        and len(base32_text(record.seed)) <= SECRET_CHARACTERS_MAX
    )
    if not fits:
        raise BadInput(
            f"key {record.serial_number}: Entra takes only TOTP with SHA-1, 6 digits, 30 or 60 s"
        )
    return [
        record.user,
        record.serial_number,
        base32_text(record.seed),
        record.step_seconds,
        record.manufacturer,
        record.model,
    ]
