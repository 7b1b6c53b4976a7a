"""Ports: every spelling opens, every failure is one plain line of the right kind."""

import os
import socket
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, InUse, KeyfobError, PortUnavailable
from host_tools.client.ports import open_port


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("spelling", ["{}", "pty:{}", "PTY:{}", "spy://{}"])
def test_a_terminal_opens_by_path_and_by_url(terminal: tuple[int, str], spelling: str) -> None:
    master, path = terminal
    with open_port(spelling.format(path)) as port:
        port.write(b"\x7e\x0a\x0d")
        assert os.read(master, 10) == b"\x7e\x0a\x0d"
        os.write(master, b"\x00\x11\x13")
        assert port.read(5) + port.read(0.05) == b"\x00\x11\x13"


def test_a_terminal_opens_by_a_link_to_it(terminal: tuple[int, str], tmp_path: Path) -> None:
    link = tmp_path / "fob0"
    link.symlink_to(terminal[1])
    open_port(str(link)).close()


@pytest.mark.parametrize("spelling", ["tcp:127.0.0.1:{}", "socket://127.0.0.1:{}"])
def test_a_tcp_port_opens_in_both_spellings(spelling: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = open_port(spelling.format(server.getsockname()[1]))
        peer, _ = server.accept()
        with port, peer:
            port.write(b"ask")
            assert peer.recv(10) == b"ask"
            peer.sendall(b"answer")
            assert port.read(5) + port.read(0.05) == b"answer"


def test_reading_from_a_silent_port_ends_in_time(terminal: tuple[int, str]) -> None:
    with open_port(terminal[1]) as port:
        assert port.read(0.01) == b""


def test_old_input_can_be_dropped(terminal: tuple[int, str]) -> None:
    master, path = terminal
    with open_port(path) as port:
        os.write(master, b"old")
        assert port.read(5)[:1] == b"o"
        os.write(master, b"older")
        port.drop_input()
        assert port.read(0.01) == b""


def test_a_port_in_use_says_so(terminal: tuple[int, str]) -> None:
    _, path = terminal
    with open_port(path), pytest.raises(InUse, match=rf"^{path} is in use by another program$"):
        open_port(path)


def test_a_second_close_does_nothing(terminal: tuple[int, str]) -> None:
    port = open_port(terminal[1])
    port.close()
    port.close()
    open_port(terminal[1]).close()


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("", BadInput, "is no valid port"),
        ("a\0b", BadInput, "is no valid port"),
        ("pty:", BadInput, "lacks the path"),
        ("tcp:localhost", BadInput, "is not tcp:HOST:PORT"),
        ("tcp:localhost:0", BadInput, "is not tcp:HOST:PORT"),
        ("tcp:localhost:65536", BadInput, "is not tcp:HOST:PORT"),
        ("tcp::5025", BadInput, "is not tcp:HOST:PORT"),
        ("ftp://here", BadInput, "is no valid port"),
        ("socket://127.0.0.1", BadInput, "is no valid port"),
        ("./no/such/port", PortUnavailable, "port not found: ./no/such/port"),
        ("/etc", PortUnavailable, "is a directory, not a serial port"),
        ("/etc/passwd", PortUnavailable, "is a file, not a serial port"),
        ("/dev/null", PortUnavailable, "is not a serial port"),
        ("tcp:127.0.0.1:1", PortUnavailable, "connection refused: tcp:127.0.0.1:1"),
    ],
)
def test_what_cannot_be_opened_is_named_in_one_line(
    url: str, kind: type[KeyfobError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        open_port(url)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_link_to_nowhere_is_no_port(tmp_path: Path) -> None:
    link = tmp_path / "fob0"
    link.symlink_to("/dev/pts/4294967295")
    with pytest.raises(PortUnavailable, match="port not found:"):
        open_port(str(link))


def test_a_terminal_that_vanishes_is_named() -> None:
    master, slave = os.openpty()
    path = os.ttyname(slave)
    os.close(slave)
    with open_port(path) as port:
        os.close(master)
        with pytest.raises(PortUnavailable, match=f"^{path}: the port went away while in use"):
            port.read(1)


def test_a_peer_that_hangs_up_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = open_port(f"tcp:127.0.0.1:{server.getsockname()[1]}")
        with server.accept()[0] as peer:
            peer.sendall(b"x")
        assert port.read(1) == b"x"
        with port, pytest.raises(PortUnavailable, match="the port went away while in use"):
            port.read(1)


@pytest.mark.parametrize("sent", [b"", b"\x7e"])
def test_a_peer_that_hangs_up_before_it_says_anything_has_another_host(sent: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = open_port(f"tcp:127.0.0.1:{server.getsockname()[1]}")
        port.write(sent)
        server.accept()[0].close()  # with unread bytes it is a reset
        with port, pytest.raises(InUse, match="is in use") as caught:
            port.read(1)
        assert caught.value.exit_status == 5


@pytest.mark.parametrize(
    ("spelling", "speed"),
    [("{}", termios.B115200), ("serial:{}", termios.B115200), ("serial:{},9600", termios.B9600)],
)
def test_the_baud_rate_is_that_of_the_spelling(
    terminal: tuple[int, str], spelling: str, speed: int
) -> None:
    with open_port(spelling.format(terminal[1])):
        assert termios.tcgetattr(terminal[0])[4:6] == [speed, speed]


@pytest.mark.parametrize("rate", ["", "0", "fast", "-9600", "49", "4000001", "９６００"])
def test_what_is_no_baud_rate_is_refused(terminal: tuple[int, str], rate: str) -> None:
    with pytest.raises(BadInput, match=r"is not serial:DEVICE,BAUD with 50 to 4000000 baud$"):
        open_port(f"serial:{terminal[1]},{rate}")


def test_rfc_2217_opens_in_the_emulators_spelling_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    with pytest.raises(PortUnavailable, match=f"^connection refused: rfc2217:127.0.0.1:{free}"):
        open_port(f"rfc2217:127.0.0.1:{free}")
