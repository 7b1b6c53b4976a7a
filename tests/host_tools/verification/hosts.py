"""Hosts, tokens and codes for the tests of this room."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from firmware_model.generators import OtpKey, OtpKind
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KEY_BYTES, KeyRing
from host_tools.vault.sqlite_database import SqliteDatabase
from host_tools.verification.host import Host

SEED = b"12345678901234567890"
NOON = 1_800_000_000
KEYS = KeyRing({1: bytes(range(KEY_BYTES))})
PRESSED, TIMED, SPARE = "ZZH600000001", "ZZT600000001", "ZZH600000002"


def code(factor: int) -> str:
    return OtpKey(SEED).code(factor)


def step(now_seconds: int = NOON) -> int:
    return now_seconds // 60


def record(serial_number: str, **changes: object) -> SeedRecord:
    values: dict[str, object] = {
        "serial_number": serial_number,
        "credential_id": serial_number,
        "seed": SEED,
        "kind": OtpKind.TOTP if serial_number.startswith("ZZT") else OtpKind.HOTP,
        "step_seconds": 60,
    }
    return SeedRecord(**{**values, **changes})  # type: ignore[arg-type]


def file_of(host: Host) -> sqlite3.Connection:
    """The connection under a host whose store is a file."""
    database = host._store.guarded.database
    assert isinstance(database, SqliteDatabase)
    return database.connection


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory, where the machine has one.

    For what many commits prove that need no disk: processes that meet, and processes that are
    killed, meet in the same kernel; a slow disk would only try their patience.
    """
    memory = Path("/dev/shm")
    folder = memory if os.access(memory, os.W_OK | os.X_OK) else None
    with TemporaryDirectory(dir=folder) as name:
        yield Path(name)


@contextmanager
def new_host(path: Path, policy: str = "") -> Iterator[Host]:
    """A store with PRESSED, TIMED and SPARE on stock."""
    with Host.create(path, KEYS, NOON, policy) as host:
        host.import_tokens(
            [record(PRESSED, credential_id="ZZID00000077"), record(TIMED), record(SPARE)], NOON
        )
        yield host
