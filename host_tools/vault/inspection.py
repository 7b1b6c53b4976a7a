"""What is wrong with a store: quickly, each time it is opened; or all of it, by verifying."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from host_tools.vault.audit import Head
from host_tools.vault.database import Database
from host_tools.vault.encoding import encode
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import AuditLog
from host_tools.vault.log_reader import log_faults
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import GuardedTable, TableSql, compared, shown

_UNREADABLE = (StoreAltered, ValueError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class StoreInspector:
    """Compares schema, log and rows of one open store; `is_mac` tells of a row's values and MAC."""

    database: Database
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
            if not self.database.has_one_writer:
                return []  # nobody can count rows that others add and take at that moment
            counts = [
                self.database.fetch(f"SELECT count(*) FROM {table.name}")[0][0]  # noqa: S608
                for table in self.tables
            ]
            expected = self.log.row_count()
        except _UNREADABLE:
            return ["its tables or its log cannot be read"]
        if sum(counts) != expected:
            return [f"it has {sum(counts):,} rows, and {expected:,} were written"]
        return []

    def all_faults(self, kept: Head | None) -> list[str]:
        """Return every fault: SQLite's structure, schema, log, and each row of each table."""
        faults = self.database.structure_faults()
        in_log, revisions = log_faults(self.log, kept)
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
        return encode((self.bound, *self.database.schema()))

    def _table_faults(
        self, table: GuardedTable, revisions: dict[tuple[str, str], int]
    ) -> Iterator[str]:
        width = len(table.names)
        for row in self.database.stream(TableSql(table, self.database).all):
            values, mac = row[:width], row[width]
            key = table.key_from(values[: len(table.key)])
            logged = revisions.pop((table.name, key), 0)
            if not self.is_mac(table, values, mac) or row[width + 1 :] not in ((), (key,)):
                yield f"{table.name} {shown(key)} was altered"
            elif values[-1] != logged:
                yield f"{table.name} {shown(key)} was {compared(values[-1], logged)}"

    def _schema_faults(self) -> list[str]:
        found = self.database.fetch("SELECT schema_mac FROM identity")
        whole = len(found) == 1 and self.keys.is_row_mac(found[0][0], self.schema())
        return [] if whole else ["its schema was altered"]


@contextmanager
def _named(what: str, faults: list[str]) -> Iterator[None]:
    """Turn what SQLite or a damaged value raises into a fault of `what`."""
    try:
        yield
    except _UNREADABLE:
        faults.append(f"{what} cannot be read")
