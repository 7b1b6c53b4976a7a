"""From an older schema to today's: numbered steps, forward only, a copy kept (HOST §5)."""

import importlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from firmware_model.errors import BadInput
from host_tools.vault import guarded, sqlite
from host_tools.vault.anchor import Anchor
from host_tools.vault.database import Database
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.postgres_address import PostgresAddress, StorePlace
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.vault.tables import GuardedTable

MigrationStep = Callable[[Path, sqlite3.Connection, KeyRing], None]
"""Makes a store of one version one of the next, within a transaction.

It raises BadInput where the store is not as that version left it.
"""

_LOGGER = logging.getLogger("keyfob.host.vault")


@dataclass(frozen=True, slots=True)
class Schema:
    """What a kind of store looks like: today's tables, and how older versions come to them.

    `application` is the number SQLite keeps in the file, `what` names the kind in messages, `kind`
    in MACs and associated data. `sql` makes the guarded `tables`. `steps` are by the version that
    they start from; `postgres_steps` are those of stores in PostgreSQL. `version_of` tells
    the version of old files that do not keep it as SQLite's user_version.
    """

    application: int
    what: str
    kind: str
    version: int
    tables: tuple[GuardedTable, ...]
    sql: str
    steps: Mapping[int, MigrationStep]
    postgres_steps: Mapping[int, Callable[[Database, KeyRing], None]] = field(default_factory=dict)
    version_of: Callable[[sqlite3.Connection], int] | None = None

    def found_version(self, connection: sqlite3.Connection) -> int:
        """Return a store's version; 0 where it is just being made."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not version and self.version_of is not None:
            return self.version_of(connection)
        return int(version)


def open_guarded(
    path: StorePlace,
    schema: Schema,
    keys: KeyRing,
    *,
    create: bool,
    anchor: Anchor | None = None,
    check: bool = True,
) -> GuardedStore:
    """Open the store at `path`, of today's version or brought to it; make it if `create`.

    `check` is left out by whoever lists the faults (`GuardedStore.faults`).

    Raises:
        BadInput: as `sqlite.connect`; or it is of a later version, or cannot be migrated, or
            `keys` are not its keys.
        StoreAltered: it was altered or damaged, or is older than the head that `anchor` keeps.
        InUse: others have it open, and it must be migrated; or kept it locked for too long.
    """
    if isinstance(path, PostgresAddress):
        opening = postgres_opening()
        store: GuardedStore = opening.open_in_postgres(
            path, schema, keys, create=create, anchor=anchor, check=check
        )
        return store
    if create and not path.exists():
        with sqlite.new_file(path) as part:
            open_guarded(part, schema, keys, create=True, check=False).close()
    if path.is_file():
        migrate(path, schema, keys)
    connection = sqlite.connect(path, schema.application, schema.what, create=create)
    try:
        if create and not _made(path, connection, schema):
            _fill(path, connection, schema, keys)
        if not _made(path, connection, schema):
            raise BadInput(f"{path}: its making was interrupted; remove it and make it anew")
        database = SqliteDatabase(path, connection)
        store = GuardedStore(database, keys, schema.kind, schema.tables, anchor)
        if check:
            store.check_end()
    except BaseException:
        connection.close()
        raise
    return store


def store_exists(place: StorePlace, kind: str) -> bool:
    """Whether there is something at `place`; raises PortUnavailable where a server is silent."""
    if isinstance(place, PostgresAddress):
        return bool(postgres_opening().has_store(place, kind))
    return place.exists()


def postgres_opening() -> ModuleType:
    """Return the module that opens stores in PostgreSQL; raises BadInput without its extra."""
    try:
        return importlib.import_module("host_tools.vault.postgres_opening")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "psycopg":
            raise
        raise BadInput("a store in PostgreSQL needs: pip install 'keyfob[postgres]'") from None


def _made(path: Path, connection: sqlite3.Connection, schema: Schema) -> bool:
    return sqlite.patiently(path, lambda: schema.found_version(connection)) != 0


def _fill(path: Path, connection: sqlite3.Connection, schema: Schema, keys: KeyRing) -> None:
    with sqlite.WriteTransaction(path, connection):
        if schema.found_version(connection):  # somebody else was quicker
            return
        database = SqliteDatabase(path, connection)
        fill(database, schema, keys)
        connection.execute(f"PRAGMA user_version = {schema.version}")


def fill(database: Database, schema: Schema, keys: KeyRing) -> GuardedStore:
    """Make all tables of a store in an empty database, within `writing`; return the store."""
    database.make_tables(schema.sql)
    guarded.create(database, keys, schema.kind)
    store = GuardedStore(database, keys, schema.kind, schema.tables)
    store.seal_schema()
    return store


def refuse_later(name: str, schema: Schema, version: int) -> None:
    """Raise BadInput for a store of a version that this keyfob does not know."""
    if version > schema.version:
        raise BadInput(
            f"{name} is {schema.what} of version {version}, and this keyfob reads up to"
            f" {schema.version}: use the keyfob that wrote it"
        )


def migrate(path: Path, schema: Schema, keys: KeyRing) -> Path | None:
    """Bring the store at `path` to today's version; return where the copy of the old one is.

    Does nothing to a file that is of today's version, empty, or no store. One transaction: it is
    of one version or of the other, whatever stops it.

    Raises:
        BadInput, InUse: as `open_current`.
    """
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as reader:
        version = _version(path, reader, schema)
    if version in (0, schema.version):
        return None
    refuse_later(str(path), schema, version)
    with _alone(path) as connection:
        copy = _copied(path, connection, version)
        with sqlite.WriteTransaction(path, connection):
            for number in range(version, schema.version):
                _step(path, connection, schema.steps[number], keys)
            connection.execute(f"PRAGMA application_id = {schema.application}")
            connection.execute(f"PRAGMA user_version = {schema.version}")
        # What rows held before is on freed pages, if secure_delete was off when they were freed.
        connection.execute("VACUUM")
        sqlite.forget_old_pages(connection)
    _LOGGER.warning("%s: migrated to version %d, a copy is in %s", path, schema.version, copy)
    return copy


def _step(path: Path, connection: sqlite3.Connection, step: MigrationStep, keys: KeyRing) -> None:
    try:
        step(path, connection, keys)
    except (sqlite3.OperationalError, sqlite3.IntegrityError, TypeError, ValueError) as error:
        if sqlite.is_busy(error) or sqlite.has_file_fault(error):
            raise
        raise StoreAltered(path, "it is not as its version left it") from error


def _version(path: Path, connection: sqlite3.Connection, schema: Schema) -> int:
    def read() -> int:
        try:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            known = owner == schema.application or (owner == 0 and schema.version_of is not None)
            return schema.found_version(connection) if known else 0
        except sqlite3.DatabaseError as error:
            if sqlite.is_busy(error):
                raise
            return 0  # no database: whoever opens it says so

    return sqlite.patiently(path, read)


@contextmanager
def _alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database with nobody else having it open, and keep it so."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    with closing(connection):
        # Set before the first access: then the lock is on the file, and excludes readers too.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        sqlite.patiently(path, lambda: connection.execute("BEGIN EXCLUSIVE"))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        yield connection


def _copied(path: Path, connection: sqlite3.Connection, version: int) -> Path:
    base = path.with_name(f"{path.name}.version-{version}")
    names = [base, *(base.with_name(f"{base.name}.{number}") for number in range(2, 100))]
    target = next((name for name in names if not name.exists()), None)
    if target is None:
        raise BadInput(f"{base}: there are {len(names)} copies already; remove some")
    with sqlite.new_file(target) as part, closing(sqlite3.connect(part)) as copy:
        sqlite.patiently(target, lambda: connection.backup(copy))
    return target
