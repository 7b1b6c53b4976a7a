"""Each fault of a line, frame by frame: what passes, and that without its effect it would not."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from emulator.faults.faulty_line import CHANCE_MAX, ArmedFault, FaultyLine, PassedFrame
from emulator.faults.line_effects import FaultyBytes
from emulator.faults.vocabulary import LINE_FAULTS, FaultWay, LineFault
from firmware_model.units import SimTime
from firmware_model.wire.hdlc import (
    Damaged,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)

NOW = SimTime(10**18)


def answer() -> bytes:
    """Return a good frame from fob 1 to the host: UA with F set."""
    return encode(Frame(client_address(), server_address(1), control_byte(FrameKind.UA, poll=True)))


def armed(fault: LineFault, frames: int = 1, chance: int = CHANCE_MAX) -> ArmedFault:
    values = {
        "delay": (Decimal("0.5"), Decimal("0.25")),
        "split": (Decimal("0.1"),),
        "dribble": (Decimal("0.01"),),
        "garbage": (Decimal(7),),
        "turnaround": (Decimal("0.005"),),
    }
    return ArmedFault(fault, values.get(fault.method, ()), frames, chance, None, fault.way)


def data_of(passed: PassedFrame) -> bytes:
    return b"".join(piece.data for piece in passed.pieces)


def damages(passed: PassedFrame) -> list[str]:
    deframer = Deframer()
    found = [*deframer.feed(data_of(passed)), *deframer.expire()]
    return [item.damage.name for item in found if isinstance(item, Damaged)]


def flipped(passed: PassedFrame) -> int:
    pairs = zip(data_of(passed), answer(), strict=True)
    return sum((a ^ b).bit_count() for a, b in pairs)


def destination(passed: PassedFrame) -> bytes:
    (frame,) = (f for f in Deframer().feed(data_of(passed)) if isinstance(f, Frame))
    return frame.destination


SEEN: dict[str, Callable[[PassedFrame], bool]] = {
    "delay": lambda p: Decimal("0.5") <= sum(x.delay for x in p.pieces) <= Decimal("0.75"),
    "drop": lambda p: data_of(p) == b"",
    "damage_bit": lambda p: len(data_of(p)) == len(answer()) and flipped(p) == 1,
    "damage_crc": lambda p: "CHECK" in "".join(damages(p)) and data_of(p)[:-3] == answer()[:-3],
    "damage_length": lambda p: bool(damages(p)) and data_of(p)[3:] == answer()[3:],
    "duplicate": lambda p: data_of(p) == answer() * 2,
    "split": lambda p: (
        [x.delay for x in p.pieces] == [0, Decimal("0.1")] and data_of(p) == answer()
    ),
    "dribble": lambda p: [x.delay for x in p.pieces] == [Decimal("0.01")] * len(answer()),
    "garbage": lambda p: len(data_of(p)) == 7 + len(answer()) and data_of(p).endswith(answer()),
    "foreign": lambda p: destination(p) == b"\x23" and not damages(p),
    "parity": lambda p: flipped(p) == 1 and p.line_errors == 4,
    "framing": lambda p: flipped(p) == 2 and p.line_errors == 8,
    "echo": lambda p: p.echo == answer() == data_of(p),
    "turnaround": lambda p: not p.pieces,
    "silence": lambda p: not p.pieces,
}


def passed_by(fault: ArmedFault | None) -> tuple[PassedFrame, FaultyLine]:
    """Send an answer first, 1 ms before the frame in question, as turn-around wants it."""
    wall = iter((0, 1_000_000))
    line = FaultyLine(1, lambda: next(wall))
    way = FaultWay.FROM if fault is None or fault.way is FaultWay.BOTH else fault.way
    if way is FaultWay.TO:
        line.pass_frame(answer(), FaultWay.FROM, NOW)
    if fault is not None:
        line.arm(fault)
    return line.pass_frame(answer(), way, NOW), line


def test_every_fault_is_looked_at() -> None:
    assert sorted(SEEN) == sorted(fault.method for fault in LINE_FAULTS)


@pytest.mark.parametrize("fault", LINE_FAULTS, ids=lambda fault: fault.method)
def test_a_fault_is_seen_and_without_its_effect_is_not(fault: LineFault) -> None:
    passed, line = passed_by(armed(fault))
    assert SEEN[fault.method](passed)
    assert line.fired == {fault.name: 1}
    if fault.effect is not None:
        without = replace(fault, effect=lambda data, _values, _dice: [FaultyBytes(data)])
        untouched, _ = passed_by(armed(without))
    else:
        untouched, _ = passed_by(None)
    assert not SEEN[fault.method](untouched)


def of(method: str) -> LineFault:
    return next(fault for fault in LINE_FAULTS if fault.method == method)


def test_a_fault_ends_after_its_frames_by_itself() -> None:
    line = FaultyLine(1)
    line.arm(armed(of("drop"), frames=2))
    sizes = [len(line.pass_frame(answer(), FaultWay.FROM, NOW).pieces) for _ in range(4)]
    assert sizes == [0, 0, 1, 1]
    assert not line.is_armed(NOW)
    assert line.fired == {"LINE:DROP": 2}


def test_a_fault_ends_at_its_time_and_meets_its_direction_only() -> None:
    line = FaultyLine(1)
    line.arm(replace(armed(of("drop"), frames=100), until=SimTime(NOW + 10)))
    assert line.pass_frame(answer(), FaultWay.TO, NOW).pieces
    assert not line.pass_frame(answer(), FaultWay.FROM, SimTime(NOW + 9)).pieces
    assert line.left(SimTime(NOW + 9)) == ["LINE:DROP: 99 frames, 0.000 s, FROM"]
    assert line.pass_frame(answer(), FaultWay.FROM, SimTime(NOW + 10)).pieces
    assert line.left(SimTime(NOW + 10)) == []


@pytest.mark.parametrize("percent", [3, 50, 100])
def test_chance_comes_from_the_dice_and_repeats(percent: int) -> None:
    def lost(random_seed: int) -> list[bool]:
        line = FaultyLine(random_seed)
        line.arm(armed(of("drop"), frames=1000, chance=percent * 1000))
        return [not line.pass_frame(answer(), FaultWay.FROM, NOW).pieces for _ in range(1000)]

    assert lost(1) == lost(1)
    assert abs(sum(lost(1)) - 10 * percent) < 50
    assert lost(1) != lost(2) or percent == 100


def test_faults_add_up_in_the_order_of_their_arming() -> None:
    line = FaultyLine(1)
    line.arm(armed(of("delay")))
    line.arm(armed(of("duplicate")))
    line.arm(armed(of("damage_crc")))
    pieces = line.pass_frame(answer(), FaultWay.FROM, NOW).pieces
    assert [piece.delay >= Decimal("0.5") for piece in pieces] == [True, False]
    assert {piece.data[:-3] for piece in pieces} == {answer()[:-3]}
    assert answer() not in {piece.data for piece in pieces}


def test_frames_of_a_host_are_collected_however_they_are_cut() -> None:
    line = FaultyLine(1)
    assert [line.collect(answer()[at : at + 1]) for at in range(len(answer()))] == [
        *[b""] * (len(answer()) - 1),
        answer(),
    ]
    assert line.collect(b"\x7e\xa0") == b""
    assert line.is_collecting
    assert line.collect(b"", final=True) == b"\x7e\xa0"
    assert not line.is_collecting


def test_bytes_that_are_no_frame_are_left_as_they_are_where_a_fault_needs_one() -> None:
    line = FaultyLine(1)
    line.arm(armed(of("foreign"), frames=5))
    line.arm(armed(of("damage_crc"), frames=5))
    assert data_of(line.pass_frame(b"\x00", FaultWay.FROM, NOW)) == b"\x00"
    assert not +line.fired
