"""CSV of multiOTP: `serial;manufacturer;HOTP|TOTP|mOTP;seed in hex;digits;counter or step`.

multiOTP 5.9.8 splits at semicolons, tabs and commas alike, passes over rows of fewer than six
columns without a word, and takes an mOTP step for 10 s (`ImportTokensFromCsv`).
"""

from collections.abc import Iterator
from typing import BinaryIO

from host_tools.seeds.entry import Found, Reading
from host_tools.seeds.tables.cells import is_kind, seed_encoding
from host_tools.seeds.tables.kinds import MULTIOTP
from host_tools.seeds.tables.reader import first_rows, read_table


def sniff(head: str) -> bool:
    """Tell whether most rows have a type of token third, and a seed fourth rather than second."""
    rows = first_rows(head).rows
    fitting = [row for row in rows if len(row) >= 5 and is_kind(row[2]) and _has_seed(row)]
    return bool(fitting) and 2 * len(fitting) >= len(rows)


def _has_seed(row: list[str]) -> bool:
    return len(row[3]) > 2 and not seed_encoding(row[1])


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `read_table` for what it raises."""
    return read_table(file, reading, MULTIOTP)
