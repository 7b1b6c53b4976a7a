"""What `keyfob verify` remembers between calls: progress and failures, never a seed."""

import hmac
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.client.closing import Closing
from host_tools.seeds.record import SeedRecord
from host_tools.vault import sqlite
from host_tools.verification.decision import AttemptState, Decision, decide
from host_tools.verification.intake import credential_of, start_of, validity_bar
from host_tools.verification.kept_factor import AS_BYTES, factor_from, kept_factor
from host_tools.verification.search import Progress, Windows
from host_tools.verification.throttle import Limits, Tally

_APPLICATION = 0x4B465653  # "KFVS"
_VERSION = 2
"""SQLite's user_version. 0: moving factors are integers, and end at 2^63-1. 1: no `used_at`."""

_SCHEMA = """
CREATE TABLE token (
    serial_number TEXT NOT NULL,
    seed_check BLOB NOT NULL,
    next_factor BLOB,
    drift_steps INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    locked_at INTEGER,
    revision INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (serial_number, seed_check)
) WITHOUT ROWID
"""
_HAS_TABLE = "SELECT 1 FROM sqlite_schema WHERE name = 'token'"
_FACTORS = (
    "SELECT next_factor, serial_number, seed_check FROM token WHERE typeof(next_factor) = 'integer'"
)
_SET_FACTOR = "UPDATE token SET next_factor = ? WHERE serial_number = ? AND seed_check = ?"
_READ = """
SELECT next_factor, drift_steps, failures, failed_at, locked_at, used_at, revision
FROM token WHERE serial_number = ? AND seed_check = ?
"""
_COMPARE_AND_SET = """
INSERT INTO token (serial_number, seed_check, next_factor, drift_steps, failures, failed_at,
    locked_at, used_at, revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)
ON CONFLICT DO UPDATE SET next_factor = ?3, drift_steps = ?4, failures = ?5, failed_at = ?6,
    locked_at = ?7, used_at = ?8, revision = revision + 1
WHERE revision = ?9
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a row says of a token: where it stands, and when a code of it was accepted last."""

    standing: AttemptState
    used_at: int | None = None
    revision: int = 0


class StateFile(Closing):
    """The state of any number of tokens whose seeds stay in a seed file.

    A token is known by its serial number and by a check value of its seed, so that a new seed
    under an old serial number starts afresh. Several processes may use one file at once.

    Raises:
        BadInput: `path` is some other file.
        InUse: other processes kept it locked for too long.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            with sqlite.new_file(path) as part, closing(_open(part)):
                pass
        self._connection = _open(path)

    def close(self) -> None:
        """Close the file; everything decided is on the disk already."""
        self._connection.close()

    def attempt(
        self,
        record: SeedRecord,
        codes: Sequence[str],
        now_seconds: int,
        windows: Windows | None = None,
        limits: Limits | None = None,
    ) -> Decision:
        """Decide on `codes` of the token `record` at `now_seconds`, durably.

        One code is verified, two or more consecutive ones resynchronise. The state moves by
        compare-and-set: of several processes with the same code exactly one is answered yes.

        Raises:
            BadInput: as `start_of`, for a token that is new to the file.
        """
        credential = credential_of(record)
        bar = validity_bar(record.start_date, record.expiry_date, now_seconds)
        while True:
            kept = self._read(record, now_seconds)
            decision = decide(
                credential,
                kept.standing,
                codes,
                now_seconds,
                windows or Windows(),
                limits or Limits(),
                bar,
                kept.used_at,
            )
            used_at = now_seconds if decision.accepted else kept.used_at
            now = replace(kept, standing=decision.standing, used_at=used_at)
            if self._compare_and_set(record, now):
                return decision

    def unlock(self, record: SeedRecord, now_seconds: int) -> None:
        """Forget the failures of the token `record`."""
        while True:
            kept = self._read(record, now_seconds)
            unlocked = AttemptState(kept.standing.progress)
            if self._compare_and_set(record, replace(kept, standing=unlocked)):
                return

    def _read(self, record: SeedRecord, now_seconds: int) -> _Kept:
        def read() -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None
            row = self._connection.execute(_READ, _key(record)).fetchone()
            return row

        row = sqlite.patiently(self._path, read)
        if row is None:
            return _Kept(AttemptState(start_of(record, now_seconds)))
        kept, drift, failures, failed_at, locked_at, used_at, revision = row
        try:
            progress = Progress(factor_from(kept), drift)
        except ValueError:
            raise BadInput(
                f"{self._path}: its row of {record.serial_number} is damaged; restore a copy"
            ) from None
        standing = AttemptState(progress, Tally(failures, failed_at, locked_at))
        return _Kept(standing, used_at, revision)

    def _compare_and_set(self, record: SeedRecord, kept: _Kept) -> bool:
        progress, tally = kept.standing.progress, kept.standing.tally
        values = (
            *_key(record),
            kept_factor(progress.next_factor),
            progress.drift_steps,
            tally.failures,
            tally.failed_at,
            tally.locked_at,
            kept.used_at,
            kept.revision,
        )

        def write() -> sqlite3.Cursor:
            return self._connection.execute(_COMPARE_AND_SET, values)

        return sqlite.patiently(self._path, write).rowcount == 1


def _key(record: SeedRecord) -> tuple[str, bytes]:
    # One way: 64 bits of an HMAC keyed with the seed, which has 128 random bits or more.
    check = hmac.digest(record.seed, b"keyfob verify: which seed", "sha256")[:8]
    return record.serial_number or record.credential_id, check


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite.connect(path, _APPLICATION, "a state file of keyfob verify", create=True)
    try:
        _bring_to_today(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_to_today(path: Path, connection: sqlite3.Connection) -> None:
    """Make the table, or bring that of an earlier version to today's."""
    if sqlite.patiently(path, lambda: _version(connection)) == _VERSION:
        return
    with sqlite.WriteTransaction(path, connection):
        version = _version(connection)  # now nobody else changes it
        if version > _VERSION:
            raise BadInput(
                f"{path} is a state file of version {version}, and this keyfob reads up to"
                f" {_VERSION}: use the keyfob that wrote it"
            )
        if not connection.execute(_HAS_TABLE).fetchone():
            connection.execute(_SCHEMA)
        else:
            if version < 1:
                _keep_factors_as_bytes(connection)
            if version < 2:
                connection.execute("ALTER TABLE token ADD COLUMN used_at INTEGER")
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _keep_factors_as_bytes(connection: sqlite3.Connection) -> None:
    rows = connection.execute(_FACTORS).fetchall()
    connection.executemany(_SET_FACTOR, [(kept_factor(factor), *key) for factor, *key in rows])
    sqlite.run_script(connection, AS_BYTES)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
