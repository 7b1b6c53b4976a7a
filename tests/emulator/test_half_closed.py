"""A controller that ends its input gets every answer, then the end of the connection."""

import asyncio
import socket
import struct
from fractions import Fraction

import pytest
import serial

import keyfob  # noqa: F401 - importing it registers fob:// with pyserial
from keyfob.testing.urlhandler.racks import forget
from tests.emulator.bench_talk import Talk, rack_of, with_bench

CODES = ["755224", "287082"]  # RFC 4226 Appendix D


def one_shot(bench: Talk, sent: bytes) -> bytes:
    """Send, end the output and return all that comes until the end of the input."""
    assert bench.emulator.started.bench is not None
    port = int(bench.emulator.started.bench.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 60) as controller:
        controller.sendall(sent)
        controller.shutdown(socket.SHUT_WR)
        answers = b""
        while piece := controller.recv(4096):
            answers += piece
        return answers


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"LAB:MOD?\n", b'"fob-h6"\n'),
        (b"LAB:MOD?", b'"fob-h6"\n'),  # the end of input is IEEE 488.2's END
        (b"BUTT:PRES 0.2;*OPC?;:DISP:TEXT?\n", b'1;"755224"\n'),
        (b"BUTT:PRES 0.2\n*OPC?\nDISP:TEXT?\nLAB:MOD?", b'1\n"755224"\n"fob-h6"\n'),
        (b"BUTT:PRES 0.2\n*WAI\nDISP:TEXT?\r\n", b'"755224"\n'),
        (b'BUTT:PRES 0.2\nDISP:WAIT? "??????",30', b'"755224"\n'),
        (b"INST:COUN?\n" * 300, b"1\n" * 300),
        (b"FOO\nSYST:ERR?", b'-113,"Undefined header;FOO"\n'),
        (b"", b""),
        (b"X" * 20_000, b""),
    ],
)
def test_every_line_before_the_end_of_input_is_carried_out_and_answered(
    sent: bytes, answers: bytes
) -> None:
    async def act(bench: Talk) -> None:
        assert await asyncio.to_thread(one_shot, bench, sent) == answers

    with_bench(rack_of(preset="personalised"), act)


@pytest.mark.parametrize("half_closed", [False, True])
def test_a_reset_stops_the_work_at_once(half_closed: bool) -> None:
    async def act(bench: Talk) -> None:
        assert bench.emulator.started.bench is not None
        port = int(bench.emulator.started.bench.rpartition(":")[2])
        other = socket.create_connection(("127.0.0.1", port), 60)
        other.sendall(b'BUTT:DOWN;:DISP:WAIT? "never",1E9;:BUTT:UP\nBUTT:UP\n')
        if half_closed:
            other.shutdown(socket.SHUT_WR)
        while await bench.ask("BUTT:STAT?") == "0":
            await asyncio.sleep(0)
        sessions = bench.emulator.bench.sessions
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()  # by a reset
        while len(sessions) > 1:
            await asyncio.sleep(0.001)
        assert await bench.ask("BUTT:STAT?") == "1"

    with_bench(rack_of(preset="personalised", rate=Fraction(1)), act)


def test_a_controller_in_this_process_may_write_and_close_too() -> None:
    try:
        url = "fob://one-shot/bench?preset=personalised&time=frozen"
        with serial.serial_for_url(url, timeout=60) as last:
            with serial.serial_for_url(url) as bench:
                bench.write(b"BUTT:PRES;*WAI\nTIME:ADV 100")
            while True:  # presses end at one instant of frozen time, the leap comes behind it
                last.write(b"BUTT:STAT?;:STAT:OPER:COND?;:TRAC:EVEN?\n")
                if b"pressed" in last.readline():
                    break
    finally:
        forget("one-shot")


def test_a_controller_that_leaves_in_mid_answer_makes_no_noise_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """asyncio warns of the fifth write to a connection that it has lost."""

    async def act(bench: Talk) -> None:
        assert bench.emulator.started.bench is not None
        port = int(bench.emulator.started.bench.rpartition(":")[2])
        other = socket.create_connection(("127.0.0.1", port), 60)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # In one read, so that its answers are sent one after the other, the reset unseen.
        other.sendall(b"LAB:MOD?\n" * 60)
        other.close()
        while len(bench.emulator.bench.sessions) < 2:
            await asyncio.sleep(0)
        while len(bench.emulator.bench.sessions) > 1:
            await asyncio.sleep(0)

    with_bench(rack_of(), act)
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
