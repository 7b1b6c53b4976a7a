"""OATH CSV, as privacyIDEA, LinOTP and NetIQ take it: no header, seed in hex.

`serial, seed[, hotp|totp[, digits[, counter or step[, hash]]]]`; after a first line
`# version: 2` three columns stand before: user, resolver, realm.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import Found, Reading, Secret
from host_tools.seeds.formats.table_writer import write_rows
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import SCIENTIFIC
from host_tools.seeds.tables.cells import is_kind, seed_encoding
from host_tools.seeds.tables.kinds import OATH, OATH_2
from host_tools.seeds.tables.reader import first_rows, read_table
from host_tools.seeds.text_lines import head_of

_VERSION = re.compile(r"#\s*version:\s*([0-9]+)", re.IGNORECASE)
_HEX = re.compile(r"(?:0[xX])?[0-9A-Fa-f -]{8,}")
_SHORT_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){2,}")
"""A seed beside a named type, however short."""


def sniff(head: str) -> bool:
    """Tell whether the first row is a serial number and a seed."""
    if _VERSION.match(head):
        return True
    start = first_rows(head)
    if start.names is not None or not start.rows:
        return False
    fitting = sum(1 for row in start.rows if _fits(row))
    return 2 * fitting >= len(start.rows)


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `read_table` for what it raises."""
    version = _VERSION.match(head_of(file)[:200].decode("utf-8", "replace").lstrip("\ufeff"))
    return read_table(file, reading, OATH_2 if version and version[1] == "2" else OATH)


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write version 1 in clear; return how many records there were.

    Raises:
        BadInput: a cell would be a formula to a spreadsheet, or a record has a T0.
    """
    del secret
    return write_rows(file, (_row(record) for record in records))


def _row(record: SeedRecord) -> list[object]:
    if record.kind is OtpKind.TOTP and record.t0_seconds:
        raise BadInput(
            f"key {record.serial_number}: OATH CSV has no place for T0 = {record.t0_seconds} s, and"
            " its codes would be wrong without"
        )
    row: list[object] = [record.serial_number, record.seed.hex(), record.kind.name.lower()]
    row += [record.digits]
    row += [record.counter if record.kind is OtpKind.HOTP else record.step_seconds]
    if record.algorithm is not Hash.SHA1 or len(record.seed) in (32, 64):
        row.append(record.algorithm.name.lower())
    return row


def _fits(row: list[str]) -> bool:
    if len(row) < 2 or not row[0] or seed_encoding(row[0]):
        return False
    if len(row) > 2 and row[2] and not is_kind(row[2]):
        return False
    if len(row) > 2 and row[2] and _SHORT_HEX.fullmatch(row[1]):
        return True
    return bool(_HEX.fullmatch(row[1]) or seed_encoding(row[1]) or SCIENTIFIC.fullmatch(row[1]))
