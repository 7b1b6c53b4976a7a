"""The host's store: SQLite on the driver where it is hot, SQLAlchemy where it is not (HOST §5)."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from firmware_model.errors import BadInput, InUse
from host_tools.vault import audit, sqlite
from host_tools.vault.key_ring import KeyRing
from host_tools.verification.rows import (
    ROW_COLUMNS,
    Holder,
    TallyRow,
    TokenRow,
    date_of,
    tally_values,
    token_of,
    token_values,
)
from host_tools.verification.throttle import Scope, Tally

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable

VERSION = 1
"""Of the schema, kept in SQLite's user_version; a store of another version is refused."""

DECOY_ID = 0
"""The row that unknown names are checked against, so that they cost what known ones cost."""

CONTESTS_MAX = 10_000
"""How often one attempt may lose against others; each loss means that somebody else got on."""

_APPLICATION = 0x4B464853  # "KFHS"
_WHAT = "a store of the verification host"

_Result = TypeVar("_Result")

_TOKEN_BY_ID = f"SELECT {ROW_COLUMNS} FROM token WHERE id = ?"  # noqa: S608
_TOKENS_OF = (
    f"SELECT {ROW_COLUMNS} FROM token JOIN enrolment ON token_id = id"  # noqa: S608
    " WHERE user = ? AND since IS NOT NULL AND ended IS NULL ORDER BY since, id"
)
_LOOK_UP = f"""
SELECT {ROW_COLUMNS}, user, since, ended, waived_until, failures, failed_at, locked_at,
    tally.revision
FROM token LEFT JOIN enrolment ON token_id = id
    LEFT JOIN tally ON scope = '{Scope.GENERATOR}' AND subject = serial_number
WHERE id = (
    SELECT max(id) FROM token WHERE serial_number = ?1 OR credential_id = ?1 OR id = {DECOY_ID}
)
"""  # noqa: S608
_TALLY = (
    "SELECT failures, failed_at, locked_at, revision FROM tally WHERE scope = ? AND subject = ?"
)
_TOKEN_WIDTH = ROW_COLUMNS.count(",") + 1
_SEALED_BEFORE = (
    "SELECT id, serial_number, seed FROM token WHERE id > ? AND substr(seed, 1, 1) < ?"
    " ORDER BY id LIMIT ?"
)
# The seed itself is what is compared: an attempt under way goes on undisturbed.
_SET_SEED = "UPDATE token SET seed = ? WHERE id = ? AND seed = ?"
_SET_ROW = """
UPDATE token SET next_factor = ?, drift_steps = ?, state = ?, used_at = ?, expiry_date = ?,
    successor = ?, revision = revision + 1
WHERE id = ? AND revision = ?
"""
# An audit row says which moving factor was accepted ("factor 7, ..."): see `attempts.entry`.
_SET_BACK = """
SELECT audit.serial_number, max(CAST(substr(detail, 8) AS INTEGER)) AS factor, next_factor
FROM audit LEFT JOIN token ON token.serial_number = audit.serial_number
WHERE outcome = 'accepted' AND detail LIKE 'factor %'
GROUP BY audit.serial_number HAVING next_factor IS NULL OR next_factor <= factor
"""
_SET_COUNTER = """
INSERT INTO tally VALUES (?1, ?2, ?3, ?4, ?5, 1)
ON CONFLICT DO UPDATE SET failures = ?3, failed_at = ?4, locked_at = ?5, revision = revision + 1
WHERE revision = ?6
"""


class HostStore:
    """One open store. Each process and each thread opens its own.

    Raises:
        BadInput: there is no store at `path`, or it is something else.
        InUse: other processes kept it locked for too long.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        self._audit_end: audit.Head | None = None
        self._connection = sqlite.connect(path, _APPLICATION, _WHAT, create=create)
        if create:
            self._create()
        version = self._read("PRAGMA user_version")[0][0]
        if version != VERSION:
            self.close()
            raise BadInput(f"{path} is a store of version {version}, not {VERSION}")

    def close(self) -> None:
        """Close the store; everything committed is on the disk already."""
        self._connection.close()

    def look_up(self, name: str) -> tuple[TokenRow, list[Holder], TallyRow]:
        """Return a token, all that have, had or will have it, and its own failure counter.

        `name` is its serial number or Credential ID, in any case of letters; for an unknown name
        it is the decoy, found by the same work. One statement: all is as of one instant.
        """
        rows = self._read(_LOOK_UP, (name,))
        token = token_of(rows[0][:_TOKEN_WIDTH])
        holders = []
        for row in rows:
            user, since, ended, waived = row[_TOKEN_WIDTH : _TOKEN_WIDTH + 4]
            if user is not None:
                holders.append(Holder(user, since, ended, date_of(waived)))
        return token, holders, _tally_row(Scope.GENERATOR, token.serial_number, rows[0][-4:])

    def token_by_id(self, number: int) -> TokenRow:
        """Return the token of a row that every store of this kind has; raises BadInput if not."""
        rows = self._read(_TOKEN_BY_ID, (number,))
        if not rows:
            raise BadInput(f"{self.path}: row {number} of its tokens was taken out")
        return token_of(rows[0])

    def tokens_of(self, user: str) -> list[TokenRow]:
        """Return the tokens enrolled for `user`, the longest in use first."""
        return [token_of(row) for row in self._read(_TOKENS_OF, (user,))]

    def tally(self, scope: Scope, subject: str) -> TallyRow:
        """Return the failure counter of `subject` in `scope`."""
        rows = self._read(_TALLY, (scope, subject))
        return _tally_row(scope, subject, rows[0] if rows else (None,) * 4)

    def attempt(self, once: Callable[[], _Result]) -> _Result:
        """Return what `once` returns, doing it anew when another process came first.

        `once` reads, decides, and calls `commit` with what it read.

        Raises:
            InUse: others came first CONTESTS_MAX times.
        """
        for _ in range(CONTESTS_MAX):
            try:
                return once()
            except _OvertakenError:
                continue
        raise InUse(f"{self.path} is in use: gave up after {CONTESTS_MAX:,} conflicting writers")

    def commit(
        self,
        keys: KeyRing,
        entries: Sequence[audit.AuditEntry],
        tokens: Iterable[tuple[TokenRow, TokenRow]] = (),
        tallies: Iterable[tuple[TallyRow, Tally]] = (),
        statements: "Iterable[Executable]" = (),
    ) -> None:
        """Make changes and their audit entries durable, all or none.

        `tokens` and `tallies` are pairs of what was read and what it becomes: where one is no
        longer what was read, nothing happens and `attempt` starts over.
        """
        statements = list(statements)
        core = self._core if statements else None
        with sqlite.transaction(self.path, self._connection):
            for read, now in tokens:
                self._set(_SET_ROW, token_values(now, read))
            for row, tally in tallies:
                self._set(_SET_COUNTER, tally_values(row, tally))
            for statement in statements:
                assert core is not None
                core.execute(statement)
            end = audit.append(self._connection, keys, entries, self._audit_end)
        self._audit_end = end  # now that it is on the disk

    def run(self, statement: "Executable") -> "CursorResult[Any]":
        """Run a SQLAlchemy statement that reads."""
        return sqlite.patiently(self.path, lambda: self._core.execute(statement))

    def insert_many(
        self,
        keys: KeyRing,
        statement: "Executable",
        batches: Iterable[list[dict[str, Any]]],
        entry: Callable[[int], audit.AuditEntry],
        check: Callable[[], None],
    ) -> int:
        """Insert all batches, then `check` and the audit entry made of the count: all or none.

        Raises:
            RefusedRowError: a row breaks a rule of its table; nothing was inserted.
        """
        count = 0
        core = self._core
        with sqlite.transaction(self.path, self._connection):
            for batch in batches:
                self._insert(core, statement, batch)
                count += len(batch)
            check()
            end = audit.append(self._connection, keys, [entry(count)], self._audit_end)
        self._audit_end = end
        return count

    def seeds_sealed_before(
        self, version: int, after: int, limit: int
    ) -> list[tuple[int, str, bytes]]:
        """Return row, serial number and sealed seed of up to `limit` tokens after row `after`.

        Those whose seed is sealed with a key version below `version`, the decoy among them.
        """
        return self._read(_SEALED_BEFORE, (after, bytes([version]), limit))

    def replace_seeds(self, sealed: Iterable[tuple[bytes, int, bytes]]) -> int:
        """Replace seeds (new, row, old) that are still the old ones; return how many were."""
        with sqlite.transaction(self.path, self._connection):
            return self._connection.executemany(_SET_SEED, sealed).rowcount

    def forget_old_pages(self) -> None:
        """Empty the write-ahead log, as far as others let us: it holds what pages held before."""
        self._read("PRAGMA wal_checkpoint(TRUNCATE)")

    def setting(self, name: str) -> str | None:
        """Return a setting, None where it is not set."""
        rows = self._read("SELECT value FROM setting WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def audit_head(self) -> audit.Head:
        """Return where the audit log ends."""
        return audit.head(self._connection)

    def audit_rows(self, after: int = 0) -> list[tuple[int, audit.AuditEntry]]:
        """Return the rows of the audit log after number `after`."""
        return list(audit.rows(self._connection, after))

    def audit_faults(self, keys: KeyRing, kept: audit.Head | None) -> list[str]:
        """Return what is wrong with the audit log, or in the store by what the log says.

        See `audit.faults`. A store's log is never empty: its making is the first row. And no
        token stands at a moving factor that was accepted before.
        """
        faults = sqlite.patiently(self.path, lambda: audit.faults(self._connection, keys, kept))
        if not faults and self.audit_head().number == 0:
            return ["row 1 is missing: the log is empty"]
        return faults or [
            f"{name} was set back or taken out: its moving factor {factor} was accepted before"
            for name, factor, _ in self._read(_SET_BACK)
        ]

    def copy_to(self, target: Path) -> "HostStore":
        """Return a new store at `target`, a copy of this one as of one instant.

        Others may go on writing meanwhile.

        Raises:
            BadInput: there is a file at `target` already.
        """
        with sqlite.new_file(target):
            copy = sqlite.connect(target, _APPLICATION, _WHAT, create=True)
            try:
                sqlite.patiently(target, lambda: self._connection.backup(copy))
            finally:
                copy.close()
            return HostStore(target)

    def _insert(
        self, core: "Connection", statement: "Executable", batch: list[dict[str, Any]]
    ) -> None:
        from sqlalchemy.exc import IntegrityError

        self._connection.execute("SAVEPOINT batch")
        try:
            core.execute(statement, batch)
        except IntegrityError:
            # SQLite does not say which row it was: they are tried one by one.
            self._connection.execute("ROLLBACK TO batch")
            for row in batch:
                try:
                    core.execute(statement, row)
                except IntegrityError:
                    raise RefusedRowError(row) from None
        self._connection.execute("RELEASE batch")

    @cached_property
    def _core(self) -> "Connection":
        # One connection for both, so that a transaction of the driver is SQLAlchemy's too; to be
        # had before one begins, because connecting rolls back. Its import takes a fifth of a
        # second, which the hot path does not pay.
        from sqlalchemy import StaticPool, create_engine

        engine = create_engine(
            "sqlite+pysqlite://",
            creator=lambda: self._connection,
            poolclass=StaticPool,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
        )
        return engine.connect()

    def _create(self) -> None:
        from host_tools.verification import schema

        core = self._core
        try:
            with sqlite.transaction(self.path, self._connection):
                if self._connection.execute("PRAGMA user_version").fetchone()[0]:
                    raise BadInput(f"{self.path}: the store exists already")
                schema.metadata.create_all(core, checkfirst=False)
                sqlite.run_script(self._connection, audit.TABLE)
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            self.close()
            raise

    def _read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        return sqlite.patiently(self.path, lambda: self._connection.execute(sql, values).fetchall())

    def _set(self, sql: str, values: Sequence[object]) -> None:
        if self._connection.execute(sql, values).rowcount != 1:
            raise _OvertakenError


def _tally_row(scope: Scope, subject: str, row: Sequence[Any]) -> TallyRow:
    failures, failed_at, locked_at, revision = row
    if revision is None:
        return TallyRow(scope, subject, Tally(), 0)
    return TallyRow(scope, subject, Tally(failures, failed_at, locked_at), revision)


class RefusedRowError(Exception):
    """A row breaks a rule of its table, as a name that is there already; `row` is that row."""

    def __init__(self, row: dict[str, Any]) -> None:
        super().__init__("a row breaks a rule of its table")
        self.row = row


class _OvertakenError(Exception):
    """Another process changed what an attempt had read."""
