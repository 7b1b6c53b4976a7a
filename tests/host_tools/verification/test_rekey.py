"""Sealing with a new key: every seed, at any stop, beside others, and no key is ever lost."""

import os
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.vault.audit import AuditEntry
from host_tools.vault.database import Overtaken
from host_tools.vault.key_ring import KeyRing, add_key, read_key_file, write_key_file
from host_tools.verification import rekey
from host_tools.verification.host import Host
from host_tools.verification.rekey import reseal
from host_tools.verification.store import HostStore
from tests.host_tools.verification.hosts import NOON, code, record

TOKENS = [f"ZZH6{number:08}" for number in range(1, 2 * rekey.BATCH + 2)]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "host.key"
    write_key_file(path, KeyRing.generate()[1])
    return path


@pytest.fixture
def path(tmp_path: Path, key_file: Path) -> Path:
    path = tmp_path / "host.db"
    with Host.create(path, read_key_file(key_file), NOON, "[enrolment]\ncodes = 0") as host:
        host.import_tokens((record(name) for name in TOKENS), NOON)
        host.enroll(TOKENS[-1], "last", [], NOON)
    return path


def test_where_it_was_stopped_it_goes_on_and_nothing_is_lost(path: Path, key_file: Path) -> None:
    both = add_key(key_file)
    store = HostStore(path, both)
    store.commit([AuditEntry(NOON, "", "")], changes=[reseal(store.outdated_tokens(1)[0], both)])
    store.close()
    with Host.open(path, both) as host:
        assert not host.is_rekeyed
        assert host.verify([code(0)], NOON, token=TOKENS[-1]).accepted, "between the two keys"
        assert host.rekey(NOON) == len(TOKENS)
        assert host.is_rekeyed
        assert host.rekey(NOON) == 0
        assert host.verify([code(1)], NOON, token=TOKENS[-1]).accepted
        assert host.audit_faults() == []
        details = [entry.detail for _, entry in host.audit_rows() if entry.event == "rekey"]
    assert details[:2] == ["key version 2", f"seeds {len(TOKENS)}, key version 2"]


def test_a_seed_that_somebody_else_sealed_meanwhile_is_left_as_it_is(
    path: Path, key_file: Path
) -> None:
    both = add_key(key_file)
    store = HostStore(path, both)
    (change,) = [reseal(token, both) for token in store.outdated_tokens(1)]
    store.commit([AuditEntry(NOON, "", "")], changes=[change])
    with pytest.raises(Overtaken):
        store.commit([AuditEntry(NOON, "", "")], changes=[change])
    store.close()


def test_what_lacks_the_new_key_is_refused_in_words(path: Path, key_file: Path) -> None:
    old = read_key_file(key_file)
    with Host.open(path, old) as behind:
        with Host.open(path, add_key(key_file)) as host:
            host.rekey(NOON)
        with pytest.raises(BadInput, match="no key of the version"):
            behind.verify([code(0)], NOON, token=TOKENS[-1])


def test_no_old_page_stays_in_the_write_ahead_log(path: Path, key_file: Path) -> None:
    with Host.open(path, add_key(key_file)) as host:
        host.rekey(NOON)
        assert path.with_name("host.db-wal").stat().st_size == 0


def test_a_key_is_added_whole_and_by_one_at_a_time(key_file: Path) -> None:
    key_file.write_text("# ours\n" + "0f" * 32)
    assert add_key(key_file).newest == 2
    assert key_file.read_text().startswith("# ours\n" + "0f" * 32 + "\n2 ")
    key_file.with_name("host.key.new").touch()
    with pytest.raises(BadInput, match=r"host\.key\.new is there"):
        add_key(key_file)
    key_file.with_name("host.key.new").unlink()
    key_file.write_text(f"255 {'00' * 32}\n")
    with pytest.raises(BadInput, match="version 255 is the last one"):
        add_key(key_file)
    assert os.listdir(key_file.parent) == ["host.key"]  # noqa: PTH208
