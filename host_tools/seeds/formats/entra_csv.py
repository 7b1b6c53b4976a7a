"""CSV for Microsoft Entra ID, in which Token2 and Deepnet deliver too: a header, seed in base32.

`upn,serial number,secret key,time interval,manufacturer,model`; vendors leave `upn` out. Entra
takes time-based codes of 6 digits with SHA-1 and 30 or 60 s, and secrets up to 128 characters.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import tabular
from host_tools.seeds.entry import BadSeedFile, Found, Reading, Secret
from host_tools.seeds.record import SeedRecord

COLUMNS = ("upn", "serial number", "secret key", "time interval", "manufacturer", "model")
SECRET_CHARACTERS_MAX = 128


def sniff(head: str) -> bool:
    """Tell whether the first row is the header with at least serial number and secret key."""
    names = _names(next(iter(head.lstrip().splitlines()), ""))
    return "serial number" in names and "secret key" in names


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; columns may stand in any order, commas or semicolons between.

    Raises:
        BadSeedFile: there is no header with serial number and secret key.
    """
    names: list[str] | None = None
    delimiter = ","
    for number, line in tabular.lines(file, reading):
        if names is None:
            names = _names(line)
            delimiter = _delimiter(line)
            if "serial number" not in names or "secret key" not in names:
                raise BadSeedFile(reading.path, f"its header is not {','.join(COLUMNS)}", "line 1")
            continue
        fields = [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]
        row = dict(zip(names, fields, strict=False))
        yield tabular.entry_of(number, row.get("serial number", ""), partial(_record, row))


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write the table in clear; return how many records there were.

    Raises:
        BadInput: a record is one that Entra cannot take.
    """
    del secret
    text = io.TextIOWrapper(file, "utf-8", newline="\n", write_through=True)
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    count = 0
    for record in records:
        _check(record)
        table.writerow(
            (
                record.user,
                record.serial_number,
                tabular.base32_text(record.seed),
                record.step_seconds,
                record.manufacturer,
                record.model,
            )
        )
        count += 1
    text.detach()
    return count


def _record(row: dict[str, str], doubts: list[str]) -> SeedRecord:
    serial = tabular.identifier(row.get("serial number", ""))
    interval = row.get("time interval", "")
    if not interval:
        doubts.append("it does not say its time step; 30 s taken, but many such fobs run at 60 s")
    return SeedRecord(
        serial_number=serial,
        credential_id=serial,
        seed=tabular.base32_seed(row.get("secret key", ""), doubts),
        kind=OtpKind.TOTP,
        step_seconds=tabular.whole_number(interval, "time interval") if interval else 30,
        manufacturer=row.get("manufacturer", ""),
        model=row.get("model", ""),
        user=row.get("upn", ""),
    )


def _check(record: SeedRecord) -> None:
    fits = (
        record.kind is OtpKind.TOTP
        and record.algorithm is Hash.SHA1
        and record.digits == 6
        and record.step_seconds in (30, 60)
        and record.t0_seconds == 0
        and len(tabular.base32_text(record.seed)) <= SECRET_CHARACTERS_MAX
    )
    if not fits:
        raise BadInput(
            f"key {record.serial_number}: Entra takes only TOTP with SHA-1, 6 digits, 30 or 60 s"
        )


def _delimiter(header: str) -> str:
    return ";" if header.count(";") > header.count(",") else ","


def _names(header: str) -> list[str]:
    names = header.strip("\ufeff").split(_delimiter(header))
    return [" ".join(name.strip(' "').lower().replace("_", " ").split()) for name in names]
