"""What came of it: totals, failures by cause, and the server's import file (STATION §6)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.seeds.record import SeedRecord

DONE = frozenset({JobState.SEALED, JobState.RECEIPTED})
"""The states of seeds that are in a sealed fob, and in nothing else."""


@dataclass(frozen=True, slots=True)
class StationReport:
    """Where everything stands.

    `stopped` are the jobs that failed last time, `turned_away` fobs and records that were not
    taken; `test_receipts` of the receipts say TEST.
    """

    states: Counter[JobState]
    stopped: tuple[Job, ...]
    turned_away: tuple[Fault, ...]
    test_receipts: int

    @property
    def causes(self) -> Counter[FailureCause]:
        """How often each cause stopped something."""
        stopped = Counter(FailureCause(job.cause) for job in self.stopped)
        return stopped + Counter(fault.cause for fault in self.turned_away)

    @property
    def total(self) -> int:
        """How many seeds are on record."""
        return self.states.total()


def report(ledger: Ledger) -> StationReport:
    """Return where everything in `ledger` stands."""
    jobs = ledger.jobs()
    return StationReport(
        states=Counter(job.state for job in jobs),
        stopped=tuple(job for job in jobs if job.cause),
        turned_away=tuple(ledger.refusals()),
        test_receipts=sum(job.state is JobState.RECEIPTED and job.test_keys for job in jobs),
    )


def server_records(ledger: Ledger, records: Iterable[SeedRecord]) -> Iterator[SeedRecord]:
    """Yield what the server is to import: a record for exactly the fobs that were sealed.

    It carries the counter after the confirmed code, or the last time step used.

    Args:
        ledger: says which they are; it holds no seed.
        records: the seed files that they came from; others in them are passed over.

    Raises:
        BadInput: a sealed fob's seed is in none of `records`.
    """
    missing = {job.serial_number.casefold(): job for job in ledger.jobs() if job.state in DONE}
    for record in records:
        job = missing.get(record.serial_number.casefold())
        if job is None or not ledger.has_seed(job, record):
            continue
        del missing[record.serial_number.casefold()]
        yield after_confirmation(record, job.factor)
    if missing:
        first = next(iter(missing.values()))
        raise BadInput(
            f"{len(missing)} of the sealed fobs have their seeds in other files than these:"
            f" {first.serial_number} came from {first.source}"
        )


def after_confirmation(record: SeedRecord, factor: int | None) -> SeedRecord:
    """Return `record` as the server must know it once the code of `factor` is used up."""
    assert factor is not None, "no fob is sealed without a confirmed code"
    if record.kind is OtpKind.HOTP:
        return replace(record, counter=factor + 1)
    return replace(record, time_steps=factor)


def open_jobs(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs that are bound to a fob and not done: what to look for on the desk."""
    return [
        job for job in jobs if job.chip_id is not None and job.state not in (*DONE, JobState.VOID)
    ]
