"""What the issuing desk remembers: SQLite, every answer durable, secrets sealed (SECURITY)."""

import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput, Denied
from firmware_model.generators import Hash
from firmware_model.identity import is_credential_id
from host_tools.activation.issues import TRANSITIONS, Issue, IssueEvent, IssueState
from host_tools.vault import sqlite
from host_tools.vault.key_ring import KeyRing

_APPLICATION = 0x4B464143  # "KFAC"
_WHAT = "a store of soft tokens"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS issue (
    service_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    serial_number TEXT NOT NULL COLLATE NOCASE UNIQUE,
    state TEXT NOT NULL,
    failures INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    issue_days INTEGER NOT NULL,
    expiry_days INTEGER,
    life_days INTEGER,
    extend_from_days INTEGER NOT NULL,
    algorithm INTEGER NOT NULL,
    digits INTEGER NOT NULL,
    step_seconds INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    salt BLOB NOT NULL,
    verifier BLOB NOT NULL, -- sealed
    secrets BLOB, -- sealed: seed check (3), ENC, MAC, DEK (16 each), seed
    PRIMARY KEY (service_id, user_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (sealed BLOB NOT NULL);
"""
"""`mark` is sealed with the store's key, so that another key is noticed before it is used."""

_SERIAL_LENGTH = 12
_COLUMNS = [field.name for field in fields(Issue)]
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM issue"  # noqa: S608 - our own names


class SoftStore:
    """The issues of all services. Several processes may use one store at once.

    Raises:
        BadInput: there is no file at `path` (and `create` is false), it is something else, or
            `keys` are not its keys.
        InUse: other processes kept it locked for too long.
    """

    def __init__(self, path: Path, keys: KeyRing, *, create: bool = False) -> None:
        self._path = path
        self._keys = keys
        self._connection = sqlite.connect(path, _APPLICATION, _WHAT, create=create)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the store; everything is on the disk already."""
        self._connection.close()

    def add(self, issue: Issue, serial_prefix: str, salt: bytes, verifier: bytes) -> Issue:
        """Add a new issue, with the next serial number of `serial_prefix`, and return it.

        Raises:
            BadInput: the user ID is taken.
        """
        with sqlite.transaction(self._path, self._connection):
            serial_number = self._next_serial(serial_prefix)
            row = {name: getattr(issue, name) for name in _COLUMNS}
            row |= {
                "serial_number": serial_number,
                "salt": salt,
                "verifier": self._keys.seal(verifier, serial_number),
            }
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            try:
                self._connection.execute(
                    f"INSERT INTO issue ({names}) VALUES ({marks})",  # noqa: S608
                    row,
                )
            except sqlite3.IntegrityError:
                raise BadInput(f"the user ID {issue.user_id} is taken") from None
        found = self.find(issue.service_id, issue.user_id)
        assert found is not None, "what was just added is there"
        return found

    def find(self, service_id: str, user_id: str) -> Issue | None:
        """Return the issue with these IDs, None where there is none."""
        return self._one("service_id = ? AND user_id = ?", service_id, user_id)

    def token(self, serial_number: str) -> Issue | None:
        """Return the issue with this serial number, None where there is none."""
        return self._one("serial_number = ?", serial_number)

    def issues(self) -> list[Issue]:
        """Return all issues by serial number."""
        return self._some(f"{_SELECT} ORDER BY serial_number")

    def salt_and_verifier(self, issue: Issue) -> tuple[bytes, bytes]:
        """Return what SRP needs of the start password."""
        sql = "SELECT salt, verifier FROM issue WHERE serial_number = ?"
        salt, verifier = self._read(sql, issue.serial_number)[0]
        return salt, self._keys.open(verifier, issue.serial_number)

    def secrets(self, issue: Issue) -> bytes | None:
        """Return what was kept with the last grant, None where nothing was granted."""
        sql = "SELECT secrets FROM issue WHERE serial_number = ?"
        (sealed,) = self._read(sql, issue.serial_number)[0]
        return None if sealed is None else self._keys.open(sealed, issue.serial_number)

    def count_failure(self, issue: Issue, now_seconds: int) -> Issue | None:
        """Count a wrong password before anything is compared; None where no try is left."""
        with sqlite.transaction(self._path, self._connection):
            found = self.token(issue.serial_number)
            if found is None or found.refusal(now_seconds) is not None:
                return None
            self._set(found, failures=found.failures + 1)
        return self.token(issue.serial_number)

    def move(self, issue: Issue, event: IssueEvent, **changes: Any) -> Issue:
        """Move an issue on, with other columns that change by it.

        Raises:
            Denied: its state does not allow it.
        """
        with sqlite.transaction(self._path, self._connection):
            found = self.token(issue.serial_number)
            assert found is not None, "issues are never deleted"
            self._set(found, state=_moved(found, event), **changes)
        moved = self.token(issue.serial_number)
        assert moved is not None, "issues are never deleted"
        return moved

    def grant(self, issue: Issue, device_id: str, expiry_days: int | None, secrets: bytes) -> Issue:
        """Take back the failures counted, and keep what is granted to that device.

        Raises:
            Denied: somebody else's activation, or a lock, came first.
        """
        return self.move(
            issue,
            IssueEvent.GRANT,
            failures=0,
            device_id=device_id,
            expiry_days=expiry_days,
            secrets=self._keys.seal(secrets, issue.serial_number),
        )

    def extend(self, issue: Issue, expiry_days: int) -> None:
        """Note the later last day that the token has taken."""
        with sqlite.transaction(self._path, self._connection):
            self._set(issue, expiry_days=expiry_days)

    def _prepare(self) -> None:
        with sqlite.transaction(self._path, self._connection):
            sqlite.run_script(self._connection, _SCHEMA)
            # A store from before there was a mark: any of its secrets says the same.
            kept = self._connection.execute(
                "SELECT sealed, '' FROM mark"
                " UNION ALL SELECT verifier, serial_number FROM issue LIMIT 1"
            ).fetchone()
            try:
                if kept is not None:
                    self._keys.open(*kept)
            except BadInput:
                raise BadInput(f"{self._path}: the key given is not this store's") from None
            self._connection.execute(
                "INSERT INTO mark SELECT ? WHERE NOT EXISTS (SELECT 1 FROM mark)",
                (self._keys.seal(b"", ""),),
            )

    def _next_serial(self, prefix: str) -> str:
        fits = 0 < len(prefix) < _SERIAL_LENGTH
        if not (fits and is_credential_id(prefix.ljust(_SERIAL_LENGTH, "0"))):
            raise BadInput(f"{prefix!r} begins no serial number of 12 capital letters and digits")
        digits = _SERIAL_LENGTH - len(prefix)
        sql = "SELECT max(serial_number) FROM issue WHERE serial_number GLOB ?"
        (latest,) = self._connection.execute(sql, (prefix + "[0-9]" * digits,)).fetchone()
        number = int(latest[len(prefix) :]) + 1 if latest else 1
        serial_number = prefix + str(number).zfill(digits)
        if len(serial_number) > _SERIAL_LENGTH:
            raise BadInput(f"no serial number that begins with {prefix} is left")
        return serial_number

    def _set(self, issue: Issue, **changes: Any) -> None:
        assignments = ", ".join(f"{name} = :{name}" for name in changes)
        self._connection.execute(
            f"UPDATE issue SET {assignments} WHERE serial_number = :_serial",  # noqa: S608
            changes | {"_serial": issue.serial_number},
        )

    def _one(self, where: str, *values: str) -> Issue | None:
        found = self._some(f"{_SELECT} WHERE {where}", *values)
        return found[0] if found else None

    def _some(self, sql: str, *values: str) -> list[Issue]:
        return [_issue(dict(zip(_COLUMNS, row, strict=True))) for row in self._read(sql, *values)]

    def _read(self, sql: str, *values: str) -> list[Any]:
        return sqlite.patiently(
            self._path, lambda: self._connection.execute(sql, values).fetchall()
        )


def _issue(row: dict[str, Any]) -> Issue:
    return Issue(**row | {"state": IssueState(row["state"]), "algorithm": Hash(row["algorithm"])})


def _moved(issue: Issue, event: IssueEvent) -> IssueState:
    state = TRANSITIONS.get((issue.state, event))
    if state is None:
        raise Denied(f"{issue.serial_number} is {issue.state}")
    return state
