"""The ledger's file: its schema, its key, its log, and rows of the small tables (STATION §4)."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from host_tools.client.closing import Closing
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.disk import writable
from host_tools.provisioning.station.migrations import SCHEMA, key_print
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import open_guarded
from host_tools.vault.postgres_address import StorePlace
from host_tools.vault.tables import Change

CLOCK_ACCEPTED = "clock accepted"

_TABLES = {table.name: table for table in schema.GUARDED}
_DESK_ID_BYTES = 16


class LedgerFile(Closing):
    """One open ledger; each thread and each process opens its own.

    Every method that changes something is one transaction, on the disk when it returns, and is an
    entry in the chained log. Times are Unix times in whole seconds.

    Raises, from every method that writes:
        LedgerUnwritable: the disk is full or failing; nothing was changed.
        InUse: others kept it locked for too long.
    """

    def __init__(
        self,
        path: StorePlace,
        keys: KeyRing,
        actor: str,
        anchor: Anchor | None = None,
        *,
        check: bool = True,
    ) -> None:
        """Open the ledger at `path`, or make it; `actor` is on record for what is done.

        `anchor` keeps the head of its log elsewhere. `check` is left out by who lists the faults.

        Raises:
            BadInput: it is something else, or of a later version, or the key is not its own.
            StoreAltered: it was altered or damaged; also from every method that reads.
        """
        self.place = path
        self.name = str(path)
        self._keys = keys
        self.actor = actor
        self._is_together = False
        self._print_key = key_print(path, keys, b"print of a seed")
        self.guarded = open_guarded(path, SCHEMA, keys, create=True, anchor=anchor, check=check)
        self._database = self.guarded.database
        try:
            self._prepare(check=check)
        except BaseException:
            self.guarded.abandon()
            raise

    @property
    def path(self) -> Path:
        """The file of a ledger that is one."""
        assert isinstance(self.place, Path)
        return self.place

    def close(self) -> None:
        """Close it; everything is on the disk already."""
        self.guarded.close()

    def abandon(self) -> None:
        """Close it after a failure; the anchor stays as it is."""
        self.guarded.abandon()

    # The log and its clock -----------------------------------------------------------------------

    def last_at(self) -> int:
        """Return the latest time in the log since the clock was last accepted, 0 if it is empty.

        The last row's time would not do: a row written meanwhile with the clock behind hides it.
        """
        ((last,),) = self._database.fetch(
            "SELECT max(at) FROM audit WHERE number >="
            " (SELECT coalesce(max(number), 0) FROM audit WHERE event = ?)",
            (CLOCK_ACCEPTED,),
        )
        return int(last or 0)

    def accept_clock(self, at: int, **detail: object) -> None:
        """Write that `at` is the right time, whatever the entries before say."""
        with self._writing():
            self._log(at, CLOCK_ACCEPTED, "ok", "", was=self.last_at(), **detail)

    def log(self, after: int = 0) -> Iterator[tuple[int, AuditEntry]]:
        """Yield number and entry of the log after row `after`."""
        return iter(self.guarded.entries(after))

    def head(self) -> Head:
        """Return the end of the log."""
        return self.guarded.log.head()

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that was altered, deleted, put back or damaged."""
        return self.guarded.faults(kept)

    # Rows of the tables batch, operator, custody and desk -----------------------------------------

    def rows(self, table: str, **where: object) -> list[dict[str, Any]]:
        """Return the rows of one of the small tables, those whose columns are as given."""
        guarded, same = _TABLES[table], self._database.folded
        names = {name: guarded.nocase and name in guarded.key for name in where}
        condition = " AND ".join(
            f"{same(name)} = ?" if is_name else f"{name} = ?" for name, is_name in names.items()
        )
        values = [
            guarded.folded(str(value)) if names[name] else value for name, value in where.items()
        ]
        found = self.guarded.select(guarded, condition or "TRUE", values, order=guarded.key[0])
        return [{name: value for name, value in row.items() if name != "revision"} for row in found]

    @property
    def desk_id(self) -> bytes:
        """By what other ledgers know this one: 16 random bytes."""
        (row,) = self.rows("desk")
        return bytes(row["id"])

    def put(self, table: str, row: Mapping[str, object], entry: AuditEntry) -> None:
        """Write a row, in place of the one with its key, and what the log says of that."""
        guarded = _TABLES[table]
        with self._writing():
            read = self.guarded.get(guarded, *(row[name] for name in guarded.key))
            self.guarded.write([entry], [Change(guarded, read, row)])

    def remove(self, table: str, key: Mapping[str, object], entry: AuditEntry) -> None:
        """Delete the row with this key, and write what the log says of that."""
        guarded = _TABLES[table]
        with self._writing():
            read = self.guarded.get(guarded, *(key[name] for name in guarded.key))
            changes = [] if read is None else [Change(guarded, read, None)]
            self.guarded.write([entry], changes)

    def note(self, entry: AuditEntry) -> None:
        """Write an entry of the log that changes no row."""
        with self._writing():
            self.guarded.write([entry])

    def entry(
        self, at: int, event: str, outcome: str, subject: str, **detail: object
    ) -> AuditEntry:
        """Return an entry of the log by the one who acts."""
        return AuditEntry(at, event, outcome, subject, "", self.actor, json.dumps(detail))

    # Within a transaction -------------------------------------------------------------------------

    def _prepare(self, *, check: bool) -> None:
        if check and not self.guarded.log.head().number:
            with self._writing():
                if not self.guarded.select(schema.DESK):
                    desk = Change(schema.DESK, None, {"id": os.urandom(_DESK_ID_BYTES)})
                    self.guarded.write([AuditEntry(0, "", "")], [desk])

    def _log(self, at: int, event: str, outcome: str, subject: str, **detail: object) -> None:
        self.guarded.write([self.entry(at, event, outcome, subject, **detail)])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make all that the block's calls write durable by one commit, at its end, or nothing.

        What a call wrote that is refused stays: undo it by `guarded.trying` around the call.
        """
        with writable(), self.guarded.writing():
            self._is_together = True
            try:
                yield
            finally:
                self._is_together = False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writable(), nullcontext() if self._is_together else self.guarded.writing():
            yield
