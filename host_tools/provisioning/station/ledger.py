"""The ledger: what happened to each seed, durable before the wire is told of it (STATION §4)."""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput
from host_tools.client.closing import Closing
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.disk import writable
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.jobs import (
    COLUMNS,
    Claim,
    Job,
    chip_name,
    job_of,
    outcome,
    receipt,
)
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import GIVE_UP, FailureCause, JobState
from host_tools.seeds.record import SeedRecord
from host_tools.vault import audit, sqlite
from host_tools.vault.audit import AuditEntry, Head
from host_tools.vault.key_ring import KeyRing

_WHAT = "a ledger of keyfob station"
_JOB = f"SELECT {COLUMNS} FROM job WHERE"  # noqa: S608 - our own names
_NEXT = """
SELECT number, serial_number FROM temp.at_hand
WHERE open AND model IN ('', ?) ORDER BY number LIMIT 1
"""


class Ledger(Closing):
    """One open ledger; each thread and each process opens its own.

    Every method that changes something is one transaction, on the disk when it returns, and
    says so in the chained log. Times are Unix times in whole seconds.

    Raises, from every method that writes:
        LedgerUnwritable: the disk is full or failing; nothing was changed.
        InUse: others kept it locked for too long.
    """

    def __init__(self, path: Path, keys: KeyRing, actor: str) -> None:
        """Open the ledger at `path`, or make it.

        Raises:
            BadInput: it is something else, or of another version, or the key is not its own.
        """
        self.path = path
        self._keys = keys
        self._actor = actor
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

    # Planning -----------------------------------------------------------------------------------

    def plan(self, records: Iterable[SeedRecord], source: str, at: int) -> list[Fault]:
        """Take in the seeds that are new, and return the records that are not what is known.

        A seed that is known under the same serial number goes on where it was.
        """
        faults = []
        with self._writing():
            for record in records:
                made = self._print(record)
                names = (record.serial_number, record.credential_id, made)
                expiry = record.expiry_date.isoformat() if record.expiry_date else ""
                row = (*names, expiry, source, JobState.PLANNED, at)
                new = self._database.execute(
                    "INSERT INTO job (serial_number, credential_id, seed_print, expiry_date,"
                    " source, state, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    row,
                ).rowcount
                if new:
                    self._log(at, JobState.PLANNED, "ok", record.serial_number, source=source)
                elif fault := self._conflict(record, made):
                    faults.append(fault)
        return faults

    def set_at_hand(self, records: Sequence[SeedRecord], known_models: Iterable[str]) -> None:
        """Say which records are at hand in this run, in order.

        A record's model is held against the fob's only where it is one of `known_models`:
        vendors name theirs as they like.
        """
        models = set(known_models)
        self._database.executescript("DROP TABLE IF EXISTS temp.at_hand;" + schema.AT_HAND)
        self._database.executemany(
            "INSERT INTO temp.at_hand (serial_number, model) VALUES (?, ?)",
            (
                (record.serial_number, record.model if record.model in models else "")
                for record in records
            ),
        )

    # A fob's way ----------------------------------------------------------------------------------

    def claim(self, claim: Claim, serial_number: str | None, at: int) -> Job | Fault:
        """Set a planned seed at hand aside for a fob: the one named, else the next for its model.

        Of several that ask at once, each gets another one.
        """
        subject = chip_name(claim.chip_id)
        with self._writing():
            if serial_number is None:
                serial_number = self._next_planned(claim.model)
                if serial_number is None:
                    return Fault(FailureCause.NO_RECORD, subject, "no record is left for this fob")
            elif fault := self._why_not(serial_number, claim, subject):
                return fault
            values = {field.name: getattr(claim, field.name) for field in fields(claim)}
            changes = {"state": JobState.OPENED, **values, "cause": "", "message": "", "at": at}
            self._update(serial_number, changes)
            self._database.execute(
                "DELETE FROM turned_away WHERE subject IN (?, ?)", (subject, claim.place)
            )
            detail = {**values, "chip_id": claim.chip_id.hex()}
            job = self._known(serial_number)
            self._log(at, JobState.OPENED, outcome(job), job.serial_number, **detail)
        return job

    def advance(self, job: Job, states: Sequence[JobState], at: int, **known: Any) -> Job:
        """Write that `job` came to `states`, one after the other.

        `known` are columns that go with it, and stand in the log too.

        Raises:
            FobFault: the job is not as it was any more, as after `give_up` at another desk.
        """
        changes = {"state": states[-1], **known, "cause": "", "message": "", "at": at}
        now = replace(job, **changes)
        with self._writing():
            self._update(job.serial_number, changes, as_it_was=job)
            for state in states:
                detail = receipt(now) if state is JobState.RECEIPTED else known
                self._log(at, state, outcome(now), now.serial_number, **detail)
        return now

    def fail(self, job: Job, fault: Fault, at: int) -> Job:
        """Write that `job` stopped where it is, and why."""
        with self._writing():
            self._update(
                job.serial_number, {"cause": fault.cause, "message": fault.message, "at": at}
            )
            self._log(at, "failed", fault.cause, job.serial_number, message=fault.message)
            return self._known(job.serial_number)

    def record_refusals(self, faults: Iterable[Fault], at: int) -> None:
        """Write that fobs or records were not taken, and why; once, until that changes."""
        with self._writing():
            for fault in faults:
                row = (fault.subject, fault.cause, fault.message, at)
                new = self._database.execute(
                    "INSERT INTO turned_away VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
                    " SET cause = ?2, message = ?3, at = ?4 WHERE (cause, message) <> (?2, ?3)",
                    row,
                ).rowcount
                if new:
                    self._log(at, "turned away", fault.cause, fault.subject, message=fault.message)

    def give_up(self, name: str, at: int) -> Job:
        """Give up the fob of a job: its seed is free again if it never left, else void.

        Raises:
            BadInput: there is no such job, or nothing to give up.
            FobFault: a station is at work on it right now.
        """
        job = self.job(name)
        state = None if job is None else GIVE_UP.get(job.state)
        if job is None:
            raise BadInput(f"{self.path} knows no {name}")
        if state is None or job.chip_id is None:
            raise BadInput(f"{job.serial_number} is {job.state}: there is nothing to give up")
        changes: dict[str, object] = {"state": state, "cause": "", "message": "", "at": at}
        if state is JobState.PLANNED:
            changes |= {"chip_id": None, "place": "", "key_set": "", "test_keys": 0}
        with self._writing():
            self._update(job.serial_number, changes, as_it_was=job)
            chip = job.chip_id.hex()
            self._log(at, "given up", state, job.serial_number, chip_id=chip, was=job.state)
            return self._known(job.serial_number)

    # Reading --------------------------------------------------------------------------------------

    def job(self, name: str) -> Job | None:
        """Return the job of this serial number or Credential ID, None where there is none."""
        return self._one(f"{_JOB} serial_number = ?1 OR credential_id = ?1", name)

    def job_of_chip(self, chip_id: bytes) -> Job | None:
        """Return the job that this fob has, None where it has none."""
        return self._one(f"{_JOB} chip_id = ?", chip_id)

    def jobs(self) -> list[Job]:
        """Return all jobs by serial number."""
        rows = self._database.execute(f"{_JOB} TRUE ORDER BY serial_number")
        return [job_of(row) for row in rows]

    def has_seed(self, job: Job, record: SeedRecord) -> bool:
        """Say whether `record` holds the very seed of `job`."""
        row = self._database.execute(
            "SELECT seed_print FROM job WHERE serial_number = ?", (job.serial_number,)
        ).fetchone()
        return row is not None and hmac.compare_digest(row[0], self._print(record))

    def unfinished_at_hand(self) -> int:
        """Return how many records at hand are neither receipted nor void."""
        query = (
            "SELECT count(*) FROM temp.at_hand JOIN job USING (serial_number)"
            " WHERE state NOT IN ('receipted', 'void')"
        )
        return int(self._database.execute(query).fetchone()[0])

    def refusals(self) -> list[Fault]:
        """Return what was not taken, and why."""
        rows = self._database.execute("SELECT cause, subject, message FROM turned_away")
        return [Fault(FailureCause(cause), subject, message) for cause, subject, message in rows]

    def last_at(self) -> int:
        """Return the time of the last entry of the log, 0 where it is empty."""
        row = self._database.execute("SELECT at FROM audit ORDER BY number DESC LIMIT 1")
        found = row.fetchone()
        return int(found[0]) if found else 0

    def log(self, after: int = 0) -> Iterator[tuple[int, AuditEntry]]:
        """Yield number and entry of the log after row `after`."""
        return audit.rows(self._database, after)

    def head(self) -> Head:
        """Return the end of the log."""
        return audit.head(self._database)

    def faults(self, kept: Head | None = None) -> list[str]:
        """Return what is wrong with the log; see `audit.faults`."""
        return audit.faults(self._database, self._keys, kept)

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

    def _next_planned(self, model: str) -> str | None:
        while row := self._database.execute(_NEXT, (model,)).fetchone():
            number, serial_number = row
            self._database.execute("UPDATE temp.at_hand SET open = 0 WHERE number = ?", (number,))
            if self._known(serial_number).state is JobState.PLANNED:
                return str(serial_number)
        return None

    def _why_not(self, serial_number: str, claim: Claim, subject: str) -> Fault | None:
        """Return why a named seed cannot be set aside for this fob, None where it can."""
        row = self._database.execute(
            "SELECT model FROM temp.at_hand WHERE serial_number = ?", (serial_number,)
        ).fetchone()
        if row is None:
            return Fault(FailureCause.NO_RECORD, subject, f"the seed file has no {serial_number}")
        if row[0] not in ("", claim.model):
            message = f"{serial_number} is for a {row[0]}, and this is a {claim.model}"
            return Fault(FailureCause.NO_RECORD, subject, message)
        job = self._known(serial_number)
        if job.state is JobState.PLANNED:
            return None
        held = chip_name(job.chip_id) if job.chip_id else "another fob"
        message = f"{serial_number} is {job.state} in {held} already"
        return Fault(FailureCause.SERIAL_TWICE, subject, message)

    def _conflict(self, record: SeedRecord, made: bytes) -> Fault | None:
        name = record.serial_number
        job = self._one(f"{_JOB} seed_print = ?", made)
        if job is not None and job.serial_number.casefold() != name.casefold():
            message = f"the seed of {name} is known as that of {job.serial_number}"
            return Fault(FailureCause.SEED_TWICE, name, message)
        if job is None:
            return Fault(FailureCause.SERIAL_TWICE, name, f"{name} is known with another seed")
        return None

    def _update(
        self, serial_number: str, changes: dict[str, Any], as_it_was: Job | None = None
    ) -> None:
        names = ", ".join(f"{name} = ?" for name in changes)
        statement = f"UPDATE job SET {names} WHERE serial_number = ?"  # noqa: S608
        values = [*changes.values(), serial_number]
        if as_it_was is not None:
            statement += " AND state = ? AND chip_id = ?"
            values += [as_it_was.state, as_it_was.chip_id]
        if not self._database.execute(statement, values).rowcount:
            message = f"{serial_number} was changed meanwhile: given up, or done at another desk"
            raise FobFault(FailureCause.OUT_OF_STEP, message)

    def _log(self, at: int, event: str, outcome: str, subject: str, **detail: object) -> None:
        entry = AuditEntry(at, event, outcome, subject, "", self._actor, json.dumps(detail))
        audit.append(self._database, self._keys, [entry])

    def _known(self, serial_number: str) -> Job:
        job = self._one(f"{_JOB} serial_number = ?", serial_number)
        assert job is not None, "every record at hand was planned"
        return job

    def _one(self, query: str, value: object) -> Job | None:
        row = self._database.execute(query, (value,)).fetchone()
        return None if row is None else job_of(row)

    def _print(self, record: SeedRecord) -> bytes:
        return hmac.digest(self._print_key, record.seed, "sha256")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writable(), sqlite.transaction(self.path, self._database):
            yield
