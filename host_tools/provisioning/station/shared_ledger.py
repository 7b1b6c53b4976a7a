"""One writer for all lines of a run: whoever waits shares the next commit (STATION §4)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from firmware_model.errors import KeyfobError
from host_tools.provisioning.station.disk import LedgerUnwritable
from host_tools.provisioning.station.jobs import Claim, Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import JobState
from host_tools.seeds.record import SeedRecord
from host_tools.vault.shared_store import Caller, SharedStore

_Result = TypeVar("_Result")
_Act = Callable[[Ledger], Any]


class SharedLedger(SharedStore[Ledger, _Act]):
    """A ledger that writes for the lines' threads.

    What lines ask for while a commit is on its way to the disk is done together and made durable by
    the next commit. Each line is answered after the commit that its own act is in.
    """

    def write(self, act: Callable[[Ledger], _Result]) -> _Result:
        """Return what `act` returns of the ledger, when it is durable.

        Raises:
            KeyfobError: as `act`; nothing of it was written then.
            LedgerUnwritable: the disk is full or failing; nothing of the whole group was written.
        """
        result: _Result = self.ask(act)
        return result

    def closed(self) -> Exception:
        """Return what is raised for a line that writes after the end."""
        return LedgerUnwritable("the run has ended: the ledger is closed")

    def serve(self, store: Ledger, group: Sequence[Caller[_Act]]) -> None:
        """Carry out all acts in one transaction, and answer each after its commit."""
        _write_group(store, group)


def _write_group(ledger: Ledger, group: Sequence[Caller[_Act]]) -> None:
    """Carry out all acts in one transaction, and answer each after its commit."""
    answers: list[Callable[[], None]] = []
    try:
        with ledger.together():
            for caller in group:
                answers.append(_answer_of(caller, ledger))
    except BaseException as error:  # noqa: BLE001 - raised in every line of the group
        for caller in group:
            caller.set_exception(error)
        return
    for answer in answers:
        answer()


def _answer_of(caller: Caller[_Act], ledger: Ledger) -> Callable[[], None]:
    """Carry out one act, or none of it, and return what answers it."""
    try:
        with ledger.guarded.trying():
            result = caller.asked(ledger)
    except LedgerUnwritable:
        raise
    except KeyfobError as error:
        refused = error
        return lambda: caller.set_exception(refused)
    return lambda: caller.set_result(result)


class LineLedger:
    """A line's ledger: it reads by itself, and writes with the other lines."""

    def __init__(self, own: Ledger, shared: SharedLedger) -> None:
        self.job = own.job
        self.job_of_chip = own.job_of_chip
        self.open_job_at = own.open_job_at
        self.why_not = own.why_not
        self.has_seed = own.has_seed
        self.unfinished_at_hand = own.unfinished_at_hand
        self._shared = shared

    def claim(self, claim: Claim, serial_number: str | None, at: int) -> Job | Fault:
        """Set a planned seed aside for a fob; see `Ledger.claim`."""
        return self._shared.write(lambda ledger: ledger.claim(claim, serial_number, at))

    def advance(
        self,
        job: Job,
        states: Sequence[JobState],
        at: int,
        delivery: SeedRecord | None = None,
        **known: Any,
    ) -> Job:
        """Write that `job` came to `states`; see `Ledger.advance`."""
        return self._shared.write(lambda ledger: ledger.advance(job, states, at, delivery, **known))

    def fail(self, job: Job, fault: Fault, at: int) -> Job:
        """Write that `job` stopped where it is; see `Ledger.fail`."""
        return self._shared.write(lambda ledger: ledger.fail(job, fault, at))

    def record_refusals(self, faults: Iterable[Fault], at: int) -> None:
        """Write that fobs were not taken; see `Ledger.record_refusals`."""
        self._shared.write(lambda ledger: ledger.record_refusals(faults, at))


RunLedger = Ledger | LineLedger
"""What one line of a run writes to: a ledger of its own where it is the only one."""
