"""The audit log: append-only, each row chained to the one before by a keyed MAC (HOST §6)."""

import hmac
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firmware_model.errors import BadInput
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.sqlite import is_busy

TABLE = """
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    outcome TEXT NOT NULL,
    serial_number TEXT NOT NULL,
    user TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    mac BLOB NOT NULL
);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
"""
"""The log's table in whatever database keeps one; see `sqlite.run_script`."""

GENESIS = bytes(32)
"""What the first row is chained to."""

_LAST = "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1"
_APPEND = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ALL = (
    "SELECT number, at, event, outcome, serial_number, user, actor, detail, key_version, mac"
    " FROM audit WHERE number > ? ORDER BY number"
)
_BEFORE_ALL = -(1 << 63)
"""Below every number SQLite can store: what was hidden below row 1 is looked at too."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What happened: when (Unix time), what, with which outcome, to which token, by whom.

    `detail` is a few words or numbers; a code or a seed never stands in any of these.
    """

    at: int
    event: str
    outcome: str
    serial_number: str = ""
    user: str = ""
    actor: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log, to be printed and kept where the host cannot reach it."""

    number: int
    mac: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.mac.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read `NUMBER:MAC`; raises BadInput where it is none."""
        number, _, mac = text.strip().partition(":")
        try:
            head = cls(int(number), bytes.fromhex(mac))
        except ValueError:
            head = cls(-1, b"")
        if head.number < 0 or len(head.mac) != len(GENESIS):
            raise BadInput("invalid audit head: expected NUMBER:MAC, with 64 hex digits of MAC")
        return head


def append(
    connection: sqlite3.Connection,
    keys: KeyRing,
    entries: Sequence[AuditEntry],
    last: Head | None = None,
) -> Head:
    """Chain `entries` to the log, inside the caller's write transaction; return its new end.

    `last` is the end as the caller saw it last. Where somebody else appended since, the next
    number is taken, and the true end is read; so a single writer never has to read it.
    """
    key = keys.audit_key(keys.newest)
    assert key is not None
    end = last or head(connection)
    for entry in entries:
        try:
            end = _appended(connection, key, keys.newest, entry, end)
        except sqlite3.IntegrityError:
            end = _appended(connection, key, keys.newest, entry, head(connection))
    return end


def _appended(
    connection: sqlite3.Connection, key: bytes, version: int, entry: AuditEntry, end: Head
) -> Head:
    row = (end.number + 1, *_columns(entry), version)
    mac = _chained(key, end.mac, row)
    connection.execute(_APPEND, (*row, mac))
    return Head(end.number + 1, mac)


def head(connection: sqlite3.Connection) -> Head:
    """Return where the log ends; number 0 when it is empty."""
    last = connection.execute(_LAST).fetchone()
    return Head(*last) if last else Head(0, GENESIS)


def rows(connection: sqlite3.Connection, after: int = 0) -> Iterator[tuple[int, AuditEntry]]:
    """Yield number and entry of each row after number `after`, in order."""
    for number, *columns, _, _ in connection.execute(_ALL, (after,)):
        yield number, AuditEntry(*columns)


def faults(connection: sqlite3.Connection, keys: KeyRing, kept: Head | None = None) -> list[str]:
    """Return what is wrong with the log, in words; an empty list when it is whole.

    A row altered, inserted, moved or taken out breaks the chain at its place. Only a `kept` head
    can show that the end was cut off or an older log put in its place.
    """
    last, mac, seen = 0, GENESIS, kept is None or kept.number == 0
    try:
        for number, *columns, version, stored in connection.execute(_ALL, (_BEFORE_ALL,)):
            if number != last + 1:
                return [f"row {last + 1} is missing: row {number} follows row {last}"]
            key = keys.audit_key(version)
            if key is None:
                return [f"row {number} was made with key version {version}, which is not at hand"]
            if not isinstance(stored, bytes) or any(isinstance(cell, bytes) for cell in columns):
                return [f"row {number} was altered: it holds what no store writes"]
            mac = _chained(key, mac, (number, *columns, version))
            if not hmac.compare_digest(mac, stored):
                return [f"row {number} was altered, or the one before it"]
            if kept is not None and number == kept.number:
                if not hmac.compare_digest(mac, kept.mac):
                    return [f"row {number} is not the one whose head was kept: another log"]
                seen = True
            last = number
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise
        return [f"row {last + 1} cannot be read: {error}"]
    if kept is not None and not seen:
        return [f"the log ends at row {last}, but a head of row {kept.number} was kept"]
    return []


def _columns(entry: AuditEntry) -> tuple[int, str, str, str, str, str, str]:
    return (
        entry.at,
        entry.event,
        entry.outcome,
        entry.serial_number,
        entry.user,
        entry.actor,
        entry.detail,
    )


def _chained(key: bytes, previous: bytes, row: tuple[object, ...]) -> bytes:
    # JSON of a list is unambiguous where joined text would not be.
    return hmac.digest(key, previous + json.dumps(row).encode(), "sha256")
