"""A provisioning station for Python programs: a seed file and blank fobs in, sealed fobs out."""

import getpass
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.provisioning.station.batches import BatchLedger, batch_of_delivery
from host_tools.provisioning.station.clock import refuse_behind, steady_seconds
from host_tools.provisioning.station.confirm import BenchDisplayReader, DisplayReader
from host_tools.provisioning.station.custody import Credentials, Custody, CustodyAct
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.run import RunOrder, StationRun
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.tray import lines
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file


@dataclass(slots=True)
class StationResult:
    """The outcome of a station's run.

    `all_done` is whether everything asked for was done: status 0 of the command (STATION §6).
    `sealed` has serial numbers; `failed` the reason by serial number, chip ID or place; `refused`
    the reason by serial number for records that were not tried; `empty_places` counts the places
    without a fob; `left_open` are serial numbers whose fobs are not done, at whatever place;
    `ended_early` says why a line was left before its end.

    Example:
        >>> result = keyfob.StationResult(sealed=["ZZH600000001"], empty_places=1)
        >>> result.all_done
        False
    """

    all_done: bool = False
    sealed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    empty_places: int = 0
    left_open: list[str] = field(default_factory=list)
    ended_early: list[str] = field(default_factory=list)


class Station:
    """keyfob's provisioning station over one ledger, as `keyfob station` works with it (STATION).

    No seed is loaded twice: the ledger knows each, across runs and processes.

    Args:
        ledger: its file, mode 0600; made if it does not exist.
        key_file: of the key that chains its log; None for the ledger's name with `.key`.
        operator: who is on record; this user's login name if "".
        secret: the operator's, where operators are enrolled (STATION §8).
        second: name and secret of another operator, for acts that need two.
        clock: gives Unix time in seconds; the machine's by default, `rack.time.now` for a rack.

    Example:
        >>> records = keyfob.generate_seeds("fob-h6", 2)
        >>> with keyfob.Rack.start(count=2, preset=None) as rack:
        ...     station = keyfob.Station(folder / "station.db", clock=rack.time.now)
        ...     result = station.run(records, rack[1].port, [1, 2], bench=rack.bench_address)
        >>> result.sealed, result.all_done
        (['ZZH600000001', 'ZZH600000002'], True)
    """

    def __init__(
        self,
        ledger: Path,
        key_file: Path | None = None,
        *,
        operator: str = "",
        secret: str = "",
        second: tuple[str, str] | None = None,
        clock: Callable[[], Decimal | float] = time.time,
    ) -> None:
        self.ledger = ledger
        self.key_file = ledger.with_suffix(".key") if key_file is None else key_file
        self.operator = operator or getpass.getuser()
        self._credentials = [Credentials(self.operator, secret)]
        self._credentials += [Credentials(*second)] if second is not None else []
        self._clock = clock

    def open_batch(
        self,
        name: str,
        customer: str,
        seed_file: Path,
        records: Sequence[SeedRecord],
        *,
        expect: int | None = None,
    ) -> None:
        """Open a batch: one customer's order, filled from one delivery of seeds (STATION §7).

        Args:
            name: by which `run` and `keyfob station` know it, 1 to 80 characters.
            customer: whose order it is, 1 to 80 characters.
            seed_file: the delivery; no run of this batch takes another file.
            records: what it holds.
            expect: how many fobs are ordered; None for one for each record.

        Raises:
            BadInput: there is such a batch, or more is ordered than the delivery has.
            ClockBehind: the clock is before the ledger's last entry.
            Denied: operators are enrolled, and these are too few or not proven.
        """
        batch = batch_of_delivery(name, customer, seed_file, records, expected=expect)
        with self._open(self.operator) as ledger:
            at = int(self._now())
            refuse_behind(at, ledger.last_at())
            ledger.actor = self._authorize(ledger, at, CustodyAct.BATCH)
            BatchLedger(ledger).open(batch, at)

    def run(
        self,
        records: Sequence[SeedRecord],
        port: str | Sequence[str],
        addresses: Sequence[int] = (1,),
        *,
        keys: FobKeys = TEST_KEYS,
        device_keys: FobKeys | None = None,
        bench: str | None = None,
        reader: DisplayReader | None = None,
        batch: str = "",
        seed_file: Path | None = None,
        also: Sequence[Path] = (),
        expect: int | None = None,
    ) -> StationResult:
        """Load `records` into the blank fobs at `addresses` of the line at `port`, and seal them.

        Args:
            records: go into the fobs in their order.
            port: the line's address; several lines are worked at once.
            addresses: HDLC addresses on each line, from 1.
            keys: the keys under which the fobs come.
            device_keys: the keys they leave with; None keeps `keys`, which must be the test keys.
            bench: the address of the bench that presses and reads the displays.
            reader: whoever presses and reads instead, such as a robot.
            batch: the order that the fobs are for, of `open_batch`.
            seed_file: where `records` come from; a batch takes its own delivery only.
            also: other desks' ledgers, whose seeds are not loaded here.
            expect: how many fobs must be done at the end; None for one at each place.

        Raises:
            BadInput: the ledger or its key is not one, the keys do not go together, the batch is
                unknown or of another delivery, or neither `bench` nor `reader` is given.
            ClockBehind: the clock is before the ledger's last entry.
            Denied: operators are enrolled, and these are too few or not proven.
        """
        if bench is None and reader is None:
            raise BadInput("nobody reads the displays: expected a bench's address, or a reader")
        ports = [port] if isinstance(port, str) else list(port)
        order = RunOrder(
            records=tuple(records),
            source="a Python program" if seed_file is None else str(seed_file),
            keys=KeyPlan(keys, device_keys),
            lines=tuple(lines(ports, list(addresses))),
            seed_file=seed_file,
            batch=batch,
            others=tuple(also),
            expect=expect,
        )
        steady = steady_seconds if self._clock is time.time else None
        work = StationRun(order, self._open, self._now, steady)
        work.plan(self.operator, lambda ledger, at: self._authorize(ledger, at, CustodyAct.RUN))
        work.work(
            lambda: reader if reader is not None else BenchDisplayReader(bench or ""),
            lambda event: None,  # noqa: ARG005 - the result has them all
        )
        if work.is_interrupted:
            raise KeyboardInterrupt
        return _result(work)

    def _authorize(self, ledger: Ledger, at: int, act: CustodyAct) -> str:
        return Custody(ledger).authorize(act, self._credentials, at)

    def _open(self, actor: str) -> Ledger:
        if not self.ledger.exists() and not self.key_file.exists():
            write_key_file(self.key_file, KeyRing.generate()[1])
        return Ledger(self.ledger, read_key_file(self.key_file), actor)

    def _now(self) -> Decimal:
        return Decimal(str(self._clock()))


def _result(work: StationRun) -> StationResult:
    outcome = work.outcome
    return StationResult(
        all_done=work.is_complete,
        sealed=[event.subject for event in outcome.all() if event.state is JobState.RECEIPTED],
        failed={event.subject: f"{event.cause}: {event.message}" for event in outcome.failed},
        refused={fault.subject: fault.message for fault in work.faults},
        empty_places=len(outcome.silent),
        left_open=[job.serial_number for job in outcome.left_open],
        ended_early=[str(error) for error in work.errors],
    )
