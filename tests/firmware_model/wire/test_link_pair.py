"""Primary against secondary over four lines, in stepped time: nothing lost, nothing done twice."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.primary import Failed, Primary, PrimaryEvent, PrimaryTiming
from firmware_model.wire.secondary import Secondary, SecondaryEvent

STEPS_MAX = 100_000

Piece = tuple[int, bytes]
"""Nanoseconds after sending, and what arrives then."""


def plain(data: bytes, _dice: Random) -> Iterator[Piece]:
    yield 0, data


def one_byte_at_a_time(data: bytes, _dice: Random) -> Iterator[Piece]:
    for at in range(len(data)):
        yield (at + 1) * NS_PER_MS, data[at : at + 1]


def lossy(data: bytes, dice: Random) -> Iterator[Piece]:
    """Lose, spoil or double whole pieces, and put noise between them."""
    fate = dice.random()
    if fate < 0.1:
        return
    if fate < 0.2:
        at = dice.randrange(len(data))
        data = data[:at] + bytes((data[at] ^ 1 << dice.randrange(8),)) + data[at + 1 :]
    elif fate < 0.3:
        data = data[: dice.randrange(len(data))]
    elif fate < 0.4:
        yield 0, dice.randbytes(dice.randrange(1, 12))
    yield NS_PER_MS, data
    if fate > 0.9:
        yield 2 * NS_PER_MS, data


def delayed(data: bytes, _dice: Random) -> Iterator[Piece]:
    """Later than the response time-out: everything is sent more than once."""
    yield 700 * NS_PER_MS, data


@dataclass
class Fob:
    """An application that answers each command after a while, and remembers all it did."""

    think_ns: int
    link: Secondary
    done: list[bytes] = field(default_factory=list)

    def answer(self, command: bytes) -> bytes:
        self.done.append(command)
        return len(self.done).to_bytes(2, "big") * 150 + command


class Bench:
    """Both ends, the line between them, and the clock."""

    def __init__(self, line, think_ns: int, seed: int, information_bytes: int) -> None:  # type: ignore[no-untyped-def]
        timing = PrimaryTiming(tries=60)
        self.line = line
        self.dice = Random(seed)
        self.now = SimTime(NS_PER_SECOND)
        self.host = Primary(1, information_bytes=information_bytes, timing=timing)
        self.fob = Fob(think_ns, Secondary(1))
        self.due: list[tuple[int, int, str, bytes]] = []
        self.count = 0
        self.heard: list[bytes] = []
        self.failed: list[Failed] = []

    def later(self, delay_ns: int, what: str, data: bytes) -> None:
        self.count += 1
        heapq.heappush(self.due, (self.now + delay_ns, self.count, what, data))

    def carry(self, data: bytes, to: str) -> None:
        for delay_ns, piece in self.line(data, self.dice):
            self.later(delay_ns, to, piece)

    def from_host(self, events: list[PrimaryEvent]) -> None:
        for event in events:
            match event:
                case Send(data):
                    self.carry(data, "fob")
                case Indication(information):
                    self.heard.append(information)
                case Failed():
                    self.failed.append(event)
                case Connected() | Disconnected():
                    pass

    def from_fob(self, events: list[SecondaryEvent]) -> None:
        for event in events:
            match event:
                case Send(data):
                    self.carry(data, "host")
                case Indication(information):
                    answer = self.fob.answer(information)
                    if self.fob.think_ns:
                        self.later(self.fob.think_ns, "answer", answer)
                    else:
                        self.from_fob(self.fob.link.respond(answer, self.now))
                case Connected() | Disconnected():
                    pass

    def run(self) -> None:
        """Step from instant to instant until the host waits for nothing more."""
        for _ in range(STEPS_MAX):
            if self.host.deadline is None:
                return
            instants = [self.due[0][0]] if self.due else []
            instants += [at for at in (self.host.deadline, self.fob.link.deadline) if at]
            self.now = SimTime(max(self.now, min(instants)))
            if self.due and self.due[0][0] <= self.now:
                _, _, what, data = heapq.heappop(self.due)
                if what == "host":
                    self.from_host(self.host.receive(data, self.now))
                elif what == "fob":
                    self.from_fob(self.fob.link.receive(data, self.now))
                else:
                    self.from_fob(self.fob.link.respond(data, self.now))
            else:
                self.from_host(self.host.timeout(self.now))
                self.from_fob(self.fob.link.timeout(self.now))
        raise AssertionError("the line never comes to rest")


@pytest.mark.parametrize("line", [plain, one_byte_at_a_time, lossy, delayed])
@pytest.mark.parametrize("think_ms", [0, 30, 2500])
@pytest.mark.parametrize("information_bytes", [16, 128, 2030])
def test_every_command_is_done_once_and_answered_once(  # type: ignore[no-untyped-def]
    line, think_ms: int, information_bytes: int
) -> None:
    bench = Bench(line, think_ms * NS_PER_MS, 20_261_122, information_bytes)
    bench.from_host(bench.host.connect(bench.now))
    bench.run()
    assert bench.host.is_connected
    commands = [bytes((number,)) * (1 + 37 * number % 200) for number in range(12)]
    for command in commands:
        bench.from_host(bench.host.transmit(command, bench.now))
        bench.run()
    assert bench.failed == []
    assert bench.fob.done == commands
    assert bench.heard == [
        number.to_bytes(2, "big") * 150 + command for number, command in enumerate(commands, 1)
    ]
    bench.from_host(bench.host.disconnect(bench.now))
    bench.run()
    assert not bench.host.is_connected


@pytest.mark.parametrize("seed", range(40))
def test_no_dice_make_the_lossy_line_do_anything_twice(seed: int) -> None:
    bench = Bench(lossy, 0, seed, 64)
    bench.from_host(bench.host.connect(bench.now))
    bench.run()
    commands = [bytes((number,)) * 100 for number in range(5)]
    for command in commands:
        bench.from_host(bench.host.transmit(command, bench.now))
        bench.run()
    assert (bench.failed, bench.fob.done) == ([], commands)
