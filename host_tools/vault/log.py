"""The audit log: append-only, a chain of MACs for each writer, the chains anchored in each other.

Each entry's MAC covers the entry, the one before it in its writer's chain, and the newest entry
of another writer as seen when it was written (HOST §6). An entry may speak of one row of the
store: which, and the revision that the row has from then on (`guarded`).
"""

import hmac
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firmware_model.errors import BadInput
from host_tools.vault.audit import GENESIS, AuditEntry, Head
from host_tools.vault.encoding import encode
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.sqlite import is_busy, is_undecodable

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

_COLUMNS = (
    "number, writer, previous, seen, row_count, at, event, outcome, serial_number, user, actor,"
    " detail, row_table, row_key, revision, mac"
)
_WIDTH = _COLUMNS.count(",") + 1
_LAST = f"SELECT {_COLUMNS} FROM audit ORDER BY number DESC LIMIT 1"  # noqa: S608
_APPEND = f"INSERT INTO audit VALUES ({', '.join('?' * _WIDTH)})"  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM audit ORDER BY number"  # noqa: S608
_ENTRIES = (
    "SELECT number, at, event, outcome, serial_number, user, actor, detail FROM audit"
    " WHERE number > ? AND event <> '' ORDER BY number"
)
_OF_ROW = f"""
SELECT {", ".join(f"entry.{name}" for name in _COLUMNS.split(", "))}, before.mac, other.mac
FROM audit AS entry LEFT JOIN audit AS before ON before.number = entry.previous
    LEFT JOIN audit AS other ON other.number = entry.seen
WHERE entry.row_table = ? AND entry.row_key = ? ORDER BY entry.number DESC LIMIT 1
"""  # noqa: S608
_MAC_OF = "SELECT mac FROM audit WHERE number = ?"


@dataclass(frozen=True, slots=True)
class RowChange:
    """Which row an entry speaks of, and its revision from then on; negative = deleted."""

    table: str
    key: str
    revision: int


NO_CHANGE = RowChange("", "", 0)
_EMPTY = Head(0, GENESIS)


class AuditLog:
    """The log of one open store, which is one writer; each open store writes a chain of its own.

    `bound` names the store: every MAC covers it, so that no entry fits into another store's log.
    """

    def __init__(self, connection: sqlite3.Connection, keys: KeyRing, bound: str) -> None:
        self._connection = connection
        self._keys = keys
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

    def append(self, entries: Sequence[tuple[AuditEntry, RowChange]], rows_added: int = 0) -> None:
        """Chain `entries` to the log, inside the caller's write transaction.

        `rows_added` is by how many rows the store has grown with all of them together.
        """
        last = self._connection.execute(_LAST).fetchone()
        number, writer, count, mac = (
            (last[0], last[1], last[4], last[-1]) if last else (0, 0, 0, b"")
        )
        if not isinstance(number, int) or not isinstance(count, int) or not isinstance(mac, bytes):
            raise BadInput("the last entry of the audit log was altered or damaged")
        seen = Head(number, mac) if last and writer != self._writer else Head(0, b"")
        rows = []
        for entry, change in entries:
            number += 1
            self._writer = self._writer or number
            row = (
                number,
                self._writer,
                self._end.number,
                seen.number,
                count + rows_added,
                *_values(entry),
                change.table,
                change.key,
                change.revision,
            )
            mac = self._keys.log_mac(self._message(row, self._end.mac, seen.mac))
            rows.append((*row, mac))
            self._end, seen = Head(number, mac), Head(0, b"")
        self._connection.executemany(_APPEND, rows)

    def head(self) -> Head:
        """Return where the log ends; number 0 when it is empty."""
        last = self._connection.execute(_LAST).fetchone()
        return Head(last[0], _mac_alone(last[-1]) or b"") if last else _EMPTY

    def revision_of(self, table: str, key: str) -> int | None:
        """Return the revision that the log's newest entry gives to a row; None without an entry.

        Negative where that entry deleted it.

        Raises:
            ValueError: that entry was altered.
        """
        found = self._connection.execute(_OF_ROW, (table, key)).fetchone()
        if found is None:
            return None
        *row, before, other = found
        if not self._is_whole(row, before, other):
            raise ValueError(f"entry {row[0]} of the audit log was altered")
        revision: int = row[-2]
        return revision

    def live_keys(self, table: str, start: str, stop: str) -> set[str]:
        """Return the keys from `start` up to `stop` of rows that the log says are there."""
        found = self._connection.execute(
            "SELECT row_key, revision, max(number) FROM audit WHERE row_table = ?"
            " AND row_key >= ? AND row_key < ? GROUP BY row_key",
            (table, start, stop),
        )
        return {key for key, revision, _ in found if revision > 0}

    def end_faults(self, kept: Head | None) -> list[str]:
        """Return what is wrong with the log as far as can be seen quickly, for each open.

        The number of entries, the newest one, and the entry of a `kept` head.
        """
        count, last = self._connection.execute("SELECT count(*), max(number) FROM audit").fetchone()
        if count != (last or 0):
            return [f"the audit log has {count} entries and its last is number {last}"]
        if last is None:
            return [f"the log is empty, but head {kept.number} was kept"] if kept else []
        *row, mac = self._connection.execute(_LAST).fetchone()
        before, other = (self._mac_of(number) for number in row[2:4])
        if not self._is_whole([*row, mac], before, other):
            return [f"entry {last} of the audit log was altered"]
        if kept is not None and kept.number:
            found = self._mac_of(kept.number)
            if found is None:
                return [f"the log ends at entry {last}, but a head of entry {kept.number} was kept"]
            if _mac_alone(found) != kept.mac:
                return [f"entry {kept.number} is not the one whose head was kept: another log"]
        return []

    def row_count(self) -> int:
        """Return how many rows the newest entry says that the store has."""
        last = self._connection.execute(_LAST).fetchone()
        return int(last[4]) if last else 0

    def entries(self, after: int = 0) -> Iterator[tuple[int, AuditEntry]]:
        """Yield number and entry of each event after entry number `after`, in order."""
        for number, *columns in self._connection.execute(_ENTRIES, (after,)):
            yield number, AuditEntry(*columns)

    def faults(self, kept: Head | None = None) -> tuple[list[str], dict[tuple[str, str], int]]:
        """Return what is wrong with the log, and the newest revision of each row by table and key.

        An entry altered, inserted, moved or taken out breaks its chain, or a chain anchored in it.
        Only a `kept` head can show that the end was cut off or an older log put in its place.
        """
        reader = _Reader(self, kept)
        try:
            for row in self._connection.execute(_ALL):
                if fault := reader.fault(row):
                    return [fault], reader.revisions
        except sqlite3.DatabaseError as error:
            if is_busy(error):
                raise
            reason = "undecodable text" if is_undecodable(error) else error
            return [f"row {reader.last + 1} cannot be read: {reason}"], reader.revisions
        return reader.end_faults(), reader.revisions

    def _is_whole(self, row: Sequence[Any], before: object, other: object) -> bool:
        *covered, mac = row
        if covered[1] == VERSION_1:
            return self._is_whole_version_1(covered, mac, before)
        if (covered[2] and before is None) or (covered[3] and other is None):
            return False
        before, other = before or GENESIS, other or b""
        if not (isinstance(before, bytes) and isinstance(other, bytes)):
            return False
        return self._keys.is_log_mac(mac, self._message(covered, before, other))

    def _is_whole_version_1(self, covered: Sequence[Any], mac: object, before: object) -> bool:
        """Check an entry of version 1: it chains to the entry before it, by the key of then."""
        if not isinstance(mac, bytes) or any(isinstance(cell, bytes) for cell in covered):
            return False
        if [*covered[2:5], *covered[12:]] != [covered[0] - 1, 0, 0, "", "", 0]:
            return False  # what its MAC does not cover
        key = self._keys.audit_key(mac[0]) if mac else None
        previous = _mac_alone(before) if covered[2] else GENESIS
        if key is None or previous is None:
            return False
        row = [covered[0], *covered[5:12], mac[0]]
        return version_1_mac(key, previous, row) == mac[1:]

    def _message(self, row: Sequence[Any], before: bytes, other: bytes) -> bytes:
        return encode((self._bound, *row, before, other))

    def _mac_of(self, number: object) -> object:
        found = self._connection.execute(_MAC_OF, (number,)).fetchone()
        return found[0] if found else None


class _Reader:
    """Reads a whole log in order, and says what is the matter with each entry."""

    def __init__(self, log: AuditLog, kept: Head | None) -> None:
        self._log = log
        self._kept = kept
        self._kept_seen = kept is None or kept.number == 0
        self._chains: dict[int, Head] = {}
        self._last_mac: object = b""
        self.last = 0
        self.revisions: dict[tuple[str, str], int] = {}

    def fault(self, row: Sequence[Any]) -> str | None:
        number, writer, previous, seen = row[:4]
        if number != self.last + 1:
            return f"row {self.last + 1} is missing: row {number} follows row {self.last}"
        mac = row[-1]
        if not isinstance(mac, bytes) or any(isinstance(cell, bytes) for cell in row[:-1]):
            return f"row {number} was altered: it has values that no store writes"
        if not self._log._keys.has_version_of(mac):  # noqa: SLF001 - the log's own other half
            version = mac[0] if mac else "none"
            return f"row {number} was made with key version {version}, which is not at hand"
        chain = self._chains.get(writer, Head(0, GENESIS))
        other = None
        if seen:
            other = self._last_mac if seen == self.last else self._log._mac_of(seen)  # noqa: SLF001
        whole = self._log._is_whole(row, chain.mac if previous else None, other)  # noqa: SLF001
        if previous != chain.number or not whole:
            return f"row {number} was altered, or the one before it"
        if self._kept is not None and number == self._kept.number:
            if _mac_alone(mac) != self._kept.mac:
                return f"row {number} is not the one whose head was kept: another log"
            self._kept_seen = True
        self._chains[writer] = Head(number, mac)
        self._last_mac, self.last = mac, number
        table, key, revision = row[-4:-1]
        if revision:
            self.revisions[table, key] = revision
        return None

    def end_faults(self) -> list[str]:
        if not self._kept_seen and self._kept is not None:
            kept = self._kept.number
            return [f"the log ends at row {self.last}, but a head of row {kept} was kept"]
        return []


def version_1_mac(key: bytes, previous: bytes, row: Sequence[object]) -> bytes:
    """Return the MAC that version 1 gave to an entry: number, columns and key version."""
    return hmac.digest(key, previous + json.dumps(row).encode(), "sha256")


def _mac_alone(mac: object) -> bytes | None:
    """Return a MAC without the version of its key; None where it is none."""
    return mac[1:] if isinstance(mac, bytes) else None


def _values(entry: AuditEntry) -> tuple[int, str, str, str, str, str, str]:
    return (
        entry.at,
        entry.event,
        entry.outcome,
        entry.serial_number,
        entry.user,
        entry.actor,
        entry.detail,
    )
