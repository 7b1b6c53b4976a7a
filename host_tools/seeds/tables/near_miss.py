"""What a table that no format takes for its own looks like, for the message."""

from host_tools.seeds.entry import Unusable
from host_tools.seeds.tables.layout import by_content, from_header
from host_tools.seeds.tables.reader import first_rows
from host_tools.seeds.tables.rows import BLANKS


def near_miss(head: str) -> str:
    """Return what is off with the table that a file begins with, as the end of a message.

    It is "" where the file is no table. No cell is quoted that could be a seed.
    """
    if head.lstrip("\ufeff \t\r\n").startswith(("{", "[", "<")):
        return ""
    start = first_rows(head)
    try:
        if start.names is not None:
            from_header(start.names, start.header)
        elif start.delimiter != BLANKS and any(sum(map(bool, row)) > 1 for row in start.rows):
            by_content(start.rows)
    except Unusable as error:
        return f"; as a table: {error}"
    return ""
