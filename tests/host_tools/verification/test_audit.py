"""The host's audit log: what it says, and that hosts that work side by side keep it whole."""

import sqlite3
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, Denied
from host_tools.vault.sqlite import StoreAltered
from host_tools.verification.host import Host
from host_tools.verification.states import TokenEvent
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
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    kept = triggers.fetchall()
    for name, _ in kept:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, sql in kept:
        connection.execute(sql)
    connection.commit()
    connection.close()


def faults(path: Path) -> list[str]:
    with Host.open(path, KEYS) as host:
        return host.audit_faults()


def test_an_untouched_log_is_whole_and_its_head_counts_its_rows(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        head = host.audit_head()
        numbers = [number for number, _ in host.audit_rows()]
        assert len(numbers) == 6
        assert head.number >= numbers[-1]
        assert host.audit_faults(head) == []
        assert [entry.outcome for _, entry in host.audit_rows(numbers[2])] == [
            "accepted",
            "replayed",
            "accepted",
        ]


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
        assert len(one.audit_rows()) == 6 + 8
    assert faults(store) == []


def test_what_is_cut_off_under_an_open_host_shows_with_its_next_row(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        host.verify([code(3)], NOON, token=PRESSED)
        last = host.audit_head().number
        tampered(store, f"DELETE FROM audit WHERE number = {last}")
        with pytest.raises(StoreAltered, match="put back"):
            host.verify([code(4)], NOON, token=PRESSED)
        host.import_tokens([record("ZZH600000009")], NOON)
        assert host.audit_faults()[0] == f"row {last} was altered, or the one before it"


def test_a_change_that_is_rolled_back_leaves_the_chain_where_it_was(store: Path) -> None:
    with Host.open(store, KEYS) as host:
        host.verify([code(3)], NOON, token=PRESSED)
        with pytest.raises(BadInput):
            host.import_tokens([record(SPARE)], NOON)
        host.verify([code(4)], NOON, token=PRESSED)
        assert host.audit_faults() == []


def test_a_log_that_was_emptied_is_found_when_the_store_is_opened(store: Path) -> None:
    tampered(store, "DELETE FROM audit")
    with pytest.raises(StoreAltered):
        Host.open(store, KEYS)


def test_what_is_denied_is_logged_under_the_serial_number_whatever_name_was_used(
    store: Path,
) -> None:
    with Host.open(store, KEYS) as host:
        before = host.audit_head().number
        for name in (PRESSED.lower(), " ZZID00000077 "):
            with pytest.raises(Denied):
                host.move(TokenEvent.RESUME, name, NOON)
        with pytest.raises(Denied):
            host.move(TokenEvent.RESUME, "", NOON, user="alice")
        denied = [entry for _, entry in host.audit_rows(before)]
    assert [(entry.outcome, entry.serial_number) for entry in denied] == [("denied", PRESSED)] * 3
