"""Guarded tables as values: their columns, keys and SQL, and changes of their rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from host_tools.vault.encoding import key_text

MEANT_TO_BE_SHOWN = 60
"""Of a row's key in a message, in characters: what was altered may be megabytes."""

Row = dict[str, Any]
"""A row by its columns: plain values as SQLite gives them, `revision` among them, `mac` not."""


@dataclass(frozen=True, slots=True)
class GuardedTable:
    """A table whose rows have a MAC: its columns are these, `revision` and `mac`.

    `nocase`: its key's text is compared as SQLite's NOCASE does.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    nocase: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that the MAC covers, in the order in which it does; `revision` is last."""
        return (*self.key, *self.columns, "revision")

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return the key of `row` as text, as the log names it."""
        return self.key_from([row[name] for name in self.key])

    def key_from(self, values: Iterable[object]) -> str:
        """Return key values as text, as the log names them."""
        return key_text(values, nocase=self.nocase)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a row: `read` as it was (None: it is new), `values` (None: it goes)."""

    table: GuardedTable
    read: Row | None
    values: Mapping[str, Any] | None


class TableSql:
    """The SQL of one table."""

    def __init__(self, table: GuardedTable) -> None:
        names = (*table.names, "mac")
        key = " AND ".join(f"{name} = ?" for name in table.key)
        marks = ", ".join("?" * len(names))
        self.select = f"SELECT {', '.join(names)} FROM {table.name}"  # noqa: S608 - our own names
        self.get = f"{self.select} WHERE {key}"
        self.insert = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        self.delete = f"DELETE FROM {table.name} WHERE {key} AND revision = ?"  # noqa: S608
        self._update = f"UPDATE {table.name} SET {{}} WHERE {key} AND revision = ?"  # noqa: S608

    def update(self, names: Iterable[str]) -> str:
        """Return the statement that sets these columns and the MAC of one row."""
        return self._update.format(", ".join(f"{name} = ?" for name in (*names, "mac")))


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
