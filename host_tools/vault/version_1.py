"""What stores of version 1 had that later ones have otherwise: the log in a single chain."""

import hmac
import sqlite3
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.vault import guarded
from host_tools.vault.audit import GENESIS
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import version_1_mac
from host_tools.vault.sqlite_database import SqliteDatabase

_ENTRIES = (
    "SELECT number, at, event, outcome, serial_number, user, actor, detail, key_version, mac"
    " FROM audit ORDER BY number"
)
_COPIED = """
INSERT INTO audit
SELECT number, 0, number - 1, 0, 0, at, event, outcome, serial_number, user, actor, detail,
    '', '', 0, add_version(key_version, mac)
FROM audit_1 ORDER BY number
"""


def check_log(path: Path, connection: sqlite3.Connection, keys: KeyRing) -> None:
    """Raise BadInput where a log of version 1 is not whole: what it says would not be kept."""
    last, mac = 0, GENESIS
    for number, *columns, version, stored in connection.execute(_ENTRIES):
        key = keys.audit_key(version)
        whole = key is not None and number == last + 1 and isinstance(stored, bytes)
        if whole and not any(isinstance(cell, bytes) for cell in columns):
            assert key is not None
            mac = version_1_mac(key, mac, [number, *columns, version])
            whole = hmac.compare_digest(mac, stored)
        if not whole:
            raise refused(path, f"row {last + 1} of its log was altered or is missing")
        last = number


def replace_log(path: Path, connection: sqlite3.Connection, keys: KeyRing, kind: str) -> None:
    """Give a store of version 1 its identity and today's log, with the old entries in it."""
    connection.execute("DROP TRIGGER IF EXISTS audit_no_update")
    connection.execute("DROP TRIGGER IF EXISTS audit_no_delete")
    connection.execute("ALTER TABLE audit RENAME TO audit_1")
    guarded.create(SqliteDatabase(path, connection), keys, kind)
    connection.create_function("add_version", 2, lambda version, mac: bytes([version]) + mac)
    connection.execute(_COPIED)
    connection.execute("DROP TABLE audit_1")


def refused(path: Path, why: str) -> BadInput:
    """Return the error for a store that is not migrated, because it is not whole."""
    return BadInput(f"{path} is not migrated: it was altered or damaged: {why}; restore a backup")
