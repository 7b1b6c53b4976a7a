"""The database of a PostgreSQL server, for several hosts or desks at once (HOST §11).

Needs the extra `postgres`; imported only where an address names a server.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from zlib import crc32

import psycopg
from psycopg import errors

from firmware_model.errors import BadInput, InUse, KeyfobError, PortUnavailable
from host_tools.vault.database import Fetched, Overtaken, RowRefusal, Statement, UnknownCommit
from host_tools.vault.postgres_address import PostgresAddress
from host_tools.vault.postgres_schema import DESCRIPTION, LOG, postgres_tables
from host_tools.vault.sqlite import PATIENCE_SECONDS, StoreAltered, UnwritableStore

OLDEST_SERVER = 13
_CONNECT_SECONDS = 10
_RETRY_SECONDS, _RETRY_SECONDS_MAX = 0.05, 1.0
_BATCH = 2_000

_SETTINGS = {
    # Queries of one round trip see one instant; `writing` says otherwise for itself.
    "default_transaction_isolation": "repeatable\\ read",
    "lock_timeout": f"{PATIENCE_SECONDS:.0f}s",
    # A host that hangs in the middle of a transaction must not keep the others out.
    "idle_in_transaction_session_timeout": "60s",
    "client_encoding": "UTF8",
}
_KEEPALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_WRITING, _OPEN = 0x4B465731, 0x4B464F31
"""First numbers of the advisory locks: who writes a transaction; who has the store open."""

_MARK = re.compile(r"\?(\d*)")
_LOGGER = logging.getLogger("keyfob.host.vault")
_Result = TypeVar("_Result")


class PostgresDatabase:
    """A `Database` over one connection, which is made anew where it is lost.

    A check is two round trips, with no transaction open between them: `fetch_all` and `run`.
    """

    has_one_writer: ClassVar[bool] = False
    has_row_keys: ClassVar[bool] = True

    def __init__(self, address: PostgresAddress, kind: str) -> None:
        """Connect to the server; `kind` names the store, and with it the schema of its tables.

        Raises:
            PortUnavailable: nobody answers there, or refuses the user or the database.
            BadInput: the server is too old.
        """
        self.name = str(address)
        self._address = address
        self._namespace = f"keyfob_{kind}"
        self._lock = crc32(kind.encode()) - 2**31
        self._in_transaction = False
        self._connection = self._connected()

    @property
    def in_transaction(self) -> bool:
        """Whether `reading` or `writing` is open."""
        return self._in_transaction

    def row_key(self, columns: Sequence[str], *, nocase: bool) -> str:  # noqa: ARG002
        """Return the column that holds it."""
        return f"{columns[0].rpartition('.')[0]}.row_key"

    def folded(self, column: str) -> str:
        """Return SQL with ASCII letters in lower case: columns have the collation "C"."""
        return f"lower({column})"

    def before_slash(self, column: str) -> str:
        """Return SQL of the text before the first slash."""
        return f"split_part({column}, '/', 1)"

    def data_version(self) -> int | None:
        """Return None: asking would cost the round trip that is to be saved."""
        return None

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[Fetched]:
        """Return the rows that a query finds."""
        return self.fetch_all([Statement(sql, values)])[0]

    def fetch_all(self, queries: Sequence[Statement]) -> list[list[Fetched]]:
        """Return what each query finds, all as of one instant, in one round trip."""

        def read() -> list[list[Fetched]]:
            return [cursor.fetchall() for cursor in self._piped(queries)]

        return self._with_patience(read)

    def stream(self, sql: str) -> Iterator[Fetched]:
        """Yield the rows that a query finds, a few at a time."""
        with self.reading(), self._translating(), self._connection.cursor("stream") as cursor:
            cursor.itersize = _BATCH
            yield from cursor.execute(_marked(sql))

    def run(self, statements: Sequence[Statement]) -> None:
        """Carry out changes in order, in one round trip; see `Database`."""
        compared = [
            Statement(_comparing(each.sql), each.values) if each.compares else each
            for each in statements
        ]
        try:
            # Not prepared: psycopg believes in what an aborted pipeline was to prepare.
            self._piped(compared, prepare=False)
        except psycopg.Error as error:
            if self._in_transaction or not self._is_lost:
                raise self._translated(error) from None
            self._reconnect()
            raise UnknownCommit from None

    def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Carry out one statement with many values, within `writing`."""
        with self._translating(), self._connection.cursor() as cursor:
            cursor.executemany(_marked(sql), values)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the block see the database as of one instant."""
        if self._in_transaction:
            yield
            return
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store's write lock for the block; see `Database`.

        Raises:
            UnknownCommit: the connection was lost in the commit.
        """
        # The lock first, then what is read: each statement sees what was committed before it.
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED"):
            self.fetch("SELECT pg_advisory_xact_lock(?, ?)", (_WRITING, self._lock))
            yield

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Undo what the block did if it raises, within `writing`."""
        self._execute("SAVEPOINT trying")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK TO SAVEPOINT trying")
            raise
        self._execute("RELEASE SAVEPOINT trying")

    def make_tables(self, script: str) -> None:
        """Run SQLite's CREATE statements in PostgreSQL's words, within `writing`."""
        self._execute(f"CREATE SCHEMA IF NOT EXISTS {self._namespace}")
        self._execute(postgres_tables(script))

    def make_log(self) -> None:
        """Make the log's table, within `writing`."""
        self._execute(LOG)

    def schema(self) -> Iterable[object]:
        """Return what the MAC of the schema covers."""
        found = self.fetch_all([Statement(query) for query in DESCRIPTION])
        return [value for rows in found for (value,) in rows]

    def structure_faults(self) -> list[str]:
        """Return nothing: the server's own pg_amcheck looks at its files."""
        return []

    def forget_old_pages(self) -> None:
        """Do nothing: what a server keeps of old rows is sealed, and goes by `rekey` (HOST §11)."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    # Versions -------------------------------------------------------------------------------------

    def version(self) -> int:
        """Return the version of the store's schema; 0 where there is none."""
        ((found,),) = self.fetch("SELECT to_regclass('identity') IS NOT NULL")
        return int(self.fetch("SELECT version FROM identity")[0][0]) if found else 0

    def set_version(self, version: int) -> None:
        """Keep the version of the schema, within `writing`."""
        self.run([Statement("UPDATE identity SET version = ?", (version,))])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep all others from having the store open; raises InUse where somebody has."""
        values = (_OPEN, self._lock)
        self.fetch("SELECT pg_advisory_unlock_shared(?, ?)", values)
        try:
            ((got,),) = self.fetch("SELECT pg_try_advisory_lock(?, ?)", values)
            if not got:
                raise InUse(f"{self.name} is in use, and must be migrated: stop what has it open")
            try:
                yield
            finally:
                self.fetch("SELECT pg_advisory_unlock(?, ?)", values)
        finally:
            self.fetch("SELECT pg_advisory_lock_shared(?, ?)", values)

    # Within ---------------------------------------------------------------------------------------

    def _connected(self) -> psycopg.Connection[Fetched]:
        settings = {**_SETTINGS, "search_path": self._namespace}
        try:
            connection = psycopg.connect(
                self._address.url,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                connect_timeout=_CONNECT_SECONDS,
                application_name=self._namespace.replace("_", " "),
                options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
                **_KEEPALIVE,  # type: ignore[arg-type]
            )
        except (psycopg.Error, UnicodeError) as error:
            raise PortUnavailable(
                f"cannot connect to {self.name}: {_first_line(error)}; check that the server runs"
                " and lets this user in (PGPASSFILE, PGPASSWORD)"
            ) from None
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: psycopg.Connection[Fetched]) -> None:
        if connection.info.server_version < OLDEST_SERVER * 10_000:
            raise BadInput(
                f"{self.name}: its server is older than PostgreSQL {OLDEST_SERVER}: use a later one"
            )
        with self._translating():
            # What is answered must be on the disk, whatever the server does for others.
            connection.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
            )
            if connection.execute("SHOW fsync").fetchone() == ("off",):
                _LOGGER.warning("%s: fsync is off: nothing is durable on this server", self.name)
            values = (_OPEN, self._lock)
            connection.execute("SELECT pg_advisory_lock_shared($1, $2)", values)

    @property
    def _is_lost(self) -> bool:
        return self._connection.closed or self._connection.broken

    def _reconnect(self) -> None:
        """Connect anew, for as long as PATIENCE_SECONDS; raises PortUnavailable after that."""
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, _RETRY_SECONDS
        _LOGGER.warning("%s: connection lost, connecting anew", self.name)
        self._connection.close()
        while True:
            try:
                self._connection = self._connected()
                return
            except PortUnavailable:
                if time.monotonic() > deadline:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, _RETRY_SECONDS_MAX)

    def _with_patience(self, read: Callable[[], _Result]) -> _Result:
        """Return what `read` returns, once more over a new connection where one was lost."""
        while True:
            try:
                return read()
            except psycopg.Error as error:
                if self._in_transaction or not self._is_lost:
                    raise self._translated(error) from None
            self._reconnect()

    def _piped(
        self, statements: Sequence[Statement], *, prepare: bool | None = None
    ) -> list[psycopg.Cursor[Fetched]]:
        """Send all statements together; outside a transaction they are one."""
        connection = self._connection
        sent = [(_marked(each.sql), each.values) for each in statements]
        if len(sent) == 1:
            return [connection.execute(*sent[0], prepare=prepare)]
        with connection.pipeline():
            return [connection.execute(*each, prepare=prepare) for each in sent]

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        def started() -> None:
            self._connection.execute(begin)

        self._with_patience(started)
        self._in_transaction = True
        try:
            yield
            self._in_transaction = False
            try:
                self._connection.execute("COMMIT")
            except psycopg.Error as error:
                if self._is_lost:
                    self._reconnect()
                    raise UnknownCommit from None
                raise self._translated(error) from None
        except BaseException:
            self._in_transaction = False
            with suppress(psycopg.Error, KeyfobError):
                if self._is_lost:
                    self._reconnect()
                else:
                    self._connection.execute("ROLLBACK")
            raise

    def _execute(self, sql: str) -> None:
        with self._translating():
            self._connection.execute(sql)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._translated(error) from None

    def _translated(self, error: psycopg.Error) -> Exception:
        match error:
            case errors.SerializationFailure() | errors.DeadlockDetected():
                return Overtaken()
            case errors.DivisionByZero():  # what `_comparing` makes of no row
                return Overtaken()
            case errors.UniqueViolation():
                return RowRefusal(error.diag.constraint_name or "")
            case errors.LockNotAvailable():
                return InUse(
                    f"{self.name} is in use: locked for more than {PATIENCE_SECONDS:.0f} s"
                )
            case errors.DiskFull():
                return UnwritableStore(
                    f"disk full: the server of {self.name} cannot write; free some space there and"
                    " try again"
                )
            case errors.UndefinedTable() | errors.UndefinedColumn():
                return StoreAltered(self.name, "a table or a column is missing")
            case errors.DataCorrupted() | errors.IndexCorrupted():
                return StoreAltered(self.name, "its structure; run pg_amcheck")
            case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction():
                return BadInput(
                    f"{self.name}: {_first_line(error)}: use a user who may write there"
                )
            case errors.DataError():
                return BadInput(f"{self.name}: a text that PostgreSQL cannot keep: {_kind(error)}")
        if isinstance(error, psycopg.OperationalError):
            return PortUnavailable(
                f"{self.name}: connection lost: {_first_line(error)}; what was not answered is not"
                " done: try again"
            )
        return error


@lru_cache(maxsize=512)
def _marked(sql: str) -> Any:
    """Return SQL with PostgreSQL's marks for values: `$1` for `?1`, and for `?` in order."""
    place = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal place
        place += 1
        return f"${found[1] or place}"

    return _MARK.sub(mark, sql).encode()


@lru_cache(maxsize=512)
def _comparing(sql: str) -> str:
    """Return SQL that fails where a change finds no row: nothing of the transaction is kept."""
    return f"WITH done AS ({sql} RETURNING 1) SELECT 1 / count(*) FROM done"  # noqa: S608


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip().removesuffix(":") if lines else type(error).__name__


def _kind(error: psycopg.Error) -> str:
    return type(error).__name__
