"""Ports: bytes in, bytes out, names that mean what they say, and nothing left over."""

import asyncio
import os
import select
import socket
import stat
import subprocess
import sys
import termios
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import serial

from emulator.ports.opening import is_open_to_network, open_port
from emulator.ports.port import EmulatedPort
from emulator.ports.pty import PtyPort
from firmware_model.errors import BadInput, InUse, KeyfobError, PortUnavailable
from firmware_model.inputs import LineSignals

PATIENCE = 60
"""Seconds until a test gives up; nothing but a fault waits so long."""


class Echo:
    """A listener that sends back what it gets, and keeps it."""

    def __init__(self) -> None:
        self.port: EmulatedPort | None = None
        self.heard = bytearray()
        self.hosts = 0
        self.gone = asyncio.Event()
        self.signals: list[LineSignals] = []

    def connected(self) -> None:
        self.hosts += 1

    def received(self, data: bytes) -> None:
        self.heard += data
        assert self.port is not None
        self.port.send(data)

    def disconnected(self) -> None:
        self.gone.set()

    def signalled(self, signals: LineSignals) -> None:
        self.signals.append(signals)


async def echo_at(address: str) -> tuple[EmulatedPort, Echo]:
    echo = Echo()
    port = echo.port = await open_port(address, echo)
    return port, echo


def drive(act: Callable[[], Awaitable[Any]]) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(PATIENCE):
            return await act()

    return asyncio.run(bounded())


def talk(name: str, data: bytes) -> bytes:
    """What a host with pyserial does, in a thread of its own."""
    with serial.Serial(name, timeout=PATIENCE, exclusive=True) as port:
        port.write(data)
        return port.read(len(data))


EVERY_BYTE = bytes(range(256)) * 4


def test_a_pty_passes_every_byte_unchanged_both_ways(tmp_path: Path) -> None:
    async def act() -> None:
        link = tmp_path / "fob0"
        port, _ = await echo_at(f"pty:{link}")
        assert port.address == f"pty:{link}"
        assert await asyncio.to_thread(talk, str(link), EVERY_BYTE) == EVERY_BYTE
        await port.close()
        assert list(tmp_path.iterdir()) == []

    drive(act)


def test_a_pty_is_raw_before_any_host_has_opened_it(tmp_path: Path) -> None:
    async def act() -> None:
        port, _ = await echo_at(f"pty:{tmp_path / 'fob0'}")
        slave = os.open(tmp_path / "fob0", os.O_RDWR | os.O_NOCTTY)
        iflag, oflag, _, lflag, *_ = termios.tcgetattr(slave)
        os.close(slave)
        assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)
        assert not iflag & (termios.ICRNL | termios.IXON)
        assert not oflag & termios.OPOST
        await port.close()

    drive(act)


def test_a_host_that_left_a_pty_comes_back_and_leaves_nothing_to_spin_on(tmp_path: Path) -> None:
    async def act() -> None:
        link = str(tmp_path / "fob0")
        port, _ = await echo_at(f"pty:{link}")
        for round_ in (b"first", b"second"):
            assert await asyncio.to_thread(talk, link, round_) == round_
            assert isinstance(port, PtyPort)
            # A master end without any slave end is readable for ever (EIO).
            assert select.select([port._descriptor], [], [], 0) == ([], [], [])
        await port.close()

    drive(act)


def test_a_stale_link_is_replaced(tmp_path: Path) -> None:
    async def act() -> None:
        link = tmp_path / "fob0"
        link.symlink_to("/dev/pts/99999")
        port, _ = await echo_at(f"pty:{link}")
        assert stat.S_ISCHR(link.stat().st_mode)
        await port.close()

    drive(act)


def test_a_link_whose_terminal_is_somebodys_new_one_is_stale(tmp_path: Path) -> None:
    async def act() -> None:
        link = tmp_path / "fob0"
        master, slave = os.openpty()
        link.symlink_to(os.ttyname(slave))
        # The terminal is younger than the link: its number was used again.
        os.utime(link, (0, 0), follow_symlinks=False)
        make_younger(Path(os.ttyname(slave)), link)
        port, _ = await echo_at(f"pty:{link}")
        assert str(link.readlink()) != os.ttyname(slave)
        await port.close()
        os.close(master)
        os.close(slave)

    drive(act)


def test_a_link_whose_terminal_another_keyfob_holds_by_now_is_stale(tmp_path: Path) -> None:
    link = tmp_path / "fob0"
    with holder_of(tmp_path / "another") as target:
        link.symlink_to(target)
        os.utime(link, (0, 0), follow_symlinks=False)

        async def act() -> None:
            # Made later than the link, as far as anybody can see: its number was used again.
            make_younger(target, link)
            port, _ = await echo_at(f"pty:{link}")
            assert link.readlink() != target
            await port.close()

        drive(act)


def make_younger(terminal: Path, link: Path) -> None:
    """Change the mode of `terminal` until it looks younger than `link`: times have ticks."""
    while terminal.stat().st_ctime_ns <= link.lstat().st_ctime_ns:
        terminal.chmod(0o622)


@contextmanager
def holder_of(link: Path) -> Iterator[Path]:
    """Let another process open the port `link`; yield its terminal."""
    other = (
        "import asyncio; from tests.emulator.test_ports import echo_at\n"
        f"async def main():\n await echo_at('pty:{link}'); print('up', flush=True)\n"
        " await asyncio.Event().wait()\nasyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", other], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        try:
            yield link.readlink()
        finally:
            process.kill()
            process.wait()


def test_a_link_of_a_living_other_is_left_alone(tmp_path: Path) -> None:
    link = tmp_path / "fob0"
    with holder_of(link) as target:
        for _ in range(2):
            with pytest.raises(InUse, match="another process holds its terminal") as caught:
                drive(lambda: echo_at(f"pty:{link}"))
            assert caught.value.exit_status == 5
            assert link.readlink() == target
            # A changed mode makes the terminal look younger than its link; it lives all the same.
            make_younger(target, link)

    async def act() -> None:
        port, _ = await echo_at(f"pty:{link}")
        await port.close()

    drive(act)


@pytest.mark.parametrize("kind", ["file", "folder", "link to a file"])
def test_what_is_no_link_to_a_terminal_is_never_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "fob0"
    if kind == "folder":
        path.mkdir()
    elif kind == "file":
        path.write_text("mine")
    else:
        (tmp_path / "other").write_text("mine")
        path.symlink_to(tmp_path / "other")
    with pytest.raises(InUse, match="fob0"):
        drive(lambda: echo_at(f"pty:{path}"))
    assert path.exists()


def test_closing_leaves_a_link_that_points_elsewhere_by_now(tmp_path: Path) -> None:
    async def act() -> None:
        link = tmp_path / "fob0"
        port, _ = await echo_at(f"pty:{link}")
        assert isinstance(port, PtyPort)
        link.unlink()
        link.symlink_to("/dev/null")
        await port.close()
        assert str(link.readlink()) == "/dev/null"

    drive(act)


def test_tcp_serves_one_host_at_a_time_and_the_next_one_after_it() -> None:
    async def act() -> None:
        port, echo = await echo_at("tcp:127.0.0.1:0")
        number = int(port.address.rpartition(":")[2])
        assert number > 0
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(b"one")
        assert await reader.readexactly(3) == b"one"
        second_reader, second = await asyncio.open_connection("127.0.0.1", number)
        second.write(b"two")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await second_reader.readexactly(1)
        second.close()
        writer.close()
        await echo.gone.wait()
        third_reader, third = await asyncio.open_connection("127.0.0.1", number)
        third.write(b"three")
        assert await third_reader.readexactly(5) == b"three"
        assert bytes(echo.heard) == b"onethree"
        assert echo.hosts == 2
        third.close()
        await port.close()

    drive(act)


def test_a_host_that_comes_back_faster_than_the_news_of_its_leaving_is_served() -> None:
    async def act() -> None:
        port, _ = await echo_at("tcp:127.0.0.1:0")
        number = int(port.address.rpartition(":")[2])

        def come_and_go() -> None:
            for _ in range(50):
                with socket.create_connection(("127.0.0.1", number), PATIENCE) as host:
                    host.sendall(b"here")
                    assert host.recv(4) == b"here"

        await asyncio.to_thread(come_and_go)
        await port.close()

    drive(act)


def test_a_tcp_port_in_use_says_so() -> None:
    async def act() -> None:
        port, _ = await echo_at("tcp:127.0.0.1:0")
        with pytest.raises(InUse, match=r"tcp:127\.0\.0\.1:\d+ is in use"):
            await echo_at(port.address)
        await port.close()

    drive(act)


@pytest.mark.parametrize(
    "address",
    ["", "fob0", "pty:", "ftp:host", "tcp:", "tcp:host", "tcp:host:x", "tcp::65536", "tcp:h:-1"],
)
def test_what_spells_no_door_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput) as caught:
        drive(lambda: echo_at(address))
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("pty:/no/such/folder/fob0", PortUnavailable),
        ("tcp:192.0.2.1:7000", PortUnavailable),  # an address of RFC 5737, never ours
        ("tcp:no-such-host.invalid:7000", PortUnavailable),
    ],
)
def test_a_door_that_cannot_be_had_is_one_line(address: str, error: type[KeyfobError]) -> None:
    with pytest.raises(error) as caught:
        drive(lambda: echo_at(address))
    assert caught.value.exit_status == 3
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "others"),
    [
        ("tcp:127.0.0.1:0", False),
        ("tcp:localhost:0", False),
        ("tcp::0", False),
        ("tcp:[::1]:0", False),
        ("tcp:0.0.0.0:0", True),
        ("tcp:192.0.2.1:0", True),
        ("pty:./fob0", False),
    ],
)
def test_a_door_that_others_can_reach_is_known(address: str, others: bool) -> None:
    assert is_open_to_network(address) is others


def test_a_host_that_never_reads_does_not_fill_the_memory(tmp_path: Path) -> None:
    async def act() -> None:
        port, _ = await echo_at(f"pty:{tmp_path / 'fob0'}")
        assert isinstance(port, PtyPort)
        for _ in range(100):
            port.send(bytes(65_536))
        assert len(port._waiting) <= 1 << 20
        await port.close()

    drive(act)
