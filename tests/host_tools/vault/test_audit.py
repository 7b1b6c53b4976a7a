"""The chained log on its own: whatever somebody does to it behind the store's back is found."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.vault import sqlite
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KEY_BYTES, KeyRing
from host_tools.vault.log import NO_CHANGE, TABLE, AuditLog
from host_tools.vault.log_reader import log_faults
from host_tools.vault.sqlite_database import SqliteDatabase

OLD, NEW = bytes(range(KEY_BYTES)), bytes(reversed(range(KEY_BYTES)))
KEYS = KeyRing({1: OLD, 2: NEW})
ENTRIES = [
    AuditEntry(
        1_800_000_000 + number, "verify", "accepted", "ZZ1", "alice", "user alice", str(number)
    )
    for number in range(1, 7)
]
COLUMNS = ("at", "event", "outcome", "serial_number", "user", "actor", "detail")


def append(log: AuditLog, entries: Sequence[AuditEntry]) -> None:
    log.append([(entry, NO_CHANGE) for entry in entries])


def wrapped(connection: sqlite3.Connection) -> SqliteDatabase:
    return SqliteDatabase(Path("in memory"), connection)


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """A log of six entries: three by a writer with an older key, two and one by later ones."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        sqlite.run_script(connection, TABLE)
        append(AuditLog(wrapped(connection), KeyRing({1: OLD}), "store"), ENTRIES[:3])
        second, third = (AuditLog(wrapped(connection), KEYS, "store") for _ in range(2))
        append(second, ENTRIES[3:4])
        append(third, ENTRIES[4:5])
        append(second, ENTRIES[5:])
        yield connection


def faults(
    database: sqlite3.Connection,
    kept: Head | None = None,
    keys: KeyRing = KEYS,
    bound: str = "store",
) -> list[str]:
    return log_faults(AuditLog(wrapped(database), keys, bound), kept)[0]


def head(database: sqlite3.Connection) -> Head:
    return AuditLog(wrapped(database), KEYS, "store").head()


@pytest.fixture
def tamper(database: sqlite3.Connection) -> Callable[..., list[str]]:
    """What somebody with the file, but without the key, can do; and what is found then."""

    def done(*statements: str, kept: Head | None = None) -> list[str]:
        for trigger in ("audit_no_update", "audit_no_delete"):
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)
        return faults(database, kept)

    return done


Tamper = Callable[..., list[str]]


def test_an_untouched_log_is_whole_and_reads_back_as_written(database: sqlite3.Connection) -> None:
    end = head(database)
    assert end.number == 6
    assert faults(database, end) == []
    assert (
        list(AuditLog(wrapped(database), KEYS, "store").entries(2))
        == list(enumerate(ENTRIES, 1))[2:]
    )
    chains = database.execute("SELECT writer, previous, seen FROM audit").fetchall()
    assert chains == [(1, 0, 0), (1, 1, 0), (1, 2, 0), (4, 0, 3), (5, 0, 4), (4, 4, 5)]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ["'7'", "''", "x'37'"])
def test_any_column_altered_is_named_by_its_row(tamper: Tamper, column: str, value: str) -> None:
    (fault,) = tamper(f"UPDATE audit SET {column} = {value} WHERE number = 4")
    assert fault.startswith("row 4 was altered")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET mac = zeroblob(33) WHERE number = 6", "row 6 was made with key version"),
        ("UPDATE audit SET mac = x'02' || zeroblob(32) WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET mac = 'text' WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET mac = 5 WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET mac = x'09' WHERE number = 5", "row 5 was made with key version 9"),
        ("UPDATE audit SET writer = 1 WHERE number = 5", "row 5 was altered"),
        ("UPDATE audit SET writer = 0 WHERE number = 5", "row 5 was altered"),
        ("UPDATE audit SET previous = 3 WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET seen = 4 WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET seen = 0 WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET row_count = 9 WHERE number = 6", "row 6 was altered"),
        ("UPDATE audit SET user = CAST(x'ff' AS TEXT) WHERE number = 2", "row 2 cannot be read"),
        ("DELETE FROM audit WHERE number = 3", "row 3 is missing: row 4 follows row 2"),
        ("DELETE FROM audit WHERE number = 1", "row 1 is missing: row 2 follows row 0"),
        ("UPDATE audit SET number = -1 WHERE number = 6", "row 1 is missing: row -1 follows row 0"),
        ("DROP TABLE audit", "row 1 cannot be read: a table or a column is missing"),
        (
            "INSERT INTO audit SELECT 7, writer, 6, seen, row_count, at, event, outcome,"
            " serial_number, user, actor, detail, row_table, row_key, revision, mac"
            " FROM audit WHERE number = 6",
            "row 7 was altered",
        ),
    ],
)
def test_what_is_altered_taken_out_hidden_or_put_in_is_named(
    tamper: Tamper, statement: str, fault: str
) -> None:
    found = tamper(statement)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_two_rows_cannot_change_places(tamper: Tamper) -> None:
    assert tamper(
        "UPDATE audit SET number = 99 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    ) == ["row 4 was altered, or the one before it"]


def test_only_a_kept_head_shows_that_the_end_was_cut_off(
    database: sqlite3.Connection, tamper: Tamper
) -> None:
    cut = tamper("DELETE FROM audit WHERE number = 6", kept=head(database))
    assert cut == ["the log ends at row 5, but a head of row 6 was kept"]
    assert faults(database) == []


def test_a_head_of_another_log_is_noticed(database: sqlite3.Connection) -> None:
    assert faults(database, Head(4, bytes(32))) == [
        "row 4 is not the one whose head was kept: another log"
    ]


def test_a_log_without_its_older_key_is_not_called_whole(database: sqlite3.Connection) -> None:
    assert faults(database, keys=KeyRing({2: NEW})) == [
        "row 1 was made with key version 1, which is not at hand"
    ]


def test_a_log_made_anew_with_another_key_is_found(database: sqlite3.Connection) -> None:
    swapped = KeyRing({1: NEW, 2: OLD})
    assert faults(database, keys=swapped) == ["row 1 was altered, or the one before it"]


def test_a_log_of_another_store_is_found(database: sqlite3.Connection) -> None:
    assert faults(database, bound="other") == ["row 1 was altered, or the one before it"]


def test_the_table_itself_lets_nobody_change_a_row(database: sqlite3.Connection) -> None:
    for statement in ("UPDATE audit SET outcome = 'x'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(statement)


def test_a_head_is_printed_and_read_back() -> None:
    end = Head(7, bytes(range(32)))
    assert Head.parse(str(end)) == end
    for text in ("7", "x:00", "7:00", "-1:" + "00" * 32):
        with pytest.raises(BadInput):
            Head.parse(text)
