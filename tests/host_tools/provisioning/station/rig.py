"""A desk to try the station on: real racks in their own process, secret keys, a ledger."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from firmware_model.catalogue import load, names
from firmware_model.errors import KeyfobError
from firmware_model.units import NS_PER_MS
from firmware_model.wire.objects import SerialNumber, Slots, seed_check_value
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.bench import BenchClient
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.link import Link
from host_tools.client.ports import open_port
from host_tools.client.session import TokenSession
from host_tools.provisioning.station.clock import WatchedClock
from host_tools.provisioning.station.confirm import BenchDisplayReader, DisplayReader
from host_tools.provisioning.station.desk import KeyPlan, StationDesk
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import MatchRule
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.provisioning.station.tray import Tray, lines
from host_tools.seeds.generation import generate, serial_range
from host_tools.seeds.record import SeedRecord
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.postgres_address import StorePlace
from tests.keyfob.cli.running import running

TRANSPORT = FobKeys("factory", 48, master=bytes(range(0x10, 0x20)))
DEVICE = FobKeys("bank", 1, master=bytes(range(0x60, 0x80)))
SECRET = KeyPlan(TRANSPORT, DEVICE)
TEST = KeyPlan(TEST_KEYS, None)
RING = KeyRing.parse("11" * 32, "the tests' key")
QUICK = PrimaryTiming(response_ns=150 * NS_PER_MS, tries=2)
"""For fobs that are known to be silent; elsewhere the machine may be busy with other tests."""

SHORT = PrimaryTiming(response_ns=1500 * NS_PER_MS, tries=2)
"""For a place that is empty among others that are not."""

PATIENT = PrimaryTiming(response_ns=10_000 * NS_PER_MS, tries=2)


def records(count: int, model: str = "fob-h6") -> list[SeedRecord]:
    chosen = load(model)
    return list(generate(chosen, serial_range(chosen, count)))


@contextmanager
def rack(folder: Path, count: int, model: str = "fob-h6", *, door: str = "") -> Iterator[Any]:
    """Run `count` fobs on one line, under the secret transport keys; time stands still."""
    port = door or f"pty:{folder / 'line'}"
    arguments = ("--model", model, "--count", str(count), "--port", port, "--time", "frozen")
    with running(*arguments, "--keys", transport_file(folder)) as announced:
        yield announced


@contextmanager
def racks(folder: Path, count: int, line_count: int) -> Iterator[dict[str, Any]]:
    """Run `count` fobs in all, on so many lines, under the secret transport keys."""
    groups = '[[fobs]]\nmodel = "fob-h6"\ncount = {}\nport = "pty:{}"\n'
    paths = [folder / f"line{number}" for number in range(line_count)]
    text = "".join(groups.format(count // line_count, path) for path in paths)
    (folder / "rack.toml").write_text(text)
    arguments = (str(folder / "rack.toml"), "--time", "frozen", "--keys", transport_file(folder))
    with running(*arguments) as announced:
        yield {"port": "", **announced}


def transport_file(folder: Path) -> str:
    """Write the factory's keys into a file of mode 0600 and return its path."""
    assert TRANSPORT.master is not None
    path = folder / "factory.keys"
    path.touch(mode=0o600)
    path.write_text(f'version = {TRANSPORT.version}\nmaster = "{TRANSPORT.master.hex()}"\n')
    return str(path)


def sessions(port: str, addresses: Sequence[int]) -> Iterator[tuple[int, TokenSession]]:
    """Yield a session with each fob of a line, one after the other."""
    with open_port(port) as opened:
        for address in addresses:
            link = Link(opened, address)
            link.connect()
            session = TokenSession(link)
            session.select()
            yield address, session
            link.disconnect()


class FixedReader(BenchDisplayReader):
    """A reader that says the same of every display: a word, or "" where it cannot read."""

    def __init__(self, url: str, word: str) -> None:
        super().__init__(url)
        self._word = word

    def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:
        return self._word


class Station:
    """A station in this process, on a ledger in `folder`; what happened is in `events`."""

    def __init__(
        self,
        folder: Path,
        announced: Any,
        seeds: Sequence[SeedRecord],
        *,
        keys: KeyPlan = SECRET,
        rule: MatchRule = MatchRule.NEXT,
        now: Callable[[], Decimal] | None = None,
        steady: Callable[[], Decimal] | None = None,
        place: StorePlace | None = None,
    ) -> None:
        self.ports = [announced["port"]]
        self.bench_url: str = announced["bench"]
        self.path: StorePlace = place or folder / "station.db"
        self.seeds = list(seeds)
        self.keys = keys
        self.rule = rule
        self.events: list[StationEvent] = []
        self.costs: list[str] = []
        self._steady = steady
        self.now = now or self._bench_time
        self._bench: BenchClient | None = None

    def _bench_time(self) -> Decimal:
        if self._bench is not None:
            return self._bench.now()
        with BenchClient(self.bench_url) as bench:
            return bench.now()

    def ledger(self) -> Ledger:
        ledger = Ledger(self.path, RING, "tester")
        ledger.set_at_hand(self.seeds, names())
        return ledger

    def run(
        self,
        addresses: Sequence[int],
        *,
        reader: Callable[[], DisplayReader] | None = None,
        on_event: Callable[[StationEvent], None] | None = None,
        wait: bool = False,
        timing: PrimaryTiming = PATIENT,
        poll: PrimaryTiming = PATIENT,
    ) -> list[KeyfobError]:
        """Plan what is new, and work through the tray."""
        with BenchClient(self.bench_url) as self._bench:
            errors = self._run(addresses, reader, on_event, wait=wait, timing=timing, poll=poll)
        self._bench = None
        return errors

    def _run(
        self,
        addresses: Sequence[int],
        reader: Callable[[], DisplayReader] | None,
        on_event: Callable[[StationEvent], None] | None,
        *,
        wait: bool,
        timing: PrimaryTiming,
        poll: PrimaryTiming,
    ) -> list[KeyfobError]:
        with Ledger(self.path, RING, "tester") as ledger:
            floor = ledger.last_at()
            assert not ledger.plan(self.seeds, "seeds", int(self.now()))
        clock = WatchedClock(self.now, self._steady, floor)
        desk = StationDesk(records=tuple(self.seeds), keys=self.keys, rule=self.rule, clock=clock)
        self.events.clear()

        def handle(event: StationEvent) -> None:
            self.events.append(event)
            if on_event is not None:
                on_event(event)

        look = reader or (lambda: BenchDisplayReader(self.bench_url))
        tray = Tray(desk, self.ledger, look, handle, wait=wait, timing=timing, poll=poll)
        errors = tray.work(lines(self.ports, addresses))
        self.costs = tray.costs
        return errors

    def ended(self, state: JobState) -> list[str]:
        """Return the subjects that were told to be at `state`, in order."""
        return [event.subject for event in self.events if event.state is state]

    def causes(self) -> list[FailureCause]:
        """Return why fobs stopped, in order."""
        return [event.cause for event in self.events if event.cause is not None]

    def states(self) -> dict[str, JobState]:
        """Return where every seed stands."""
        with self.ledger() as ledger:
            return {job.serial_number: job.state for job in ledger.jobs()}


def seeds_in_fobs(port: str, count: int, seeds: Sequence[SeedRecord]) -> dict[int, str]:
    """Return which seed each fob holds, by its check value, and that it says so itself."""
    by_check = {seed_check_value(record.seed): record.serial_number for record in seeds}
    assert len(by_check) == len(seeds), "these seeds cannot be told apart"
    found = {}
    for address, session in sessions(port, range(1, count + 1)):
        slots, told = session.get(Slots), session.get(SerialNumber)
        assert slots is not None
        check = slots.slots[0].seed_check
        if check is not None:
            found[address] = by_check[check]
            assert told is not None
            assert told.text == found[address], "a fob holds another seed than its name's"
    return found


def none_doubled(found: dict[int, str]) -> bool:
    """Say whether no seed is in two fobs."""
    return len(set(found.values())) == len(found)
