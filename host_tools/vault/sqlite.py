"""SQLite with durable commits, retries of its own, and files that only their owner can read."""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from firmware_model.errors import BadInput, InUse
from host_tools.vault.private_file import move_to_free, refuse_existing, unwritable

PATIENCE_SECONDS = 20.0
"""How long a writer waits for the others before it gives up."""

MOMENT_SECONDS = 0.0005
"""How long a writer leaves the lock free that would take it again sooner than that."""

OTHERS_SECONDS = 1.0
"""How long another process that has written counts as one that may be waiting."""

_FILE_FAULTS = {
    sqlite3.SQLITE_FULL: "disk full: cannot write {}; free some space and try again",
    sqlite3.SQLITE_READONLY: "read-only: cannot write {}; check the permissions of its folder",
    sqlite3.SQLITE_PERM: "permission denied: cannot open {}; check its permissions",
    sqlite3.SQLITE_CANTOPEN: "cannot open {}; check its folder and the open files (ulimit -n)",
    sqlite3.SQLITE_IOERR: "disk failure: cannot read or write {}; check the disk and ulimit -f",
}
"""The message for a file that SQLite gives up on, by SQLite's primary result code."""

_DAMAGES = {
    sqlite3.SQLITE_CORRUPT: "its structure",
    sqlite3.SQLITE_NOTADB: "it is no database",
}

_SECURE_DELETE = "PRAGMA secure_delete = ON"
_RETRY_SECONDS = 0.0002
_RETRY_SECONDS_MAX = 0.002

_Result = TypeVar("_Result")


class UnwritableStore(BadInput):
    """The disk of a store is full, failing or read-only."""


class StoreAltered(BadInput):
    """A row, the log, the schema or the file was altered, deleted, put back or damaged.

    `what` names it.
    """

    def __init__(self, path: Path | str, what: str) -> None:
        super().__init__(f"{path} was altered or damaged: {what}; restore a backup")
        self.what = what


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
    # Threads may use it in turn (`shared_store`); two at once never do.
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        patiently(path, lambda: _prepare(connection, application, create=create))
    except _ForeignError:
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
        BadInput: the file or its disk is at fault.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = _RETRY_SECONDS
    while True:
        try:
            return action()
        except Exception as error:  # noqa: BLE001 - all are raised again
            if not is_busy(error):
                raise _translated(path, error) from None
        if time.monotonic() > deadline:
            raise InUse(f"{path} is in use: locked for more than {PATIENCE_SECONDS:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, _RETRY_SECONDS_MAX)


def is_busy(error: BaseException) -> bool:
    """Say whether another process holds the lock, so that it is worth trying again."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def has_file_fault(error: BaseException) -> bool:
    """Whether SQLite gave up on the file or its disk, and not on what is in it."""
    return _code(error) in _FILE_FAULTS


def is_undecodable(error: BaseException) -> bool:
    """Whether the driver met text that is no UTF-8; its message quotes it: do not show it."""
    return isinstance(error, sqlite3.OperationalError) and "Could not decode" in str(error)


def forget_old_pages(connection: sqlite3.Connection) -> None:
    """Empty the write-ahead log: it holds what pages held before, secrets that are gone included.

    As far as others let us: where somebody reads, it is left to whoever opens the file next.
    Called when a file is opened, so that a process that was killed leaves nothing for long.
    """
    with suppress(sqlite3.OperationalError):  # busy: others are at work
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Give the path of an empty file of mode 0600 in which the body makes a database.

    The file appears at `path` when the body ends without error, whole; until then, and for ever
    where the process is killed, there is nothing. The body closes the database.

    Raises:
        BadInput: there is something at `path` already, and it stays as it is; or the disk is full
            or the folder read-only.
    """
    refuse_existing(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        yield part
        move_to_free(part, path)
    except BadInput as error:
        # The user named `path`, and has never heard of the file in which it is made.
        raise BadInput(str(error).replace(str(part), str(path))) from None
    finally:
        for name in (part.name, f"{part.name}-journal", f"{part.name}-wal", f"{part.name}-shm"):
            part.with_name(name).unlink(missing_ok=True)


class WriteTransaction:
    """Holds the write lock for a block; commits at its end, rolls back if it raises.

    One after the other may be made of it. SQLite has no queue of writers: one that comes again at
    once leaves the lock free for a moment, where others have written of late.

    Raises:
        InUse, BadInput: as `patiently`.
    """

    __slots__ = ("_connection", "_ended_at", "_path", "others_at")

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._ended_at = 0.0
        self.others_at = -OTHERS_SECONDS
        """When somebody else was last found to have written."""

    def __enter__(self) -> None:
        now = time.monotonic()
        if now < self._ended_at + MOMENT_SECONDS and now < self.others_at + OTHERS_SECONDS:
            time.sleep(MOMENT_SECONDS)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            patiently(self._path, lambda: self._connection.execute("BEGIN IMMEDIATE"))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                self._connection.execute("COMMIT")
            except BaseException as failure:  # noqa: BLE001 - raised below
                error = failure
            else:
                self._ended_at = time.monotonic()
                return
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        raise _translated(self._path, error) from None


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements of `script` within the caller's transaction.

    Python's own `executescript` would commit it first.
    """
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


class _ForeignError(Exception):
    """The file is no database, or another program's."""


def _prepare(connection: sqlite3.Connection, application: int, *, create: bool) -> None:
    try:
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if _code(error) != sqlite3.SQLITE_NOTADB:
            raise
        raise _ForeignError from None
    if owner != application:
        if owner or tables or not create:
            raise _ForeignError
        connection.execute(f"PRAGMA application_id = {application}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten, on pages in use and on freed ones; see `forget_old_pages`.
    connection.execute(_SECURE_DELETE)
    forget_old_pages(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def _code(error: BaseException) -> int | None:
    """Return SQLite's primary result code, None for an error of another kind."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _translated(path: Path, error: BaseException) -> BaseException:
    if is_undecodable(error):
        return StoreAltered(path, "it has text that is no UTF-8")
    if damage := _DAMAGES.get(_code(error) or 0):
        return StoreAltered(path, damage)
    message = _FILE_FAULTS.get(_code(error) or 0)
    return error if message is None else UnwritableStore(message.format(path))
