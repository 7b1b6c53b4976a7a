"""`tcp:HOST:PORT`: raw bytes over TCP, loopback unless told otherwise."""

import asyncio
import errno
import ipaddress
from collections.abc import Callable

from emulator.doors.door import OUTPUT_LIMIT, READ_SIZE, Door, LineListener
from firmware_model.errors import BadInput, InUse, PortUnavailable

LOOPBACK = "127.0.0.1"
PORT_HIGHEST = 65535
BACKLOG = 16

GRACE_SECONDS = 0.25
"""How long a second host waits for the first to be gone: a host that comes back may be faster
than the news of its own leaving."""


class Connection(asyncio.BufferedProtocol):
    """One TCP connection, pumping bytes into its listener.

    A `BufferedProtocol`, because asyncio's plain one allocates 256 KiB for every read.
    """

    def __init__(
        self,
        listener: LineListener,
        arrived: Callable[["Connection"], None],
        gone: Callable[["Connection"], None],
    ) -> None:
        self.listener = listener
        self._arrived = arrived
        self._gone = gone
        self._buffer = bytearray(READ_SIZE)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; asyncio calls this."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._arrived(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's signature
        """Return where the next bytes go; asyncio calls this."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand `nbytes` on; asyncio calls this."""
        self.listener.received(bytes(self._buffer[:nbytes]))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell the listener; asyncio calls this."""
        self._transport = None
        self._gone(self)

    def send(self, data: bytes) -> None:
        """Let `data` out; drop it where the host is gone or does not read."""
        transport = self._transport
        if transport is not None and transport.get_write_buffer_size() <= OUTPUT_LIMIT:
            transport.write(data)

    def pause(self) -> None:
        """Take in nothing more until `resume`."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take bytes in again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def hang_up(self) -> None:
        """End the connection after what was sent is out."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()


class TcpDoor(Door):
    """A listening socket with one host at a time; the next one finds things as they were."""

    scheme = "tcp"

    def __init__(self, listener: LineListener) -> None:
        self.spelling = ""
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._host: Connection | None = None
        self._next: Connection | None = None
        self._grace: asyncio.TimerHandle | None = None

    def send(self, data: bytes) -> None:
        """Let `data` out to the host, if there is one."""
        if self._host is not None:
            self._host.send(data)

    def pause(self) -> None:
        """Take in nothing more until `resume`."""
        if self._host is not None:
            self._host.pause()

    def resume(self) -> None:
        """Take bytes in again."""
        if self._host is not None:
            self._host.resume()

    def hang_up(self) -> None:
        """End the connection of the present host."""
        if self._host is not None:
            self._host.abort()

    async def close(self) -> None:
        """Stop listening and hang up."""
        assert self._server is not None
        self._server.close()
        self._drop_next()
        if self._host is not None:
            self._host.abort()
        await asyncio.sleep(0)

    async def listen(self, host: str, port: int) -> None:
        """Open the listening socket; asked for port 0, `spelling` tells the real one.

        Raises:
            InUse: another process listens there.
            PortUnavailable: the address cannot be had.
        """
        self._server, self.spelling = await listen(self.scheme, host, port, self._accept)

    def _accept(self) -> asyncio.BaseProtocol:
        return Connection(self._listener, self._arrived, self._gone)

    def _arrived(self, applicant: Connection) -> None:
        if self._host is None:
            self._take(applicant)
            return
        self._drop_next()
        applicant.pause()
        self._next = applicant
        self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._drop_next)

    def _take(self, applicant: Connection) -> None:
        self._host = applicant
        self._listener.connected()

    def _drop_next(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
        refused, self._next = self._next, None
        if refused is not None:
            refused.abort()

    def _gone(self, connection: Connection) -> None:
        if connection is self._next:
            self._next = None
        if connection is not self._host:
            return
        self._host = None
        self._listener.disconnected()
        waiting, self._next = self._next, None
        if waiting is not None:
            self._drop_next()
            self._take(waiting)
            waiting.resume()


async def listen(
    scheme: str, host: str, port: int, accept: Callable[[], asyncio.BaseProtocol]
) -> tuple[asyncio.Server, str]:
    """Listen at `host` and `port` (0 = any free one); return the server and its spelling.

    Raises:
        InUse: another process listens there.
        PortUnavailable: the address cannot be had.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(accept, host, port, backlog=BACKLOG)
    except OSError as error:
        where = spell(scheme, host, port)
        if error.errno == errno.EADDRINUSE:
            raise InUse(f"{where} is in use by another program") from None
        reason = error.strerror or "it cannot be resolved"
        raise PortUnavailable(f"{where} cannot be opened: {reason}") from None
    real = server.sockets[0].getsockname()[1]
    return server, spell(scheme, host, real)


def split_address(text: str, spelling: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `:PORT` or `[v6]:PORT`.

    Raises:
        BadInput: it is none of these; the message names `spelling`.
    """
    host, separator, port = text.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or int(port) > PORT_HIGHEST:
        raise BadInput(f"{spelling}: HOST:PORT was expected, PORT from 0 to {PORT_HIGHEST}")
    return host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def spell(scheme: str, host: str, port: int) -> str:
    """Return `scheme:HOST:PORT`, with brackets around an IPv6 address."""
    return f"{scheme}:[{host}]:{port}" if ":" in host else f"{scheme}:{host}:{port}"
