"""RFC 2217, real UARTs, pace: ports beyond plain bytes."""

import asyncio
import os
import socket
import time
import tty
from pathlib import Path

import pytest
import serial

from emulator.ports.opening import open_port
from emulator.ports.pace import PacedPort
from emulator.ports.rfc2217 import Rfc2217Port
from firmware_model.errors import BadInput, InUse, PortUnavailable
from firmware_model.inputs import LineSignals
from host_tools.client.ports import open_port as open_host_port
from tests.emulator.test_ports import EVERY_BYTE, PATIENCE, Echo, drive, echo_at


@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")  # in pyserial's own client
def test_rfc2217_passes_every_byte_and_brings_settings_and_modem_lines() -> None:
    async def act() -> None:
        port, echo = await echo_at("rfc2217:127.0.0.1:0")
        assert isinstance(port, Rfc2217Port)
        number = port.address.rpartition(":")[2]

        def talk() -> None:
            url = f"rfc2217://127.0.0.1:{number}"
            with serial.serial_for_url(url, baudrate=9600, timeout=PATIENCE) as host:
                host.write(EVERY_BYTE)
                assert host.read(len(EVERY_BYTE)) == EVERY_BYTE
                assert port.baud_rate == 9600
                host.dtr = True
                host.rts = False
                host.break_condition = True
                assert (port.uart.dtr, port.uart.rts, port.uart.break_condition) == (
                    True,
                    False,
                    True,
                )
                assert host.cts
                assert host.cd
                host.baudrate = 57_600
                assert port.baud_rate == 57_600

        await asyncio.to_thread(talk)
        assert LineSignals(True, True, 57_600) in echo.signals
        await port.close()

    drive(act)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\xff\xf0",  # the end of a suboption that never began
        b"\xff\xfa" + bytes(5000),  # a suboption without an end
        b"\xff\xfa\x2c\x01\x00\xff\xf0",  # SET-BAUDRATE with too few bytes
        b"\xff\xfa\x2c\x03\x09\xff\xf0",  # a parity that does not exist
    ],
)
def test_a_host_that_speaks_bad_telnet_is_hung_up_on_and_the_next_is_served(
    nonsense: bytes,
) -> None:
    async def act() -> None:
        port, echo = await echo_at("rfc2217:127.0.0.1:0")
        number = int(port.address.rpartition(":")[2])

        def talk() -> None:
            with socket.create_connection(("127.0.0.1", number), PATIENCE) as host:
                host.sendall(nonsense)
                try:
                    while host.recv(100):
                        pass
                except ConnectionResetError:
                    pass
            with socket.create_connection(("127.0.0.1", number), PATIENCE) as host:
                host.sendall(b"plain")
                received = b""
                while b"plain" not in received:
                    received += host.recv(100)

        await asyncio.to_thread(talk)
        assert bytes(echo.heard) == b"plain"
        await port.close()

    drive(act)


def test_a_uart_is_a_cable_to_the_host() -> None:
    async def act() -> None:
        far, near = os.openpty()
        tty.setraw(near)
        port, echo = await echo_at(f"serial:{os.ttyname(near)},9600")
        assert port.baud_rate == 9600
        os.write(far, b"hello")
        while len(echo.heard) < 5:
            await asyncio.sleep(0.01)
        assert os.read(far, 5) == b"hello"
        with pytest.raises(InUse):
            await echo_at(f"serial:{os.ttyname(near)}")
        await port.close()
        os.close(far)
        os.close(near)

    drive(act)


def test_a_uart_that_is_pulled_out_ends_the_conversation_and_does_not_spin() -> None:
    async def act() -> None:
        far, near = os.openpty()
        tty.setraw(near)
        port, echo = await echo_at(f"serial:{os.ttyname(near)}")
        os.close(near)
        os.close(far)
        await echo.gone.wait()
        port.send(b"into the void")
        await port.close()

    drive(act)


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("serial:/dev/no-such-tty", PortUnavailable),
        ("serial:/dev/null", PortUnavailable),
        ("serial:/dev/ttyS0,fast", BadInput),
        ("rfc2217:host", BadInput),
    ],
)
def test_a_uart_that_cannot_be_had_is_one_line(address: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        drive(lambda: echo_at(address))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("by_host", [True, False])
def test_pace_holds_bytes_back_to_the_baud_rate_both_ways(tmp_path: Path, by_host: bool) -> None:
    async def act() -> None:
        echo = Echo()
        port = echo.port = PacedPort(echo, 0 if by_host else 9600, 115_200)
        link = tmp_path / "fob0"
        await port.open(lambda listener: open_port(f"pty:{link}", listener))

        def talk() -> float:
            with serial.Serial(str(link), 9600 if by_host else 115_200, timeout=PATIENCE) as host:
                begin = time.monotonic()
                host.write(bytes(240))
                assert host.read(240) == bytes(240)
                return time.monotonic() - begin

        # 240 bytes of 10 bits at 9600 baud take 0.25 s; the echo overlaps with them.
        assert await asyncio.to_thread(talk) >= 0.25
        await port.close()

    drive(act)


# In pyserial's own client, which also leaves the socket of a failed opening to the collector.
@pytest.mark.filterwarnings("ignore:set:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_second_host_at_rfc2217_learns_that_the_port_is_in_use() -> None:
    async def act() -> None:
        port, _ = await echo_at("rfc2217:127.0.0.1:0")

        def talk() -> None:
            url = f"rfc2217://{port.address.removeprefix('rfc2217:')}"
            with serial.serial_for_url(url, timeout=PATIENCE) as first:
                with pytest.raises(InUse):
                    open_host_port(url)
                first.write(EVERY_BYTE)
                assert first.read(len(EVERY_BYTE)) == EVERY_BYTE
            open_host_port(url).close()

        await asyncio.to_thread(talk)
        await port.close()

    drive(act)
