"""Faults as a bench orders them and a host meets them."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from emulator.bench.commands import COMMANDS
from emulator.faults.vocabulary import LINE_FAULTS
from firmware_model.errors import KeyfobError, NoAnswer, PortUnavailable
from firmware_model.units import NS_PER_MS
from firmware_model.wire.hdlc import (
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.link import open_link
from host_tools.client.session import open_session
from tests.emulator.bench_talk import Talk, rack_of, with_bench

CRC = "FAULt:LINE:DAMage:CRC"
ONCE = PrimaryTiming(response_ns=300 * NS_PER_MS, tries=1)


def read_once(port: str, address: int = 1) -> str:
    """Return the outcome of one whole session: "read", or the class of its error."""
    try:
        with open_session(port, address):
            return "read"
    except KeyfobError as error:
        return type(error).__name__


async def order(bench: Talk, *lines: str) -> None:
    """Have the bench carry out `lines` before anything else happens."""
    await bench.say(*lines)
    assert await bench.error() == 0


def is_silent(port: str, address: int = 1) -> bool:
    """Return whether no answer comes, asked once only."""
    try:
        open_link(port, address, ONCE).abandon()
    except NoAnswer:
        return True
    return False


async def silent(bench: Talk, address: int = 1) -> bool:
    return await asyncio.to_thread(is_silent, bench.emulator.started.ports[0], address)


async def read(bench: Talk, address: int = 1, line: int = 0) -> str:
    return await asyncio.to_thread(read_once, bench.emulator.started.ports[line], address)


@pytest.fixture(params=["pty", "tcp"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"pty:{tmp_path / 'line'}" if request.param == "pty" else "tcp:127.0.0.1:0"


def test_a_host_survives_one_bad_answer_and_gives_up_when_all_are(port: str) -> None:
    async def act(bench: Talk) -> None:
        await order(bench, f"{CRC} 1")
        assert await read(bench) == "read"
        assert await bench.ask(f'FAULt:COUNt? "{CRC}"') == "1"
        await order(bench, f"{CRC} MAX")
        assert await silent(bench)
        await order(bench, "*RST")
        assert await read(bench) == "read"
        assert await bench.ask("FAULt:COUNt?;ACTive?") == '0;""'

    with_bench(rack_of(port=port), act)


@pytest.mark.parametrize(
    "fault",
    [
        "DELay 0.05,0.05,3",
        "DROP 1",
        "DAMage:BIT 1,100,0,BOTH",
        "DAMage:LENGth 1",
        "DUPLicate 2",
        "SPLit 0.05,2",
        "DRIBble 1 MS,2",
        "GARBage 5,2",
        "FOReign 1",
        "DROP 1,100,0,TO",
        "GARBage 5,2,100,0,TO",
    ],
)
def test_keyfobs_own_host_survives_each_fault_and_the_fault_has_fired(
    fault: str, tmp_path: Path
) -> None:
    async def act(bench: Talk) -> None:
        await order(bench, f"FAULt:LINE:{fault}")
        assert await read(bench) == "read"
        assert int(await bench.ask("FAULt:COUNt?")) > 0

    with_bench(rack_of(port=f"pty:{tmp_path / 'line'}"), act)


def test_faults_on_a_shared_line_meet_one_fob_only(tmp_path: Path) -> None:
    async def act(bench: Talk) -> None:
        await order(bench, "FAULt:LINE:SILence 1 HR,(@2)")
        assert await silent(bench, 2)
        assert [await read(bench, address) for address in (1, 3)] == ["read", "read"]
        assert (await bench.ask("FAULt:COUNt? (@1:3)")).split(",")[::2] == ["0", "0"]
        await order(bench, "TIME:ADVance 3600")  # its time is over
        assert await read(bench, 2) == "read"

    with_bench(rack_of(3, port=f"pty:{tmp_path / 'line'}"), act)


def orders() -> list[str]:
    """Return an order for each fault of a frame, in each direction that it takes, on channel 2."""
    found = []
    for fault in LINE_FAULTS:
        long = 60 if fault.method == "turnaround" else 0
        values = "".join(f"{max(value.low, long)}," for value in fault.values)
        bounds = "1 HR" if fault.method == "silence" else f"{values}2,100,0"
        ways = ("FROM", "TO") if fault.effect and not fault.line_error else (fault.way.name,)
        found += [f"FAULt:{fault.name} {bounds},{way},(@2)" for way in ways]
    return found


def is_answered(found: Iterable[object]) -> bool:
    """Return whether a good answer of fob 1 is among what was found."""
    return any(isinstance(one, Frame) and one.source == server_address(1) for one in found)


def poll(address: int) -> bytes:
    control = control_byte(FrameKind.SNRM, poll=True)
    return encode(Frame(server_address(address), client_address(), control))


def test_every_fault_meets_one_fob_of_a_shared_line_in_either_direction() -> None:
    async def act(bench: Talk) -> None:
        port = int(bench.emulator.started.ports[0].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = Deframer()
        for line in (*orders(), ""):
            if "PAR" in line or "FRAM" in line:
                continue  # not on TCP
            if line:
                await order(bench, line)
            await bench.ask("*OPC?")
            writer.write(poll(2) + poll(2) + poll(1))
            while not is_answered(answers.feed(await reader.read(1000))):
                pass
            while line and await bench.ask("FAULt:COUNt? (@2)") == "0":
                pass  # what was held back before is on its way still
            assert (await bench.ask("FAULt:COUNt? (@1:2)")).split(",")[0] == "0"
            await order(bench, "FAULt:CLEar (@1:2)")
        writer.close()

    with_bench(rack_of(2, port="tcp:127.0.0.1:0"), act)


def test_a_pulled_plug_is_put_back_by_hand_by_its_time_and_by_reset(port: str) -> None:
    async def act(bench: Talk) -> None:
        for fault, mend in (
            ("FAULt:LINE:DISConnect", "FAULt:LINE:PLUG"),
            ("FAULt:LINE:DISConnect 10", "TIME:ADVance 10"),
            ("FAULt:LINE:DISConnect", "*RST"),
        ):
            address = bench.emulator.started.ports[0]
            link = await asyncio.to_thread(open_link, address, 1, ONCE)
            await order(bench, fault)
            assert await bench.ask('FAULt:COUNt? "line:disconnect"') == "1"
            with pytest.raises((PortUnavailable, NoAnswer)):
                await asyncio.to_thread(link.transceive, bytes.fromhex("00A40400"))
            link.abandon()
            assert await read(bench) == "PortUnavailable"
            await order(bench, mend)
            assert await read(bench) == "read"
            await order(bench, "FAULt:CLEar")

    with_bench(rack_of(port=port), act)


def test_the_host_hears_its_echo_and_unsolicited_bytes() -> None:
    async def act(bench: Talk) -> None:
        number = int(bench.emulator.started.ports[0].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        await order(bench, "FAULt:LINE:ECHO 1")
        writer.write(b"\x7e\xa0")  # in pieces, and damaged: no answer
        await writer.drain()
        writer.write(bytes.fromhex("0703 21 93 0f00 7e".replace(" ", "")))
        heard = await reader.readexactly(9)
        assert heard == bytes.fromhex("7ea0070321930f007e")
        await order(bench, 'FAULt:DICE "7"', "FAULt:LINE:NOISe 16")
        first = await reader.readexactly(16)
        await order(bench, 'FAULt:DICE "7"', "FAULt:LINE:NOISe 16")
        assert await reader.readexactly(16) == first
        writer.close()

    with_bench(rack_of(port="tcp:127.0.0.1:0"), act)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("FAULt:LINE:DROP INF", -222),
        ("FAULt:LINE:DROP 0", -222),
        ("FAULt:LINE:DROP 1000001", -222),
        ("FAULt:LINE:DROP 1,0", -222),
        ("FAULt:LINE:DROP 1,101", -222),
        ("FAULt:LINE:DROP 1,100,0,SIDEWAYS", -224),
        ("FAULt:LINE:SILence 0", -222),
        ("FAULt:LINE:SILence", -109),
        ("FAULt:LINE:ECHO 1,100,0,FROM", -224),
        ("FAULt:LINE:DELay", -109),
        ("FAULt:LINE:DROP (@1:9)", -241),
        ('FAULt:COUNt? "LINE:NOPE"', -224),
        ("FAULt:LINE:NOPE", -113),
    ],
)
def test_bad_input_is_refused_and_nothing_is_set(line: str, number: int) -> None:
    async def act(bench: Talk) -> None:
        await bench.say(line)
        assert await bench.error() == number
        assert await bench.ask("FAULt:ACTive?") == '""'

    with_bench(rack_of(port="tcp:127.0.0.1:0"), act)


def test_a_channel_without_a_line_is_refused_with_the_reason() -> None:
    async def act(bench: Talk) -> None:
        for line in ("FAULt:LINE:DROP", "FAULt:LINE:NOISe 3", "FAULt:LINE:DISConnect"):
            await bench.say(line)
            assert await bench.ask("SYST:ERR?") == '-221,"Settings conflict;channel 1 has no line"'

    with_bench(rack_of(), act)


def test_the_catalogue_lists_every_fault_that_the_bench_takes() -> None:
    async def act(bench: Talk) -> None:
        names = (await bench.ask("FAULt:CATalog?")).replace('"', "").split(",")
        assert set(names) >= {fault.name for fault in LINE_FAULTS}
        assert all(f"FAULT:{name.upper()}" in COMMANDS for name in names)

    with_bench(rack_of(), act)
