"""The station: fobs a second on one line, beside the cryptography alone and the disk's commits.

Run with `python -m benchmarks.station [FOBS [LINES]]` (500 on one line by default), `... operator
[FOBS [LINES]]` for codes that are typed at the screen instead of read by the bench, or `... kills`
for 200 runs each killed at a random moment. Beside the mean of the whole run stands the quiet tenth
of all fobs, which other programs disturb least; the ratios are of quiet tenths. On several lines
it is the time between two receipts of any line.
"""

import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import fmean, quantiles

from rich.console import Console

from firmware_model.wire.apdu import Command, Response, StatusWord
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    PutKey,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import CredentialObject, Identity, LifeCycle, seed_check_value
from firmware_model.wire.scp03 import CardChannel, HostChannel
from firmware_model.wire.scp03_keys import (
    KeySet,
    decode_key_data,
    encode_key_data,
    unwrap_under_dek,
    wrap_under_dek,
)
from host_tools.client.bench import BenchClient
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent
from host_tools.provisioning.station.states import JobState
from host_tools.provisioning.station.tray import lines
from host_tools.seeds.record import SeedRecord
from keyfob.cli.verbs.station.operator_reader import OperatorReader
from keyfob.cli.verbs.station.screen import StationScreen
from tests.host_tools.provisioning.station.killing import Victim
from tests.host_tools.provisioning.station.rig import (
    DEVICE,
    TRANSPORT,
    Station,
    none_doubled,
    rack,
    racks,
    records,
    seeds_in_fobs,
)

FOBS = 500
KILLS = 200
COMMITS_A_FOB = 4
CHIP = bytes(10)


def talk(host: HostChannel, card: CardChannel, commands: list[Command]) -> None:
    """Let commands and their answers go through both ends of a channel."""
    for command in commands:
        plain = card.unwrap(host.wrap(command))
        assert isinstance(plain, Command)
        host.unwrap(card.wrap(Response(status=StatusWord.OK)))


def channel(keys: KeySet, aid: bytes) -> tuple[HostChannel, CardChannel]:
    """Open both ends of a channel, each with its own computations."""
    card, challenge = CardChannel(), os.urandom(8)
    host = HostChannel(keys, challenge, card.offer(keys, 1, aid, challenge, CHIP))
    assert card.authenticate(host.external_authenticate()) is StatusWord.OK
    return host, card


def cryptography(record: SeedRecord) -> None:
    """Compute all that one fob takes at both ends, and nothing else."""
    transport, device = TRANSPORT.for_chip(CHIP), DEVICE.for_chip(CHIP)
    host, card = channel(transport, ISSUER_SECURITY_DOMAIN_AID)
    data = encode_key_data(device, transport.dek)
    talk(host, card, [PutKey(transport.version, data).command()])
    assert isinstance(decode_key_data(data, transport.dek), KeySet)
    host, card = channel(device, TOKEN_AID)
    wrapped = wrap_under_dek(device.dek, record.seed)
    credential = CredentialObject(
        1,
        record.kind,
        record.algorithm,
        record.digits,
        wrapped,
        seed_check_value(record.seed),
        counter=0,
    )
    identity = Identity(record.serial_number, record.credential_id, 1)
    stored = [StoreData(identity).command(), StoreData(credential).command()]
    moved = [SetStatus(state).command() for state in (LifeCycle.PERSONALISED, LifeCycle.SEALED)]
    talk(host, card, stored + moved)
    assert unwrap_under_dek(device.dek, wrapped) == record.seed


def commits(descriptor: int) -> None:
    """Write a page durably as often as the station commits for one fob."""
    for _ in range(COMMITS_A_FOB):
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)


def times_of(act: Callable[[], None], count: int) -> list[float]:
    """Return how long `act` takes, in seconds, each time."""
    moments = [time.perf_counter()]
    for _ in range(count):
        act()
        moments.append(time.perf_counter())
    return [after - before for before, after in pairwise(moments)]


def wall() -> Decimal:
    """Return this machine's time, in seconds since 1970."""
    return Decimal(time.time_ns()) / 1_000_000_000


def children_seconds() -> float:
    """Return the processor time of all processes that this one started and saw end."""
    times = os.times()
    return times.children_user + times.children_system


class PromptOperator:
    """Standard input of an operator who takes no time: presses, reads and types at once."""

    def __init__(self, bench: str, screen: StationScreen) -> None:
        self._bench = BenchClient(bench)
        self._screen = screen

    def readline(self) -> str:
        """Press the fob that is asked for, and type what it shows."""
        place = self._screen.asked
        assert place is not None
        self._bench.press(channels=str(place.channel))
        return f"{self._bench.display(place.channel).text}\n"


@contextmanager
def typed_by_an_operator(bench: str, count: int, ports: Sequence[str]) -> Iterator[OperatorReader]:
    """Give a reader that asks on a screen which nobody sees, and an operator who answers."""
    places = [place for line in lines(ports, range(1, count + 1)) for place in line.places]
    screen = StationScreen(TrayOutcome(places), Console(file=io.StringIO(), force_terminal=True))
    before, sys.stdin = sys.stdin, PromptOperator(bench, screen)
    try:
        with screen:
            yield OperatorReader(screen)
    finally:
        sys.stdin = before


def main(count: int = FOBS, line_count: int = 1, *, operator: bool = False) -> None:
    """Provision `count` virtual fobs on some lines, and print fobs a second."""
    count -= count % line_count
    seeds = records(count)
    left = iter(seeds)
    alone = times_of(lambda: cryptography(next(left)), count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        descriptor = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
        disk = times_of(lambda: commits(descriptor), 100)
        os.close(descriptor)
        before = children_seconds()
        with racks(folder, count, line_count) as announced, ExitStack() as closing:
            station = Station(folder, announced, seeds, now=wall)
            station.ports = announced["ports"]
            reader = None
            if operator:
                waiting = typed_by_an_operator(
                    announced["bench"], count // line_count, station.ports
                )
                typed = closing.enter_context(waiting)
                reader = lambda: typed  # noqa: E731 - each line asks the same operator
            moments, cpu = [time.perf_counter()], time.process_time()

            def on_event(event: StationEvent) -> None:
                if event.state is JobState.RECEIPTED:
                    moments.append(time.perf_counter())

            places = range(1, count // line_count + 1)
            assert station.run(places, on_event=on_event, reader=reader) == []
            busy = time.process_time() - cpu
            assert set(station.states().values()) == {JobState.RECEIPTED}
        fobs_own = (children_seconds() - before) / count
    ours = [after - start for start, after in pairwise(moments)]
    how = "an operator who takes no time" if operator else "the bench"
    print(f"{count} fobs on {line_count} line{'s' * (line_count != 1)}, codes by {how}")
    print(f"{'':42}{'quiet tenth':>14}{'mean':>12}")
    for title, times in (
        ("the station", ours),
        (f"{COMMITS_A_FOB} durable writes on this disk alone", disk),
        ("cryptography alone, both ends", alone),
    ):
        print(f"{title:42}{quiet(times) * 1e3:11.2f} ms{fmean(times) * 1e3:9.2f} ms", end="")
        print(f"{1 / fmean(times):9,.1f} fobs/s")
    print(f"{'the station computes':42}{busy / count * 1e3:23.2f} ms")
    print(f"{'the fobs compute, their start included':42}{fobs_own * 1e3:23.2f} ms")
    floor = quiet(alone) + quiet(disk)
    print(f"the station takes {quiet(ours) / quiet(alone):.1f} × the cryptography alone,", end=" ")
    print(f"{quiet(ours) / floor:.1f} × that and the disk")


def quiet(times: list[float]) -> float:
    """Return the quiet tenth."""
    return quantiles(times, n=10)[0]


def kills(count: int = KILLS, fobs: int = 60) -> None:
    """Kill `count` runs at random moments, go on to the end, and print what became of the seeds."""
    dice, places = random.Random(os.urandom(8)), range(1, fobs + 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rack(folder, fobs) as announced:
            station = Station(folder, announced, records(fobs))
            worked = 0
            for _ in range(count):
                victim = Victim(folder, announced, station.seeds, dice.sample(places, 4))
                worked += victim.kill_after(dice.uniform(0, 0.01), dice.randrange(12))
            stopped_at = sorted(set(station.states().values()))
            station.run(places)
            found = seeds_in_fobs(announced["port"], fobs, station.seeds)
            doubled = 0 if none_doubled(found) else len(found) - len(set(found.values()))
            lost = set(station.states()) - set(found.values())
            done = sum(state is JobState.RECEIPTED for state in station.states().values())
    print(f"{count} runs killed, {worked} of them in mid-work")
    print(f"states in which seeds were left: {', '.join(stopped_at)}")
    print(f"seeds doubled {doubled}, seeds lost {len(lost)}, receipted {done} of {fobs}")


if __name__ == "__main__":
    if sys.argv[1:] == ["kills"]:
        kills()
    elif sys.argv[1:2] == ["operator"]:
        main(*map(int, sys.argv[2:4]), operator=True)
    else:
        main(*map(int, sys.argv[1:3]))
