"""Each table and column edited, deleted, swapped, put back: found at use and by verifying."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firmware_model.errors import BadInput
from host_tools.vault.guarded import UNGUARDED, GuardedStore
from host_tools.vault.log import AuditLog
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import GuardedTable
from tests.host_tools.vault.stores import KINDS
from tests.host_tools.verification.hosts import memory_folder

TEN_MEGABYTES = "x" * 10_000_000
VALUES = ("edited", b"\x00\xff", 2**62, None)
"""What a column is set to: of its type or of another, out of range, missing."""

LOG = {
    "log entry edited": "UPDATE audit SET detail = 'x' WHERE number = 2",
    "log entry of another type": "UPDATE audit SET at = x'00' WHERE number = 2",
    "log entry deleted": "DELETE FROM audit WHERE number = 2",
    "last log entry deleted": "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)",
    "log entries swapped": "UPDATE audit SET number = CASE number WHEN 2 THEN -3 ELSE -2 END"
    " WHERE number IN (2, 3);\nUPDATE audit SET number = -number WHERE number < 0",
    "revision in the log edited": "UPDATE audit SET revision = revision + 1 WHERE revision = 1",
    "log emptied": "DELETE FROM audit",
    "trigger added": "CREATE TRIGGER t AFTER UPDATE ON audit BEGIN SELECT 1; END",
    "index dropped": "DROP INDEX audit_by_row",
    "schema's MAC edited": "UPDATE identity SET schema_mac = x'01'",
}


@cache
def made(kind: str) -> tuple[bytes, bytes]:
    """A store as it was, and as it is after every row of it was written once more."""
    with memory_folder() as folder:
        path = folder / f"{kind}.db"
        KINDS[kind].make(path)
        before = path.read_bytes()
        KINDS[kind].change(path)
        return before, path.read_bytes()


def attacks(table: GuardedTable) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Everything that is tried on a table: what it is called, SQL, values."""
    name, key = table.name, ", ".join(table.key)
    last = f"({key}) IN (SELECT {key} FROM {name} ORDER BY {table.key[0]} DESC LIMIT 1)"
    first = f"(SELECT {{}} FROM {name} ORDER BY {table.key[0]} LIMIT 1)"
    for column in (*table.names, "mac"):
        for value in VALUES:
            edit = f"UPDATE {name} SET {column} = ?1 WHERE {last} AND {column} IS NOT ?1"
            yield f"{name}.{column} edited to {value!r}", edit, (value,)
        if column not in table.key:
            swap = f"UPDATE {name} SET {column} = {first.format(column)} WHERE {last}"
            swap += f" AND {column} IS NOT {first.format(column)}"
            yield f"{name}.{column} of another row", swap, ()
        back = f"UPDATE {name} SET {column} = (SELECT old.{column} FROM before.{name} AS old WHERE "
        back += " AND ".join(f"old.{one} = {name}.{one}" for one in table.key)
        yield f"{name}.{column} put back", f"{back}) WHERE {last} AND {column} NOT NULL", ()
    column = (*table.columns, *table.key)[0]
    yield (
        f"{name}.{column} of ten megabytes",
        f"UPDATE OR IGNORE {name} SET {column} = ?1 WHERE {last}",
        (TEN_MEGABYTES,),
    )
    rest = ", ".join((*table.names[len(table.key) :], "mac"))
    other = f"UPDATE {name} SET ({rest}) = {first.format(rest)} WHERE {last}"
    yield f"{name} row of another key", other, ()
    values = ", ".join((*table.names[:-1], "mac"))
    older = f"UPDATE {name} SET ({values}) = (SELECT {values} FROM before.{name} AS old WHERE "
    older += " AND ".join(f"old.{one} = {name}.{one}" for one in table.key)
    older += f") WHERE ({key}) IN (SELECT {key} FROM before.{name})"
    yield f"{name} put back under the later revision", older, ()
    yield f"{name} row deleted", f"DELETE FROM {name} WHERE {last}", ()
    yield f"{name} put back", f"INSERT OR REPLACE INTO {name} SELECT * FROM before.{name}", ()
    yield f"{name} emptied", f"DELETE FROM {name}", ()


def attacked(folder: Path, kind: str, sql: str, values: tuple[object, ...] = ()) -> Path | None:
    """Run SQL on a copy of a store, as somebody does who has the file and not the key.

    None where it changes nothing: the table takes no such value, or the value is there already.
    """
    path, (before, after) = folder / f"{kind}.db", made(kind)
    for file in folder.iterdir():
        file.unlink()
    (folder / "before.db").write_bytes(before)
    path.write_bytes(after)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("ATTACH ? AS before", (str(folder / "before.db"),))
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        kept = raw.execute(triggers).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        rows = {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in _names(kind)}
        try:
            for statement in sql.split(";\n"):
                raw.execute(statement, values)
        except sqlite3.IntegrityError:
            return None
        if not sql.startswith(("CREATE", "DROP")) and rows == {
            name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in _names(kind)
        }:
            return None
        for _, statement in kept:
            raw.execute(statement)
    return path


def _names(kind: str) -> list[str]:
    return [*(table.name for table in KINDS[kind].schema.tables), *UNGUARDED]


def is_found_at_use(kind: str, path: Path, table: GuardedTable) -> bool:
    """Whether opening the store, or reading the rows of the table, finds it."""
    try:
        with KINDS[kind].open(path) as store:
            store.select(table)
    except BadInput as error:
        # What was altered may be megabytes; the version of a MAC may be one that no key has.
        return len(str(error)) < 400 and (
            isinstance(error, StoreAltered) or "no key of the version" in str(error)
        )
    return False


def undetected(kind: str, folder: Path) -> list[str]:
    """Return the attacks that are not found at use, or not by verifying."""
    missed = []
    for table in KINDS[kind].schema.tables:
        for name, sql, values in attacks(table):
            path = attacked(folder, kind, sql, values)
            if path is None:
                continue
            if not is_found_at_use(kind, path, table):
                missed.append(f"{name}: at use")
            if not KINDS[kind].faults(path):
                missed.append(f"{name}: by verifying")
    return missed


@pytest.fixture
def folder() -> Iterator[Path]:
    with memory_folder() as folder:
        yield folder


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_store_is_whole(folder: Path, kind: str) -> None:
    path = folder / "store.db"
    path.write_bytes(made(kind)[1])
    assert KINDS[kind].faults(path) == []
    assert not any(is_found_at_use(kind, path, table) for table in KINDS[kind].schema.tables)


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_and_column_of_a_store_is_guarded(folder: Path, kind: str) -> None:
    path = folder / "store.db"
    path.write_bytes(made(kind)[1])
    guarded = {table.name: {*table.names, "mac"} for table in KINDS[kind].schema.tables}
    with closing(sqlite3.connect(path)) as raw:
        names = raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = {
            name: {row[1] for row in raw.execute(f"PRAGMA table_info({name})")}
            for (name,) in names
            if name not in UNGUARDED
        }
    assert found == guarded


@pytest.mark.parametrize("kind", KINDS)
def test_every_edit_of_every_column_is_found_at_use_and_by_verifying(
    folder: Path, kind: str
) -> None:
    assert undetected(kind, folder) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_altered_log_or_schema_is_found_by_verifying(folder: Path, kind: str) -> None:
    for name, sql in LOG.items():
        path = attacked(folder, kind, sql)
        assert path is not None, name
        assert KINDS[kind].faults(path), name


def test_what_is_found_is_named(folder: Path) -> None:
    for sql, fault in (
        ("DELETE FROM tally", "tally generator/zzh600000001 was deleted"),
        ("UPDATE token SET digits = 8 WHERE id = 1", "token zzh600000001 was altered"),
        (
            "INSERT OR REPLACE INTO token SELECT * FROM before.token WHERE id = 1",
            "token zzh600000001 was put back: the log knows a later revision",
        ),
    ):
        path = attacked(folder, "host", sql)
        assert path is not None
        assert fault in KINDS["host"].faults(path)


def _message_without(place: int) -> Callable[..., bytes]:
    real = GuardedStore._message

    def message(self: GuardedStore, table: GuardedTable, values: Any) -> bytes:
        left = [value for at, value in enumerate(values) if at != place % len(values)]
        return real(self, table, left)

    return message


MUTANTS = {
    "the MAC ignores the key": ("_message", _message_without(0)),
    "the MAC ignores a column": ("_message", _message_without(1)),
    "the MAC ignores the revision": ("_message", _message_without(-1)),
    "the MAC is not compared": ("_is_mac", lambda *_: True),
    "the log is not compared": ("_logged", lambda *_: None),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_weaker_mechanism_would_be_noticed(
    folder: Path, mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, weaker = MUTANTS[mutant]
    monkeypatch.setattr(GuardedStore, name, weaker)
    if name == "_logged":
        monkeypatch.setattr("host_tools.vault.guarded.compared", lambda *_: "same")
    made.cache_clear()
    try:
        assert undetected_or_refused("services", folder) != []
    finally:
        made.cache_clear()


def undetected_or_refused(kind: str, folder: Path) -> list[str]:
    """As `undetected`; a mechanism under which no store works at all is noticed as well."""
    try:
        return undetected(kind, folder)
    except BadInput as error:
        return [str(error)]


def test_a_log_that_does_not_chain_would_be_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuditLog, "_is_whole", lambda *_: True)
    path = attacked(folder, "host", LOG["log entry edited"])
    assert path is not None
    assert KINDS["host"].faults(path) == []
