"""The bench's own port: any number of controllers over TCP, or one on a PTY."""

import asyncio
from typing import Protocol

from emulator.bench.session import Bench, Session
from emulator.doors.opening import open_door, split_spelling
from emulator.doors.tcp import Connection, listen, split_address
from firmware_model.errors import BadInput
from firmware_model.inputs import LineSignals

CONTROLLERS_MAX = 64
"""Connections at a time; one more is closed at once."""


class BenchPort(Protocol):
    """An open bench port."""

    spelling: str

    async def close(self) -> None:
        """Give it back."""


async def open_bench(spelling: str, bench: Bench) -> BenchPort:
    """Open the bench at `pty:PATH` or `tcp:HOST:PORT`.

    Raises:
        BadInput, PortUnavailable, InUse: as `open_door`.
    """
    scheme, rest = split_spelling(spelling)
    if scheme == "tcp":
        port = _TcpBench(bench)
        await port.listen(*split_address(rest, spelling))
        return port
    if scheme == "pty":
        line = _LineBench(bench)
        await line.open(spelling)
        return line
    raise BadInput(f"{spelling!r} is no place for the bench: pty:PATH or tcp:HOST:PORT expected")


class _TcpBench:
    def __init__(self, bench: Bench) -> None:
        self.spelling = ""
        self._bench = bench
        self._server: asyncio.Server | None = None
        self._sessions: dict[Connection, Session] = {}

    async def listen(self, host: str, port: int) -> None:
        self._server, self.spelling = await listen("tcp", host, port, self._accept)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for connection, session in list(self._sessions.items()):
            session.end()
            connection.hang_up()
        await asyncio.sleep(0)

    def _accept(self) -> asyncio.BaseProtocol:
        return Connection(_Unheard(), self._arrived, self._gone)

    def _arrived(self, connection: Connection) -> None:
        if len(self._sessions) >= CONTROLLERS_MAX:
            connection.abort()
            return
        session = Session(self._bench, connection)
        connection.listener = session
        self._sessions[connection] = session

    def _gone(self, connection: Connection) -> None:
        session = self._sessions.pop(connection, None)
        if session is not None:
            session.end()


class _LineBench:
    """A bench on a terminal line: one controller for good, and nothing to hang up."""

    def __init__(self, bench: Bench) -> None:
        self.spelling = ""
        self._bench = bench

    async def open(self, spelling: str) -> None:
        self._session = Session(self._bench, self)
        try:
            self._door = await open_door(spelling, self._session)
        except BaseException:
            self._session.end()
            raise
        self.spelling = self._door.spelling

    async def close(self) -> None:
        self._session.end()
        await self._door.close()

    def send(self, data: bytes) -> None:
        self._door.send(data)

    def pause(self) -> None:
        self._door.pause()

    def resume(self) -> None:
        self._door.resume()

    def hang_up(self) -> None:
        """A terminal line has no end; what asked for it is simply not carried out."""


class _Unheard:
    """Who listens until a connection has its session."""

    def connected(self) -> None: ...

    def received(self, data: bytes) -> None: ...

    def disconnected(self) -> None: ...

    def signalled(self, signals: LineSignals) -> None: ...
