"""SQLite as the host wants it: durable commits, own retries, files nobody else may read."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from host_tools.errors import BadInput, InUse

PATIENCE_SECONDS = 20.0
"""How long a writer waits for the others before it gives up."""

_RETRY_SECONDS = 0.0002
_RETRY_SECONDS_MAX = 0.002

_Result = TypeVar("_Result")


def connect(path: Path, application: int, what: str, *, create: bool) -> sqlite3.Connection:
    """Open the database at `path`, in WAL with every commit on the disk before it returns.

    `application` is the number SQLite keeps in the file to say whose it is; a new file gets it and
    mode 0600 from its first moment. SQLite's busy handler is off: it starves the second writer.

    Raises:
        BadInput: there is no file (and `create` is false), or it is not `what`.
        InUse: others kept it locked for longer than PATIENCE_SECONDS.
    """
    if create:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    elif not path.is_file():
        raise BadInput(f"{path}: no such file; {what} expected")
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        patiently(path, lambda: _prepare(connection, application, create=create))
    except sqlite3.DatabaseError:
        connection.close()
        raise BadInput(f"{path} is not {what}") from None
    except BaseException:
        connection.close()
        raise
    return connection


def patiently(path: Path, action: Callable[[], _Result]) -> _Result:
    """Return what `action` returns, trying again while another process holds the lock.

    Raises:
        InUse: it was held for longer than PATIENCE_SECONDS.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = _RETRY_SECONDS
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
        if time.monotonic() > deadline:
            raise InUse(f"{path} is in use: locked for more than {PATIENCE_SECONDS:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, _RETRY_SECONDS_MAX)


@contextmanager
def transaction(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock for the body; commit at its end, roll back if it raises."""
    patiently(path, lambda: connection.execute("BEGIN IMMEDIATE"))
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _prepare(connection: sqlite3.Connection, application: int, *, create: bool) -> None:
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner != application:
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if owner or tables or not create:
            raise sqlite3.DatabaseError("another program's file")
        connection.execute(f"PRAGMA application_id = {application}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
