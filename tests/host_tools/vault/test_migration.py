"""Stores of earlier versions become today's: nothing is lost, a copy is kept, all or nothing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, InUse
from host_tools.activation.desk import ActivationDesk
from host_tools.activation.issues import IssueState
from host_tools.provisioning.station.ledger import Ledger
from host_tools.services.store import ServiceStore
from host_tools.vault.audit import Head
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import migrate
from host_tools.verification.host import Host
from host_tools.verification.states import TokenState
from tests.host_tools.vault import make_stores
from tests.host_tools.vault.stores import KEYS, KINDS, NOW
from tests.host_tools.verification.hosts import code

STORES = Path("vectors/stores").resolve()
OLD = sorted((path.stem, path.parent.name) for path in STORES.glob("*/*.db") if path.stem in KINDS)


def old_store(folder: Path, kind: str, version: str = "1") -> Path:
    return Path(shutil.copy(STORES / version / f"{kind}.db", folder))


def contents(path: Path) -> list[str]:
    """All that is in a database, as SQL."""
    with closing(sqlite3.connect(path)) as raw:
        return list(raw.iterdump())


@pytest.mark.parametrize(("kind", "version"), OLD)
def test_a_store_of_each_version_becomes_todays_and_is_whole(
    tmp_path: Path, kind: str, version: str
) -> None:
    path = old_store(tmp_path, kind, version)
    before = contents(path)
    KINDS[kind].open(path).close()
    assert KINDS[kind].faults(path) == []
    copy = tmp_path / f"{kind}.db.version-{version}"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert contents(copy) == before
    assert migrate(path, KINDS[kind].schema, KEYS) is None, "once is enough"


@pytest.mark.parametrize(("version", "failures"), [("1", 1), ("2", 0)])
def test_a_migrated_host_goes_on_where_it_was(tmp_path: Path, version: str, failures: int) -> None:
    path = old_store(tmp_path, "host", version)
    with closing(sqlite3.connect(path)) as raw:
        (number, mac) = raw.execute("SELECT number, mac FROM audit ORDER BY number DESC").fetchone()
    with Host.open(path, KEYS) as host:
        status = host.status("ZZHID0000001", NOW)
        assert [holder.user for holder in status.holders] == ["acme/alice", "acme/bob"]
        assert (status.next_factor, status.failures) == (5, failures)
        assert host.status("ZZH600000003", NOW).state is TokenState.LOCKED
        assert not host.verify([code(4)], NOW, token="ZZH600000001").accepted
        assert host.verify([code(5)], NOW, token="ZZH600000001").accepted
        assert host.audit_faults(Head(number, mac[-32:])) == [], "a head from then still counts"


def test_a_migrated_ledger_has_its_jobs_and_their_seeds_are_known_again(tmp_path: Path) -> None:
    with Ledger(old_store(tmp_path, "station"), KEYS, "tester") as ledger:
        assert [job.state for job in ledger.jobs()] == ["receipted", "loaded", "opened", "planned"]
        seeds = [
            make_stores.record(f"ZZH60000000{number}", seed=bytes([number]) * 20)
            for number in range(1, 5)
        ]
        assert ledger.plan(seeds, "again", NOW) == []
        assert len(ledger.desk_id) == 16
        assert [fault.subject for fault in ledger.refusals()] == ["line, address 9"]


def test_migrated_soft_tokens_and_contracts_are_as_they_were(tmp_path: Path) -> None:
    with ActivationDesk(old_store(tmp_path, "soft"), KEYS) as desk:
        states = [issue.state for issue in desk.store.issues()]
        assert states == [
            IssueState.OPEN,
            IssueState.OPEN,
            IssueState.ACTIVATED,
            IssueState.WITHDRAWN,
        ]
        assert len(desk.record("ZZP100000003").seed) == 20
    store = ServiceStore(old_store(tmp_path, "services"), KEYS)
    found = store.contract("1000001")
    assert found is not None
    assert list(found.members) == ["alice"]
    assert store.bank().announcements == [("closed on Monday", {})]
    store.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_open_elsewhere_or_has_another_key_stays_as_it_is(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_store(tmp_path, kind)
    monkeypatch.setattr("host_tools.vault.sqlite.PATIENCE_SECONDS", 0.0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InUse):
            KINDS[kind].open(path)
    before = contents(path)
    with pytest.raises(BadInput):
        migrate(path, KINDS[kind].schema, KeyRing({1: bytes(32)}))
    assert contents(path) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE token SET next_factor = 1 WHERE serial_number = 'ZZH600000001'",
        "DELETE FROM token WHERE serial_number = 'ZZH600000006'",
        "UPDATE token SET next_factor = x'0000000000000000' WHERE id = 1",
        "ALTER TABLE token ADD COLUMN more",
    ],
)
def test_a_guarded_store_that_was_altered_is_not_migrated(tmp_path: Path, statement: str) -> None:
    path = old_store(tmp_path, "host", "2")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(statement)
    before = contents(path)
    with pytest.raises(BadInput, match="was altered or damaged"):
        Host.open(path, KEYS)
    assert contents(path) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET outcome = 'accepted' WHERE number = 9",
        "DELETE FROM audit WHERE number = 3",
        "UPDATE token SET next_factor = 1 WHERE serial_number = 'ZZH600000001'",
        "UPDATE token SET seed = zeroblob(49) WHERE serial_number = 'ZZH600000005'",
    ],
)
def test_a_store_that_is_not_whole_is_not_migrated(tmp_path: Path, statement: str) -> None:
    path = old_store(tmp_path, "host")
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("DROP TRIGGER audit_no_delete")
        raw.execute(statement)
    with pytest.raises(BadInput, match="is not migrated: it was altered or damaged"):
        Host.open(path, KEYS)


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = old_store(tmp_path, "host")
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(BadInput, match="of version 99, and this keyfob reads up to"):
        Host.open(path, KEYS)
