"""Rows as one open store last read or wrote them, kept for as long as nobody else writes (HOST §5).

A database that tells when somebody else has committed (`Database.data_version`) lets a store trust
what it has verified or written itself: no statement could have changed it since.
"""

from collections.abc import Hashable, Sequence

from host_tools.vault.database import Database
from host_tools.vault.log import LogTail, RowChange
from host_tools.vault.tables import Change, GuardedTable, Row

ROWS_MAX = 4_096
FINDS_MAX = 2_048

RowName = tuple[str, str]
"""A row as the log names it: its table, and its key as text."""


class KeptRows:
    """The rows and the log's end that one open store knows; all of it holds for one data version.

    Secrets in rows are sealed, and kept as they are. Where the database cannot tell that others
    have written, nothing is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version: int | None = None
        self._is_pinned = False
        self._rows: dict[RowName, Row | int] = {}
        self._finds: dict[Hashable, list[list[RowName]]] = {}
        self._tail: LogTail | None = None

    def refresh(self) -> None:
        """Drop everything if somebody else has committed since; called before each use."""
        if not self._is_pinned:
            version = self._database.data_version()
            if version is None or version != self._version:
                self.drop()
                self._version = version

    def pin(self) -> bool:
        """Refresh once for a transaction, in which no other commit is seen; for `unpin`."""
        was_pinned = self._is_pinned
        self.refresh()
        self._is_pinned = True
        return was_pinned

    def unpin(self, *, was_pinned: bool) -> None:
        """End a transaction."""
        self._is_pinned = was_pinned

    def drop(self) -> None:
        """Forget everything: it is read and compared again at its next use."""
        self._version = self._tail = None
        self._rows.clear()
        self._finds.clear()

    @property
    def tail(self) -> LogTail | None:
        """Where the log ends, None where that must be read."""
        return self._tail

    def keep_tail(self, tail: LogTail | None) -> None:
        """Keep where the log ends after an entry of this store."""
        self._tail = None if self._version is None else tail

    def row(self, table: str, key: str) -> Row | int | None:
        """Return the row of a key; where there is none, the revision that the log gives to it.

        That is 0 for a row that never was there, negative for one that was deleted. None where
        nothing is kept of it.
        """
        return self._rows.get((table, key))

    def keep(self, table: str, key: str, row: Row | int) -> None:
        """Keep a row that was verified or written, or the log's revision of one that is gone.

        The one that was read or written the longest ago makes room.
        """
        if self._version is None:
            return
        name = table, key
        self._rows.pop(name, None)
        self._rows[name] = row
        if len(self._rows) > ROWS_MAX:
            del self._rows[next(iter(self._rows))]

    def keep_change(self, change: Change, row: Row, logged: RowChange) -> None:
        """Keep a row as a change left it; `logged` is what the log says of that."""
        gone = logged.revision < 0
        self.keep(logged.table, logged.key, logged.revision if gone else row)
        is_new = change.read is None or change.values is None
        if is_new or not change.table.found_by.isdisjoint(change.values or ()):
            self._finds.clear()

    def found(self, question: Hashable) -> list[list[Row]] | None:
        """Return the rows that a question found, in its groups; None where it must be asked."""
        groups = self._finds.get(question)
        if groups is None:
            return None
        found: list[list[Row]] = []
        rows = self._rows
        for names in groups:
            group: list[Row] = [row for name in names if isinstance(row := rows.get(name), dict)]
            if len(group) < len(names):  # one of them has made room for another
                return None
            found.append(group)
        return found

    def keep_found(
        self, question: Hashable, groups: Sequence[tuple[GuardedTable, Sequence[Row]]]
    ) -> None:
        """Keep which rows a question found, and the rows, in groups.

        It finds the same ones until a row comes, goes or changes in a column of `found_by`.
        """
        if self._version is None:
            return
        for table, rows in groups:
            for row in rows:
                self.keep(table.name, table.key_of(row), row)
        self._finds[question] = [
            [(table.name, table.key_of(row)) for row in rows] for table, rows in groups
        ]
        if len(self._finds) > FINDS_MAX:
            del self._finds[next(iter(self._finds))]
