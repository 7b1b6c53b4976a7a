"""A provisioning station for Python programs: a seed file and blank fobs in, sealed fobs out."""

import getpass
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from firmware_model import catalogue
from firmware_model.errors import BadInput, KeyfobError
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.provisioning.station.clock import WatchedClock
from host_tools.provisioning.station.confirm import BenchDisplayReader, DisplayReader
from host_tools.provisioning.station.desk import KeyPlan, StationDesk
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import MatchRule, usable
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.tray import Tray, lines
from host_tools.seeds import SeedRecord
from host_tools.vault.key_ring import KeyRing, read_key_file, write_key_file


@dataclass(slots=True)
class StationResult:
    """The outcome of a station's run; `all_done` is whether every record went into a fob.

    `sealed` has serial numbers; `failed` the reason by serial number or chip ID; `refused` the
    reason by serial number for records that were not tried; `empty_places` counts the places
    without a fob; `ended_early` says why a line was left before its end.

    Example:
        >>> keyfob.StationResult(sealed=["ZZH600000001"]).all_done
        True
    """

    sealed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    empty_places: int = 0
    ended_early: list[str] = field(default_factory=list)

    @property
    def all_done(self) -> bool:
        """Whether nothing failed, was refused or ended early."""
        return not (self.failed or self.refused or self.ended_early)


class Station:
    """keyfob's provisioning station over one ledger, as `keyfob station` works with it (STATION).

    No seed is loaded twice: the ledger knows each, across runs and processes.

    Args:
        ledger: its file, mode 0600; made if it does not exist.
        key_file: of the key that chains its log; None for the ledger's name with `.key`.
        operator: who is on record; this user's login name if "".
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
        clock: Callable[[], Decimal | float] = time.time,
    ) -> None:
        self.ledger = ledger
        self.key_file = ledger.with_suffix(".key") if key_file is None else key_file
        self.operator = operator or getpass.getuser()
        self._clock = clock

    def run(
        self,
        records: Sequence[SeedRecord],
        port: str,
        addresses: Sequence[int] = (1,),
        *,
        keys: FobKeys = TEST_KEYS,
        device_keys: FobKeys | None = None,
        bench: str | None = None,
        reader: DisplayReader | None = None,
    ) -> StationResult:
        """Load `records` into the blank fobs at `addresses` of the line at `port`, and seal them.

        Args:
            records: go into the fobs in their order.
            port: the line's address.
            addresses: HDLC addresses, from 1.
            keys: the keys under which the fobs come.
            device_keys: the keys they leave with; None keeps `keys`, which must be the test keys.
            bench: the address of the bench that presses and reads the displays.
            reader: whoever presses and reads instead, such as a robot.

        Raises:
            BadInput: the ledger or its key is not one, the keys do not go together, or neither
                `bench` nor `reader` is given.
            ClockBehind: the clock is before the ledger's last entry.
        """
        if bench is None and reader is None:
            raise BadInput("nobody reads the displays: expected a bench's address, or a reader")
        plan, result = KeyPlan(keys, device_keys), StationResult()
        with self._open() as ledger:
            clock = WatchedClock(self._now, None, ledger.last_at())
            at = int(clock())
            good, faults = usable(records, datetime.fromtimestamp(at, UTC).date())
            faults += ledger.plan(good, "a Python program", at)
            ledger.record_refusals(faults, at)
        result.refused = {fault.subject: fault.message for fault in faults}
        good = [record for record in good if record.serial_number not in result.refused]
        desk = StationDesk(records=tuple(good), keys=plan, rule=MatchRule.NEXT, clock=clock)
        tray = Tray(
            desk,
            lambda: self._open(good),
            lambda: reader if reader is not None else BenchDisplayReader(bench or ""),
            partial(_note, result),
        )
        errors: list[KeyfobError] = tray.work(lines([port], list(addresses)))
        result.ended_early = [str(error) for error in errors]
        return result

    def _open(self, records: Sequence[SeedRecord] | None = None) -> Ledger:
        if not self.ledger.exists() and not self.key_file.exists():
            write_key_file(self.key_file, KeyRing.generate()[1])
        ledger = Ledger(self.ledger, read_key_file(self.key_file), self.operator)
        if records is not None:
            ledger.set_at_hand(records, catalogue.names())
        return ledger

    def _now(self) -> Decimal:
        return Decimal(str(self._clock()))


def _note(result: StationResult, event: StationEvent) -> None:
    if event.cause is not None:
        result.failed[event.subject] = f"{event.cause}: {event.message}"
    elif event.state is JobState.RECEIPTED:
        result.sealed.append(event.subject)
    elif event.state is None:
        result.empty_places += 1
