"""The store of a rack: its durable state in one locked SQLite file (or in memory).

It holds a record of each fob (model and identity), its images by (fob, key), and true time.
Every commit is synchronous: committed data survives a power cut of the host.
"""

import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware_model.errors import BadStore, InUse
from firmware_model.units import SimTime

APPLICATION_ID = 0x4B464F42  # "KFOB", in the header of the SQLite file
FORMAT = 1
IN_MEMORY = ":memory:"

_log = logging.getLogger("keyfob.emulator.store")
FLASH = "flash/"
"""What the keys of flash pages begin with: seeds are in those."""

_IMAGE = "SELECT image FROM image WHERE number = ? AND key = ?"
_PUT_IMAGE = """
INSERT INTO image VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET image = excluded.image
WHERE image IS NOT excluded.image
"""
"""An image whose bytes are as they were touches no page of the file."""
_MAGIC = b"SQLite format 3\0"
_SCHEMA = """
CREATE TABLE fob (
    number INTEGER PRIMARY KEY,
    serial_number TEXT NOT NULL UNIQUE,
    model TEXT NOT NULL,
    chip_id BLOB NOT NULL,
    random_seed BLOB NOT NULL
);
CREATE TABLE image (
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    image BLOB NOT NULL,
    PRIMARY KEY (number, key)
) WITHOUT ROWID;
CREATE TABLE true_time (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    instant_ns INTEGER NOT NULL,
    offset_ns INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class FobRecord:
    """What a fob was made from; `number` is its channel (1 or more), `dice` its unit variation."""

    number: int
    serial_number: str
    model: str
    chip_id: bytes
    dice: bytes


@dataclass(frozen=True, slots=True)
class TimeRecord:
    """True time at a commit, and its offset to the wall clock."""

    instant: SimTime
    offset_ns: int


class RackStore:
    """One rack's durable state; nothing is durable before `commit` returns."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the store at `path`, locked for this process; None keeps it in memory.

        The file has mode 0600 from its first moment, because images hold seeds.

        Raises:
            InUse: another process runs on it.
            BadStore: the file cannot be opened, or is not a keyfob store.
        """
        self.path = path
        self._dirty = False
        self._erased = False
        if path is not None:
            _make_private(path)
        try:
            self._database = _open(IN_MEMORY if path is None else str(path))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise InUse(f"store {path} is in use by another keyfob run") from None
            raise _gave_up("open", path, error) from None
        except sqlite3.DatabaseError:
            raise BadStore(f"{path} is not a keyfob store") from None

    def fob_records(self) -> list[FobRecord]:
        """Return every fob of the store, by number."""
        rows = self._database.execute(
            "SELECT number, serial_number, model, chip_id, random_seed FROM fob ORDER BY number"
        )
        return [FobRecord(*self._checked(row, (int, str, str, bytes, bytes))) for row in rows]

    def images(self) -> dict[int, dict[str, bytes]]:
        """Return every fob's images: number -> key -> image."""
        found: dict[int, dict[str, bytes]] = {}
        for row in self._database.execute("SELECT number, key, image FROM image"):
            number, key, image = self._checked(row, (int, str, bytes))
            found.setdefault(number, {})[key] = image
        return found

    def time_record(self) -> TimeRecord | None:
        """Return true time at the last commit, None in a new store."""
        row = self._database.execute("SELECT instant_ns, offset_ns FROM true_time").fetchone()
        if row is None:
            return None
        instant, offset = self._checked(row, (int, int))
        return TimeRecord(SimTime(instant), offset)

    def add_fob(self, record: FobRecord) -> None:
        """Add a fob with the next commit."""
        self._write(
            "INSERT INTO fob VALUES (?, ?, ?, ?, ?)",
            (record.number, record.serial_number, record.model, record.chip_id, record.dice),
        )

    def put_image(self, number: int, key: str, image: bytes) -> None:
        """Set the image `key` of fob `number` with the next commit."""
        if self.path is None:  # it could never be read back
            return
        if key.startswith(FLASH) and not self._erased:
            found = self._database.execute(_IMAGE, (number, key)).fetchone()
            self._erased = found is not None and _is_erased(found[0], image)
        self._write(_PUT_IMAGE, (number, key, image))

    def put_time(self, record: TimeRecord) -> None:
        """Set true time with the next commit."""
        if self.path is None:
            return
        self._write(
            "INSERT OR REPLACE INTO true_time VALUES (1, ?, ?)", (record.instant, record.offset_ns)
        )

    @property
    def dirty(self) -> bool:
        """Whether there is something to commit."""
        return self._dirty

    def commit(self) -> None:
        """Make all changes since the last commit durable, all or nothing.

        Raises:
            BadStore: the disk is full or failed; no change since the last commit was kept.
        """
        if not self._dirty:
            return
        try:
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise _gave_up("write", self.path, error) from None
        self._dirty = False
        if self._erased:
            _forget_old_pages(self._database)
            self._erased = False
        _log.debug("committed")

    def close(self) -> None:
        """Close the store; changes that were not committed are lost."""
        self._database.close()

    def _checked(self, row: tuple[Any, ...], kinds: tuple[type, ...]) -> tuple[Any, ...]:
        if any(type(value) is not kind for value, kind in zip(row, kinds, strict=True)):
            raise BadStore(f"store {self.path} was altered or damaged: restore a copy of it")
        return row

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            if not self._dirty:
                self._database.execute("BEGIN")
                self._dirty = True
            self._database.execute(statement, values)
        except sqlite3.Error as error:  # SQLite has rolled back by itself where the disk is full
            raise _gave_up("write", self.path, error) from None


_REMEDIES = {
    sqlite3.SQLITE_FULL: "disk full: free some space and run again",
    sqlite3.SQLITE_IOERR: "disk failure: check the disk and ulimit -f",
    sqlite3.SQLITE_CANTOPEN: "check its folder and the open files (ulimit -n)",
    sqlite3.SQLITE_READONLY: "read-only: check the permissions of its folder",
}
"""What to do where SQLite gives up on the file, by its primary result code."""


def _gave_up(verb: str, path: Path | None, error: sqlite3.Error) -> BadStore:
    # Errors that Python itself raises have no code; of SQLite's, the low byte is the primary one.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return BadStore(f"cannot {verb} store {path}: {_REMEDIES.get(code, error)}")


def _make_private(path: Path) -> None:
    """Make `path` with mode 0600 before SQLite opens it: its -wal file inherits the mode."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadStore(f"cannot open store {path}: {error.strerror}") from None
    try:
        if os.read(file, len(_MAGIC)) not in (b"", _MAGIC):
            raise BadStore(f"{path} is not a keyfob store")
        os.fchmod(file, 0o600)
    finally:
        os.close(file)


def _open(name: str) -> sqlite3.Connection:
    # No busy handler, so that a second run fails at once. EXCLUSIVE keeps the lock of the first
    # transaction until the process ends.
    database = sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        _check(database)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        # What is replaced is overwritten, on pages in use and on freed ones; and a process that
        # was killed leaves nothing in the write-ahead log for longer than until the next run.
        database.execute("PRAGMA secure_delete=ON")
        _forget_old_pages(database)
        database.execute("BEGIN IMMEDIATE")
        if not database.execute("PRAGMA user_version").fetchone()[0]:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA application_id={APPLICATION_ID}")
            database.execute(f"PRAGMA user_version={FORMAT}")
        database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


def _forget_old_pages(database: sqlite3.Connection) -> None:
    """Empty the write-ahead log: it has what pages held before, erased seeds included."""
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _is_erased(before: object, after: bytes) -> bool:
    """Whether a page of flash was erased: programming only clears bits."""
    if not isinstance(before, bytes) or len(before) != len(after):
        return True
    return bool(int.from_bytes(after) & ~int.from_bytes(before))


def _check(database: sqlite3.Connection) -> None:
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise sqlite3.DatabaseError
    if version > FORMAT:
        raise BadStore(f"unsupported store format {version}: this keyfob reads up to {FORMAT}")
