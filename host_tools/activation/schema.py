"""The soft-token store's table beside its log (HOST §10): columns, keys, SQL, migrations."""

import sqlite3
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.vault import guarded, sqlite, version_1
from host_tools.vault.audit import AuditEntry
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import Schema
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.vault.tables import GuardedTable

KIND = "soft"
ISSUE = GuardedTable(
    "issue",
    ("serial_number",),
    (
        "service_id",
        "user_id",
        "state",
        "failures",
        "tries",
        "valid_until",
        "issue_days",
        "expiry_days",
        "life_days",
        "extend_from_days",
        "algorithm",
        "digits",
        "step_seconds",
        "device_id",
        "salt",
        "verifier",
        "secrets",
    ),
    nocase=True,
)
TABLES = """
CREATE TABLE issue (
    serial_number TEXT NOT NULL COLLATE NOCASE PRIMARY KEY,
    service_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    state TEXT NOT NULL,
    failures INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    issue_days INTEGER NOT NULL,
    expiry_days INTEGER,
    life_days INTEGER,
    extend_from_days INTEGER NOT NULL,
    algorithm INTEGER NOT NULL,
    digits INTEGER NOT NULL,
    step_seconds INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    salt BLOB NOT NULL,
    verifier BLOB NOT NULL,
    secrets BLOB,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL,
    UNIQUE (service_id, user_id)
) WITHOUT ROWID;
"""
"""`verifier` and `secrets` are sealed; `secrets` are seed check (3 bytes), ENC, MAC, DEK (16 each)
and seed of what was granted last."""


def _version_of(connection: sqlite3.Connection) -> int:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    return 1 if "issue" in names and "identity" not in names else 0


def _from_version_1(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Give each issue a MAC and an entry in the log, its secrets today's associated data."""
    # A store from before there was a mark: any of its secrets says the same.
    connection.execute("CREATE TABLE IF NOT EXISTS mark (sealed BLOB NOT NULL)")
    sealed = connection.execute(
        "SELECT sealed, '' FROM mark UNION ALL SELECT verifier, serial_number FROM issue LIMIT 1"
    ).fetchone()
    try:
        if sealed is not None:
            keys.open_version_1(*sealed)
    except BadInput:
        raise BadInput(f"{path}: the key given is not this store's") from None
    connection.execute("ALTER TABLE issue RENAME TO issue_1")
    sqlite.run_script(connection, TABLES)
    guarded.create(SqliteDatabase(path, connection), keys, KIND)
    store = GuardedStore(SqliteDatabase(path, connection), keys, KIND, (ISSUE,))
    names = ISSUE.names[:-1]
    rows = connection.execute(f"SELECT {', '.join(names)} FROM issue_1").fetchall()  # noqa: S608
    for values in rows:
        row = dict(zip(names, values, strict=True))
        serial_number = row["serial_number"]
        for column in ("verifier", "secrets"):
            if row[column] is not None:
                try:
                    secret = keys.open_version_1(row[column], serial_number)
                except BadInput as error:
                    raise version_1.refused(path, str(error)) from None
                row[column] = store.seal(secret, ISSUE.name, column, serial_number)
        if row["state"] == "withdrawn":
            row["secrets"] = None
        store.insert_many(ISSUE, [row], [AuditEntry(0, "", "", serial_number)])
    store.write([AuditEntry(0, "migrate", "done", actor="system", detail="version 2")])
    connection.execute("DROP TABLE issue_1")
    connection.execute("DROP TABLE mark")
    store.seal_schema()


SCHEMA = Schema(
    application=0x4B464143,  # "KFAC"
    what="a store of soft tokens",
    kind=KIND,
    version=2,
    tables=(ISSUE,),
    sql=TABLES,
    steps={1: _from_version_1},
    version_of=_version_of,
)
