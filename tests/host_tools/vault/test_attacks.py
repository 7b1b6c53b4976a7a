"""Each table and column edited, deleted, swapped, put back: found at use and by verifying."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firmware_model.errors import BadInput
from host_tools.vault.guarded import UNGUARDED
from host_tools.vault.guarded_rows import GuardedRows
from host_tools.vault.log import AuditLog
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import GuardedTable
from tests.host_tools.vault.stores import KINDS
from tests.host_tools.verification.hosts import memory_folder
from tests.shares import every

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


Attack = tuple[GuardedTable, str, str, tuple[object, ...]]
"""A table, what is tried on it in words, SQL, the SQL's values."""


def on_columns(table: GuardedTable) -> Iterator[Attack]:
    """What is tried on each column of the last row."""
    name, last = table.name, _last(table)
    for column in (*table.names, "mac"):
        for value in VALUES:
            edit = f"UPDATE {name} SET {column} = ?1 WHERE {last} AND {column} IS NOT ?1"
            yield table, f"{name}.{column} edited to {value!r}", edit, (value,)
        if column not in table.key:
            swap = f"UPDATE {name} SET {column} = {_first(table, column)} WHERE {last}"
            swap += f" AND {column} IS NOT {_first(table, column)}"
            yield table, f"{name}.{column} of another row", swap, ()
        back = f"UPDATE {name} SET {column} = (SELECT old.{column} {_same_before(table)})"
        yield table, f"{name}.{column} put back", f"{back} WHERE {last} AND {column} NOT NULL", ()


def on_rows(table: GuardedTable) -> Iterator[Attack]:
    """What is tried on the last row, or on all rows."""
    name, last, key = table.name, _last(table), ", ".join(table.key)
    column = (*table.columns, *table.key)[0]
    yield (
        table,
        f"{name}.{column} of ten megabytes",
        f"UPDATE OR IGNORE {name} SET {column} = ?1 WHERE {last}",
        (TEN_MEGABYTES,),
    )
    rest = ", ".join((*table.names[len(table.key) :], "mac"))
    other = f"UPDATE {name} SET ({rest}) = {_first(table, rest)} WHERE {last}"
    yield table, f"{name} row of another key", other, ()
    values = ", ".join((*table.names[:-1], "mac"))
    older = f"UPDATE {name} SET ({values}) = (SELECT {values} {_same_before(table)})"
    older += f" WHERE ({key}) IN (SELECT {key} FROM before.{name})"
    yield table, f"{name} put back under the later revision", older, ()
    yield table, f"{name} row deleted", f"DELETE FROM {name} WHERE {last}", ()
    back = f"INSERT OR REPLACE INTO {name} SELECT * FROM before.{name}"
    yield table, f"{name} rows put back", back, ()
    yield table, f"{name} emptied", f"DELETE FROM {name}", ()


def _last(table: GuardedTable) -> str:
    key = ", ".join(table.key)
    return f"({key}) IN (SELECT {key} FROM {table.name} ORDER BY {table.key[0]} DESC LIMIT 1)"


def _first(table: GuardedTable, columns: str) -> str:
    return f"(SELECT {columns} FROM {table.name} ORDER BY {table.key[0]} LIMIT 1)"


def _same_before(table: GuardedTable) -> str:
    same = " AND ".join(f"old.{one} = {table.name}.{one}" for one in table.key)
    return f"FROM before.{table.name} AS old WHERE {same}"


def copied(folder: Path, kind: str) -> Path:
    """A copy of a store, with `before.db` beside it, alone in its folder."""
    path, (before, after) = folder / f"{kind}.db", made(kind)
    for file in folder.iterdir():
        file.unlink()
    (folder / "before.db").write_bytes(before)
    path.write_bytes(after)
    return path


def attacked(folder: Path, kind: str, sql: str, values: tuple[object, ...] = ()) -> Path | None:
    """A copy of a store on which `attack` was run; None where that changes nothing."""
    path = copied(folder, kind)
    return path if attack(path, kind, sql, values) else None


def attack(path: Path, kind: str, sql: str, values: tuple[object, ...] = ()) -> bool:
    """Run SQL on a store, perhaps an open one, as somebody who has the file and not the key.

    False where it changes nothing: the table takes no such value, or the value is there already.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("ATTACH ? AS before", (str(path.with_name("before.db")),))
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        kept = raw.execute(triggers).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        rows = {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in _names(kind)}
        try:
            for statement in sql.split(";\n"):
                raw.execute(statement, values)
        except sqlite3.IntegrityError:
            return False
        if not sql.startswith(("CREATE", "DROP")) and rows == {
            name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in _names(kind)
        }:
            return False
        for _, statement in kept:
            raw.execute(statement)
    return True


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


def is_found_while_open(
    kind: str, folder: Path, table: GuardedTable, sql: str, values: tuple[object, ...]
) -> bool:
    """Whether a store that keeps every row of the table finds it when each is used again."""
    path = copied(folder, kind)
    with KINDS[kind].open(path) as store:
        keys = [[row[name] for name in table.key] for row in store.select(table)]
        for key in keys:
            assert store.get(table, *key) is store.get(table, *key), "it is kept"
        if not attack(path, kind, sql, values):
            return True
        try:
            for key in keys:
                store.get(table, *key)
        except BadInput:
            return True
    return False


def everything(*kinds: str) -> list[Attack]:
    """All that is tried on these kinds of stores."""
    tables = [table for kind in kinds for table in KINDS[kind].schema.tables]
    return [attack for tried in (on_columns, on_rows) for one in tables for attack in tried(one)]


def a_share(*kinds: str) -> list[Attack]:
    """A share of it, for `make test`; none of the shares is without a kind of attack."""
    tables = [table for kind in kinds for table in KINDS[kind].schema.tables]
    columns = [attack for table in tables for attack in on_columns(table)]
    rows = [attack for table in tables for attack in on_rows(table)]
    return [*every(7, columns), *every(5, rows)]


def undetected(kind: str, folder: Path, tried: Sequence[Attack]) -> Iterator[str]:
    """Yield those of the attacks `tried` that are not found at use, or not by verifying."""
    for table, name, sql, values in tried:
        if not is_found_while_open(kind, folder, table, sql, values):
            yield f"{name}: while open"
        path = attacked(folder, kind, sql, values)
        if path is None:
            continue
        if not is_found_at_use(kind, path, table):
            yield f"{name}: at use"
        if not KINDS[kind].faults(path):
            yield f"{name}: by verifying"


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


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_edit_of_every_column_is_found_at_use_and_by_verifying(
    folder: Path, kind: str
) -> None:
    assert list(undetected(kind, folder, a_share(kind))) == []


@pytest.mark.parametrize("turn", range(7))
def test_a_share_has_attacks_of_every_kind(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.shares.ALL", False)
    monkeypatch.setattr("tests.shares.TURN", turn)
    tried = "".join(f"{attack[1]}\n" for kind in KINDS for attack in a_share(kind))
    kinds = [f"edited to {value!r}" for value in VALUES]
    kinds += [
        "of another row",
        " put back\n",
        "rows put back",
        "of ten megabytes",
        "row of another key",
    ]
    kinds += ["put back under the later revision", "row deleted", "rows put back", "emptied"]
    assert [one for one in kinds if one not in tried] == []


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
    real = GuardedRows.message

    def message(self: GuardedRows, table: GuardedTable, values: Any) -> bytes:
        left = [value for at, value in enumerate(values) if at != place % len(values)]
        return real(self, table, left)

    return message


MUTANTS = {
    "the MAC ignores the key": ("message", _message_without(0)),
    "the MAC ignores a column": ("message", _message_without(1)),
    "the MAC ignores the revision": ("message", _message_without(-1)),
    "the MAC is not compared": ("is_mac", lambda *_: True),
    "the log is not compared": ("revision_in", lambda *_: None),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_weaker_mechanism_would_be_noticed(
    folder: Path, mutant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, weaker = MUTANTS[mutant]
    monkeypatch.setattr(GuardedRows, name, weaker)
    if name == "revision_in":
        monkeypatch.setattr("host_tools.vault.guarded_rows.compared", lambda *_: "same")
    made.cache_clear()
    try:
        assert is_noticed("services", folder)
    finally:
        made.cache_clear()


def is_noticed(kind: str, folder: Path) -> bool:
    """Whether an attack goes undetected; or no store works at all under the weaker mechanism."""
    try:
        return next(undetected(kind, folder, everything(kind)), None) is not None
    except BadInput:
        return True


def test_a_log_that_does_not_chain_would_be_noticed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuditLog, "is_whole", lambda *_: True)
    path = attacked(folder, "host", LOG["log entry edited"])
    assert path is not None
    assert KINDS["host"].faults(path) == []
