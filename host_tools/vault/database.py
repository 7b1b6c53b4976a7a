"""What guarded stores need of a database: `sqlite_database` and `postgres` are the two (HOST §5).

SQL is written once, as SQLite takes it: `?` and `?1` for values, the column "user" in quotes. What
the two say differently are members of `Database`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NamedTuple, Protocol

Fetched = tuple[Any, ...]
"""A row as the database gives it."""


class Overtaken(Exception):  # noqa: N818 - control flow: `GuardedStore.attempt` starts over
    """Another process changed what an attempt had read."""


class RowRefusal(Exception):  # noqa: N818 - the caller says in its own words what is wrong
    """A new row breaks a rule of its table: its key or another unique value is there already."""


class UnknownCommit(Exception):  # noqa: N818 - control flow: `GuardedStore.commit` finds out
    """The connection was lost while changes were committed: they may be durable, or not."""


class Statement(NamedTuple):
    """SQL as SQLite takes it, and its values; `compares`: it must change a row, exactly one."""

    sql: str
    values: Sequence[object] = ()
    compares: bool = False

    @property
    def parts(self) -> tuple[str, Sequence[object]]:
        """SQL and values."""
        return self.sql, self.values


class Database(Protocol):
    """One open database; each thread opens its own.

    Raises, from every method that reads or writes:
        StoreAltered: the database is not as keyfob left it.
        InUse: others kept it locked for too long.
        BadInput: its disk is full or failing.
        PortUnavailable: its server cannot be reached.
    """

    name: str
    """What messages call it; no password is in it."""
    has_one_writer: ClassVar[bool]
    """Whether one transaction writes at a time, so that the log's numbers have no gaps."""
    has_row_keys: ClassVar[bool]
    """Whether each row has a column `row_key`: the key's text by which the log names it."""

    @property
    def in_transaction(self) -> bool:
        """Whether `reading` or `writing` is open."""

    def row_key(self, columns: Sequence[str], *, nocase: bool) -> str:
        """Return SQL of the text by which the log names a row, by the SQL of its key columns."""

    def folded(self, column: str) -> str:
        """Return SQL that compares a name regardless of the case of ASCII letters."""

    def before_slash(self, column: str) -> str:
        """Return SQL of the text before the first slash."""

    def data_version(self) -> int | None:
        """Return a number that differs once another connection has committed.

        As of the transaction that is open, if one is. None where the database cannot tell.
        """

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[Fetched]:
        """Return the rows that a query finds."""

    def fetch_all(self, queries: Sequence[Statement]) -> list[list[Fetched]]:
        """Return what each query finds, all as of one instant, in one round trip."""

    def stream(self, sql: str) -> Iterator[Fetched]:
        """Yield the rows that a query finds, a few at a time."""

    def run(self, statements: Sequence[Statement]) -> None:
        """Carry out changes in order; where no transaction is open they are one, in one round trip.

        Raises:
            Overtaken: one that compares changed no row.
            RowRefusal: a row breaks a rule of its table.
            UnknownCommit: the connection was lost meanwhile.
        """

    def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Carry out one statement with many values, within `writing`; raises RowRefusal."""

    def reading(self) -> AbstractContextManager[None]:
        """Let the block see the database as of one instant."""

    def writing(self) -> AbstractContextManager[None]:
        """Hold the write lock for the block; commit at its end, roll back if it raises."""

    def trying(self) -> AbstractContextManager[None]:
        """Undo what the block did if it raises, within `writing`."""

    def make_tables(self, script: str) -> None:
        """Run SQLite's CREATE statements, in this database's words, within `writing`."""

    def make_log(self) -> None:
        """Make the log's table, which refuses changes of its entries, within `writing`."""

    def schema(self) -> Iterable[object]:
        """Return what the MAC of the schema covers."""

    def structure_faults(self) -> list[str]:
        """Return what the database itself finds damaged."""

    def forget_old_pages(self) -> None:
        """Let what was deleted or replaced be gone, as far as this database can."""

    def close(self) -> None:
        """Close it; what was committed is on the disk already."""
