"""Faults of the board: each is seen, counted, and ends by its time, by `FAULt:CLEar` or `*RST`."""

import pytest

from emulator.bench.commands import COMMANDS
from emulator.faults.vocabulary import BOARD_FAULTS
from tests.emulator.bench_talk import Talk, rack_of, with_bench

STATE = "POW:STAT?;:BATT:CHAR?;:TEMP?;:BUTT:STUC?;:DISP:SEGM:BROK?;:STAT:QUES:COND?"


@pytest.mark.parametrize(
    ("order", "changed"),
    [
        ("POWer:PULL 10", (0, 5)),
        ("POWer:SAG 7,10", (1,)),
        ("TEMPerature -20,10", (2,)),
        ("BUTTon:STUCk 10", (3,)),
        ("DISPlay:DEAD 2,10", (4,)),
        ("CRYStal:HALT 10", ()),
    ],
)
@pytest.mark.parametrize("end", ["TIME:ADV 10", "FAULt:CLEar", "*RST;:TIME:FREeze"])
def test_a_fault_changes_its_own_reading_and_ends(
    order: str, changed: tuple[int, ...], end: str
) -> None:
    async def read(bench: Talk) -> list[str]:
        readings = (await bench.ask(STATE)).split(";")
        return [reading.replace("99.9", "100") for reading in readings]

    async def act(bench: Talk) -> None:
        before = await read(bench)
        await bench.say(f"FAULt:{order}")
        during = await read(bench)
        assert [at for at in range(len(before)) if before[at] != during[at]] == list(changed)
        assert await bench.ask(f'FAULt:COUNt? "{order.partition(" ")[0]}"') == "1"
        await bench.say(end)
        assert await read(bench) == before
        await bench.say("TIME:ADV 20")  # its time changes nothing any more
        assert await read(bench) == before
        assert await bench.error() == 0

    with_bench(rack_of(preset="in-use"), act)


def test_a_cut_inside_a_flash_operation_counts_when_it_has_happened() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("FAULt:POWer:CUT 1")
        assert await bench.ask('FAULt:COUNt? "POWer:CUT";:POW:STAT?') == "0;1"
        await bench.say("BUTT:PRES 0.2", "*WAI")
        assert await bench.ask('FAULt:COUNt? "POWer:CUT";:POW:STAT?') == "1;0"
        await bench.say("POW:REST", "FAULt:POWer:CUT 1", "*RST", "BUTT:PRES 0.2", "*WAI")
        assert await bench.ask("FAULt:COUNt?;:POW:STAT?") == "0;1"  # *RST has disarmed it

    with_bench(rack_of(preset="in-use"), act)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("POWer:PULL", -109),
        ("POWer:PULL 0", -222),
        ("POWer:PULL INF", -222),
        ("POWer:SAG 101,1", -222),
        ("TEMPerature 200,1", -222),
        ("DISPlay:DEAD 9,1", -221),
        ("BUTTon:STUCk 1,(@2)", -241),
    ],
)
def test_bad_input_is_refused_and_nothing_is_changed(line: str, number: int) -> None:
    async def act(bench: Talk) -> None:
        before = await bench.ask(STATE)
        await bench.say(f"FAULt:{line}")
        assert await bench.error() == number
        assert await bench.ask(STATE) == before

    with_bench(rack_of(preset="in-use"), act)


def test_every_fault_of_the_board_is_a_command() -> None:
    assert all(f"FAULT:{fault.header.upper()}" in COMMANDS for fault in BOARD_FAULTS)
