"""A ledger of the first version opens: it has all its jobs, and what came later."""

import sqlite3
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.migrations import key_print
from host_tools.provisioning.station.states import FailureCause
from tests.host_tools.provisioning.station.rig import RING, records

VERSION_1 = """
CREATE TABLE job (
    serial_number TEXT PRIMARY KEY COLLATE NOCASE,
    credential_id TEXT NOT NULL COLLATE NOCASE UNIQUE,
    seed_print BLOB NOT NULL UNIQUE, expiry_date TEXT NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL, chip_id BLOB UNIQUE, place TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '', firmware TEXT NOT NULL DEFAULT '',
    key_set TEXT NOT NULL DEFAULT '', test_keys INTEGER NOT NULL DEFAULT 0, factor INTEGER,
    cause TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE turned_away (
    subject TEXT PRIMARY KEY COLLATE NOCASE, cause TEXT NOT NULL, words TEXT NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE key (print BLOB NOT NULL);
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


def make_version_1(path: Path) -> None:
    """Write what the first version wrote: two seeds, one of them in a fob that does not answer."""
    with Ledger(path.with_name("of now"), RING, "tester") as now:
        now.plan(records(2), "seeds", 7)
        prints = now._database.fetch("SELECT seed_print FROM job")
    key = key_print(path, RING, b"print of the key")
    database = sqlite3.connect(path)
    database.executescript(f"PRAGMA application_id = {schema.APPLICATION};" + VERSION_1)
    database.executescript("PRAGMA user_version = 1;")
    for record, (made,), (chip, cause, words) in zip(
        records(2),
        prints,
        ((bytes(10), "no answer", "nothing came"), (None, "", "")),
        strict=True,
    ):
        row: list[object] = [record.serial_number, record.credential_id, made, "", "seeds"]
        row += ("loaded" if chip else "planned", chip, "line", "", "", "", 0, None, cause, words, 7)
        database.execute(f"INSERT INTO job VALUES ({', '.join('?' * len(row))})", row)
    database.execute("INSERT INTO turned_away VALUES ('chip 01', 'no answer', 'silent', 7)")
    database.execute("INSERT INTO key VALUES (?)", (key,))
    database.commit()
    database.close()


def test_a_ledger_of_version_1_is_brought_forward_with_all_that_is_in_it(tmp_path: Path) -> None:
    make_version_1(tmp_path / "old.db")
    for _ in range(2):  # brought forward, then opened as it is
        with Ledger(tmp_path / "old.db", RING, "tester") as ledger:
            first, second = ledger.jobs()
            assert (first.state, first.cause, first.message) == (
                "loaded",
                "no answer",
                "nothing came",
            )
            assert (second.state, second.message) == ("planned", "")
            (refused,) = ledger.refusals()
            assert (refused.cause, refused.message) == (FailureCause.NO_ANSWER, "silent")


def test_a_ledger_of_a_later_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Ledger(tmp_path / "new.db", RING, "tester").close()
    with sqlite3.connect(tmp_path / "new.db") as database:
        database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    database.close()
    with pytest.raises(BadInput, match="use the keyfob that wrote it"):
        Ledger(tmp_path / "new.db", RING, "tester")
