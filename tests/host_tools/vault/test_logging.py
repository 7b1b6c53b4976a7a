"""The program's log: verdict kinds, faults, migrations; never a code, a seed or a key."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from host_tools.vault.sqlite import StoreAltered
from host_tools.verification.host import Host
from tests.host_tools.vault.stores import KEYS, NOW
from tests.host_tools.vault.test_migration import old_store
from tests.host_tools.verification.hosts import PRESSED, SEED, code, new_host


def test_the_log_says_what_was_decided_and_holds_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="keyfob")
    with new_host(tmp_path / "host.db") as host:
        host.enroll(PRESSED, "alice", [code(0)], NOW)
        host.verify([code(1)], NOW, token=PRESSED)
        host.verify([code(1)], NOW, token=PRESSED)
        with closing(sqlite3.connect(tmp_path / "host.db")) as raw, raw:
            raw.execute("UPDATE token SET digits = 8 WHERE id = 1")
        with pytest.raises(StoreAltered):
            host.verify([code(2)], NOW, token=PRESSED)
    old = tmp_path / "old"
    old.mkdir()
    Host.open(old_store(old, "host"), KEYS).close()
    messages = [record.getMessage() for record in caplog.records]
    assert f"host verify accepted {PRESSED}" in messages
    assert f"host verify replayed {PRESSED}" in messages
    assert any("altered or damaged: token" in message for message in messages)
    assert any("migrated to version 4" in message for message in messages)
    text = "\n".join(messages)
    secrets = [SEED.decode(), SEED.hex(), "11" * 32, *(code(factor) for factor in range(4))]
    assert not [secret for secret in secrets if secret in text]
