"""How a host's store of an older version becomes today's (HOST §5)."""

import os
import sqlite3
from itertools import islice
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.vault import sqlite, version_1
from host_tools.vault.audit import AuditEntry
from host_tools.vault.guarded import GuardedStore
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.vault.tables import Change, GuardedTable, Row
from host_tools.verification import schema
from host_tools.verification.kept_factor import AS_BYTES, kept_factor
from host_tools.verification.policy import load_policy
from host_tools.verification.rows import seed_place
from host_tools.verification.states import TokenState
from host_tools.verification.throttle import Scope, subject_of

BATCH = 5_000

# An audit row said which moving factor was accepted ("factor 7, ...").
_SET_BACK = """
SELECT audit.serial_number FROM audit LEFT JOIN token USING (serial_number)
WHERE outcome = 'accepted' AND detail LIKE 'factor %'
    AND (next_factor IS NULL OR next_factor <= CAST(substr(detail, 8) AS INTEGER)) LIMIT 1
"""
_WITHOUT_COUNTER = """
SELECT serial_number, user FROM token JOIN enrolment ON token_id = token.id
WHERE since IS NOT NULL AND ended IS NULL
"""


def from_version_1(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Give each row a MAC and an entry in the log, each seed today's associated data.

    Rows are taken as they are: version 1 had no MAC by which to tell. Its log must be whole.
    The moving factors stay integers, which today's column holds too.
    """
    version_1.check_log(path, connection, keys)
    if found := connection.execute(_SET_BACK).fetchone():
        raise version_1.refused(path, f"token {found[0]} was set back or taken out")
    (at,) = connection.execute("SELECT at FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    connection.execute("DROP INDEX IF EXISTS enrolment_by_user")
    for table in schema.GUARDED_3:
        connection.execute(f"ALTER TABLE {table.name} RENAME TO {table.name}_1")
    version_1.replace_log(path, connection, keys, schema.KIND)
    sqlite.run_script(connection, schema.TABLES_3)
    store = GuardedStore(SqliteDatabase(path, connection), keys, schema.KIND, schema.GUARDED_3)
    for table in schema.GUARDED_3:
        _copy(store, connection, table, at)
    _add_counters(store, connection, at)
    store.write([AuditEntry(at, "migrate", "done", actor="system", detail="version 2")])
    for table in reversed(schema.GUARDED_3):
        connection.execute(f"DROP TABLE {table.name}_1")  # enrolment before what it refers to
    store.seal_schema()


def from_version_2(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Keep moving factors in 8 bytes each, as `kept_factor` has them, not as integers."""
    store = GuardedStore(SqliteDatabase(path, connection), keys, schema.KIND, schema.GUARDED_3)
    store.check_end()
    (at,) = connection.execute("SELECT at FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    entry = AuditEntry(at, "", "")
    last = -1
    while rows := store.select(schema.TOKEN, "id > ?", (last,), order="id", limit=BATCH):
        last = rows[-1]["id"]
        kept = [{"next_factor": kept_factor(row["next_factor"])} for row in rows]
        changes = [Change(schema.TOKEN, *pair) for pair in zip(rows, kept, strict=True)]
        store.write([entry], changes)
    sqlite.run_script(connection, AS_BYTES)
    store.write([AuditEntry(at, "migrate", "done", actor="system", detail="version 3")])
    store.seal_schema()


def from_version_3(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Add the table of submissions."""
    store = GuardedStore(SqliteDatabase(path, connection), keys, schema.KIND, schema.GUARDED_3)
    store.check_end()
    (at,) = connection.execute("SELECT at FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    sqlite.run_script(connection, schema.SUBMISSION_TABLE)
    store.write([AuditEntry(at, "migrate", "done", actor="system", detail="version 4")])
    store.seal_schema()


def _copy(
    store: GuardedStore, connection: sqlite3.Connection, table: GuardedTable, at: int
) -> None:
    names = table.names[:-1]
    rows = connection.execute(f"SELECT {', '.join(names)} FROM {table.name}_1")  # noqa: S608
    while found := [dict(zip(names, row, strict=True)) for row in islice(rows, BATCH)]:
        batch: list[Row] = list(found)
        if table is schema.TOKEN:
            batch = [_with_seed(store, row) for row in batch]
        entries = [AuditEntry(at, "", "", row.get("serial_number", "")) for row in batch]
        store.insert_many(table, batch, entries)


def _with_seed(store: GuardedStore, row: Row) -> Row:
    try:
        seed = store.keys.open_version_1(row["seed"], row["serial_number"])
    except BadInput as error:
        raise version_1.refused(Path(store.name), str(error)) from None
    if row["state"] == TokenState.EXCHANGED:  # void for good: today's code would have erased it
        seed = os.urandom(len(seed))
    return {**row, "seed": store.keys.seal(seed, seed_place(row["serial_number"]))}


def _add_counters(store: GuardedStore, connection: sqlite3.Connection, at: int) -> None:
    """Give a failure counter to everybody who uses a token: from now on none may be absent."""
    policy = store.get(schema.SETTING, "policy")
    scope = Scope.GENERATOR
    if policy is not None:
        scope = load_policy(policy["value"], f"{store.name}: policy").limits.scope
    in_use: list[tuple[Any, Any]] = connection.execute(_WITHOUT_COUNTER).fetchall()
    for subject in sorted(
        {name if scope is Scope.GENERATOR else subject_of(scope, user) for name, user in in_use}
    ):
        if store.get(schema.TALLY, scope, subject) is None:
            row = {"scope": scope, "subject": subject, "failures": 0, "failed_at": 0}
            store.insert_many(
                schema.TALLY, [row | {"locked_at": None}], [AuditEntry(at, "", "", subject)]
            )
