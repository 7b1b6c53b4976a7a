"""How a ledger of an older version becomes today's (STATION §4)."""

import hmac
import sqlite3
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.vault import sqlite, version_1
from host_tools.vault.audit import AuditEntry
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import Schema
from host_tools.vault.postgres_address import StorePlace
from host_tools.vault.sqlite_database import SqliteDatabase

KIND = "station"

_FROM_1 = """
ALTER TABLE job RENAME COLUMN words TO message;
ALTER TABLE job ADD COLUMN batch TEXT NOT NULL DEFAULT '' COLLATE NOCASE;
ALTER TABLE job ADD COLUMN delivery BLOB;
ALTER TABLE job ADD COLUMN handed_to BLOB;
ALTER TABLE job ADD COLUMN hands INTEGER NOT NULL DEFAULT 0;
ALTER TABLE turned_away RENAME COLUMN words TO message;
CREATE TABLE batch (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    customer TEXT NOT NULL,
    delivery_file TEXT NOT NULL,
    delivery_digest BLOB NOT NULL,
    expected INTEGER NOT NULL,
    models TEXT NOT NULL,
    state TEXT NOT NULL,
    shortfall TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE operator (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    verifier TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE custody (act TEXT PRIMARY KEY, operators INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE desk (id BLOB NOT NULL);
INSERT INTO desk VALUES (randomblob(16));
"""


def key_print(path: StorePlace, keys: KeyRing, use: bytes) -> bytes:
    """Return what the station's first key makes of `use`: a key of its own, or a print."""
    first = keys.audit_key(1)
    if first is None:
        raise BadInput(f"{path}: the station's key of version 1 is missing")
    return hmac.digest(first, b"keyfob station: " + use, "sha256")


def _from_version_1(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Add batches, operators, custody and the desk's ID; the rows stay as they are."""
    _check_key(path, connection, keys)
    sqlite.run_script(connection, _FROM_1)


def _from_version_2(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Give each row a MAC and an entry in the log. Rows are taken as they are."""
    _check_key(path, connection, keys)
    version_1.check_log(path, connection, keys)
    for table in schema.GUARDED:
        connection.execute(f"ALTER TABLE {table.name} RENAME TO {table.name}_2")
    version_1.replace_log(path, connection, keys, KIND)
    sqlite.run_script(connection, schema.TABLES)
    store = GuardedStore(SqliteDatabase(path, connection), keys, KIND, schema.GUARDED)
    (at,) = connection.execute("SELECT coalesce(max(at), 0) FROM audit").fetchone()
    for table in schema.GUARDED:
        names = table.names[:-1]
        found = connection.execute(f"SELECT {', '.join(names)} FROM {table.name}_2")  # noqa: S608
        rows = [dict(zip(names, row, strict=True)) for row in found]
        store.insert_many(table, rows, [AuditEntry(at, "", "") for _ in rows])
        connection.execute(f"DROP TABLE {table.name}_2")
    connection.execute("DROP TABLE key")
    store.write([AuditEntry(at, "migrate", "done", actor="system", detail="{}")])
    store.seal_schema()


def _check_key(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    (kept,) = connection.execute("SELECT print FROM key").fetchone() or (b"",)
    ours = key_print(path, keys, b"print of the key")
    if not (isinstance(kept, bytes) and hmac.compare_digest(kept, ours)):
        raise BadInput(f"{path}: the key given is not this store's")


SCHEMA = Schema(
    application=schema.APPLICATION,
    what="a ledger of keyfob station",
    kind=KIND,
    version=schema.VERSION,
    tables=schema.GUARDED,
    sql=schema.TABLES,
    steps={1: _from_version_1, 2: _from_version_2},
)
