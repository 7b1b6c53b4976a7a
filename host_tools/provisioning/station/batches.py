"""The batches of a ledger: opened, loaded, reconciled, closed (STATION §7)."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from firmware_model.errors import BadInput, Denied
from host_tools.provisioning.station.batch import (
    BATCH_TABLE,
    FINISHED,
    Batch,
    BatchEvent,
    BatchState,
)
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import GIVE_UP, JobState
from host_tools.seeds.record import SeedRecord

TEXT_CHARACTERS_MAX = 80


@dataclass(frozen=True, slots=True)
class BatchCount:
    """What the ledger has for a batch.

    `sealed` fobs are receipted, `void` were given up, `spare` seeds were never used; `open` jobs
    are in fobs that are not done.
    """

    batch: Batch
    sealed: int
    void: int
    spare: int
    open: tuple[Job, ...]

    @property
    def problems(self) -> list[str]:
        """What keeps the batch from being reconciled as it is."""
        found = [
            f"{job.serial_number} is {job.state} at {job.place}: finish it or give it up"
            for job in self.open
        ]
        if self.sealed != self.batch.expected:
            found.append(f"{self.sealed} fobs are sealed, and {self.batch.expected} were ordered")
        return found


class BatchLedger:
    """The batches in `ledger`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def open(self, batch: Batch, at: int) -> Batch:
        """Open a batch.

        Raises:
            BadInput: there is one of that name, or a field is not usable.
        """
        _check(batch)
        if self.find(batch.name) is not None:
            raise BadInput(
                f"batch {batch.name} is in {self._ledger.name} already: choose another name"
            )
        opened = replace(batch, state=BatchState.OPENED, at=at)
        detail = {"customer": batch.customer, "expected": batch.expected}
        detail |= {"delivery_file": batch.delivery_file, "models": ",".join(batch.models)}
        entry = self._ledger.entry(at, "batch", BatchState.OPENED, batch.name, **detail)
        self._ledger.put("batch", _row(opened), entry)
        return opened

    def find(self, name: str) -> Batch | None:
        """Return the batch of this name, None where there is none."""
        rows = self._ledger.rows("batch", name=name)
        return _batch_of(rows[0]) if rows else None

    def get(self, name: str) -> Batch:
        """Return the batch of this name.

        Raises:
            BadInput: there is none; the message names those that are there.
        """
        batch = self.find(name)
        if batch is None:
            names = ", ".join(each.name for each in self.all()) or "none yet"
            raise BadInput(
                f"unknown batch {name} in {self._ledger.name}; it has {names}:"
                " keyfob station batch open makes one"
            )
        return batch

    def all(self) -> list[Batch]:
        """Return all batches by name."""
        return [_batch_of(row) for row in self._ledger.rows("batch")]

    def count(self, batch: Batch) -> BatchCount:
        """Count what was done for a batch."""
        jobs = [job for job in self._ledger.jobs() if job.batch.casefold() == batch.name.casefold()]
        states = Counter(job.state for job in jobs)
        return BatchCount(
            batch,
            sealed=states[JobState.RECEIPTED],
            void=states[JobState.VOID],
            spare=states[JobState.PLANNED],
            open=tuple(job for job in jobs if job.state in GIVE_UP),
        )

    def note_loaded(self, name: str, at: int) -> Batch:
        """Move an opened batch to loaded where as many fobs as ordered are sealed."""
        batch = self.get(name)
        if batch.state is BatchState.OPENED and self.count(batch).sealed >= batch.expected:
            return self._move(batch, BatchEvent.LOAD, at)
        return batch

    def reconcile(self, name: str, at: int, shortfall: str = "") -> BatchCount:
        """Compare what was ordered with what was sealed, and settle it.

        Args:
            name: the batch.
            at: Unix time.
            shortfall: why the counts differ, where they do.

        Raises:
            Denied: fobs are open, or the counts differ and nobody said why.
            BadInput: there is no such batch, or it is finished.
        """
        count = self.count(self.get(name))
        problems = count.problems
        if count.open or (problems and not shortfall):
            explained = "" if count.open else "; explain the difference with --shortfall TEXT"
            where = f"batch {count.batch.name} in {self._ledger.name}"
            raise Denied(f"{where}: {'; '.join(problems)}{explained}")
        _check(replace(count.batch, shortfall=shortfall))
        moved = self._move(replace(count.batch, shortfall=shortfall), BatchEvent.RECONCILE, at)
        return replace(count, batch=moved)

    def close(self, name: str, at: int, *, forget_seeds: bool = False) -> Batch:
        """Close a reconciled batch; with `forget_seeds` no import file can be written any more.

        Raises:
            BadInput: there is no such batch, or it is not reconciled.
        """
        batch = self._move(self.get(name), BatchEvent.CLOSE, at)
        if forget_seeds:
            self._ledger.forget_deliveries(batch.name, at)
        return batch

    def _move(self, batch: Batch, event: BatchEvent, at: int) -> Batch:
        state = BATCH_TABLE.get((batch.state, event))
        if state is None:
            before = " or ".join(each for each, what in BATCH_TABLE if what is event)
            raise BadInput(
                f"batch {batch.name} is {batch.state} in {self._ledger.name}: {event} needs one"
                f" that is {before}"
            )
        moved = replace(batch, state=state, at=at)
        detail = {"was": batch.state, "shortfall": batch.shortfall}
        entry = self._ledger.entry(at, "batch", state, batch.name, **detail)
        self._ledger.put("batch", _row(moved), entry)
        return moved


def batch_of_delivery(
    name: str,
    customer: str,
    seed_file: Path,
    records: Sequence[SeedRecord],
    *,
    expected: int | None = None,
    models: Sequence[str] = (),
) -> Batch:
    """Return the batch that `seed_file`, which holds `records`, is delivered for.

    `expected` fobs are ordered, by default one for each record; of `models`, by default those that
    the records name.

    Raises:
        BadInput: more are ordered than there are records.
    """
    if expected is not None and expected > len(records):
        raise BadInput(f"{seed_file} has {len(records)} seeds, and {expected} fobs are ordered")
    return Batch(
        name=name,
        customer=customer,
        delivery_file=seed_file.name,
        delivery_digest=delivery_digest(seed_file),
        expected=len(records) if expected is None else expected,
        models=tuple(sorted(set(models) or {record.model for record in records if record.model})),
    )


def delivery_digest(path: Path) -> bytes:
    """Return the SHA-256 of a delivery file, by which it is known again under any name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def refuse_other_delivery(batch: Batch, path: Path, records: Sequence[SeedRecord]) -> None:
    """Make sure that `path` is the delivery of `batch`, of its models, and that it may be loaded.

    Raises:
        BadInput: it is another file, has other models, or the batch is finished.
    """
    if batch.state in FINISHED:
        raise BadInput(f"batch {batch.name} is {batch.state}: open another one for more fobs")
    if delivery_digest(path) != batch.delivery_digest:
        raise BadInput(
            f"{path} is not the delivery of batch {batch.name}, which is {batch.delivery_file}:"
            " give that, or open a batch for this one"
        )
    others = {record.model for record in records if record.model} - set(batch.models)
    if batch.models and others:
        raise BadInput(
            f"{path} has seeds for {', '.join(sorted(others))}; batch {batch.name} is of"
            f" {', '.join(batch.models)}"
        )


def _check(batch: Batch) -> None:
    for what, text in (
        ("name", batch.name),
        ("customer", batch.customer),
        ("explanation", batch.shortfall),
    ):
        needed = what != "explanation"
        if len(text) > TEXT_CHARACTERS_MAX or not text.isprintable() or (needed and not text):
            raise BadInput(
                f"the batch's {what} {text!r} is invalid: expected 1 to {TEXT_CHARACTERS_MAX}"
                " printable characters"
            )
    if batch.expected < 1:
        raise BadInput(f"a batch is of 1 fob or more, not {batch.expected}")


def _row(batch: Batch) -> dict[str, Any]:
    values = {field.name: getattr(batch, field.name) for field in fields(batch)}
    return values | {"models": ",".join(batch.models)}


def _batch_of(row: dict[str, Any]) -> Batch:
    models = tuple(row["models"].split(",")) if row["models"] else ()
    return Batch(**row | {"models": models, "state": BatchState(row["state"])})
