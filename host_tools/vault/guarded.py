"""Rows that cannot be edited without the key: a MAC for each row, and the log as its witness.

A row's MAC covers store, table, key, columns and revision. Each change of a row appends an entry
to the log that names the row and its new revision. Whoever reads a row compares the two: an
altered row has a wrong MAC, an older one a revision that the log has left behind, and one that
the log knows and the table lacks was deleted (HOST §5).
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

from firmware_model.errors import BadInput, InUse
from host_tools.client.closing import Closing
from host_tools.vault import log, sqlite
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.encoding import encode
from host_tools.vault.inspection import StoreInspector
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import NO_CHANGE, AuditLog, RowChange
from host_tools.vault.sqlite import StoreAltered
from host_tools.vault.tables import Change, GuardedTable, Row, TableSql, compared, shown

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


class Overtaken(Exception):  # noqa: N818 - control flow: `GuardedStore.attempt` starts over
    """Another process changed what an attempt had read."""


class GuardedStore(Closing):
    """The guarded rows and the log of one open database; each thread opens its own.

    Args:
        path: for messages.
        connection: of `sqlite.connect`.
        keys: of the store.
        kind: which kind of store it is, as `host`.
        tables: all its tables.
        anchor: keeps the head of the log elsewhere; None where nothing does.

    Raises, besides what each method says:
        StoreAltered: a row that is read was altered, deleted, put back or damaged.
        InUse: others kept the file locked for too long.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        keys: KeyRing,
        kind: str,
        tables: Sequence[GuardedTable],
        anchor: Anchor | None = None,
    ) -> None:
        self.path = path
        self._anchor = anchor
        self.connection = connection
        self.keys = keys
        self.kind = kind
        self.tables = tables
        self._sql = {table.name: TableSql(table) for table in tables}
        found = self._read("SELECT store, key_check FROM identity")
        identity, key_check = found[0] if len(found) == 1 else (b"", b"")
        bound = encode((kind, identity)) if isinstance(identity, bytes) else b""
        if not keys.is_row_mac(key_check, bound):
            raise BadInput(f"{path}: the key given is not this store's, or the store was altered")
        self._bound = bound.decode()
        self.log = AuditLog(connection, keys, self._bound)
        self._inspector = StoreInspector(
            connection, keys, self._bound, tables, self.log, self._is_mac
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
        if faults := sqlite.patiently(self.path, lambda: self._inspector.quick_faults(kept)):
            raise self.altered(faults[0])

    def close(self) -> None:
        """Give the head to the anchor and close the file; everything is on the disk already."""
        try:
            if self._anchor is not None:
                self._anchor.write(self.log.head())
        finally:
            self.connection.close()

    def abandon(self) -> None:
        """Close the file, and leave the anchor as it is."""
        self.connection.close()

    def seal_schema(self) -> None:
        """Give the schema its MAC, within the transaction that has changed it."""
        mac = self.keys.row_mac(self._inspector.schema())
        self.connection.execute("UPDATE identity SET schema_mac = ?", (mac,))

    # Reading --------------------------------------------------------------------------------------

    def get(self, table: GuardedTable, *key: object) -> Row | None:
        """Return the row with this key, None where there never was one or it was deleted."""
        with self.reading():
            found = self._read(self._sql[table.name].get, key)
            if found:
                return self._verified(table, found[0])
            if self.is_logged(table, *key):
                raise self._altered_row(table, table.key_from(key), "it was deleted")
        return None

    def is_logged(self, table: GuardedTable, *key: object) -> bool:
        """Whether the log says that there is a row of this key."""
        return (self._logged(table, table.key_from(key)) or 0) > 0

    def select(
        self, table: GuardedTable, where: str = "TRUE", values: Sequence[object] = ()
    ) -> list[Row]:
        """Return the rows that the SQL condition `where` finds.

        A row that was deleted or altered so that it is not found is not missed here.
        """
        with self.reading():
            found = self._read(f"{self._sql[table.name].select} WHERE {where}", values)
            return [self._verified(table, row) for row in found]

    def select_group(self, table: GuardedTable, first: object) -> list[Row]:
        """Return all rows whose first key column is the number or text `first`; none is missed."""
        start = table.key_from([first])[:-1] + ","
        with self.reading():
            rows = self.select(table, f"{table.key[0]} = ?", (first,))
            keys = sqlite.patiently(
                self.path, lambda: self.log.live_keys(table.name, start, start[:-1] + "-")
            )
        if missing := keys - {table.key_of(row) for row in rows}:
            raise self._altered_row(table, min(missing), "it was deleted")
        return rows

    def entries(self, after: int = 0) -> list[tuple[int, AuditEntry]]:
        """Return number and entry of each event in the log after number `after`, in order."""
        return sqlite.patiently(self.path, lambda: list(self.log.entries(after)))

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
        raise InUse(f"{self.path} is in use: gave up after {CONTESTS_MAX:,} conflicting writers")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the block see the store as of one instant, whatever others write meanwhile."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock for the block; commit at its end, roll back if it raises."""
        before = self.log.state
        try:
            with sqlite.transaction(self.path, self.connection):
                yield
        except BaseException:
            self.log.state = before
            raise

    def commit(self, entries: Sequence[AuditEntry], changes: Sequence[Change] = ()) -> None:
        """Make changes and their entries durable, all or none; see `write`."""
        with self.writing():
            self.write(entries, changes)
        for entry in entries:
            _LOGGER.info("%s %s %s %s", self.kind, entry.event, entry.outcome, entry.serial_number)

    def write(self, entries: Sequence[AuditEntry], changes: Sequence[Change] = ()) -> list[Row]:
        """Write changes and their entries within a transaction; return the rows as they are now.

        The first entry names the first change, and so on; each further change gets an entry
        without an event. Rows that go are returned as they were.

        Raises:
            Overtaken: a row is no longer what was read, and the transaction must be rolled back.
            sqlite3.IntegrityError: a new row breaks a rule of its table.
        """
        assert entries, "every change has an entry"
        logged, rows, added = [], [], 0
        blank = AuditEntry(entries[0].at, "", "")
        for entry, change in zip_longest(entries, changes):
            done = NO_CHANGE
            if change is not None:
                row, done = self._applied(change)
                rows.append(row)
                added += (change.read is None) - (change.values is None)
            logged.append((entry or blank, done))
        self.log.append(logged, added)
        return rows

    def insert_many(
        self, table: GuardedTable, rows: Sequence[Mapping[str, Any]], entries: Sequence[AuditEntry]
    ) -> None:
        """Insert rows with keys that were never there, an entry for each, in a transaction.

        Raises:
            sqlite3.IntegrityError: a row breaks a rule of its table.
        """
        names = table.names[:-1]
        tuples = [(*map(row.__getitem__, names), 1) for row in rows]
        macs = [self.keys.row_mac(self._message(table, values)) for values in tuples]
        self.connection.executemany(
            self._sql[table.name].insert,
            [(*values, mac) for values, mac in zip(tuples, macs, strict=True)],
        )
        changes = [RowChange(table.name, table.key_of(row), 1) for row in rows]
        self.log.append(list(zip(entries, changes, strict=True)), len(rows))

    def outdated(self, table: GuardedTable, limit: int, sealed: str = "") -> list[Row]:
        """Return up to `limit` rows whose MAC, or secret in column `sealed`, has an older key."""
        newest = bytes([self.keys.newest])
        found = "substr(mac, 1, 1) < ?1" + (f" OR substr({sealed}, 1, 1) < ?1" if sealed else "")
        return self.select(table, f"({found}) LIMIT {int(limit)}", (newest,))

    def has_outdated_identity(self) -> bool:
        """Whether the MACs of identity and schema have an older key."""
        ((version,),) = self._read(
            "SELECT min(substr(key_check, 1, 1), substr(schema_mac, 1, 1)) FROM identity"
        )
        return bool(version < bytes([self.keys.newest]))

    def renew_identity(self) -> None:
        """Give identity and schema MACs by the newest key, after all rows have got theirs."""
        with self.writing():
            mac = self.keys.row_mac(self._bound.encode())
            self.connection.execute("UPDATE identity SET key_check = ?", (mac,))
            self.seal_schema()

    def forget_old_pages(self) -> None:
        """Let what was deleted or replaced be gone from the write-ahead log too."""
        sqlite.forget_old_pages(self.connection)

    # Verifying ------------------------------------------------------------------------------------

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that is wrong with the store; an empty list where it is whole.

        Reads all of it: SQLite's own structure, the schema, the log, every row of every table.
        """
        return sqlite.patiently(self.path, lambda: self._inspector.all_faults(kept))

    def altered(self, what: str) -> StoreAltered:
        """Return the error that says what was altered, and log it."""
        _LOGGER.error("%s altered or damaged: %s", self.kind, what)
        return StoreAltered(self.path, what)

    # Within ---------------------------------------------------------------------------------------

    def _applied(self, change: Change) -> tuple[Row, RowChange]:
        table, read = change.table, change.read
        sql = self._sql[table.name]
        if change.values is None:
            assert read is not None, "only what was read can go"
            key = [read[name] for name in table.key]
            if self.connection.execute(sql.delete, (*key, read["revision"])).rowcount != 1:
                raise Overtaken
            return read, RowChange(table.name, table.key_from(key), -read["revision"] - 1)
        row = {**(read or {}), **change.values}
        text = table.key_of(row)
        if read is None:
            row["revision"] = 1 + abs(self._logged(table, text) or 0)
        else:
            row["revision"] = read["revision"] + 1
        values = tuple(_plain(row[name]) for name in table.names)
        mac = self.keys.row_mac(self._message(table, values))
        if read is None:
            self.connection.execute(sql.insert, (*values, mac))
        else:
            key = [read[name] for name in table.key]
            # Only what differs: a column that is named dirties the pages of its indexes too.
            changed = tuple(
                name for name, value in zip(table.names, values, strict=True) if value != read[name]
            )
            now = (*(row[name] for name in changed), mac, *key, read["revision"])
            done = self.connection.execute(sql.update(changed), tuple(map(_plain, now)))
            if done.rowcount != 1:
                raise Overtaken
        return row, RowChange(table.name, text, row["revision"])

    def _verified(self, table: GuardedTable, found: Sequence[Any]) -> Row:
        *values, mac = found
        key = self._key_text(table, values)
        if not self._is_mac(table, values, mac):
            if isinstance(mac, bytes) and mac and not self.keys.has_version_of(mac):
                raise BadInput(f"{self.path}: no key of the version of {table.name} {shown(key)}")
            raise self._altered_row(table, key, "")
        logged = self._logged(table, key)
        if logged != values[-1]:
            raise self._altered_row(table, key, compared(values[-1], logged or 0))
        return dict(zip(table.names, values, strict=True))

    def _logged(self, table: GuardedTable, key: str) -> int | None:
        try:
            return sqlite.patiently(self.path, lambda: self.log.revision_of(table.name, key))
        except ValueError as error:
            raise self.altered(str(error)) from None

    def _is_mac(self, table: GuardedTable, values: Sequence[Any], mac: object) -> bool:
        return self.keys.is_row_mac(mac, self._message(table, values))

    def _message(self, table: GuardedTable, values: Sequence[Any]) -> bytes:
        return encode((self._bound, table.name, *values))

    def _key_text(self, table: GuardedTable, values: Sequence[Any]) -> str:
        return table.key_from(values[: len(table.key)])

    def _altered_row(self, table: GuardedTable, key: str, how: str) -> StoreAltered:
        how = how or "its values are not those that were written"
        return self.altered(f"{table.name} {shown(key)}: {how}")

    def _read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        def run() -> list[Any]:
            try:
                return self.connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such" in str(error):
                    raise StoreAltered(self.path, "a table or a column is missing") from None
                raise

        return sqlite.patiently(self.path, run)


def create(connection: sqlite3.Connection, keys: KeyRing, kind: str) -> None:
    """Give a database identity and log, within the transaction that makes its tables.

    `GuardedStore.seal_schema` is called when all tables are there.
    """
    sqlite.run_script(connection, IDENTITY + log.TABLE)
    store = os.urandom(16)
    key_check = keys.row_mac(encode((kind, store)))
    connection.execute("INSERT INTO identity VALUES (?, ?, ?)", (store, key_check, b""))


def _plain(value: object) -> object:
    """Return `value` as SQLite gives it back: it knows no booleans."""
    return int(value) if value is True or value is False else value
