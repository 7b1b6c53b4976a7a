"""CSV of multiOTP: `serial;manufacturer;HOTP|TOTP|mOTP;seed in hex;digits;counter or step`."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from firmware_model.generators import OtpKind
from host_tools.seeds import tabular
from host_tools.seeds.entry import Found, Reading, Unusable
from host_tools.seeds.record import SeedRecord

_KINDS = ("hotp", "totp", "motp")


def sniff(head: str) -> bool:
    """Tell whether the third column of the first row, between semicolons, is a type of token."""
    first = next((line for line in head.splitlines() if line.strip() and line[0] != "#"), "")
    fields = [field.strip().lower() for field in first.split(";")]
    return len(fields) >= 4 and fields[2] in _KINDS


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `tabular.rows` for what it raises."""
    for number, row in tabular.rows(file, reading, delimiter=";"):
        yield tabular.entry_of(number, row[0], partial(_record, row))


def _record(row: list[str], doubts: list[str]) -> SeedRecord:
    if len(row) < 5:
        raise Unusable(f"it has {len(row)} columns, at least 5 expected")
    serial = tabular.identifier(row[0])
    try:
        kind = OtpKind[row[2].upper()]
    except KeyError:
        raise Unusable(f"its type {row[2][:20]!r} is neither HOTP nor TOTP") from None
    last = tabular.whole_number(row[5], "counter or time step") if len(row) > 5 and row[5] else None
    if kind is OtpKind.TOTP and last is None:
        doubts.append("it does not say its time step; 30 s taken, but many such fobs run at 60 s")
    return SeedRecord(
        serial_number=serial,
        credential_id=serial,
        seed=tabular.hex_seed(row[3], doubts),
        kind=kind,
        digits=tabular.whole_number(row[4], "number of digits"),
        counter=(last or 0) if kind is OtpKind.HOTP else 0,
        step_seconds=30 if kind is OtpKind.HOTP or last is None else last,
        manufacturer=row[1],
    )
