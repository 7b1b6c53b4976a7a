"""Unix sockets that know their peer, and a bench that asks for a token."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.ports.opening import open_port
from firmware_model.errors import BadInput, InUse, KeyfobError, PortUnavailable
from host_tools.client.bench import BenchClient
from host_tools.client.bench_token import TOKEN_FILE_VARIABLE, read_token
from host_tools.client.fob_state import read_state
from host_tools.client.session import open_session
from tests.emulator.bench_talk import rack_of
from tests.emulator.test_ports import Echo, drive, echo_at

NOBODY = 65534
TOKEN = "0123456789abcdef-token"
PEER = """
import os, socket, sys
os.setgroups([]); os.setgid(NOBODY); os.setuid(NOBODY)
peer = socket.socket(socket.AF_UNIX)
try:
    peer.connect(sys.argv[1])
    peer.sendall(b"hello")
    print(peer.recv(5).decode() or "closed")
except ConnectionError:
    print("closed")
except OSError as error:
    print(type(error).__name__)
""".replace("NOBODY", str(NOBODY))


def test_fobs_and_bench_are_served_at_unix_sockets_that_leave_nothing_behind(
    tmp_path: Path,
) -> None:
    line, bench = f"unix:{tmp_path / 'line'}", f"unix:{tmp_path / 'bench'}"

    async def act() -> None:
        async with Emulator(rack_of(2, port=line, bench=bench)) as emulator:
            assert emulator.started.ports == (line,)
            assert emulator.started.warnings == ()
            modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
            assert modes == {0o600}

            def talk() -> None:
                with BenchClient(bench) as client, open_session(line, 2) as session:
                    assert client.query("INST:COUN?") == "2"
                    assert read_state(session).model == "fob-h6"
                    with pytest.raises(InUse):
                        open_session(line, 1)

            await asyncio.to_thread(talk)

    drive(act)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="acts as another user")
@pytest.mark.parametrize(
    ("allowed", "mode", "answer"),
    [((), 0o600, "PermissionError"), ((1,), 0o666, "closed"), ((NOBODY,), 0o666, "hello")],
)
def test_only_allowed_users_are_served(allowed: tuple[int, ...], mode: int, answer: str) -> None:
    async def act(folder: Path) -> None:
        folder.chmod(0o755)
        echo = Echo()
        port = echo.port = await open_port(f"unix:{folder / 'fob0'}", echo, allowed)
        assert stat.S_IMODE((folder / "fob0").stat().st_mode) == mode
        command = [sys.executable, "-c", PEER, str(folder / "fob0")]
        said = await asyncio.to_thread(subprocess.check_output, command, text=True)
        assert said.strip() == answer
        assert echo.hosts == (answer == "hello")
        await port.close()

    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        drive(lambda: act(Path(name)))


def test_a_stale_socket_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    path = tmp_path / "fob0"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    async def act() -> None:
        port, _ = await echo_at(f"unix:{path}")
        with pytest.raises(InUse, match="is in use by another program"):
            await echo_at(f"unix:{path}")
        path.unlink()
        path.write_text("mine")
        await port.close()
        assert path.read_text() == "mine"
        with pytest.raises(InUse, match="exists and is no socket"):
            await echo_at(f"unix:{path}")

    drive(act)


@pytest.mark.parametrize(
    ("path", "error"), [("a" * 200, BadInput), ("/no/such/fob0", PortUnavailable)]
)
def test_a_socket_that_cannot_be_made_is_one_line(path: str, error: type[KeyfobError]) -> None:
    with pytest.raises(error, match=r"unix:[/a]") as caught:
        drive(lambda: echo_at(f"unix:{path}"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (f'SYST:TOK "{TOKEN}"', b"1999.0\n"),
        (f":system:token '{TOKEN}'", b"1999.0\n"),
        ("SYST:VERS?", b""),
        (f'SYST:TOK "{TOKEN}x"', b""),
        (f'SYST:TOK "{TOKEN[:-1]}"', b""),
        ('SYST:TOK ""', b""),
        ("SYST:TOK", b""),
        (f"SYST:TOK {TOKEN}", b""),
        (f'SYST:TOK "{TOKEN}";:SYST:TOK "{TOKEN}"', b""),
        ("", b""),
        ("\xff", b""),
    ],
)
@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_only_a_first_line_with_the_token_opens_the_bench(
    tmp_path: Path, kind: str, first: str, answer: bytes
) -> None:
    bench = "tcp:127.0.0.1:0" if kind == "tcp" else f"unix:{tmp_path / 'bench'}"

    async def act() -> None:
        settings = rack_of(bench=bench, bench_token=TOKEN.encode())
        assert TOKEN not in repr(settings)
        async with Emulator(settings) as emulator:
            real = str(emulator.started.bench)
            if kind == "tcp":
                opening = asyncio.open_connection("127.0.0.1", int(real.rpartition(":")[2]))
            else:
                opening = asyncio.open_unix_connection(real.removeprefix("unix:"))
            reader, writer = await opening
            writer.write(first.encode("latin-1") + b"\nSYST:VERS?\n")
            writer.write_eof()
            assert await reader.read() == answer
            writer.close()

    drive(act)


def test_keyfobs_own_client_sends_the_token_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)

    async def act() -> None:
        async with Emulator(rack_of(bench_token=read_token(str(file)).encode())) as emulator:
            url = str(emulator.started.bench)
            with pytest.raises(InUse):
                await asyncio.to_thread(BenchClient, url)
            monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(file))
            client = await asyncio.to_thread(BenchClient, url)
            assert await asyncio.to_thread(client.query, "SYST:VERS?") == "1999.0"
            client.close()

    drive(act)


@pytest.mark.parametrize(
    "content", ["short", "x" * 129, 'sixteen"characters', "two words of sixteen"]
)
def test_a_token_file_that_holds_no_token_is_refused_without_repeating_it(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(BadInput, match="other users"):
        read_token(str(file))
    file.chmod(0o600)
    with pytest.raises(BadInput, match="expected 16 to 128") as caught:
        read_token(str(file))
    assert content not in str(caught.value)
