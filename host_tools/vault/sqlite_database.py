"""The database of one file: SQLite, one writer at a time (HOST §5)."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from host_tools.vault import log, sqlite
from host_tools.vault.database import Fetched, Overtaken, RowRefusal, Statement
from host_tools.vault.encoding import key_text
from host_tools.vault.sqlite import StoreAltered

_Result = TypeVar("_Result")


class SqliteDatabase:
    """A `Database` over a connection of `sqlite.connect`."""

    has_one_writer: ClassVar[bool] = True
    has_row_keys: ClassVar[bool] = False

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.name = str(path)
        self.connection = connection
        self._writing = sqlite.WriteTransaction(path, connection)
        self._data_version: int | None = None
        for name, nocase in (("row_key", False), ("row_key_nocase", True)):
            connection.create_function(name, -1, partial(_key, nocase=nocase), deterministic=True)

    @property
    def in_transaction(self) -> bool:
        """Whether `reading` or `writing` is open."""
        return self.connection.in_transaction

    def row_key(self, columns: Sequence[str], *, nocase: bool) -> str:
        """Return SQL that calls `key_text`: the file has no column for it."""
        return f"row_key{'_nocase' if nocase else ''}({', '.join(columns)})"

    def folded(self, column: str) -> str:
        """Return the column itself: it is declared COLLATE NOCASE."""
        return column

    def before_slash(self, column: str) -> str:
        """Return SQL of the text before the first slash."""
        return f"substr({column}, 1, instr({column} || '/', '/') - 1)"

    def data_version(self) -> int | None:
        """Return SQLite's data_version: our own commits do not change it, all others do."""
        version = int(self.fetch("PRAGMA data_version")[0][0])
        if version != self._data_version:
            if self._data_version is not None:
                self._writing.others_at = time.monotonic()
            self._data_version = version
        return version

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[Fetched]:
        """Return the rows that a query finds."""
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error:  # once more, with patience or the words for what is wrong
            return self._patiently(lambda: self._executed(sql, values).fetchall())

    def fetch_all(self, queries: Sequence[Statement]) -> list[list[Fetched]]:
        """Return what each query finds, all as of one instant."""
        with self.reading():
            return [self.fetch(query.sql, query.values) for query in queries]

    def stream(self, sql: str) -> Iterator[Fetched]:
        """Yield the rows that a query finds, a few at a time."""
        cursor = self._patiently(lambda: self._executed(sql, ()))
        while row := self._patiently(cursor.fetchone):
            yield row

    def run(self, statements: Sequence[Statement]) -> None:
        """Carry out changes in order; see `Database`."""
        if not self.in_transaction:
            with self.writing():
                self.run(statements)
            return
        for statement in statements:
            try:
                done = self.connection.execute(statement.sql, statement.values)
            except sqlite3.IntegrityError as error:
                raise _refused(error) from None
            if statement.compares and done.rowcount != 1:
                raise Overtaken

    def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Carry out one statement with many values; see `Database`."""
        try:
            self.connection.executemany(sql, values)
        except sqlite3.IntegrityError as error:
            raise _refused(error) from None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let the block see the database as of one instant."""
        if self.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("COMMIT")

    def writing(self) -> AbstractContextManager[None]:
        """Hold the write lock for the block; see `sqlite.WriteTransaction`."""
        return self._writing

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Undo what the block did if it raises, within `writing`."""
        self.connection.execute("SAVEPOINT trying")
        try:
            yield
        except BaseException:
            if self.in_transaction:  # SQLite has ended all of it where the disk is full
                self.connection.execute("ROLLBACK TO trying")
            raise
        finally:
            if self.in_transaction:
                self.connection.execute("RELEASE trying")

    def make_tables(self, script: str) -> None:
        """Run CREATE statements, within `writing`."""
        sqlite.run_script(self.connection, script)

    def make_log(self) -> None:
        """Make the log's table, within `writing`."""
        self.make_tables(log.TABLE)

    def schema(self) -> Iterable[object]:
        """Return what the MAC of the schema covers."""
        rows = self.fetch(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
            " ORDER BY type, name"
        )
        return [value for row in rows for value in row]

    def structure_faults(self) -> list[str]:
        """Return what SQLite finds damaged in its file."""
        try:
            (found,) = self.connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            if sqlite.is_busy(error):
                raise
            found = "it cannot be read"
        return [] if found == "ok" else [f"the file's structure is damaged: {found}"]

    def forget_old_pages(self) -> None:
        """Empty the write-ahead log."""
        sqlite.forget_old_pages(self.connection)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _executed(self, sql: str, values: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self.connection.execute(sql, values)
        except sqlite3.OperationalError as error:
            if "no such" in str(error):
                raise StoreAltered(self.name, "a table or a column is missing") from None
            if "user-defined function" in str(error):
                raise StoreAltered(self.name, "it has text that is no UTF-8") from None
            raise

    def _patiently(self, action: Callable[[], _Result]) -> _Result:
        return sqlite.patiently(self.path, action)


def _key(*values: object, nocase: bool) -> str:
    return key_text(values, nocase=nocase)


def _refused(error: sqlite3.IntegrityError) -> Exception:
    # The log's own rule, and not a row's: a number is taken or the log is append-only.
    return RowRefusal(str(error))
