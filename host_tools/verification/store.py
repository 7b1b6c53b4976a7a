"""The host's store: guarded rows and log in SQLite, as the host's own values (HOST §5)."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from firmware_model.errors import BadInput
from host_tools.vault import sqlite
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.database import RowRefusal
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import LogTail
from host_tools.vault.migration import Schema, open_guarded
from host_tools.vault.postgres_address import StorePlace
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.vault.tables import Change, Row
from host_tools.verification import migrations, schema
from host_tools.verification.lookup import TokenLookup
from host_tools.verification.rows import (
    TallyRow,
    TokenRow,
    tally_change,
    tally_of,
    token_change,
    token_of,
)
from host_tools.verification.schema import ENROLMENT, SETTING, TALLY, TOKEN
from host_tools.verification.throttle import Scope, Tally

SCHEMA = Schema(
    application=0x4B464853,  # "KFHS"
    what="a store of the verification host",
    kind=schema.KIND,
    version=4,
    tables=schema.GUARDED,
    sql=schema.TABLES,
    steps={
        1: migrations.from_version_1,
        2: migrations.from_version_2,
        3: migrations.from_version_3,
    },
)

_IN_USE = '"user" = ? AND since IS NOT NULL AND ended IS NULL'

_Result = TypeVar("_Result")


class HostStore:
    """One open store. Each process and each thread opens its own.

    Raises:
        BadInput: there is no store at `path`, it is something else, or `keys` are not its keys.
        StoreAltered: it was altered or damaged; also from every method that reads.
        InUse: other processes kept it locked for too long.
    """

    def __init__(
        self,
        path: StorePlace,
        keys: KeyRing,
        *,
        create: bool = False,
        anchor: Anchor | None = None,
        check: bool = True,
    ) -> None:
        self.path = path
        self.guarded = open_guarded(path, SCHEMA, keys, create=create, anchor=anchor, check=check)
        self._database = self.guarded.database
        self._lookups: dict[Scope, TokenLookup] = {}
        self.rider: Change | None = None
        """What the next commit writes too, and forgets when it is done; see `submissions`."""

    def close(self) -> None:
        """Close the store; everything committed is on the disk already."""
        self.guarded.close()

    def abandon(self) -> None:
        """Close the store and keep no head: it was not opened as it should be."""
        self.guarded.abandon()

    def lookup(self, scope: Scope) -> TokenLookup:
        """Return what reads tokens by name, made once for each scope."""
        if scope not in self._lookups:
            self._lookups[scope] = TokenLookup(self.guarded, scope)
        return self._lookups[scope]

    def token_by_id(self, number: int) -> TokenRow:
        """Return the token of a row that must be there."""
        rows = self.guarded.select(TOKEN, "id = ?", (number,))
        if not rows:
            raise self.guarded.altered(f"token with the id {number} was deleted")
        return token_of(rows[0])

    def tokens_of(self, user: str) -> list[TokenRow]:
        """Return the tokens enrolled for `user`, the longest in use first."""
        with self.guarded.reading():
            in_use = self.guarded.select(ENROLMENT, _IN_USE, (user,), order="since, token_id")
            return [self.token_by_id(row["token_id"]) for row in in_use]

    def tally(self, scope: Scope, subject: str) -> TallyRow:
        """Return the failure counter of `subject` in `scope`."""
        return tally_of(scope, subject, self.guarded.get(TALLY, scope, subject))

    def attempt(self, once: Callable[[], _Result]) -> _Result:
        """Return what `once` returns, doing it anew when another process came first.

        `once` reads, decides, and calls `commit` with what it read.
        """
        return self.guarded.attempt(once)

    def commit(
        self,
        entries: Sequence[AuditEntry],
        tokens: Iterable[tuple[TokenRow, TokenRow]] = (),
        tallies: Iterable[tuple[TallyRow, Tally]] = (),
        changes: Iterable[Change] = (),
        tail: LogTail | None = None,
    ) -> None:
        """Make changes and their audit entries durable, all or none.

        `tokens` and `tallies` are pairs of what was read and what it becomes: where one is no
        longer what was read, nothing happens and `attempt` starts over. `changes` are others;
        `tail` is the log's end as `TokenLookup.read` found it.
        """
        self.guarded.commit(
            entries,
            [
                *(token_change(read, now) for read, now in tokens),
                *(tally_change(row, tally) for row, tally in tallies),
                *changes,
                *([] if self.rider is None else [self.rider]),
            ],
            tail,
        )
        self.rider = None

    def insert_tokens(
        self,
        batches: Iterable[list[Row]],
        at: int,
        entry: Callable[[int], AuditEntry],
        check: Callable[[int], None],
    ) -> int:
        """Insert all batches, then `check` and the audit entry made of the count: all or none.

        `check` gets the id of the first one.

        Raises:
            RefusedRowError: a row breaks a rule of its table; nothing was inserted.
        """
        count = 0
        with self.guarded.writing():
            ((first,),) = self._database.fetch("SELECT max(id) + 1 FROM token")
            for batch in batches:
                rows: list[Row] = [
                    {**row, "id": first + count + place} for place, row in enumerate(batch)
                ]
                self._insert(rows, at)
                count += len(batch)
            check(first)
            self.guarded.write([entry(count)])
        return count

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return what a query finds, unguarded: for counts and names, never for a decision."""
        return self._database.fetch(sql, values)

    def outdated_tokens(self, limit: int) -> list[TokenRow]:
        """Return up to `limit` tokens, the decoy among them, whose seed or MAC has an older key."""
        return [token_of(row) for row in self.guarded.outdated(TOKEN, limit, "seed")]

    def setting(self, name: str) -> Row | None:
        """Return the row of a setting, None where it is not set; its `value` is a text."""
        return self.guarded.get(SETTING, name)

    def audit_head(self) -> Head:
        """Return where the audit log ends."""
        return self.guarded.log.head()

    def audit_entries(
        self, after: int = 0, limit: int | None = None
    ) -> list[tuple[int, AuditEntry]]:
        """Return the entries of the audit log after number `after`."""
        return self.guarded.entries(after, limit)

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that was altered, deleted, put back or damaged; see `GuardedStore`."""
        return self.guarded.faults(kept)

    def copy_to(self, target: Path) -> "HostStore":
        """Return a new store at `target`, a copy of this one as of one instant.

        Others may go on writing meanwhile.

        Raises:
            BadInput: there is a file at `target` already.
        """
        database = self._database
        if not isinstance(database, SqliteDatabase):
            raise BadInput(f"{database.name} is copied by PostgreSQL's own pg_dump (HOST §5)")
        with sqlite.new_file(target) as part:
            copy = sqlite.connect(part, SCHEMA.application, SCHEMA.what, create=True)
            try:
                sqlite.patiently(target, lambda: database.connection.backup(copy))
            finally:
                copy.close()
        return HostStore(target, self.guarded.keys)

    def _insert(self, rows: list[Row], at: int) -> None:
        before = self.guarded.log.state
        try:
            with self._database.trying():
                self._insert_all(rows, at)
        except RowRefusal:
            # The database does not say which row it was: they are tried one by one.
            self.guarded.log.state = before
            for row in rows:
                try:
                    self._insert_all([row], at)
                except RowRefusal:
                    raise RefusedRowError(row) from None
            raise

    def _insert_all(self, rows: list[Row], at: int) -> None:
        entries = [AuditEntry(at, "", "", row["serial_number"]) for row in rows]
        self.guarded.insert_many(TOKEN, rows, entries)


class RefusedRowError(Exception):
    """A row breaks a rule of its table, as a name that is there already; `row` is that row."""

    def __init__(self, row: Row) -> None:
        super().__init__("a row breaks a rule of its table")
        self.row = row
