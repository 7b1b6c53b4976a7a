"""Any table of seeds: columns by its header, by --columns, or by content."""

from collections.abc import Iterator
from typing import BinaryIO

from host_tools.seeds.entry import Found, Reading, Unusable
from host_tools.seeds.tables.kinds import ANY
from host_tools.seeds.tables.layout import by_content
from host_tools.seeds.tables.reader import first_rows, read_table


def sniff(head: str) -> bool:
    """Tell whether the first lines have a header with a seed, or a column that looks like seeds."""
    start = first_rows(head)
    if start.names is not None:
        return True
    try:
        return bool(start.rows) and bool(by_content(start.rows))
    except Unusable:
        return False


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `read_table` for what it raises."""
    return read_table(file, reading, ANY)
