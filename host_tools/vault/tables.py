"""Guarded tables as values: their columns, keys and SQL, and changes of their rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from host_tools.vault.database import Database, Statement
from host_tools.vault.encoding import folded, key_text
from host_tools.vault.log import joined, quoted

MEANT_TO_BE_SHOWN = 60
"""Of a row's key in a message, in characters: what was altered may be megabytes."""

Row = Mapping[str, Any]
"""A row by its columns, in the order of `GuardedTable.names`: plain values as SQLite gives them.

Nobody changes one: it may be kept (`KeptRows`).
"""


@dataclass(frozen=True, slots=True)
class GuardedTable:
    """A table whose rows have a MAC: its columns are these, `revision` and `mac`.

    `nocase`: its key's text is compared as SQLite's NOCASE does. `found_by` are the columns
    besides its key by whose values `KeptRows.keep_found` is asked for its rows.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    nocase: bool = False
    found_by: frozenset[str] = frozenset()

    names: tuple[str, ...] = field(init=False)
    """All columns that the MAC covers, in the order in which it does; `revision` is last."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", (*self.key, *self.columns, "revision"))

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return the key of `row` as text, as the log names it."""
        return self.key_from([row[name] for name in self.key])

    def key_from(self, values: Iterable[object]) -> str:
        """Return key values as text, as the log names them."""
        return key_text(values, nocase=self.nocase)

    def folded(self, name: str) -> str:
        """Return a name as it is compared, with ASCII letters in lower case where `nocase`."""
        return folded(name) if self.nocase else name


class Change(NamedTuple):
    """What is to become of a row: `read` as it was (None: it is new), `values` (None: it goes)."""

    table: GuardedTable
    read: Row | None
    values: Mapping[str, Any] | None

    @property
    def row(self) -> tuple[str, str]:
        """Which row it changes: its table, and its key as the log names it."""
        return self.table.name, self.table.key_of({**(self.values or {}), **(self.read or {})})


class TableSql:
    """The SQL of one table in one database."""

    def __init__(self, table: GuardedTable, database: Database) -> None:
        self.table = table
        self._by_row_key = database.has_row_keys
        names = (*quoted(table.names), "mac", *(["row_key"] if self._by_row_key else ()))
        key = [f"{name} = ?" for name in quoted(table.key)]
        where = "row_key = ?" if self._by_row_key else " AND ".join(key)
        marks = ", ".join("?" * len(names))
        columns = ", ".join(names)
        key_sql = database.row_key([f"kept.{name}" for name in table.key], nocase=table.nocase)
        entry, joins = joined(table.name, key_sql)
        shown_names = ", ".join(f"kept.{name}" for name in (*quoted(table.names), "mac"))
        self._read = f"SELECT {shown_names}, {entry} FROM ({{}}) AS kept{joins}"  # noqa: S608
        self._found = f"SELECT * FROM {table.name} WHERE "  # noqa: S608 - our own names
        self._get = self.read(where)
        self.all = f"SELECT {columns} FROM {table.name}"  # noqa: S608
        self.insert = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608
        self.delete = f"DELETE FROM {table.name} WHERE {where} AND revision = ?"  # noqa: S608
        self._update = f"UPDATE {table.name} SET {{}} WHERE {where} AND revision = ?"  # noqa: S608
        self._updates: dict[tuple[str, ...], str] = {}

    def read(self, where: str, order: str = "", limit: int | None = None) -> str:
        """Return the query for rows, MACs, and what the log says of each; see `log.joined`."""
        found = self._found + where
        if limit is not None:
            found += f" ORDER BY {order}" if order else ""
            found += f" LIMIT {int(limit)}"
        by = f" ORDER BY {', '.join(f'kept.{name}' for name in order.split(', '))}" if order else ""
        return self._read.format(found) + by

    def get(self, key: Sequence[object]) -> Statement:
        """Return the query for the row of one key, as `read`."""
        return Statement(self._get, self.key_values(key))

    def key_values(self, key: Sequence[object]) -> tuple[object, ...]:
        """Return the values by which a row is found that has this key."""
        return (self.table.key_from(key),) if self._by_row_key else tuple(key)

    def row_values(self, values: Sequence[object], mac: bytes) -> tuple[object, ...]:
        """Return the values of `insert`; `values` are those of `GuardedTable.names`."""
        key = self.key_values(values[: len(self.table.key)]) if self._by_row_key else ()
        return (*values, mac, *key)

    def update(self, names: tuple[str, ...]) -> str:
        """Return the statement that sets these columns and the MAC of one row."""
        sql = self._updates.get(names)
        if sql is None:
            sql = self._update.format(", ".join(f"{name} = ?" for name in (*quoted(names), "mac")))
            self._updates[names] = sql
        return sql


def compared(revision: object, logged: int) -> str:
    """Return how a row stands to what the log says (negative: deleted, 0: not known)."""
    if logged <= 0:
        return "put in: the log does not know it" if not logged else "put back: it was deleted"
    older = isinstance(revision, int) and revision < logged
    return f"put back: the log knows a {'later' if older else 'different'} revision"


def shown(key: str) -> str:
    """Return a row's key for a message, cut where it is long."""
    text = "/".join(str(value) for value in json.loads(key)) or "(no name)"
    return text if len(text) <= MEANT_TO_BE_SHOWN else f"{text[:MEANT_TO_BE_SHOWN]}…"
