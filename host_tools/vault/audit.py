"""The audit log: append-only, each row chained to the one before by a keyed MAC (HOST §6)."""

import hmac
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from host_tools.errors import BadInput
from host_tools.vault.key_ring import KeyRing

GENESIS = bytes(32)
"""What the first row is chained to."""

_LAST = "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1"
_APPEND = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ALL = (
    "SELECT number, at, event, outcome, serial_number, user, actor, detail, key_version, mac"
    " FROM audit WHERE number > ? ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class Entry:
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
            raise BadInput("an audit head is NUMBER:MAC, with 64 hex digits of MAC")
        return head


def append(
    connection: sqlite3.Connection,
    keys: KeyRing,
    entries: Sequence[Entry],
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
    connection: sqlite3.Connection, key: bytes, version: int, entry: Entry, end: Head
) -> Head:
    row = (end.number + 1, *_columns(entry), version)
    mac = _chained(key, end.mac, row)
    connection.execute(_APPEND, (*row, mac))
    return Head(end.number + 1, mac)


def head(connection: sqlite3.Connection) -> Head:
    """Return where the log ends; number 0 when it is empty."""
    last = connection.execute(_LAST).fetchone()
    return Head(*last) if last else Head(0, GENESIS)


def rows(connection: sqlite3.Connection, after: int = 0) -> Iterator[tuple[int, Entry]]:
    """Yield number and entry of each row after number `after`, in order."""
    for number, *columns, _, _ in connection.execute(_ALL, (after,)):
        yield number, Entry(*columns)


def faults(connection: sqlite3.Connection, keys: KeyRing, kept: Head | None = None) -> list[str]:
    """Return what is wrong with the log, in words; an empty list when it is whole.

    A row altered, inserted, moved or taken out breaks the chain at its place. Only a `kept` head
    can show that the end was cut off or an older log put in its place.
    """
    expected, mac, seen = 1, GENESIS, kept is None or kept.number == 0
    for number, *columns, version, stored in connection.execute(_ALL, (0,)):
        if number != expected:
            return [f"row {expected} is missing: row {number} follows row {expected - 1}"]
        key = keys.audit_key(version)
        if key is None:
            return [f"row {number} was made with key version {version}, which is not at hand"]
        mac = _chained(key, mac, (number, *columns, version))
        if not hmac.compare_digest(mac, stored):
            return [f"row {number} was altered, or the one before it"]
        if kept is not None and number == kept.number:
            if not hmac.compare_digest(mac, kept.mac):
                return [f"row {number} is not the one whose head was kept: another log"]
            seen = True
        expected += 1
    if kept is not None and not seen:
        return [f"the log ends at row {expected - 1}, but a head of row {kept.number} was kept"]
    return []


def _columns(entry: Entry) -> tuple[int, str, str, str, str, str, str]:
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
