"""What the hot paths cost, counted in operations instead of seconds: the same on every machine.

Each figure of `MOST` is what the path takes today. A change that makes a path take more fails here;
one that saves lowers the figure with it. Times beside floors are in docs/PERFORMANCE.md.
"""

import asyncio
import json
import logging
import os
import socket
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from threading import get_ident
from types import FrameType

import pytest
import uvicorn

from firmware_model.hardware.board import Board
from firmware_model.inputs import ContactMoved
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.objects import TriesLeft
from host_tools.client.link import Link
from host_tools.client.ports import Port, open_port
from host_tools.client.session import TokenSession
from host_tools.vault import sqlite
from host_tools.verification.host import Host
from host_tools.verification.http.app import make_app
from host_tools.verification.http.serving import listening_socket, make_config
from tests.firmware_model.fobs import START, personalised
from tests.host_tools.provisioning.station.rig import Station, rack, records
from tests.host_tools.verification.hosts import NOON, PRESSED, code, new_host
from tests.host_tools.verification.http.servers import settings_in
from tests.keyfob.cli.running import running
from tests.token import in_process

MOST = {
    "round trips a fob at the station": 19,
    "writes to the bench a fob at the station": 1,
    "commits a fob at the station": 4,
    "statements a fob at the station": 31,
    "functions a fob at the station": 1735,
    "passes through the board a press": 6,
    "functions of the model a press": 136,
    "writes of the host a GET DATA": 1,
    "writes of the fob a GET DATA": 1,
    "functions of both ends a GET DATA": 89,
    "statements a verification": 5,
    "commits a verification": 1,
    "functions of the host a verification": 126,
    "functions of the server a verification over HTTP": 73,
}
"""The most operations of each kind, on average."""


@pytest.fixture(autouse=True)
def _no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Count without a log, whatever was asked for before in this process."""
    caplog.set_level(logging.WARNING, "keyfob")


HOUSE = Path(__file__).parent.parent
ROOMS = ("firmware_model", "host_tools", "emulator")


def check(what: str, found: float) -> None:
    """Hold what was counted against its limit, with a hundredth of slack: a frame may be split.

    A limit twice as high as what is counted fails too: it guards nothing.
    """
    most = MOST[what]
    assert found <= most * 1.01, f"{what}: {found:.1f}, and {most} is the most"
    assert found >= most * 0.5, f"{what}: {found:.1f}; lower the limit of {most} to it"


class Functions:
    """Counts the functions of our packages, and of `packages`; `take` is a profile function."""

    def __init__(self, *packages: Path) -> None:
        self.total = 0
        self._roots = tuple(f"{path}/" for path in (*(HOUSE / room for room in ROOMS), *packages))

    def take(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # Comprehensions are functions in some versions of Python, and in others not.
        ours = code.co_name[0] != "<" and code.co_filename.startswith(self._roots)
        self.total += event == "call" and ours


def functions_of(act: Callable[[], object], *packages: Path) -> int:
    """Return how many functions of our packages `act` calls in this thread, and of `packages`."""
    functions, before = Functions(*packages), sys.getprofile()
    sys.setprofile(functions.take)
    try:
        act()
    finally:
        sys.setprofile(before)
    return functions.total


class Statements:
    """Counts what databases are told from now on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.total = self.commits = 0
        connect = sqlite.connect

        def traced(*arguments: object, **options: object) -> sqlite3.Connection:
            connection = connect(*arguments, **options)  # type: ignore[arg-type]
            connection.set_trace_callback(self._take)
            return connection

        patch.setattr(sqlite, "connect", traced)

    def _take(self, text: str) -> None:
        self.total += 1
        self.commits += text == "BEGIN IMMEDIATE"  # what only reads begins otherwise


def test_the_station_needs_so_many_round_trips_commits_and_statements_a_fob(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, trips, write = Statements(monkeypatch), Counter[str](), Port.write
    functions = Functions()

    def counted(port: Port, data: bytes) -> None:
        trips[port.url] += 1
        write(port, data)

    monkeypatch.setattr(Port, "write", counted)
    with rack(tmp_path, 7) as announced:
        station = Station(tmp_path, announced, records(7), now=wall)
        line, bench = announced["port"], announced["bench"]

        def count(places: list[int]) -> dict[str, int]:
            before = Counter(trips), written.total, written.commits, functions.total
            threading.setprofile(functions.take)  # of the line's own thread
            try:
                assert station.run(places) == []
            finally:
                threading.setprofile(None)
            return {
                "round trips": trips[line] - before[0][line],
                "writes to the bench": trips[bench] - before[0][bench],
                "commits": written.commits - before[2],
                "statements": written.total - before[1],
                "functions": functions.total - before[3],
            }

        count([1])  # plans the seeds
        one, five = count([2]), count([3, 4, 5, 6, 7])
        for what, times in five.items():  # what a run costs besides is in both
            check(f"{what} a fob at the station", (times - one[what]) / 4)


def wall() -> Decimal:
    return Decimal(time.time_ns()) / NS_PER_SECOND


def test_a_press_takes_so_many_passes_through_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    device = personalised("fob-h6")
    passes, at = 0, Board.at

    def counted(board: Board, now: SimTime) -> None:
        nonlocal passes
        passes += 1
        at(board, now)

    monkeypatch.setattr(Board, "at", counted)

    def press(times: int) -> None:
        for number in range(times):
            down = START + (number + 1) * 3600 * NS_PER_SECOND
            device.handle(ContactMoved(closed=True), SimTime(down))
            device.handle(ContactMoved(closed=False), SimTime(down + NS_PER_SECOND // 5))

    calls = functions_of(lambda: press(100))
    check("passes through the board a press", passes / 100)
    check("functions of the model a press", calls / 100)


def test_a_get_data_takes_so_many_system_calls_and_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("--model", "fob-h6", "--port", f"pty:{tmp_path / 'fob'}") as announced:
        fob = announced["process_id"]
        with open_port(announced["port"]) as port, monkeypatch.context() as patch:
            session = opened(port)
            # Other threads of this process may write as well: of the host its own calls count.
            by_host: list[int] = []
            write, thread = os.write, get_ident()

            def counted(descriptor: int, data: bytes) -> int:
                if get_ident() == thread:
                    by_host.append(descriptor)
                return write(descriptor, data)

            patch.setattr(os, "write", counted)
            before = writes_of(fob)
            for _ in range(200):
                session.get(TriesLeft)
            check("writes of the host a GET DATA", len(by_host) / 200)
            check("writes of the fob a GET DATA", (writes_of(fob) - before) / 200)
    session = opened(in_process.port())
    calls = functions_of(lambda: [session.get(TriesLeft) for _ in range(100)])
    check("functions of both ends a GET DATA", calls / 100)


def opened(port: Port) -> TokenSession:
    session = TokenSession(Link(port, 1))
    session.link.connect()
    session.select()
    return session


def writes_of(process: object) -> int:
    """Return how many writes a process has made; Linux counts them.

    Reads are not counted: a frame that is long in coming takes one more.
    """
    path = Path(f"/proc/{process}/io")
    if not path.exists():
        pytest.skip("only Linux counts the system calls of a process")
    counts = dict(line.split(": ") for line in path.read_text("ascii").splitlines())
    return int(counts["syscw"])


def test_a_verification_takes_so_many_statements_and_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Statements(monkeypatch)
    with new_host(tmp_path / "host.db", "[enrolment]\ncodes = 0") as host:
        host.enroll(PRESSED, "user", [], NOON)
        verify(host, 0)
        before = written.total, written.commits
        calls = functions_of(lambda: verify(host, *range(1, 51)))
        after = written.total, written.commits
    check("statements a verification", (after[0] - before[0]) / 50)
    check("commits a verification", (after[1] - before[1]) / 50)
    check("functions of the host a verification", calls / 50)


def verify(host: Host, *factors: int) -> None:
    for factor in factors:
        assert host.verify([code(factor)], NOON, token=PRESSED).accepted


def test_a_verification_over_http_takes_so_many_functions_of_the_server(tmp_path: Path) -> None:
    settings, secrets = settings_in(tmp_path, rate=0)
    few, many = 10, 60

    def bring(port: int, factors: Iterable[int]) -> None:
        with socket.create_connection(("127.0.0.1", port), 60) as line:
            for factor in factors:
                body = json.dumps({"token": PRESSED, "code": code(factor)})
                head = f"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
                head += f"Authorization: Bearer {secrets['verify']}\r\n"
                head += "Content-Type: application/json\r\n\r\n"
                line.sendall((head + body).encode())  # in one piece
                said = b""
                while not said.endswith(b"}"):
                    said += line.recv(65536)
                assert b'"accepted":true' in said

    async def serve(factors: Iterable[int]) -> None:
        with listening_socket("127.0.0.1", 0, expose=False) as listener:
            listener.listen()
            server = uvicorn.Server(make_config(make_app(settings)))
            serving = asyncio.ensure_future(server.serve([listener]))
            await asyncio.to_thread(bring, listener.getsockname()[1], factors)
            server.should_exit = True
            await serving

    def served(factors: Iterable[int]) -> int:
        # Not all of uvicorn: it looks at its clock ten times a second.
        protocols = Path(uvicorn.__file__).parent / "protocols"
        return functions_of(lambda: asyncio.run(serve(factors)), protocols)

    # What start and stop cost is in both.
    cost = served(range(1, 1 + many)) - served(range(1 + many, 1 + many + few))
    check("functions of the server a verification over HTTP", cost / (many - few))
