"""The ledger's file: its schema, its key, its log, and rows of the small tables (STATION §4)."""

import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.client.closing import Closing
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.disk import writable
from host_tools.vault import audit, sqlite
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing

CLOCK_ACCEPTED = "clock accepted"

_WHAT = "a ledger of keyfob station"


class LedgerFile(Closing):
    """One open ledger; each thread and each process opens its own.

    Every method that changes something is one transaction, on the disk when it returns, and is an
    entry in the chained log. Times are Unix times in whole seconds.

    Raises, from every method that writes:
        LedgerUnwritable: the disk is full or failing; nothing was changed.
        InUse: others kept it locked for too long.
    """

    def __init__(self, path: Path, keys: KeyRing, actor: str) -> None:
        """Open the ledger at `path`, or make it; `actor` is on record for what is done.

        Raises:
            BadInput: it is something else, or of another version, or the key is not its own.
        """
        self.path = path
        self._keys = keys
        self.actor = actor
        first = keys.audit_key(1)
        if first is None:
            raise BadInput(f"{path}: the station's key of version 1 is missing")
        self._print_key = hmac.digest(first, b"keyfob station: print of a seed", "sha256")
        self._key_print = hmac.digest(first, b"keyfob station: print of the key", "sha256")
        self._database = sqlite.connect(path, schema.APPLICATION, _WHAT, create=True)
        try:
            self._prepare()
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Close it; everything is on the disk already."""
        self._database.close()

    # The log and its clock -----------------------------------------------------------------------

    def last_at(self) -> int:
        """Return the latest time in the log since the clock was last accepted, 0 if it is empty.

        The last row's time would not do: a row written meanwhile with the clock behind hides it.
        """
        row = self._database.execute(
            "SELECT max(at) FROM audit WHERE number >="
            " (SELECT coalesce(max(number), 0) FROM audit WHERE event = ?)",
            (CLOCK_ACCEPTED,),
        ).fetchone()
        return int(row[0] or 0)

    def accept_clock(self, at: int, **detail: object) -> None:
        """Write that `at` is the right time, whatever the entries before say."""
        with self._writing():
            self._log(at, CLOCK_ACCEPTED, "ok", "", was=self.last_at(), **detail)

    def log(self, after: int = 0) -> Iterator[tuple[int, AuditEntry]]:
        """Yield number and entry of the log after row `after`."""
        return audit.rows(self._database, after)

    def head(self) -> Head:
        """Return the end of the log."""
        return audit.head(self._database)

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return what is wrong with the log; see `audit.faults`."""
        return audit.faults(self._database, self._keys, kept)

    # Rows of the tables batch, operator, custody and desk -----------------------------------------

    def rows(self, table: str, **where: object) -> list[dict[str, Any]]:
        """Return the rows of one of the small tables, those whose columns are as given."""
        condition = " AND ".join(f"{name} = ?" for name in where) or "TRUE"
        query = f"SELECT * FROM {table} WHERE {condition} ORDER BY 1"  # noqa: S608 - our own names
        found = self._database.execute(query, tuple(where.values()))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    @property
    def desk_id(self) -> bytes:
        """By what other ledgers know this one: 16 random bytes."""
        (row,) = self.rows("desk")
        return bytes(row["id"])

    def put(self, table: str, row: Mapping[str, object], entry: AuditEntry) -> None:
        """Write a row, in place of the one with its key, and what the log says of that."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        statement = f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        with self._writing():
            self._database.execute(statement, tuple(row.values()))
            audit.append(self._database, self._keys, [entry])

    def remove(self, table: str, key: Mapping[str, object], entry: AuditEntry) -> None:
        """Delete the row with this key, and write what the log says of that."""
        condition = " AND ".join(f"{name} = ?" for name in key)
        with self._writing():
            self._database.execute(
                f"DELETE FROM {table} WHERE {condition}",  # noqa: S608 - our own names
                tuple(key.values()),
            )
            audit.append(self._database, self._keys, [entry])

    def note(self, entry: AuditEntry) -> None:
        """Write an entry of the log that changes no row."""
        with self._writing():
            audit.append(self._database, self._keys, [entry])

    def entry(
        self, at: int, event: str, outcome: str, subject: str, **detail: object
    ) -> AuditEntry:
        """Return an entry of the log by the one who acts."""
        return AuditEntry(at, event, outcome, subject, "", self.actor, json.dumps(detail))

    # Within a transaction -------------------------------------------------------------------------

    def _prepare(self) -> None:
        self._database.execute("PRAGMA temp_store = MEMORY")
        with self._writing():
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                sqlite.run_script(self._database, schema.TABLES + audit.TABLE)
                self._database.execute("INSERT INTO key VALUES (?)", (self._key_print,))
            else:
                for step in range(version, schema.VERSION):
                    sqlite.run_script(self._database, schema.STEPS[step])
            if version < schema.VERSION:
                self._database.execute(f"PRAGMA user_version = {schema.VERSION}")
        if version > schema.VERSION:
            raise BadInput(
                f"{self.path} is a ledger of version {version}, and this keyfob reads up to"
                f" {schema.VERSION}: use the keyfob that wrote it"
            )
        (kept,) = self._database.execute("SELECT print FROM key").fetchone()
        if not hmac.compare_digest(kept, self._key_print):
            raise BadInput(f"{self.path} is kept with another key than the one at hand")

    def _log(self, at: int, event: str, outcome: str, subject: str, **detail: object) -> None:
        entry = self.entry(at, event, outcome, subject, **detail)
        audit.append(self._database, self._keys, [entry])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writable(), sqlite.transaction(self.path, self._database):
            yield
