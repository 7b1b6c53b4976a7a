"""What came of it: totals, failures by cause, and the server's import file (STATION §6)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firmware_model.errors import BadInput
from host_tools.provisioning.station.delivery import after_confirmation
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


def report(jobs: Sequence[Job], refusals: Sequence[Fault]) -> StationReport:
    """Return where `jobs` stand, and what was turned away."""
    return StationReport(
        states=Counter(job.state for job in jobs),
        stopped=tuple(job for job in jobs if job.cause),
        turned_away=tuple(refusals),
        test_receipts=sum(job.state is JobState.RECEIPTED and job.test_keys for job in jobs),
    )


def server_records(
    ledger: Ledger, jobs: Iterable[Job], records: Iterable[SeedRecord] = ()
) -> list[SeedRecord]:
    """Return what the server is to import: a record for each sealed fob among `jobs`.

    It carries the counter after the confirmed code, or the last time step used.

    Args:
        ledger: keeps what it sealed, from the second version of its schema on.
        jobs: those to look at; fobs that are not sealed are passed over.
        records: seed files of fobs whose records the ledger does not keep.

    Raises:
        BadInput: a sealed fob's record is neither kept nor in `records`.
    """
    given = {record.serial_number.casefold(): record for record in records}
    found, missing = [], []
    for job in jobs:
        if job.state not in DONE:
            continue
        kept = ledger.delivery(job)
        record = given.get(job.serial_number.casefold())
        if kept is not None:
            found.append(kept)
        elif record is not None and ledger.has_seed(job, record):
            found.append(after_confirmation(record, job.factor))
        else:
            missing.append(job)
    if missing:
        first = missing[0]
        raise BadInput(
            f"{ledger.name} keeps no record of {len(missing)} of the sealed fobs, such as"
            f" {first.serial_number}: give the seed files they came from with --seeds"
            f" (that one: {first.source})"
        )
    return found


def open_jobs(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs that are bound to a fob and not done: what to look for on the desk."""
    return [
        job for job in jobs if job.chip_id is not None and job.state not in (*DONE, JobState.VOID)
    ]
