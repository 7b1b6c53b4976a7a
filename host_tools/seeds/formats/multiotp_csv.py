"""CSV of multiOTP: `serial;manufacturer;HOTP|TOTP|mOTP;seed in hex;digits;counter or step`."""

from collections.abc import Iterator
from typing import BinaryIO

from host_tools.seeds.entry import Found, Reading
from host_tools.seeds.tables.cells import is_kind, seed_encoding
from host_tools.seeds.tables.kinds import MULTIOTP
from host_tools.seeds.tables.reader import first_rows, read_table


def sniff(head: str) -> bool:
    """Tell whether the third column of most rows is a type of token, and the second no seed."""
    rows = first_rows(head).rows
    fitting = [
        row for row in rows if len(row) >= 4 and is_kind(row[2]) and not seed_encoding(row[1])
    ]
    return bool(fitting) and 2 * len(fitting) >= len(rows)


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `read_table` for what it raises."""
    return read_table(file, reading, MULTIOTP)
