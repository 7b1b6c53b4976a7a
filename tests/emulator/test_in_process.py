"""`fob://`: a fob and its bench inside the test's own process, as pyserial programs see them."""

import asyncio
import select
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

import keyfob  # noqa: F401 - importing it registers fob:// with pyserial
from emulator.in_process import InProcess
from firmware_model.errors import KeyfobError
from host_tools.client.bench import BenchClient
from host_tools.client.fob_state import read_state
from host_tools.client.session import open_session
from keyfob.testing.urlhandler.racks import forget
from tests.emulator.bench_talk import rack_of


@pytest.fixture
def desk() -> Iterator[str]:
    yield "fob://desk"
    forget("desk")


def test_a_fob_and_its_bench_need_no_port(desk: str) -> None:
    with BenchClient(f"{desk}/bench?model=fob-t60&count=3&time=frozen&start=2029-04-01") as bench:
        assert bench.query("INST:COUN?") == "3"
        assert bench.query("TIME:DATE?") == '"2029-04-01T00:00:00Z"'
        with open_session(f"{desk}/2") as session:
            assert read_state(session).model == "fob-t60"
        bench.advance(60)
    with BenchClient(f"{desk}/bench") as bench:
        assert bench.query("TIME:DATE?") == '"2029-04-01T00:01:00Z"'


def test_one_host_at_a_time_and_the_next_finds_the_fob_as_it_was(desk: str) -> None:
    url = f"{desk}/1?model=fob-h6"
    with serial.serial_for_url(url, timeout=0) as port:
        assert port.read(1) == b""
        with pytest.raises(serial.SerialException, match="in use by another host"):
            serial.serial_for_url(url)
    with open_session(url) as session:
        assert read_state(session).model == "fob-h6"


@pytest.mark.parametrize(
    "url",
    [
        "fob://desk/x",
        "fob:///1",
        "fob://desk/2",
        "fob://desk/1?colour=red",
        "fob://desk/1?model=fob-h7",
        "fob://desk/1?count=0",
        "fob://desk/1?start=soon",
        "fob://desk/1?time=-1",
    ],
)
def test_a_url_that_cannot_be_meant_is_one_line(desk: str, url: str) -> None:
    with pytest.raises(serial.SerialException) as caught:
        serial.serial_for_url(url)
    assert "\n" not in str(caught.value)


def test_after_the_rack_is_gone_its_ports_say_so(desk: str) -> None:
    port = serial.serial_for_url(f"{desk}/1", timeout=5)
    forget("desk")
    with pytest.raises(serial.SerialException, match="the rack was stopped"):
        port.read(1)
    port.close()


def test_a_bench_hangs_up_on_a_browser_here_too(desk: str) -> None:
    with serial.serial_for_url(f"{desk}/bench", timeout=5) as port:
        port.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(serial.SerialException, match="closed the connection"):
            port.read(1)


def test_what_was_called_seed_is_named_by_its_name_of_today(desk: str) -> None:
    with pytest.raises(serial.SerialException, match=r"unknown parameter seed.*; .* give dice"):
        serial.serial_for_url("fob://desk/1?seed=7")


def test_what_a_host_tool_makes_of_a_bad_url_is_a_host_error(desk: str) -> None:
    with pytest.raises(KeyfobError):
        BenchClient("fob://desk/bench?model=no-such-model")


@pytest.mark.parametrize("pace", [None, 57_600])
@pytest.mark.parametrize("port", ["pty:{folder}/line", "tcp:127.0.0.1:0"])
def test_a_host_talks_to_a_fob_through_a_door_paced_or_not(
    tmp_path: Path, port: str, pace: int | None
) -> None:
    rack = InProcess(rack_of(2, port=port.format(folder=tmp_path), pace=pace))
    try:
        for _ in range(2):
            with open_session(rack.started.ports[0], 2) as session:
                assert read_state(session).model == "fob-h6"
    finally:
        rack.stop()


def test_a_url_has_what_pyserials_own_ports_in_this_process_have(desk: str) -> None:
    with serial.serial_for_url(f"{desk}/1?time=frozen", timeout=60) as port:
        assert port.out_waiting == 0
        port.cancel_write()
        port.cancel_read()
        assert port.read(1) == b""  # cancelled before it began
        waiting = threading.Thread(target=port.read, args=(1,))
        waiting.start()
        while waiting.is_alive():  # it may not wait yet
            port.cancel_read()
        port.flush()


def test_asyncio_reads_a_url_by_its_descriptor(desk: str) -> None:
    """What pyserial-asyncio does: a reader on `fileno`, reads and writes that never wait."""

    async def exchange(port: serial.SerialBase, sent: bytes) -> bytes:
        loop, answer = asyncio.get_running_loop(), asyncio.Queue[bytes]()
        loop.add_reader(port.fileno(), lambda: answer.put_nowait(port.read(1024)))
        try:
            assert port.write(sent) == len(sent)
            found = b""
            while not found.endswith(b"\n"):
                found += await asyncio.wait_for(answer.get(), 60)
            assert answer.empty()  # not woken for nothing
        finally:
            loop.remove_reader(port.fileno())
        return found

    with serial.serial_for_url(f"{desk}/bench?time=frozen", timeout=0) as port:
        for _ in range(3):
            assert asyncio.run(exchange(port, b"SYST:VERS?;*TST?\n"))
        assert select.select([port], [], [], 0) == ([], [], [])
        forget("desk")
        assert select.select([port], [], [], 0) == ([port], [], [])  # its end is to be read
