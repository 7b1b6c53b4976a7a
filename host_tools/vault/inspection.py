"""What is wrong with a store: quickly, each time it is opened; or all of it, by verifying."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from host_tools.vault import sqlite
from host_tools.vault.audit import Head
from host_tools.vault.encoding import encode
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import AuditLog
from host_tools.vault.tables import GuardedTable, TableSql, compared, shown


@dataclass(frozen=True, slots=True)
class StoreInspector:
    """Compares schema, log and rows of one open store; `is_mac` tells of a row's values and MAC."""

    connection: sqlite3.Connection
    keys: KeyRing
    bound: str
    tables: Sequence[GuardedTable]
    log: AuditLog
    is_mac: Callable[[GuardedTable, Sequence[Any], object], bool]

    def quick_faults(self, kept: Head | None) -> list[str]:
        """Return what can be seen quickly: schema, log's end, how many entries and rows."""
        try:
            faults = [*self._schema_faults(), *self.log.end_faults(kept)]
            if faults:
                return faults
            counts = [
                self.connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: S608
                for table in self.tables
            ]
            expected = self.log.row_count()
        except (sqlite3.DatabaseError, ValueError, TypeError, OverflowError) as error:
            if sqlite.is_busy(error):
                raise
            return ["its tables or its log cannot be read"]
        if sum(counts) != expected:
            return [f"it has {sum(counts):,} rows, and {expected:,} were written"]
        return []

    def all_faults(self, kept: Head | None) -> list[str]:
        """Return every fault: SQLite's structure, schema, log, and each row of each table."""
        try:
            (found,) = self.connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if sqlite.is_busy(error):
                raise
            found = "it cannot be read"
        faults = [] if found == "ok" else [f"the file's structure is damaged: {found}"]
        in_log, revisions = self.log.faults(kept)
        faults += in_log
        with _named("the schema", faults):
            faults += self._schema_faults()
        for table in self.tables:
            with _named(f"table {table.name}", faults):
                faults += self._table_faults(table, revisions)
        faults += [
            f"{table} {shown(key)} was deleted"
            for (table, key), revision in revisions.items()
            if revision > 0
        ]
        return faults

    def schema(self) -> bytes:
        """Return what the MAC of the schema covers."""
        rows = self.connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
            " ORDER BY type, name"
        )
        return encode((self.bound, *[value for row in rows for value in row]))

    def _table_faults(
        self, table: GuardedTable, revisions: dict[tuple[str, str], int]
    ) -> Iterator[str]:
        for *values, mac in self.connection.execute(TableSql(table).select):
            key = table.key_from(values[: len(table.key)])
            logged = revisions.pop((table.name, key), 0)
            if not self.is_mac(table, values, mac):
                yield f"{table.name} {shown(key)} was altered"
            elif values[-1] != logged:
                yield f"{table.name} {shown(key)} was {compared(values[-1], logged)}"

    def _schema_faults(self) -> list[str]:
        found = self.connection.execute("SELECT schema_mac FROM identity").fetchall()
        whole = len(found) == 1 and self.keys.is_row_mac(found[0][0], self.schema())
        return [] if whole else ["its schema was altered"]


@contextmanager
def _named(what: str, faults: list[str]) -> Iterator[None]:
    """Turn what SQLite or a damaged value raises into a fault of `what`."""
    try:
        yield
    except (sqlite3.DatabaseError, ValueError, TypeError, OverflowError) as error:
        if sqlite.is_busy(error):
            raise
        faults.append(f"{what} cannot be read")
