"""What the issuing desk remembers: guarded rows, every answer durable, secrets sealed."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput, Denied
from firmware_model.generators import Hash
from firmware_model.identity import is_credential_id
from host_tools.activation.issues import TRANSITIONS, Issue, IssueEvent, IssueState
from host_tools.activation.schema import ISSUE, SCHEMA
from host_tools.vault.anchor import Anchor
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.database import RowRefusal
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.migration import open_guarded
from host_tools.vault.tables import Change, Row

_SERIAL_LENGTH = 12
_COLUMNS = [field.name for field in fields(Issue)]
_PASSWORD_COUNTS = frozenset({IssueState.OPEN, IssueState.GRANTED})
_VOID_VERIFIER_BYTES = 16


class SoftStore:
    """The issues of all services. Several processes may use one store at once.

    Raises:
        BadInput: there is no file at `path` (and `create` is false), it is something else, or
            `keys` are not its keys.
        StoreAltered: it was altered or damaged; also from every method that reads.
        InUse: other processes kept it locked for too long.
    """

    def __init__(
        self, path: Path, keys: KeyRing, *, create: bool = False, anchor: Anchor | None = None
    ) -> None:
        self._path = path
        self._guarded = open_guarded(path, SCHEMA, keys, create=create, anchor=anchor)

    def close(self) -> None:
        """Close the store; everything is on the disk already."""
        self._guarded.close()

    def add(
        self, issue: Issue, serial_prefix: str, salt: bytes, verifier: bytes, now_seconds: int
    ) -> Issue:
        """Add a new issue, with the next serial number of `serial_prefix`, and return it.

        Raises:
            BadInput: the user ID is taken.
        """
        with self._guarded.writing():
            serial_number = self._next_serial(serial_prefix)
            row = {name: getattr(issue, name) for name in _COLUMNS}
            row |= {
                "serial_number": serial_number,
                "salt": salt,
                "verifier": self._sealed("verifier", verifier, serial_number),
                "secrets": None,
            }
            entry = AuditEntry(now_seconds, "issue", issue.state, serial_number, issue.user_id)
            try:
                (added,) = self._guarded.write([entry], [Change(ISSUE, None, row)])
            except RowRefusal:
                raise BadInput(f"the user ID {issue.user_id} is taken") from None
        return _issue(added)

    def find(self, service_id: str, user_id: str) -> Issue | None:
        """Return the issue with these IDs, None where there is none."""
        found = self._guarded.select(ISSUE, "service_id = ? AND user_id = ?", (service_id, user_id))
        return _issue(found[0]) if found else None

    def token(self, serial_number: str) -> Issue | None:
        """Return the issue with this serial number, None where there is none."""
        row = self._guarded.get(ISSUE, serial_number)
        return None if row is None else _issue(row)

    def issues(self) -> list[Issue]:
        """Return all issues by serial number."""
        return [_issue(row) for row in self._guarded.select(ISSUE, order="serial_number")]

    def salt_and_verifier(self, issue: Issue) -> tuple[bytes, bytes]:
        """Return what SRP needs of the start password."""
        row = self._row(issue)
        return row["salt"], self._opened("verifier", row)

    def secrets(self, issue: Issue) -> bytes | None:
        """Return what was kept with the last grant, None where nothing was granted."""
        row = self._row(issue)
        return None if row["secrets"] is None else self._opened("secrets", row)

    def count_failure(self, issue: Issue, now_seconds: int) -> Issue | None:
        """Count a wrong password before anything is compared; None where no try is left."""
        with self._guarded.writing():
            row = self._row(issue)
            found = _issue(row)
            if found.refusal(now_seconds) is not None:
                return None
            return self._set(row, "password", "counted", now_seconds, failures=found.failures + 1)

    def move(self, issue: Issue, event: IssueEvent, now_seconds: int, **changes: Any) -> Issue:
        """Move an issue on, with other columns that change by it.

        A start password that no longer counts goes, and so do the secrets of what is withdrawn.

        Raises:
            Denied: its state does not allow it.
        """
        with self._guarded.writing():
            row = self._row(issue)
            state = _moved(_issue(row), event)
            if state not in _PASSWORD_COUNTS:
                void = os.urandom(_VOID_VERIFIER_BYTES)
                changes["verifier"] = self._sealed("verifier", void, issue.serial_number)
            if state is IssueState.WITHDRAWN:
                changes["secrets"] = None
            moved = self._set(row, event, state, now_seconds, state=state, **changes)
        self._guarded.forget_old_pages()
        return moved

    def grant(
        self,
        issue: Issue,
        device_id: str,
        expiry_days: int | None,
        secrets: bytes,
        now_seconds: int,
    ) -> Issue:
        """Take back the failures counted, and keep what is granted to that device.

        Raises:
            Denied: somebody else's activation, or a lock, came first.
        """
        return self.move(
            issue,
            IssueEvent.GRANT,
            now_seconds,
            failures=0,
            device_id=device_id,
            expiry_days=expiry_days,
            secrets=self._sealed("secrets", secrets, issue.serial_number),
        )

    def extend(self, issue: Issue, expiry_days: int, now_seconds: int) -> None:
        """Note the later last day that the token has taken."""
        with self._guarded.writing():
            self._set(self._row(issue), "extend", "done", now_seconds, expiry_days=expiry_days)

    def entries(self, after: int = 0) -> list[tuple[int, AuditEntry]]:
        """Return the entries of the log after number `after`."""
        return self._guarded.entries(after)

    def head(self) -> Head:
        """Return where the log ends."""
        return self._guarded.log.head()

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return everything that was altered, deleted, put back or damaged; see `GuardedStore`."""
        return self._guarded.faults(kept)

    def _next_serial(self, prefix: str) -> str:
        fits = 0 < len(prefix) < _SERIAL_LENGTH
        if not (fits and is_credential_id(prefix.ljust(_SERIAL_LENGTH, "0"))):
            raise BadInput(f"{prefix!r} begins no serial number of 12 capital letters and digits")
        digits = _SERIAL_LENGTH - len(prefix)
        newest = "serial_number = (SELECT max(serial_number) FROM issue WHERE serial_number GLOB ?)"
        latest = self._guarded.select(ISSUE, newest, (prefix + "[0-9]" * digits,))
        number = int(latest[0]["serial_number"][len(prefix) :]) + 1 if latest else 1
        serial_number = prefix + str(number).zfill(digits)
        if len(serial_number) > _SERIAL_LENGTH:
            raise BadInput(f"no serial number that begins with {prefix} is left")
        return serial_number

    def _row(self, issue: Issue) -> Row:
        row = self._guarded.get(ISSUE, issue.serial_number)
        assert row is not None, "issues are never deleted"
        return row

    def _set(self, row: Row, event: str, outcome: str, now_seconds: int, **changes: Any) -> Issue:
        entry = AuditEntry(now_seconds, event, outcome, row["serial_number"], row["user_id"])
        (now,) = self._guarded.write([entry], [Change(ISSUE, row, changes)])
        return _issue(now)

    def _sealed(self, column: str, secret: bytes, serial_number: str) -> bytes:
        return self._guarded.seal(secret, ISSUE.name, column, serial_number)

    def _opened(self, column: str, row: Row) -> bytes:
        return self._guarded.unseal(row[column], ISSUE.name, column, row["serial_number"])


def inspect(path: Path, keys: KeyRing, kept: Head | None = None) -> tuple[list[str], Head]:
    """Return what was altered, deleted, put back or damaged in a store, and its log's head.

    Of a store that `SoftStore` may refuse for just that; raises BadInput where it is none.
    """
    store = open_guarded(path, SCHEMA, keys, create=False, check=False)
    try:
        return store.faults(kept), store.log.head()
    finally:
        store.abandon()


def _issue(row: Row) -> Issue:
    values = {name: row[name] for name in _COLUMNS}
    values |= {"state": IssueState(row["state"]), "algorithm": Hash(row["algorithm"])}
    return Issue(**values)


def _moved(issue: Issue, event: IssueEvent) -> IssueState:
    state = TRANSITIONS.get((issue.state, event))
    if state is None:
        raise Denied(f"{issue.serial_number} is {issue.state}")
    return state
