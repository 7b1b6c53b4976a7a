"""A run of the station: seeds planned, a tray worked through, and whether all was done (§6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from firmware_model import catalogue
from firmware_model.errors import BadInput, KeyfobError
from host_tools.provisioning.station.batches import BatchLedger, refuse_other_delivery
from host_tools.provisioning.station.clock import WatchedClock
from host_tools.provisioning.station.confirm import DisplayReader
from host_tools.provisioning.station.desk import KeyPlan, StationDesk
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault, MatchRule, usable
from host_tools.provisioning.station.others import handed_here, known_elsewhere
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.report import open_jobs
from host_tools.provisioning.station.states import FailureCause
from host_tools.provisioning.station.tray import Tray, TrayLine
from host_tools.provisioning.station.visit import EventHandler
from host_tools.seeds.record import SeedRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a run is asked to do.

    `source` names where `records` come from, for the log; `seed_file` is that file, which a run
    for a `batch` needs. `others` are other desks' ledgers. `expect` is how many fobs must be done
    at the end: by default one at each place, with `wait` one for each record.
    """

    records: tuple[SeedRecord, ...] = field(repr=False)
    source: str
    keys: KeyPlan
    lines: tuple[TrayLine, ...]
    rule: MatchRule = MatchRule.NEXT
    seed_file: Path | None = None
    batch: str = ""
    others: tuple[Path, ...] = ()
    wait: bool = False
    expect: int | None = None


class StationRun:
    """One run of the station over a ledger: `plan`, then `work`.

    Args:
        order: what is asked for.
        open_ledger: opens the ledger for who acts; each line has its own.
        now: true time, in seconds since 1970.
        steady: a clock that is never set; None where time is simulated (see `WatchedClock`).
    """

    def __init__(
        self,
        order: RunOrder,
        open_ledger: Callable[[str], Ledger],
        now: Callable[[], Decimal],
        steady: Callable[[], Decimal] | None = None,
    ) -> None:
        places = [place for line in order.lines for place in line.places]
        self.outcome = TrayOutcome(places, order.expect)
        self.records: tuple[SeedRecord, ...] = ()
        """The records that may go into fobs; known once planned."""
        self.faults: list[Fault] = []
        """Why the others may not."""
        self.errors: list[KeyfobError] = []
        """What ended a line early."""
        self.costs: list[str] = []
        """What each bad line cost, in a sentence."""
        self.is_interrupted = False
        """Whether Ctrl-C ended the work."""
        self._order = order
        self._open_ledger = open_ledger
        self._now = now
        self._steady = steady
        self._actor = ""
        self._clock: WatchedClock | None = None

    def plan(self, actor: str, authorize: Callable[[Ledger, int], str]) -> None:
        """Take the seeds into the ledger; `records` and `faults` are known from then on.

        Args:
            actor: who is on record until proven.
            authorize: makes sure that whoever acts may run the station, at this Unix time;
                returns how the log names them.

        Raises:
            ClockBehind: the clock is before the ledger's last entry.
            Denied: an operator's secret is wrong or missing.
            BadInput: the batch or another ledger is not usable, or the ledger's key is not its own.
        """
        order = self._order
        with self._open_ledger(actor) as ledger:
            self._clock = WatchedClock(self._now, self._steady, ledger.last_at())
            at = int(self._clock())
            self._actor = ledger.actor = authorize(ledger, at)
            if order.batch:
                if order.seed_file is None:
                    raise BadInput(f"batch {order.batch}: expected the seed file of its delivery")
                batch = BatchLedger(ledger).get(order.batch)
                refuse_other_delivery(batch, order.seed_file, order.records)
            good, self.faults = plan_seeds(ledger, order, at)
        self.records = tuple(good)

    def work(self, open_reader: Callable[[], DisplayReader], on_event: EventHandler) -> None:
        """Work through the tray; `outcome` is taken in as it goes, and settled at the end.

        Ctrl-C ends it early: see `is_interrupted`.

        Args:
            open_reader: opens whoever reads the displays; each line has its own.
            on_event: is called after `outcome` took an event in, by one thread at a time.

        Raises:
            KeyfobError: the ledger cannot be read any more.
        """
        assert self._clock is not None, "plan comes first"
        order, outcome = self._order, self.outcome

        def take_in(event: StationEvent) -> None:
            outcome.add(event)
            on_event(event)

        expect = order.expect
        tray = Tray(
            StationDesk(records=self.records, keys=order.keys, rule=order.rule, clock=self._clock),
            lambda: self._with_records(self._open_ledger(self._actor)),
            open_reader,
            take_in,
            wait=order.wait,
            enough=(lambda: outcome.done >= expect) if order.wait and expect else None,
        )
        try:
            self.errors = tray.work(order.lines)
        except KeyboardInterrupt:
            self.is_interrupted = True
        self.costs = tray.costs
        self._settle()

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for is done: STATION §6's status 0.

        A seed that was withdrawn or transferred is no failure.
        """
        refused = [fault for fault in self.faults if fault.cause is not FailureCause.WITHDRAWN]
        stopped_early = self.errors or self.is_interrupted
        return self.outcome.is_complete and not refused and not stopped_early

    def _settle(self) -> None:
        """Note what is left open at the end, and that a batch is loaded."""
        order, outcome = self._order, self.outcome
        with self._with_records(self._open_ledger(self._actor)) as ledger:
            outcome.left_open = tuple(open_jobs(ledger.jobs()))
            if order.wait and order.expect is None:
                outcome.expected = outcome.done + ledger.unfinished_at_hand()
            if order.batch:
                BatchLedger(ledger).note_loaded(order.batch, ledger.last_at())

    def _with_records(self, ledger: Ledger) -> Ledger:
        ledger.set_at_hand(self.records, catalogue.names())
        return ledger


def plan_seeds(ledger: Ledger, order: RunOrder, at: int) -> tuple[list[SeedRecord], list[Fault]]:
    """Take the order's seeds into the ledger at Unix time `at`.

    Returns those that may go into fobs, and why the others may not.
    """
    good, faults = usable(order.records, datetime.fromtimestamp(at, UTC).date())

    def without(refused: Sequence[Fault]) -> list[SeedRecord]:
        faults.extend(refused)
        names = {fault.subject for fault in refused}
        return [record for record in good if record.serial_number not in names]

    good = without(known_elsewhere(ledger, order.others, good))
    handed = handed_here(ledger, order.others, good)
    ledger.receive(handed, at)
    good = without(ledger.plan(good, order.source, at, order.batch))
    ledger.receive(handed, at)
    # Of two desks that plan the same seeds at once, each sees the other here.
    good = without(known_elsewhere(ledger, order.others, good))
    ledger.record_refusals(faults, at)
    return good, faults
