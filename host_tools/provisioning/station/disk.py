"""When the disk is full or failing: said in words, and nothing is done without a record."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from host_tools.errors import HostError

_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)


class LedgerUnwritable(HostError):  # noqa: N818 - as in host_tools.errors
    """The disk is full or failing: without a record nothing may be done."""

    exit_status = 3


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Raise LedgerUnwritable where SQLite says within the block that the disk fails."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _DISK:
            raise
        raise LedgerUnwritable(
            f"{path} cannot be written ({error}): nothing is done without a record;"
            " make room and run the station again"
        ) from None
