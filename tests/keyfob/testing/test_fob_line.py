"""`fob.line`: Python's faults are the bench's, each of them."""

import inspect
from typing import Any

import pytest

import keyfob
from emulator.faults.vocabulary import BOARD_FAULTS, LINE_FAULTS, LineFault
from keyfob.testing.fob_board import FobBoard
from keyfob.testing.fob_line import FobLine

NO_FAULTS = {"count", "clear", "plug_in"}


def test_every_fault_of_the_vocabulary_is_a_method_and_no_other_is() -> None:
    methods = {name for name, _ in inspect.getmembers(FobLine, inspect.isfunction)}
    methods = {name for name in methods if not name.startswith("_")} - NO_FAULTS
    assert methods == {fault.method for fault in LINE_FAULTS} | {"noise", "disconnect"}


@pytest.fixture(scope="module")
def fob() -> Any:
    with keyfob.Rack.start() as rack:
        yield rack[1]


@pytest.mark.parametrize("fault", LINE_FAULTS, ids=lambda fault: fault.method)
def test_a_method_orders_its_fault_with_its_bounds(fault: LineFault, fob: keyfob.Fob) -> None:
    method = getattr(fob.line, fault.method)
    if fault.line_error:
        with pytest.raises(keyfob.BenchError, match=r"cannot report line errors: rfc2217: ports"):
            method()
        return
    if fault.method == "silence":
        method("10s")
        expected = "1000000 frames, 10.000 s, BOTH"
    else:
        values = [value.high for value in fault.values]
        method(*values, frames=3, percent=5, lasting=60)
        expected = f"3 frames, 60.000 s, 5 %, {fault.way.name}"
    bench = fob._at_bench()
    assert bench.query("FAULt:ACTive?") == f'"{fault.name}: {expected}"'
    assert fob.line.count(fault.method) == 0
    fob.line.clear()
    assert bench.query("FAULt:ACTive?") == '""'


def test_a_fault_that_fires_is_counted_and_noise_too(fob: keyfob.Fob) -> None:
    fob.line.drop()
    fob.line.noise(3)
    fob.state()
    assert (fob.line.count("drop"), fob.line.count("LINE:NOISe"), fob.line.count()) == (1, 1, 2)
    fob.line.disconnect()
    with pytest.raises(keyfob.PortUnavailable):
        fob.state()
    fob.line.plug_in()
    fob.state()
    fob.line.clear()
    assert fob.line.count() == 0


def test_bad_bounds_are_refused(fob: keyfob.Fob) -> None:
    with pytest.raises(keyfob.BenchError, match="-222"):
        fob.line.drop(0)
    with pytest.raises(keyfob.BenchError, match="-224"):
        fob.line.drop(way="sideways")  # type: ignore[arg-type]


def test_every_fault_of_the_board_is_a_method_and_counts(fob: keyfob.Fob) -> None:
    board = fob.board
    board.flip_bits(3, page=2)
    board.wear_flash(2)
    board.sag(50, "1h")
    board.surround(-10, 60)
    board.halt_crystal(60)
    board.bounce(1, closings=3)
    board.stick_key(60)
    board.deaden(1, 60)
    board.pull_cell(60)
    counts = {fault.header: board.count(fault.method) for fault in BOARD_FAULTS}
    assert counts == dict.fromkeys(counts, 1) | {"FLASh:FLIP": 3, "POWer:CUT": 0, "POWer:CYCLe": 0}
    board.clear()
    board.cut_inside(1)
    fob.press()
    assert board.count("POWer:CUT") == 1
    fob.restore_power()
    board.clear()
    methods = {name for name, _ in inspect.getmembers(FobBoard, inspect.isfunction)}
    named = {name for name in methods if not name.startswith("_")} - NO_FAULTS
    assert named == {fault.method for fault in BOARD_FAULTS}
