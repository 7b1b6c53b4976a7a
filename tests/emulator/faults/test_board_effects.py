"""What each fault of the board, and each mistake, does to a fob: without it the fob is another."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import serial
from serial.rfc2217 import SET_LINESTATE_MASK

from emulator.firmware.files import firmware_source
from emulator.model_source import model_source
from emulator.settings import FobPlan
from firmware_model.catalogue import load
from firmware_model.hardware.dice import Drbg
from firmware_model.hardware.flash import Flash, Page
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
from tests.emulator.bench_talk import Talk, rack_of, with_bench

ROOT = Path(__file__).parents[3]
PRESS = ("BUTT:PRES 0.2", "*WAI")


def cells(bench: Talk, page: int) -> int:
    fob = bench.emulator.rack.fobs[0]
    size = fob.device.model.flash.page_bytes
    return int.from_bytes(Page.restored(fob.device.images()[f"flash/{page}"], size).cells)


async def presses(bench: Talk) -> int:
    fob = bench.emulator.rack.fobs[0]
    return fob.device.gauges(bench.emulator.rack.catch_up(fob)).presses


async def done(bench: Talk, *lines: str) -> None:
    """Send lines, and wait until they are carried out."""
    await bench.say(*lines)
    assert await bench.error() == 0


def test_a_stopped_crystal_lets_the_clock_stand_and_no_code_come() -> None:
    async def act(bench: Talk) -> None:
        before = float(await bench.ask("CLOC:ERR?"))
        await bench.say("FAULt:CRYStal:HALT 1 HR", *PRESS, "TIME:ADV 10")
        assert await bench.ask("DISP:TEXT?") == '""'
        await bench.say("TIME:ADV 3590")
        assert abs(float(await bench.ask("CLOC:ERR?")) - before + 3600) < 1
        await bench.say("TIME:ADV 5", *PRESS)
        assert len(await bench.ask("DISP:TEXT?")) == 8
        assert await bench.ask('FAULt:COUNt? "CRYStal:HALT"') == "1"

    with_bench(rack_of(preset="in-use", model="fob-t60"), act)


def test_a_display_lights_on_while_the_crystal_stands() -> None:
    async def act(bench: Talk) -> None:
        await bench.say(*PRESS, "FAULt:CRYStal:HALT 1 HR", "TIME:ADV 600")
        assert await bench.ask("DISP:TEXT?") == '"287082"'
        await bench.say("*RST;:TIME:FREeze", "TIME:ADV 60")
        assert await bench.ask("DISP:TEXT?") == '""'

    with_bench(rack_of(preset="in-use"), act)


def test_a_sag_browns_the_board_out_and_it_recovers() -> None:
    async def act(bench: Talk) -> None:
        await done(bench, "FAULt:POWer:SAG 0.2,60", *PRESS, "TIME:ADV 5")
        assert "browned out" in await bench.ask("TRACe:EVENts?")
        assert await bench.ask("DISP:TEXT?") == '""'
        await done(bench, "TIME:ADV 60", *PRESS)
        assert (await bench.ask("DISP:TEXT?")).strip('" ').isdigit()

    with_bench(rack_of(preset="in-use"), act)


def test_a_bounce_storm_reaches_the_program_and_ends_open() -> None:
    async def act(bench: Talk) -> None:
        before = await presses(bench)
        await done(bench, "FAULt:BUTTon:BOUNce 10,60")
        assert await presses(bench) == before  # it comes with the time
        await done(bench, "TIME:ADV 60")
        assert await presses(bench) > before
        events = await bench.ask("TRACe:EVENts? 100")
        assert events.count("pressed") > 3
        await done(bench, "FAULt:BUTTon:BOUNce 10,60", "TIME:ADV 3", "FAULt:CLEar", "TIME:ADV 60")
        counted = await presses(bench)
        await bench.say("TIME:ADV 60", "BUTT:DOWN", "FAULt:BUTTon:BOUNce 1,2")
        assert await bench.ask("SYST:ERR?") == (
            '-221,"Settings conflict;channel 1 is being pressed"'
        )
        assert await presses(bench) <= counted + 1

    with_bench(rack_of(preset="in-use"), act)


def test_a_flipped_bit_is_one_bit_of_what_is_written() -> None:
    async def act(bench: Talk) -> None:
        before = [cells(bench, page) for page in (0, 1)]
        await done(bench, "FAULt:FLASh:FLIP 1,1")
        changed = [a ^ cells(bench, page) for page, a in enumerate(before)]
        assert [value.bit_count() for value in changed] == [1, 0]
        await done(bench, 'FAULt:DICE "other"', "FAULt:FLASh:FLIP")
        assert sum((a ^ cells(bench, page)).bit_count() for page, a in enumerate(before)) in (0, 2)

    with_bench(rack_of(preset="in-use"), act)


def test_worn_flash_loses_a_byte_with_each_erase() -> None:
    flash = Flash.fresh(load("fob-h6").flash, Drbg(1))
    flash.erase(0)
    assert flash.pages[0].cells.count(0) == 0
    flash.wear_out(0)
    flash.erase(0)
    assert flash.pages[0].cells.count(0) == 1

    async def act(bench: Talk) -> None:
        await done(bench, "FAULt:FLASh:WEAR")
        fob = bench.emulator.rack.fobs[0]
        pages = [Page.restored(fob.device.images()[f"flash/{n}"], 1024) for n in (0, 1)]
        assert [page.life - page.erases for page in pages] == [0, 0]

    with_bench(rack_of(preset="in-use"), act)


@pytest.mark.parametrize("foreign", [False, True])
def test_a_cut_at_a_cycle_ends_the_program_there(foreign: bool) -> None:
    async def act(bench: Talk) -> None:
        await bench.say("TIME:ADV 1", "FAULt:POWer:CYCLe 2000")
        assert await bench.ask('FAULt:COUNt? "POWer:CYCLe";:POW:STAT?') == "0;1"
        await bench.say("BUTT:PRES 0.2", "TIME:ADV 1")
        assert await bench.ask('FAULt:COUNt? "POWer:CYCLe";:POW:STAT?') == "1;0"
        await bench.say("POW:REST", "FAULt:POWer:CYCLe 2000", "*RST;:TIME:FREeze")
        await bench.say("TIME:ADV 1", "BUTT:PRES 0.2", "TIME:ADV 1")
        assert await bench.ask("POW:STAT?") == "1"
        assert (await bench.ask("DISP:TEXT?")).strip('" ').isdigit()

    if foreign:
        board = model_source(str(ROOT / "examples/firmware/board-hotp.toml"))
        source = firmware_source(str(ROOT / "vectors/firmware/token-hotp.elf"))
        with_bench(rack_of(plans=(FobPlan(source=board, firmware=source),)), act)
    else:
        with_bench(rack_of(preset="in-use"), act)


def test_a_cut_that_a_snapshot_took_away_counts_no_more() -> None:
    async def act(bench: Talk) -> None:
        await bench.say("*SAV 1", "FAULt:POWer:CUT 1", "*RCL 1", "POW:CUT:ARM 1", *PRESS)
        assert await bench.ask("FAULt:COUNt?;:POW:STAT?") == "0;0"
        await bench.say("POW:REST", "FAULt:POWer:CUT 1", "FAULt:CLEar", *PRESS)
        assert await bench.ask("FAULt:COUNt?;:POW:STAT?") == "0;1"

    with_bench(rack_of(preset="in-use"), act)


def test_pocket_presses_put_the_counter_ahead() -> None:
    async def act(bench: Talk) -> None:
        before = await presses(bench)
        await bench.say("FAULt:MISTake:POCKet 15")
        assert await bench.ask('FAULt:COUNt? "MISTake:POCKet";:DISP:TEXT?') == '15;""'
        assert await presses(bench) == before + 15
        await bench.say("POW:CUT", "FAULt:MISTake:POCKet 2")
        assert await bench.ask('FAULt:COUNt? "MISTake:POCKet"') == "15"

    with_bench(rack_of(preset="in-use"), act)


def test_a_clock_is_set_wrong_by_exactly_so_much() -> None:
    async def act(bench: Talk) -> None:
        for error in ("32400", "-60"):
            await bench.say(f"FAULt:MISTake:CLOCk {error}")
            assert float(await bench.ask("CLOC:ERR?")) == float(error)
        assert await bench.ask("FAULt:COUNt?") == "2"

    with_bench(rack_of(preset="in-use", model="fob-t60"), act)


def test_a_drawer_lets_two_years_pass_and_a_twin_shows_the_same_codes() -> None:
    async def act(bench: Talk) -> None:
        before = float(await bench.ask("TIME:NOW?"))
        await bench.say("FAULt:MISTake:DRAWer (@2)")
        assert float(await bench.ask("TIME:NOW?")) - before == 63_115_200
        assert await bench.ask("FAULt:COUNt? (@1:2)") == "0,1"
        await bench.say("FAULt:MISTake:POCKet 3,(@1)", "FAULt:MISTake:TWIN 1,(@2)")
        await bench.say("BUTT:PRES 0.2,(@1:2)", "*WAI")
        assert len(set((await bench.ask("DISP:TEXT? (@1:2)")).split(","))) == 1
        assert await bench.ask("SNAP:INC? (@1:2)") == "1,2"

    with_bench(rack_of(2, preset="in-use"), act)


@pytest.mark.parametrize(
    ("line", "model", "said"),
    [
        ("MISTake:POCKet 1", "sid-always", "-221"),
        ("MISTake:POCKet INF", "fob-h6", "-222"),
        ("MISTake:TWIN 1", "fob-h6", "-221"),
        ("MISTake:TWIN 2,(@1)", "fob-h6", "-221"),
        ("MISTake:CLOCk 5", "fob-h6", "-221"),
        ("MISTake:DRAWer 0", "fob-h6", "-222"),
        ("CRYStal:HALT 5", "soft-pc", "-221"),
        ("POWer:CYCLe 0", "fob-h6", "-222"),
        ("FLASh:FLIP 1,3", "fob-h6", "-221"),
        ("FLASh:WEAR 3", "fob-h6", "-221"),
        ("BUTTon:BOUNce 61", "fob-h6", "-222"),
        ("LINE:PARity", "fob-h6", "-221"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_changed(line: str, model: str, said: str) -> None:
    async def act(bench: Talk) -> None:
        before = bench.emulator.rack.fobs[0].device.images()
        await bench.say(f"FAULt:{line}")
        assert (await bench.ask("SYST:ERR?")).startswith(said)
        assert bench.emulator.rack.fobs[0].device.images() == before
        assert await bench.ask("FAULt:COUNt?") == "0"

    with_bench(rack_of(model=model), act)


SNRM = encode(Frame(server_address(1), client_address(), control_byte(FrameKind.SNRM, poll=True)))


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")  # pyserial's own
@pytest.mark.parametrize(("fault", "bit"), [("PARity", 4), ("FRAMing", 8)])
def test_rfc_2217_reports_the_errors_that_the_host_asked_for(fault: str, bit: int) -> None:
    def ask(host: Any) -> list[Frame | Damaged]:
        host.write(SNRM)
        return Deframer().feed(host.read(len(SNRM) + 20))

    async def act(bench: Talk) -> None:
        address = bench.emulator.started.ports[0].removeprefix("rfc2217:")
        await bench.say(f"FAULt:LINE:{fault} 2")
        assert await bench.error() == 0

        def talk() -> None:
            host: Any
            with serial.serial_for_url(f"rfc2217://{address}", timeout=0.5) as host:
                assert any(isinstance(frame, Damaged) for frame in ask(host))
                assert host._linestate == 0  # RFC 2217 §3: the mask is 0 at first
                host.rfc2217_send_subnegotiation(SET_LINESTATE_MASK, bytes((bit,)))
                assert any(isinstance(frame, Damaged) for frame in ask(host))
                assert host._linestate == bit
                assert any(isinstance(frame, Frame) for frame in ask(host))

        await asyncio.to_thread(talk)
        assert await bench.ask("FAULt:COUNt?") == "2"
        await bench.say(f"FAULt:LINE:{fault} 1,100,0,TO")
        assert await bench.error() == -224

    with_bench(rack_of(port="rfc2217:127.0.0.1:0", preset="in-use"), act)
