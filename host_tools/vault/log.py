"""The audit log: append-only, a chain of MACs for each writer, the chains anchored in each other.

Each entry's MAC covers the entry, the one before it in its writer's chain, and the newest entry
of another writer as seen when it was written (HOST §6). An entry may speak of one row of the
store: which, and the revision that the row has from then on (`guarded`).
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from firmware_model.errors import BadInput
from host_tools.vault.audit import GENESIS, AuditEntry, Head
from host_tools.vault.database import Database, Fetched, Statement
from host_tools.vault.encoding import encode
from host_tools.vault.key_ring import KeyRing

TABLE = """
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    writer INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    user TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    row_table TEXT NOT NULL,
    row_key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    mac BLOB NOT NULL
);
CREATE INDEX audit_by_row ON audit (row_table, row_key);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""
"""The log's table in whatever database keeps one; see `sqlite.run_script`.

`writer` is the number of the first entry of its chain, 0 for entries that version 1 wrote;
`previous` and `seen` are the numbers of the entries that the MAC covers too, 0 for none.
`row_count` is how many rows the store has from then on. `revision` is negative where the entry
deleted its row, 0 where it speaks of none. An entry without an event goes with the one before.
"""

VERSION_1 = 0
"""The writer of entries that stores of version 1 wrote."""


def quoted(names: Iterable[str], before: str = "") -> list[str]:
    """Return column names for SQL, each with `before` before it; "user" is a word of SQL."""
    return [f'{before}"user"' if name == "user" else f"{before}{name}" for name in names]


_NAMES = (
    *("number", "writer", "previous", "seen", "row_count", "at", "event", "outcome"),
    *("serial_number", "user", "actor", "detail", "row_table", "row_key", "revision", "mac"),
)
_COLUMNS = ", ".join(quoted(_NAMES))
_WIDTH = len(_NAMES)
_LAST = f"SELECT {_COLUMNS} FROM audit ORDER BY number DESC LIMIT 1"  # noqa: S608
_APPEND = f"INSERT INTO audit ({_COLUMNS}) VALUES ({', '.join('?' * _WIDTH)})"  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM audit ORDER BY number"  # noqa: S608
_ENTRIES = (
    'SELECT number, at, event, outcome, serial_number, "user", actor, detail FROM audit'
    " WHERE number > ? AND event <> '' ORDER BY number"
)
_JOINED = ", ".join(quoted(_NAMES, "entry."))
_OF_ROW = f"""
SELECT {_JOINED}, before.mac, other.mac
FROM audit AS entry LEFT JOIN audit AS before ON before.number = entry.previous
    LEFT JOIN audit AS other ON other.number = entry.seen
WHERE entry.row_table = ? AND entry.row_key = ? ORDER BY entry.number DESC LIMIT 1
"""  # noqa: S608
_MAC_OF = "SELECT mac FROM audit WHERE number = ?"
_NUMBERS = "SELECT nextval('audit_number') FROM generate_series(1, ?)"
"""Drawn after what the entries speak of was read: a row's later entry has the higher number."""


class RowChange(NamedTuple):
    """Which row an entry speaks of, and its revision from then on; negative = deleted."""

    table: str
    key: str
    revision: int


NO_CHANGE = RowChange("", "", 0)
_EMPTY = Head(0, GENESIS)
_ENTRIES_MAX = 2**31
"""Entries that one call may append."""


class LogTail(NamedTuple):
    """Where the log ends for whoever appends to it: the newest entry, and the numbers to use."""

    last: Head
    writer: int
    row_count: int
    numbers: Sequence[int]


def of_row(table: str, key: str) -> Statement:
    """Return the query for the newest entry of one row; see `AuditLog.revision_in`."""
    return Statement(_OF_ROW, (table, key))


def joined(table: str, row_key: str) -> tuple[str, str]:
    """Return columns and joins that give each row of `kept` its newest entry, or nulls.

    `row_key` is SQL of the text by which the log names the row.
    """
    return (
        f"{_JOINED}, before.mac, other.mac",
        " LEFT JOIN audit AS entry ON entry.number = (SELECT number FROM audit"  # noqa: S608
        f" WHERE row_table = '{table}' AND row_key = {row_key} ORDER BY number DESC LIMIT 1)"
        " LEFT JOIN audit AS before ON before.number = entry.previous"
        " LEFT JOIN audit AS other ON other.number = entry.seen",
    )


class AuditLog:
    """The log of one open store, which is one writer; each open store writes a chain of its own.

    `bound` names the store: every MAC covers it, so that no entry fits into another store's log.
    """

    def __init__(self, database: Database, keys: KeyRing, bound: str) -> None:
        self._database = database
        self.keys = keys
        self._bound = bound
        self._writer = 0
        self._end = _EMPTY

    @property
    def state(self) -> tuple[int, Head]:
        """Where this writer's chain stands; to be put back if the transaction is rolled back."""
        return self._writer, self._end

    @state.setter
    def state(self, state: tuple[int, Head]) -> None:
        self._writer, self._end = state

    def tail_queries(self, count: int) -> list[Statement]:
        """Return the queries for what `tail_from` takes, for up to `count` entries."""
        numbers = [] if self._database.has_one_writer else [Statement(_NUMBERS, (count,))]
        return [Statement(_LAST), *numbers]

    def tail_from(self, found: Sequence[list[Fetched]]) -> LogTail:
        """Return the tail that `tail_queries` found; raises BadInput for a damaged last entry."""
        last, drawn = found[0][0] if found[0] else None, found[1:]
        number, writer, row_count, mac = (
            (last[0], last[1], last[4], last[-1]) if last else (0, 0, 0, b"")
        )
        if not (isinstance(number, int) and isinstance(row_count, int) and isinstance(mac, bytes)):
            raise BadInput("the last entry of the audit log was altered or damaged")
        numbers = [each for (each,) in drawn[0]] if drawn else _numbers_after(number)
        return LogTail(Head(number, mac), writer, row_count, numbers)

    def own_tail(self, row_count: int) -> LogTail | None:
        """Return the tail after an entry of this writer; None where others may write meanwhile."""
        if not self._database.has_one_writer:
            return None
        return LogTail(self._end, self._writer, row_count, _numbers_after(self._end.number))

    def tail(self, count: int) -> LogTail:
        """Return where the log ends, for up to `count` entries."""
        return self.tail_from(self._database.fetch_all(self.tail_queries(count)))

    def chained(
        self, entries: Sequence[tuple[AuditEntry, RowChange]], rows_added: int, tail: LogTail
    ) -> tuple[str, list[Fetched]]:
        """Return SQL that appends `entries` to the log, and the values of each.

        `rows_added` is by how many rows the store has grown with all of them together.
        """
        count = tail.row_count + rows_added if self._database.has_one_writer else 0
        seen = tail.last if tail.last.number and tail.writer != self._writer else Head(0, b"")
        rows = []
        for number, (entry, change) in zip(tail.numbers, entries, strict=False):
            self._writer = self._writer or number
            row = (
                number,
                self._writer,
                self._end.number,
                seen.number,
                count,
                *entry,
                *change,
            )
            mac = self.keys.log_mac(self._message(row, self._end.mac, seen.mac))
            rows.append((*row, mac))
            self._end, seen = Head(number, mac), Head(0, b"")
        return _APPEND, rows

    def append(self, entries: Sequence[tuple[AuditEntry, RowChange]], rows_added: int = 0) -> None:
        """Append `entries`, inside the caller's write transaction; see `chained`."""
        self._database.run_many(*self.chained(entries, rows_added, self.tail(len(entries))))

    def has_end(self) -> bool:
        """Whether the newest entry of this writer's chain is in the log."""
        return self.mac_of(self._end.number) == self._end.mac

    def head(self) -> Head:
        """Return where the log ends; number 0 when it is empty."""
        found = self._database.fetch(_LAST)
        return Head(found[0][0], mac_alone(found[0][-1]) or b"") if found else _EMPTY

    def revision_in(self, found: Fetched, table: str, key: str) -> int | None:
        """Return the revision in what `of_row` or `joined` found for a row; None for nulls.

        Raises:
            ValueError: that entry was altered, or is another row's.
        """
        *row, before, other = found
        if row[0] is None:
            return None
        if not self.is_whole(row, before, other) or row[-4:-2] != [table, key]:
            raise ValueError(f"entry {row[0]} of the audit log was altered")
        revision: int = row[-2]
        return revision

    def live_keys(self, table: str, start: str, stop: str) -> set[str]:
        """Return the keys from `start` up to `stop` of rows that the log says are there."""
        found = self._database.fetch(
            "SELECT row_key, revision FROM audit WHERE row_table = ?"
            " AND row_key >= ? AND row_key < ? ORDER BY number",
            (table, start, stop),
        )
        return live_in(found)

    def end_faults(self, kept: Head | None) -> list[str]:
        """Return what is wrong with the log as far as can be seen quickly, for each open.

        The number of entries, the newest one, and the entry of a `kept` head.
        """
        found = self._database.fetch(_LAST)
        last = found[0][0] if found else None
        if self._database.has_one_writer:
            ((count,),) = self._database.fetch("SELECT count(*) FROM audit")
            if count != (last or 0):
                return [f"the audit log has {count} entries and its last is number {last}"]
        if not found:
            return [f"the log is empty, but head {kept.number} was kept"] if kept else []
        *row, mac = found[0]
        before, other = (self.mac_of(number) for number in row[2:4])
        if not self.is_whole([*row, mac], before, other):
            return [f"entry {last} of the audit log was altered"]
        if kept is not None and kept.number:
            anchored = self.mac_of(kept.number)
            if anchored is None:
                return [f"the log ends at entry {last}, but a head of entry {kept.number} was kept"]
            if mac_alone(anchored) != kept.mac:
                return [f"entry {kept.number} is not the one whose head was kept: another log"]
        return []

    def row_count(self) -> int:
        """Return how many rows the newest entry says that the store has."""
        found = self._database.fetch(_LAST)
        return int(found[0][4]) if found else 0

    def entries(self, after: int = 0, limit: int | None = None) -> Iterator[tuple[int, AuditEntry]]:
        """Yield number and entry of each event after entry number `after`, in order."""
        sql = _ENTRIES if limit is None else f"{_ENTRIES} LIMIT {int(limit)}"
        for number, *columns in self._database.fetch(sql, (after,)):
            yield number, AuditEntry(*columns)

    def all_rows(self) -> Iterator[Fetched]:
        """Yield all entries in order, as the database gives them."""
        return self._database.stream(_ALL)

    @property
    def has_gaps(self) -> bool:
        """Whether numbers may be missing: drawn by somebody who then wrote nothing."""
        return not self._database.has_one_writer

    def is_whole(self, row: Sequence[Any], before: object, other: object) -> bool:
        """Whether an entry has its MAC; `before` and `other` are those of what it is chained to."""
        *covered, mac = row
        if covered[1] == VERSION_1:
            return self._is_whole_version_1(covered, mac, before)
        if (covered[2] and before is None) or (covered[3] and other is None):
            return False
        before, other = before or GENESIS, other or b""
        if not (isinstance(before, bytes) and isinstance(other, bytes)):
            return False
        return self.keys.is_log_mac(mac, self._message(covered, before, other))

    def _is_whole_version_1(self, covered: Sequence[Any], mac: object, before: object) -> bool:
        """Check an entry of version 1: it chains to the entry before it, by the key of then."""
        if not isinstance(mac, bytes) or any(isinstance(cell, bytes) for cell in covered):
            return False
        if [*covered[2:5], *covered[12:]] != [covered[0] - 1, 0, 0, "", "", 0]:
            return False  # what its MAC does not cover
        key = self.keys.audit_key(mac[0]) if mac else None
        previous = mac_alone(before) if covered[2] else GENESIS
        if key is None or previous is None:
            return False
        row = [covered[0], *covered[5:12], mac[0]]
        return version_1_mac(key, previous, row) == mac[1:]

    def _message(self, row: Sequence[Any], before: bytes, other: bytes) -> bytes:
        return encode((self._bound, *row, before, other))

    def mac_of(self, number: object) -> object:
        """Return the MAC of an entry as it is kept, None where there is no such entry."""
        found = self._database.fetch(_MAC_OF, (number,))
        return found[0][0] if found else None


def _numbers_after(number: int) -> range:
    """Return the numbers that the only writer may use."""
    return range(number + 1, number + 1 + _ENTRIES_MAX)


def live_in(found: Sequence[Fetched]) -> set[str]:
    """Return the keys whose newest entry of `found` (keys and revisions in order) has a row."""
    newest: dict[str, int] = dict(found)
    return {key for key, revision in newest.items() if revision > 0}


def version_1_mac(key: bytes, previous: bytes, row: Sequence[object]) -> bytes:
    """Return the MAC that version 1 gave to an entry: number, columns and key version."""
    return hmac.digest(key, previous + json.dumps(row).encode(), "sha256")


def mac_alone(mac: object) -> bytes | None:
    """Return a MAC without the version of its key; None where it is none."""
    return mac[1:] if isinstance(mac, bytes) else None
