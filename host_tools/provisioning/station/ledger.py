"""The ledger: what happened to each seed, durable before the wire is told of it (STATION §4)."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.at_hand import RecordsAtHand
from host_tools.provisioning.station.batch import FINISHED
from host_tools.provisioning.station.delivery import open_delivery, seal_delivery
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.jobs import (
    Claim,
    Job,
    chip_name,
    job_of,
    outcome,
    receipt,
)
from host_tools.provisioning.station.ledger_file import LedgerFile
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import GIVE_UP, GONE, FailureCause, JobState
from host_tools.provisioning.station.times import utc
from host_tools.seeds.record import SeedRecord
from host_tools.vault.audit import AuditEntry
from host_tools.vault.tables import Change, Row


class Ledger(LedgerFile):
    """The jobs of one open ledger."""

    def __init__(self, *place: Any, **options: Any) -> None:
        """Open the ledger; see `LedgerFile`."""
        super().__init__(*place, **options)
        self._at_hand = RecordsAtHand()

    # Planning -----------------------------------------------------------------------------------

    def plan(
        self, records: Iterable[SeedRecord], source: str, at: int, batch: str = ""
    ) -> list[Fault]:
        """Take in the seeds that are new, and return the records that cannot be used here.

        A seed that is known under the same serial number goes on where it was; one that is planned
        for no batch, or left over in a finished one, is taken into `batch`.
        """
        faults = []
        with self._writing():
            for record in records:
                made = self._print(record)
                new = not self._is_known(record, made)
                if new:
                    detail = {"source": source, "batch": batch}
                    entry = self.entry(at, JobState.PLANNED, "ok", record.serial_number, **detail)
                    row = _planned_row(record, made, source, at, batch)
                    self.guarded.write([entry], [Change(schema.JOB, None, row)])
                elif fault := self._conflict(record, made) or self._not_planned(
                    self._known(record.serial_number), source, at, batch
                ):
                    faults.append(fault)
        return faults

    def set_at_hand(self, records: Sequence[SeedRecord], known_models: Iterable[str]) -> None:
        """Say which records are at hand in this run, in order.

        A record's model is held against the fob's only where it is one of `known_models`:
        vendors name theirs as they like.
        """
        self._at_hand = RecordsAtHand(records, known_models)

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
            elif fault := self.why_not(serial_number, claim.model, subject):
                return fault
            values = claim._asdict()
            changes = {"state": JobState.OPENED, **values, "cause": "", "message": "", "at": at}
            detail = {**values, "chip_id": claim.chip_id.hex()}
            said = "TEST" if claim.test_keys else "ok"
            entry = self.entry(at, JobState.OPENED, said, serial_number, **detail)
            job = job_of(self._update(serial_number, changes, [entry]))
            for turned_away in {subject, claim.place}:
                if row := self.guarded.get(schema.TURNED_AWAY, turned_away):
                    self.guarded.write(
                        [AuditEntry(at, "", "")], [Change(schema.TURNED_AWAY, row, None)]
                    )
        return job

    def advance(
        self,
        job: Job,
        states: Sequence[JobState],
        at: int,
        delivery: SeedRecord | None = None,
        **known: Any,
    ) -> Job:
        """Write that `job` came to `states`, one after the other.

        `known` are columns that go with it, and stand in the log too. `delivery` is what the server
        is to import; it is kept sealed under the ledger's key, and is in no log.

        Raises:
            FobFault: the job is not as it was any more, as after `give_up` at another desk.
        """
        changes = {"state": states[-1], **known, "cause": "", "message": "", "at": at}
        now = job._replace(**changes)
        kept = {} if delivery is None else {"delivery": seal_delivery(self._keys, delivery)}
        details = [receipt(now) if state is JobState.RECEIPTED else known for state in states]
        entries = [
            self.entry(at, state, outcome(now), now.serial_number, **detail)
            for state, detail in zip(states, details, strict=True)
        ]
        with self._writing():
            self._update(job.serial_number, changes | kept, entries, as_it_was=job)
        return now

    def fail(self, job: Job, fault: Fault, at: int) -> Job:
        """Write that `job` stopped where it is, and why."""
        changes = {"cause": fault.cause, "message": fault.message, "at": at}
        entry = self.entry(at, "failed", fault.cause, job.serial_number, message=fault.message)
        with self._writing():
            return job_of(self._update(job.serial_number, changes, [entry]))

    def record_refusals(self, faults: Iterable[Fault], at: int) -> None:
        """Write that fobs or records were not taken, and why; once, until that changes."""
        with self._writing():
            for fault in faults:
                row = self.guarded.get(schema.TURNED_AWAY, fault.subject)
                if row and (row["cause"], row["message"]) == (fault.cause, fault.message):
                    continue
                entry = self.entry(
                    at, "turned away", fault.cause, fault.subject, message=fault.message
                )
                values = {"cause": fault.cause, "message": fault.message, "at": at}
                values |= {} if row else {"subject": fault.subject}
                self.guarded.write([entry], [Change(schema.TURNED_AWAY, row, values)])

    def give_up(self, name: str, at: int) -> Job:
        """Give up the fob of a job: its seed is free again if it never left, else void.

        Raises:
            BadInput: there is no such job, or nothing to give up.
            FobFault: a station is at work on it right now.
        """
        job = self.job(name)
        state = None if job is None else GIVE_UP.get(job.state)
        if job is None:
            raise BadInput(
                f"{self.name} has no {name}: keyfob station report lists what is open,"
                " --ledger names another ledger"
            )
        if state is None or job.chip_id is None:
            raise BadInput(
                f"{job.serial_number} is {job.state} in {self.name}: nothing to give up; only a"
                " fob in mid-work can be given up"
            )
        changes: dict[str, object] = {"state": state, "cause": "", "message": "", "at": at}
        if state is JobState.PLANNED:
            changes |= {"chip_id": None, "place": "", "key_set": "", "test_keys": 0}
        detail = {"chip_id": job.chip_id.hex(), "was": job.state}
        entry = self.entry(at, "given up", state, job.serial_number, **detail)
        with self._writing():
            return job_of(self._update(job.serial_number, changes, [entry], as_it_was=job))

    def release(
        self, jobs: Sequence[Job], state: JobState, receiver: bytes | None, reason: str, at: int
    ) -> None:
        """Write that planned seeds are withdrawn or transferred, all or none.

        Raises:
            FobFault: one of them was set aside for a fob meanwhile.
        """
        with self._writing():
            for job in jobs:
                hands = self._row(job.serial_number)["hands"]
                changes = {"state": state, "handed_to": receiver, "message": reason, "at": at}
                changes |= {"hands": hands + 1, "at": at}
                entry = self.entry(at, state, "ok", job.serial_number, reason=reason)
                self._update(job.serial_number, changes, [entry], as_it_was=job)

    def receive(self, hands: Mapping[str, int], at: int) -> None:
        """Write which known seeds were handed to this desk, and how often each was handed on.

        One that had gone from here is planned again.
        """
        with self._writing():
            for name, count in hands.items():
                job = self._one(
                    f"hands < {int(count)} AND {self._database.folded('serial_number')} = ?",
                    schema.JOB.folded(name),
                )
                if job is None:
                    continue
                changes: dict[str, Any] = {"hands": count}
                if job.state in GONE:
                    changes |= {"state": JobState.PLANNED, "handed_to": None, "batch": ""}
                    changes |= {"message": "", "at": at}
                entry = self.entry(
                    at, JobState.PLANNED, "handed here", job.serial_number, hands=count
                )
                self._update(job.serial_number, changes, [entry])

    # Reading --------------------------------------------------------------------------------------

    def job(self, name: str) -> Job | None:
        """Return the job of this serial number or Credential ID, None where there is none."""
        return self._named(name)

    def job_of_chip(self, chip_id: bytes) -> Job | None:
        """Return the job that this fob has, None where it has none."""
        return self._one("chip_id = ?", chip_id)

    def open_job_at(self, place: str) -> Job | None:
        """Return a job that was left open in the fob at `place`, None where there is none."""
        states = ", ".join(f"'{state}'" for state in GIVE_UP)
        return self._one(f"place = ? AND state IN ({states})", place, order="at DESC")

    def why_not(self, serial_number: str, model: str, subject: str) -> Fault | None:
        """Return why a named seed cannot be set aside for a fob of `model`, None where it can."""
        if serial_number not in self._at_hand:
            return Fault(FailureCause.NO_RECORD, subject, f"the seed file has no {serial_number}")
        if (wanted := self._at_hand.model_of(serial_number)) not in ("", model):
            message = f"{serial_number} is for a {wanted}, and this is a {model}"
            return Fault(FailureCause.NO_RECORD, subject, message)
        job = self._known(serial_number)
        if job.state is JobState.PLANNED:
            return None
        held = chip_name(job.chip_id) if job.chip_id else "another fob"
        message = f"{serial_number} is {job.state} in {held} already"
        return Fault(FailureCause.SERIAL_TWICE, subject, message)

    def jobs(self) -> list[Job]:
        """Return all jobs by serial number."""
        return [job_of(row) for row in self.guarded.select(schema.JOB, order="serial_number")]

    def has_seed(self, job: Job, record: SeedRecord) -> bool:
        """Say whether `record` holds the very seed of `job`."""
        row = self.guarded.get(schema.JOB, job.serial_number)
        return row is not None and hmac.compare_digest(row["seed_print"], self._print(record))

    def unfinished_at_hand(self) -> int:
        """Return how many records at hand are neither receipted nor void."""
        found = self._database.fetch(
            "SELECT serial_number FROM job"
            " WHERE state NOT IN ('receipted', 'void', 'withdrawn', 'transferred')"
        )
        return sum(name in self._at_hand for (name,) in found)

    def refusals(self) -> list[Fault]:
        """Return what was not taken, and why."""
        rows = self.guarded.select(schema.TURNED_AWAY)
        return [Fault(FailureCause(row["cause"]), row["subject"], row["message"]) for row in rows]

    def delivery(self, job: Job) -> SeedRecord | None:
        """Return what the server is to import of a sealed fob, None where it is not kept.

        Raises:
            BadInput: what is kept was altered, or sealed with another key.
        """
        sealed = self._row(job.serial_number)["delivery"]
        return None if sealed is None else open_delivery(self._keys, sealed, job)

    def forget_deliveries(self, batch: str, at: int) -> int:
        """Erase what is kept for the server of a batch, from the file too; return how many."""
        with self._writing():
            kept = f"{self._database.folded('batch')} = ? AND delivery IS NOT NULL"
            rows = self.guarded.select(schema.JOB, kept, (schema.JOB.folded(batch),))
            entry = self.entry(at, "seeds forgotten", "ok", batch, count=len(rows))
            changes = [Change(schema.JOB, row, {"delivery": None}) for row in rows]
            self.guarded.write([entry], changes)
        self.guarded.forget_old_pages()
        return len(rows)

    # Within a transaction -------------------------------------------------------------------------

    def _next_planned(self, model: str) -> str | None:
        def is_planned(name: str) -> bool:
            return bool(self._row(name)["state"] == JobState.PLANNED)

        return self._at_hand.next_for(model, is_planned)

    def _not_planned(self, job: Job, source: str, at: int, batch: str) -> Fault | None:
        """Return why a known seed is not for this run; take a free one into `batch`."""
        name = job.serial_number
        if job.state in GONE:
            message = f"{name} was {job.state} from {self.name} on {utc(job.at)}"
            return Fault(FailureCause.WITHDRAWN, name, message)
        if batch.casefold() == job.batch.casefold() or not batch:
            return None
        if job.batch and not self._is_finished(job.batch):
            message = f"{name} belongs to the batch {job.batch} of {self.name}"
            return Fault(FailureCause.OTHER_BATCH, name, message)
        if job.state is JobState.PLANNED:
            detail = {"source": source, "batch": batch, "was": job.batch}
            entry = self.entry(at, JobState.PLANNED, "ok", name, **detail)
            self._update(name, {"batch": batch, "source": source, "at": at}, [entry])
            return None
        where = f"the batch {job.batch}" if job.batch else "no batch"
        message = f"{name} is {job.state} and belongs to {where}"
        return Fault(FailureCause.OTHER_BATCH, name, message)

    def _is_finished(self, batch: str) -> bool:
        row = self.guarded.get(schema.BATCH, batch)
        return row is not None and row["state"] in FINISHED

    def _conflict(self, record: SeedRecord, made: bytes) -> Fault | None:
        name = record.serial_number
        job = self._one("seed_print = ?", made)
        if job is not None and job.serial_number.casefold() != name.casefold():
            message = f"the seed of {name} is known as that of {job.serial_number} in {self.name}"
            return Fault(FailureCause.SEED_TWICE, name, message)
        if job is None:
            known = self._named(name)
            source = f" from {known.source}" if known else ""
            message = f"{name} is known with another seed{source} in {self.name}: for another"
            message += " delivery under the same numbers name another ledger with --ledger"
            return Fault(FailureCause.SERIAL_TWICE, name, message)
        return None

    def _update(
        self,
        serial_number: str,
        changes: dict[str, Any],
        entries: Sequence[AuditEntry],
        as_it_was: Job | None = None,
    ) -> Row:
        """Change a job's row and write what the log says of it; return the row as it is then."""
        row = self.guarded.get(schema.JOB, serial_number)
        if row is None or (
            as_it_was is not None
            and (row["state"], row["chip_id"]) != (as_it_was.state, as_it_was.chip_id)
        ):
            message = f"{serial_number} was changed meanwhile: given up, or done at another desk"
            raise FobFault(FailureCause.OUT_OF_STEP, message)
        (now,) = self.guarded.write(entries, [Change(schema.JOB, row, changes)])
        return now

    def _is_known(self, record: SeedRecord, made: bytes) -> bool:
        if self.guarded.get(schema.JOB, record.serial_number) is not None:
            return True
        same = f"{self._database.folded('credential_id')} = ? OR seed_print = ?"
        name = schema.JOB.folded(record.credential_id)
        return bool(self.guarded.select(schema.JOB, same, (name, made)))

    def _row(self, serial_number: str) -> Row:
        row = self.guarded.get(schema.JOB, serial_number)
        assert row is not None, "jobs are never deleted"
        return row

    def _known(self, serial_number: str) -> Job:
        return job_of(self._row(serial_number))

    def _named(self, name: str) -> Job | None:
        same = self._database.folded
        where = f"{same('serial_number')} = ?1 OR {same('credential_id')} = ?1"
        return self._one(where, schema.JOB.folded(name))

    def _one(self, where: str, value: object, order: str = "") -> Job | None:
        found = self.guarded.select(schema.JOB, where, (value,), order=order, limit=1)
        return job_of(found[0]) if found else None

    def _print(self, record: SeedRecord) -> bytes:
        return hmac.digest(self._print_key, record.seed, "sha256")


def _planned_row(record: SeedRecord, made: bytes, source: str, at: int, batch: str) -> Row:
    return schema.NEW_JOB | {
        "serial_number": record.serial_number,
        "credential_id": record.credential_id,
        "seed_print": made,
        "expiry_date": record.expiry_date.isoformat() if record.expiry_date else "",
        "source": source,
        "state": JobState.PLANNED,
        "at": at,
        "batch": batch,
    }
