"""The store: what outlives the emulator's process, in one locked SQLite file (or in memory).

It holds each fob's birth (its model and identity), its images under (fob, key), and where true
time stands. Every commit is synchronous: what was committed survives a power cut of the host.
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from firmware_model.errors import BadStore, InUse
from firmware_model.units import SimTime

APPLICATION_ID = 0x4B464F42  # "KFOB", in the header of the SQLite file
FORMAT = 1
IN_MEMORY = ":memory:"

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
class Birth:
    """What a fob was made from; `number` is its channel in the rack (1 or more)."""

    number: int
    serial_number: str
    model: str
    chip_id: bytes
    random_seed: bytes


@dataclass(frozen=True, slots=True)
class Moment:
    """Where true time stood at the last commit, and its offset to the wall clock then."""

    instant: SimTime
    offset_ns: int


class RackStore:
    """One rack's durable state; nothing it takes is durable before `commit` returns."""

    def __init__(self, path: Path | None) -> None:
        """Open or make the store at `path`, locked for this process.

        None makes one for this run only: it knows the fobs, and keeps no images.

        The file has mode 0600 from its first moment, because images hold seeds.

        Raises:
            InUse: another process runs on it.
            BadStore: the file cannot be opened or is no store of ours.
        """
        self.path = path
        self._dirty = False
        if path is not None:
            _make_private(path)
        try:
            self._database = _open(IN_MEMORY if path is None else str(path))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise InUse(f"store {path} is in use by another keyfob run") from None
            raise BadStore(f"store {path} cannot be opened: {error}") from None
        except sqlite3.DatabaseError:
            raise BadStore(f"{path} is no keyfob store") from None

    def births(self) -> list[Birth]:
        """Return every fob of the store, by number."""
        rows = self._database.execute(
            "SELECT number, serial_number, model, chip_id, random_seed FROM fob ORDER BY number"
        )
        return [Birth(*row) for row in rows]

    def images(self) -> dict[int, dict[str, bytes]]:
        """Return every fob's images: number -> key -> image."""
        found: dict[int, dict[str, bytes]] = {}
        for number, key, image in self._database.execute("SELECT number, key, image FROM image"):
            found.setdefault(number, {})[key] = image
        return found

    def moment(self) -> Moment | None:
        """Return where true time stood at the last commit, None in a fresh store."""
        row = self._database.execute("SELECT instant_ns, offset_ns FROM true_time").fetchone()
        return None if row is None else Moment(SimTime(row[0]), row[1])

    def add(self, birth: Birth) -> None:
        """Take in a new fob with the next commit."""
        self._begin()
        self._database.execute(
            "INSERT INTO fob VALUES (?, ?, ?, ?, ?)",
            (birth.number, birth.serial_number, birth.model, birth.chip_id, birth.random_seed),
        )

    def keep(self, number: int, key: str, image: bytes) -> None:
        """Take `image` as fob `number`'s newest under `key` with the next commit."""
        if self.path is None:  # nobody could ever read it back
            return
        self._begin()
        self._database.execute(
            "INSERT OR REPLACE INTO image VALUES (?, ?, ?)", (number, key, image)
        )

    def note(self, moment: Moment) -> None:
        """Take `moment` as where true time stands with the next commit."""
        if self.path is None:
            return
        self._begin()
        self._database.execute(
            "INSERT OR REPLACE INTO true_time VALUES (1, ?, ?)", (moment.instant, moment.offset_ns)
        )

    @property
    def dirty(self) -> bool:
        """Whether something waits for a commit."""
        return self._dirty

    def commit(self) -> None:
        """Make everything taken in since the last commit durable, all or nothing.

        Raises:
            BadStore: the disk refused; nothing since the last commit was kept.
        """
        if not self._dirty:
            return
        try:
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise BadStore(f"store {self.path} cannot be written: {error}") from None
        self._dirty = False

    def close(self) -> None:
        """Give the store back; what was not committed is gone."""
        self._database.close()

    def _begin(self) -> None:
        if not self._dirty:
            self._database.execute("BEGIN")
            self._dirty = True


def _make_private(path: Path) -> None:
    """Make sure `path` exists with mode 0600 before SQLite sees it (its -wal inherits the mode)."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadStore(f"store {path} cannot be opened: {error.strerror}") from None
    try:
        if os.read(file, len(_MAGIC)) not in (b"", _MAGIC):
            raise BadStore(f"{path} is no keyfob store")
        os.fchmod(file, 0o600)
    finally:
        os.close(file)


def _open(name: str) -> sqlite3.Connection:
    # No busy handler: a second run is to be told at once. EXCLUSIVE keeps the lock of the first
    # transaction until the end of the process, whatever ends it.
    database = sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        _check(database)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
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


def _check(database: sqlite3.Connection) -> None:
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise sqlite3.DatabaseError
    if version > FORMAT:
        raise BadStore(f"the store has format {version}; this keyfob knows up to {FORMAT}")
