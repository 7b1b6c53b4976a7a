"""The audit chain: whatever is done to the log behind the host's back is found."""

import sqlite3
from pathlib import Path

import pytest

from host_tools.errors import BadInput
from host_tools.vault.audit import Head
from host_tools.verification.host import Host
from tests.host_tools.verification.hosts import (
    KEYS,
    NOON,
    PRESSED,
    SPARE,
    code,
    new_host,
    record,
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "host.db"
    with new_host(path) as host:
        host.enroll(PRESSED, "alice", [code(0)], NOON)
        for factor in (1, 1, 2):
            host.verify([code(factor)], NOON + factor, token=PRESSED)
    return path


def tampered(path: Path, *statements: str) -> None:
    """What somebody with the file, but without the key, can do."""
    connection = sqlite3.connect(path)
    for trigger in ("audit_no_update", "audit_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def faults(path: Path, kept: Head | None = None) -> list[str]:
    with Host.open(path, KEYS) as host:
        return host.audit_faults(kept)


def test_an_untouched_log_is_whole_and_its_head_counts_its_rows(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        head = host.audit_head()
        assert head.number == len(host.audit_rows()) == 6
        assert host.audit_faults(head) == []
        assert [entry.outcome for _, entry in host.audit_rows(3)] == [
            "accepted",
            "replayed",
            "accepted",
        ]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET outcome = 'accepted' WHERE number = 5", "row 5 was altered"),
        ("UPDATE audit SET at = at + 1 WHERE number = 2", "row 2 was altered"),
        ("UPDATE audit SET mac = zeroblob(32) WHERE number = 6", "row 6 was altered"),
        ("DELETE FROM audit WHERE number = 3", "row 3 is missing: row 4 follows row 2"),
        ("DELETE FROM audit WHERE number = 1", "row 1 is missing: row 2 follows row 0"),
        ("UPDATE audit SET key_version = 9 WHERE number = 4", "row 4 was made with key version 9"),
    ],
)
def test_what_is_altered_or_taken_out_is_named(store: Path, statement: str, fault: str) -> None:
    tampered(store, statement)
    found = faults(store)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_two_rows_cannot_change_places(store: Path) -> None:
    tampered(
        store,
        "UPDATE audit SET number = 99 WHERE number = 4",
        "UPDATE audit SET number = 4 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    assert faults(store) == ["row 4 was altered, or the one before it"]


def test_only_a_kept_head_shows_that_the_end_was_cut_off(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        head = host.audit_head()
    tampered(store, "DELETE FROM audit WHERE number = 6")
    assert faults(store) == []
    assert faults(store, head) == ["the log ends at row 5, but a head of row 6 was kept"]


def test_a_head_of_another_log_is_noticed(store: Path) -> None:
    assert faults(store, Head(4, bytes(32))) == [
        "row 4 is not the one whose head was kept: another log"
    ]


def test_the_store_itself_lets_nobody_change_a_row(store: Path) -> None:
    connection = sqlite3.connect(store)
    for statement in ("UPDATE audit SET outcome = 'x'", "DELETE FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_a_head_is_printed_and_read_back() -> None:
    head = Head(7, bytes(range(32)))
    assert Head.parse(str(head)) == head
    for text in ("7", "x:00", "7:00", "-1:" + "00" * 32):
        with pytest.raises(BadInput):
            Head.parse(text)


def test_neither_codes_nor_seeds_are_in_the_log(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        text = repr(host.audit_rows())
    assert all(code(factor) not in text for factor in range(4))
    assert "1234567890" not in text


def test_hosts_that_take_turns_chain_to_each_others_rows(store: Path) -> None:
    with Host.open(store, KEYS) as one, Host.open(store, KEYS) as other:
        for factor in range(3, 9):
            (one, other)[factor % 2].verify([code(factor)], NOON, token=PRESSED)
        one.verify([code(9)], NOON, token=PRESSED)
        one.verify([code(10)], NOON, token=PRESSED)
        assert one.audit_head().number == 6 + 8
    assert faults(store) == []


def test_what_is_cut_off_under_an_open_host_shows_with_its_next_row(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        host.verify([code(3)], NOON, token=PRESSED)
        tampered(store, "DELETE FROM audit WHERE number > 5")
        host.verify([code(4)], NOON, token=PRESSED)
        assert host.audit_faults() == ["row 6 is missing: row 8 follows row 5"]


def test_a_change_that_is_rolled_back_leaves_the_chain_where_it_was(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        host.verify([code(3)], NOON, token=PRESSED)
        with pytest.raises(BadInput):
            host.import_tokens([record(SPARE)], NOON)
        host.verify([code(4)], NOON, token=PRESSED)
        assert host.audit_faults() == []
