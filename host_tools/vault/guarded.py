"""Rows that cannot be edited without the key: a MAC for each row, and the log as its witness.

A row's MAC covers store, table, key, columns and revision. Each change of a row appends an entry
to the log that names the row and its new revision. Whoever reads a row compares the two: an
altered row has a wrong MAC, an older one a revision that the log has left behind, and one that
the log knows and the table lacks was deleted (HOST §5).
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import zip_longest
from typing import Any, TypeVar

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.client.closing import Closing
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.database import Database, Fetched, Overtaken, Statement, UnknownCommit
from host_tools.vault.encoding import encode
from host_tools.vault.guarded_rows import GuardedRows, all_plain
from host_tools.vault.inspection import StoreInspector
from host_tools.vault.kept_rows import KeptRows
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import NO_CHANGE, AuditLog, LogTail, RowChange, of_row
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import Change, GuardedTable, Row
from host_tools.vault.transaction import StoreTransaction

IDENTITY = """
CREATE TABLE identity (
    store BLOB NOT NULL,
    key_check BLOB NOT NULL,
    schema_mac BLOB NOT NULL
);
"""
"""One row: the store's own random name; MACs of it, and of the whole schema, to be compared when
the store is opened."""

UNGUARDED = frozenset({"audit", "identity"})
"""Tables that have MACs of their own kind; every other table of a store is a `GuardedTable`."""

CONTESTS_MAX = 10_000
"""How often one attempt may lose against others; each loss means that somebody else got on."""

_Result = TypeVar("_Result")
_LOGGER = logging.getLogger("keyfob.host.vault")


class GuardedStore(Closing):
    """The guarded rows and the log of one open database; each thread opens its own.

    Args:
        database: that holds them.
        keys: of the store.
        kind: which kind of store it is, as `host`.
        tables: all its tables.
        anchor: keeps the head of the log elsewhere; None where nothing does.

    Raises, besides what each method says:
        StoreAltered: a row that is read was altered, deleted, put back or damaged.
        InUse: others kept the database locked for too long.
        PortUnavailable: the database's server cannot be reached.
    """

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        kind: str,
        tables: Sequence[GuardedTable],
        anchor: Anchor | None = None,
    ) -> None:
        self.database = database
        self.name = database.name
        self._anchor = anchor
        self.keys = keys
        self.kind = kind
        self.tables = tables
        found = database.fetch("SELECT store, key_check FROM identity")
        identity, key_check = found[0] if len(found) == 1 else (b"", b"")
        bound = encode((kind, identity)) if isinstance(identity, bytes) else b""
        if not keys.is_row_mac(key_check, bound):
            raise BadInput(
                f"{self.name}: the key given is not this store's, or the store was altered"
            )
        self._bound = bound.decode()
        self.log = AuditLog(database, keys, self._bound)
        self.kept = KeptRows(database)
        self._guard = GuardedRows(database, keys, kind, self._bound, tables, self.log, self.kept)
        self._inspector = StoreInspector(
            database, keys, self._bound, tables, self.log, self._guard.is_mac
        )

    # Opening --------------------------------------------------------------------------------------

    def check_end(self) -> None:
        """Compare what can be compared quickly, each time a store is opened.

        The schema, how many entries the log has and rows the tables, the log's newest entry, and
        the entry of the head that the anchor keeps.

        Raises:
            StoreAltered: one of them is not as the keys say.
        """
        kept = None if self._anchor is None else self._anchor.read()
        with self._one_instant():
            faults = self._inspector.quick_faults(kept)
        if faults:
            raise self.altered(faults[0])

    def close(self) -> None:
        """Give the head to the anchor and close the database; everything is on the disk already."""
        try:
            if self._anchor is not None:
                self._anchor.write(self.log.head())
        finally:
            self.database.close()

    def abandon(self) -> None:
        """Close the database, and leave the anchor as it is."""
        self.database.close()

    def seal_schema(self) -> None:
        """Give the schema its MAC, within the transaction that has changed it."""
        mac = self.keys.row_mac(self._inspector.schema())
        self.database.run([Statement("UPDATE identity SET schema_mac = ?", (mac,))])

    # Reading --------------------------------------------------------------------------------------

    def get(self, table: GuardedTable, *key: object) -> Row | None:
        """Return the row with this key, None where there never was one or it was deleted."""
        text = table.key_from(key)
        self.kept.refresh()
        kept = self.kept.row(table.name, text)
        if kept is not None:
            return kept if isinstance(kept, dict) else None
        query = self._guard.sql[table.name].get(key)
        found, logged = self.database.fetch_all([query, of_row(table.name, text)])
        if found:
            row = self._guard.verified(table, found[0])
            if table.key_of(row) != text:
                raise self._guard.altered_row(table, text, "")
            self.kept.keep(table.name, text, row)
            return row
        revision = self._guard.revision_in(logged[0], table, text) if logged else None
        if (revision or 0) > 0:
            raise self._guard.altered_row(table, text, "it was deleted")
        self.kept.keep(table.name, text, revision or 0)
        return None

    def is_live(self, table: GuardedTable, key: str, found: Sequence[Fetched]) -> bool:
        """Whether the log says that there is a row, by what `log.of_row` found for it."""
        return bool(found) and (self._guard.revision_in(found[0], table, key) or 0) > 0

    def select(
        self,
        table: GuardedTable,
        where: str = "TRUE",
        values: Sequence[object] = (),
        *,
        order: str = "",
        limit: int | None = None,
    ) -> list[Row]:
        """Return the rows that the SQL condition `where` finds, in `order` (columns).

        A row that was deleted or altered so that it is not found is not missed here.
        """
        query = self.query(table, where, values, order=order, limit=limit)
        return self.rows(table, self.database.fetch(query.sql, query.values))

    def query(
        self,
        table: GuardedTable,
        where: str,
        values: Sequence[object] = (),
        *,
        order: str = "",
        limit: int | None = None,
    ) -> Statement:
        """Return the query of `select`; `rows` takes what it finds."""
        return Statement(self._guard.sql[table.name].read(where, order, limit), values)

    def rows(self, table: GuardedTable, found: Sequence[Fetched]) -> list[Row]:
        """Return the rows that a `query` found, each compared with its MAC and the log."""
        return [self._guard.verified(table, row) for row in found]

    def require_all(self, table: GuardedTable, keys: set[str], rows: Sequence[Row]) -> None:
        """Raise StoreAltered unless `rows` have all `keys`: of rows that the log says are there."""
        if missing := keys - {table.key_of(row) for row in rows}:
            raise self._guard.altered_row(table, min(missing), "it was deleted")

    def select_group(self, table: GuardedTable, first: object) -> list[Row]:
        """Return all rows whose first key column is the number or text `first`; none is missed."""
        start = table.key_from([first])[:-1] + ","
        with self.reading():
            rows = self.select(table, f"{table.key[0]} = ?", (first,))
            keys = self.log.live_keys(table.name, start, start[:-1] + "-")
        self.require_all(table, keys, rows)
        return rows

    def entries(self, after: int = 0, limit: int | None = None) -> list[tuple[int, AuditEntry]]:
        """Return number and entry of each event in the log after number `after`, in order."""
        return list(self.log.entries(after, limit))

    def seal(self, secret: bytes, table: str, column: str, key: str) -> bytes:
        """Return a secret sealed for one column of one row of this store."""
        return self.keys.seal(secret, (self.kind, table, column, key))

    def unseal(self, sealed: bytes, table: str, column: str, key: str) -> bytes:
        """Return what `seal` sealed for this place; raises BadInput as `KeyRing.open`."""
        return self.keys.open(sealed, (self.kind, table, column, key))

    # Writing --------------------------------------------------------------------------------------

    def attempt(self, once: Callable[[], _Result]) -> _Result:
        """Return what `once` returns, doing it anew when another process came first.

        `once` reads, decides, and calls `commit` with what it read.

        Raises:
            InUse: others came first CONTESTS_MAX times.
        """
        for _ in range(CONTESTS_MAX):
            try:
                return once()
            except Overtaken:
                continue
        raise InUse(f"{self.name} is in use: gave up after {CONTESTS_MAX:,} conflicting writers")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the block see the store as of one instant, whatever others write meanwhile."""
        with self.database.reading():
            was_pinned = self.kept.pin()
            try:
                yield
            finally:
                self.kept.unpin(was_pinned=was_pinned)

    def writing(self) -> StoreTransaction:
        """Hold the write lock for the block; commit at its end, roll back if it raises."""
        lost = PortUnavailable(f"{self.name}: connection lost; nothing was changed: try again")
        return StoreTransaction(self.log, self.kept, self.database.writing(), lost)

    def trying(self) -> StoreTransaction:
        """Undo what the block wrote, entries too, if it raises; within `writing`."""
        return StoreTransaction(self.log, self.kept, self.database.trying(), UnknownCommit())

    def deciding(self) -> StoreTransaction:
        """Let the block read, decide, and `write` once; raises Overtaken to start over.

        With one writer the lock is held meanwhile. With several nothing is: what is written
        compares what was read.
        """
        held = self.database.writing() if self.database.has_one_writer else nullcontext()
        return StoreTransaction(self.log, self.kept, held, Overtaken())

    def commit(
        self,
        entries: Sequence[AuditEntry],
        changes: Sequence[Change] = (),
        tail: LogTail | None = None,
    ) -> None:
        """Make changes and their entries durable, all or none; see `write`.

        `tail` is where the log ended when the rows were read, where that was read with them.
        """
        with self.deciding():
            self.write(entries, changes, tail)
        self.report(entries)

    def report(self, entries: Sequence[AuditEntry]) -> None:
        """Tell the program's log what has become durable."""
        if _LOGGER.isEnabledFor(logging.INFO):
            for entry in filter(lambda entry: entry.event, entries):
                words = (self.kind, entry.event, entry.outcome, entry.serial_number)
                _LOGGER.info("%s %s %s %s", *words)

    def write(
        self,
        entries: Sequence[AuditEntry],
        changes: Sequence[Change] = (),
        tail: LogTail | None = None,
    ) -> list[Row]:
        """Write changes and their entries within a transaction; return the rows as they are now.

        The first entry names the first change, and so on; each further change gets an entry
        without an event. Rows that go are returned as they were.

        Raises:
            Overtaken: a row is no longer what was read, and the transaction must be rolled back.
            RowRefusal: a new row breaks a rule of its table.
        """
        assert entries, "every change has an entry"
        logged, rows, statements, added = [], [], [], 0
        tail = self.kept.tail if tail is None else tail
        blank = AuditEntry(entries[0].at, "", "")
        for entry, change in zip_longest(entries, changes):
            done = NO_CHANGE
            if change is not None:
                row, done, statement = self._guard.applied(change)
                rows.append(row)
                statements.append(statement)
                added += (change.read is None) - (change.values is None)
            logged.append((entry or blank, done))
        if tail is None or len(tail.numbers) < len(logged):
            tail = self.log.tail(len(logged))
        append, values = self.log.chained(logged, added, tail)
        self.database.run([*statements, *(Statement(append, each) for each in values)])
        for change, row, (_, done) in zip(changes, rows, logged, strict=False):
            self.kept.keep_change(change, row, done)
        self.kept.keep_tail(self.log.own_tail(tail.row_count + added))
        return rows

    def insert_many(
        self, table: GuardedTable, rows: Sequence[Mapping[str, Any]], entries: Sequence[AuditEntry]
    ) -> None:
        """Insert rows with keys that were never there, an entry for each, in a transaction.

        Raises:
            RowRefusal: a row breaks a rule of its table.
        """
        names, sql = table.names[:-1], self._guard.sql[table.name]
        tuples = [(*all_plain([row[name] for name in names]), 1) for row in rows]
        macs = [self.keys.row_mac(self._guard.message(table, values)) for values in tuples]
        self.database.run_many(
            sql.insert,
            [sql.row_values(values, mac) for values, mac in zip(tuples, macs, strict=True)],
        )
        self.kept.drop()
        changes = [RowChange(table.name, table.key_of(row), 1) for row in rows]
        self.log.append(list(zip(entries, changes, strict=True)), len(rows))

    def outdated(self, table: GuardedTable, limit: int, sealed: str = "") -> list[Row]:
        """Return up to `limit` rows whose MAC, or secret in column `sealed`, has an older key."""
        newest = bytes([self.keys.newest])
        found = "substr(mac, 1, 1) < ?1" + (f" OR substr({sealed}, 1, 1) < ?1" if sealed else "")
        return self.select(table, found, (newest,), limit=limit)

    def has_outdated_identity(self) -> bool:
        """Whether the MACs of identity and schema have an older key."""
        ((check, schema),) = self.database.fetch("SELECT key_check, schema_mac FROM identity")
        return bool(min(check[:1], schema[:1]) < bytes([self.keys.newest]))

    def renew_identity(self) -> None:
        """Give identity and schema MACs by the newest key, after all rows have got theirs."""
        with self.writing():
            mac = self.keys.row_mac(self._bound.encode())
            self.database.run([Statement("UPDATE identity SET key_check = ?", (mac,))])
            self.seal_schema()

    def forget_old_pages(self) -> None:
        """Let what was deleted or replaced be gone, as far as the database can (HOST §5)."""
        self.kept.drop()
        self.database.forget_old_pages()

    # Verifying ------------------------------------------------------------------------------------

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that is wrong with the store; an empty list where it is whole.

        Reads all of it: the database's own structure, schema, log, every row of every table.
        """
        with self._one_instant():
            return self._inspector.all_faults(kept)

    def altered(self, what: str) -> StoreAltered:
        """Return the error that says what was altered, and log it."""
        return self._guard.altered(what)

    def _one_instant(self) -> AbstractContextManager[None]:
        """Keep what others write meanwhile out of what is compared; a server's log has gaps."""
        return self.reading() if self.database.has_one_writer else nullcontext()


def create(database: Database, keys: KeyRing, kind: str) -> None:
    """Give a database identity and log, within the transaction that makes its tables.

    `GuardedStore.seal_schema` is called when all tables are there.
    """
    database.make_tables(IDENTITY)
    database.make_log()
    store = os.urandom(16)
    key_check = keys.row_mac(encode((kind, store)))
    insert = "INSERT INTO identity (store, key_check, schema_mac) VALUES (?, ?, ?)"
    database.run([Statement(insert, (store, key_check, b""))])
