"""The ports of the bench: up to 64 controllers over TCP, or one on a PTY."""

import asyncio
import logging
from collections.abc import Collection
from typing import Protocol

from emulator.bench.session import Bench
from emulator.bench.text_session import TextSession
from emulator.ports.address import split_scheme
from emulator.ports.opening import open_port
from emulator.ports.tcp import Connection, listen, split_host_port
from emulator.ports.unix import UnixSocketFile, checked, listen_unix
from firmware_model.errors import BadInput
from firmware_model.inputs import LineSignals

CONTROLLERS_MAX = 64
"""Connections at a time; further ones are closed at once."""


_log = logging.getLogger("keyfob.emulator.bench")


class BenchPort(Protocol):
    """An open bench port."""

    address: str

    async def close(self) -> None:
        """Close it."""


async def open_bench(address: str, bench: Bench, allowed_uids: Collection[int] = ()) -> BenchPort:
    """Open the bench at `tcp:HOST:PORT`, `unix:PATH` or `pty:PATH`.

    `allowed_uids` are users besides our own that may connect to a Unix socket.

    Raises:
        BadInput, PortUnavailable, InUse: as `open_port`.
    """
    scheme, rest = split_scheme(address)
    if scheme == "tcp":
        port = _TcpBench(bench)
        await port.listen(*split_host_port(rest, address))
        return port
    if scheme == "unix":
        port = _TcpBench(bench)
        await port.listen_at(rest, allowed_uids)
        return port
    if scheme == "pty":
        line = _LineBench(bench)
        await line.open(address)
        return line
    raise BadInput(
        f"invalid bench address {address!r}: expected tcp:HOST:PORT, unix:PATH or pty:PATH"
    )


class _TcpBench:
    def __init__(self, bench: Bench) -> None:
        self.address = ""
        self._bench = bench
        self._server: asyncio.Server | None = None
        self._socket_file: UnixSocketFile | None = None
        self._sessions: dict[Connection, TextSession] = {}

    async def listen(self, host: str, port: int) -> None:
        self._server, self.address = await listen("tcp", host, port, self._accept)

    async def listen_at(self, path: str, allowed_uids: Collection[int]) -> None:
        accept = checked(self._accept, allowed_uids)
        self._server, self._socket_file = await listen_unix(path, accept, allowed_uids)
        self.address = f"unix:{path}"

    async def close(self) -> None:
        assert self._server is not None
        if self._socket_file is not None:
            self._socket_file.remove()
        self._server.close()
        for connection, session in list(self._sessions.items()):
            session.end()
            connection.hang_up()
        await asyncio.sleep(0)

    def _accept(self) -> Connection:
        return Connection(_NoListener(), self._arrived, self._gone)

    def _arrived(self, connection: Connection) -> None:
        if len(self._sessions) >= CONTROLLERS_MAX:
            _log.warning("controller refused: %d are connected", CONTROLLERS_MAX)
            connection.abort()
            return
        session = TextSession(self._bench, connection, token=self._bench.token)
        connection.listener = session
        connection.answer_after_end(session.end_input)
        self._sessions[connection] = session
        _log.info("controller connected to %s", self.address)

    def _gone(self, connection: Connection) -> None:
        session = self._sessions.pop(connection, None)
        if session is not None:
            session.end()
            _log.info("controller left %s", self.address)


class _LineBench:
    """A bench on a PTY: one controller at a time, and a session that outlives it."""

    def __init__(self, bench: Bench) -> None:
        self.address = ""
        self._bench = bench

    async def open(self, address: str) -> None:
        self._session = TextSession(self._bench, self)
        try:
            self._port = await open_port(address, self)
        except BaseException:
            self._session.end()
            raise
        self.address = self._port.address

    async def close(self) -> None:
        self._session.end()
        await self._port.close()

    def connected(self) -> None:
        _log.info("controller connected to %s", self.address)

    def received(self, data: bytes) -> None:
        self._session.received(data)

    def disconnected(self) -> None:
        _log.info("controller left %s", self.address)
        self._session.end_line()

    def signalled(self, signals: LineSignals) -> None: ...

    def send(self, data: bytes) -> None:
        self._port.send(data)

    def pause(self) -> None:
        self._port.pause()

    def resume(self) -> None:
        self._port.resume()

    def hang_up(self) -> None:
        """Do nothing: a terminal line cannot be closed by the bench."""


class _NoListener:
    """The listener of a connection that has no session yet."""

    def connected(self) -> None: ...

    def received(self, data: bytes) -> None: ...

    def disconnected(self) -> None: ...

    def signalled(self, signals: LineSignals) -> None: ...
