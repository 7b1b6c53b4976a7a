"""A PTY whose hosts come and leave: exclusiveness, link and unread bytes end with the last one."""

import asyncio
import fcntl
import os
import socket
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.ports.pty import PtyPort
from emulator.ports.terminal_watch import TerminalWatch
from firmware_model.wire.hdlc import (
    CONTROLS,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_ports import Echo, drive, echo_at

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

NOBODY = 65534
HOST = """
import fcntl, os, sys, termios
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(NOBODY); os.setuid(NOBODY)
try:
    port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
except OSError as error:
    print(error.strerror, flush=True)
else:
    if "exclusive" in sys.argv:
        fcntl.ioctl(port, termios.TIOCEXCL)
    print("open", flush=True)
    sys.stdin.read()
""".replace("NOBODY", str(NOBODY))


class Host:
    """A process of another user, for root is exempt from EBUSY."""

    def __init__(self, device: str, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOST, device, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


async def left(echo: Echo) -> None:
    await echo.gone.wait()
    echo.gone.clear()


def test_exclusiveness_ends_with_its_host_and_not_before(tmp_path: Path) -> None:
    async def act() -> None:
        port, echo = await echo_at(f"pty:{tmp_path / 'fob0'}")
        assert isinstance(port, PtyPort)
        Path(port.device).chmod(0o666)

        async def host(*options: str) -> Host:
            return await asyncio.to_thread(Host, port.device, *options)

        for _ in range(2):
            first = await host("exclusive")
            assert first.said == "open"
            second = await host()
            second.kill()
            assert second.said == "Device or resource busy"
            if os.geteuid() == 0:  # who may open it all the same ends no other's exclusiveness
                os.close(os.open(port.device, os.O_RDWR | os.O_NOCTTY))
                await asyncio.sleep(0)
                third = await host()
                third.kill()
                assert third.said == "Device or resource busy"
            assert not echo.gone.is_set()
            first.kill()
            await left(echo)
        last = await host()
        assert last.said == "open"
        last.kill()
        await port.close()

    drive(act)


def test_each_host_is_seen_to_come_and_to_leave_however_fast_or_many(tmp_path: Path) -> None:
    async def act() -> None:
        port, echo = await echo_at(f"pty:{tmp_path / 'fob0'}")
        assert isinstance(port, PtyPort)

        def open_it(flags: int = os.O_RDWR) -> int:
            return os.open(port.device, flags | os.O_NOCTTY)

        for flags in (os.O_RDWR, os.O_RDONLY, os.O_WRONLY):
            os.close(open_it(flags))
            await left(echo)
        assert echo.hosts == 3
        held = []
        for _ in range(5):
            held.append(open_it())
            port._watch.catch_up()
        for descriptor in held[:4]:
            os.close(descriptor)
            port._watch.catch_up()
            assert not echo.gone.is_set()
        os.close(held[4])
        await left(echo)
        assert echo.hosts == 4
        for _ in range(3):  # gone and back before anybody looks
            held[0] = open_it()
            port._watch.catch_up()
            os.close(held[0])
            held[0] = open_it()
            await left(echo)
            os.close(held[0])
            await left(echo)
        assert echo.hosts == 10
        await port.close()

    drive(act)


def test_what_a_host_sent_last_is_taken_and_what_it_did_not_read_is_dropped(tmp_path: Path) -> None:
    async def act() -> None:
        port, echo = await echo_at(f"pty:{tmp_path / 'fob0'}")
        assert isinstance(port, PtyPort)
        host = os.open(port.device, os.O_RDWR | os.O_NOCTTY)
        os.write(host, b"goodbye")
        os.close(host)
        await left(echo)
        assert bytes(echo.heard) == b"goodbye"
        host = os.open(port.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        with pytest.raises(BlockingIOError):  # it was echoed to nobody
            os.read(host, 100)
        os.close(host)
        await port.close()

    drive(act)


def test_a_host_that_opens_the_port_for_itself_keeps_a_second_run_away(tmp_path: Path) -> None:
    async def act() -> None:
        port, _ = await echo_at(f"pty:{tmp_path / 'fob0'}")
        assert isinstance(port, PtyPort)
        os.close(os.open(port.device, os.O_RDWR | os.O_NOCTTY))
        port._watch.catch_up()  # our own end was opened anew, and so was its lock
        Path(port.device).chmod(0o666)
        find = (
            "import sys; from pathlib import Path; from emulator.ports.pty import _is_current\n"
            "print(_is_current(Path(sys.argv[1]), sys.argv[2]))"
        )
        command = [sys.executable, "-c", find, str(tmp_path / "fob0"), port.device]
        assert (await asyncio.to_thread(subprocess.check_output, command, text=True)) == "True\n"
        await port.close()

    drive(act)


def frame(kind: FrameKind) -> bytes:
    return encode(Frame(server_address(1), client_address(), control_byte(kind, poll=True)))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("carrier", ["pty", "tcp"])
def test_a_host_that_leaves_ends_the_link(tmp_path: Path, carrier: str, count: int) -> None:
    address = f"pty:{tmp_path / 'line'}" if carrier == "pty" else "tcp:127.0.0.1:0"

    def exchange(real: str, sent: bytes) -> FrameKind:

        if carrier == "pty":
            file = os.open(real.removeprefix("pty:"), os.O_RDWR | os.O_NOCTTY)
        else:
            host = socket.create_connection(("127.0.0.1", int(real.rpartition(":")[2])), 60)
            file = host.detach()
            os.set_blocking(file, True)
        os.write(file, sent)
        deframer = Deframer()
        frames: list[Frame] = []
        while not frames:
            frames = [f for f in deframer.feed(os.read(file, 4096)) if isinstance(f, Frame)]
        os.close(file)
        return CONTROLS[frames[0].control].kind

    async def act() -> None:
        async with Emulator(rack_of(count, port=address)) as emulator:
            real = emulator.started.ports[0]
            for _ in range(3):
                for sent, answer in (
                    (FrameKind.SNRM, FrameKind.UA),
                    (FrameKind.RR, FrameKind.DM),  # RR, were the link still there
                ):
                    found = await asyncio.to_thread(exchange, real, frame(sent))
                    assert found is answer

    drive(act)


def test_hosts_that_follow_one_another_never_meet_a_terminal_that_closes() -> None:
    """Opening a terminal whose last end is just being closed would fail with EIO."""
    seen: list[str] = []

    def hosts() -> None:
        for _ in range(500):
            os.close(os.open(device, os.O_RDWR | os.O_NOCTTY))

    async def act() -> None:
        watch = TerminalWatch(
            device,
            master,
            slave,
            connected=lambda: seen.append("came"),
            disconnected=lambda _: seen.append("left"),
            reopened=lambda _: None,
        )
        await asyncio.to_thread(hosts)  # raises what a host meets
        watch.catch_up()
        assert seen == ["came", "left"] * (len(seen) // 2)
        assert len(seen) > 1
        watch.close()

    master, slave = os.openpty()
    device = os.ttyname(slave)
    drive(act)
    os.close(master)


def test_loops_of_several_threads_may_ask_the_queue_at_once() -> None:
    """A poll object refuses two calls at a time, and there is one for the process."""
    from emulator.ports.terminal_watch import _inotify

    def ask(_: int) -> None:
        for _ in range(2000):
            _inotify().dispatch()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [None] * 4


def test_exclusive_flag_is_ours_to_read() -> None:
    """`TIOCGEXCL` is no constant of Python's `termios`: hold ours against the kernel's answer."""
    from emulator.ports.terminal_watch import TIOCGEXCL

    master, slave = os.openpty()
    for request, flag in ((termios.TIOCEXCL, 1), (termios.TIOCNXCL, 0)):
        fcntl.ioctl(slave, request)
        found = bytearray(4)
        fcntl.ioctl(slave, TIOCGEXCL, found)
        assert int.from_bytes(found, sys.byteorder) == flag
    os.close(master)
    os.close(slave)
