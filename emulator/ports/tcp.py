"""`tcp:HOST:PORT`: raw bytes over TCP, loopback unless told otherwise."""

import asyncio
import errno
import ipaddress
import logging
import select
import socket
import sys
from collections.abc import Callable

from emulator.ports.foreign import StartGuard
from emulator.ports.outlet import TransportOutlet
from emulator.ports.port import READ_SIZE, EmulatedPort, PortListener
from firmware_model.errors import BadInput, InUse, PortUnavailable

LOOPBACK = "127.0.0.1"
PORT_HIGHEST = 65535
BACKLOG = 16

KEEPALIVE_SECONDS = 10
"""How long a half-closed connection is silent before its peer is probed."""

GRACE_SECONDS = 0.25
"""How long a second host waits before it is refused: a host that reconnects may arrive before
the end of its last connection is noticed."""


_log = logging.getLogger("keyfob.emulator.ports")


class Connection(TransportOutlet, asyncio.BufferedProtocol):
    """One TCP connection that passes bytes to its listener.

    A `BufferedProtocol`, because asyncio's plain one allocates 256 KiB for every read.
    """

    def __init__(
        self,
        listener: PortListener,
        arrived: Callable[["Connection"], None],
        gone: Callable[["Connection"], None],
    ) -> None:
        self.listener = listener
        self._on_end: Callable[[], None] | None = None
        self._reset_watch: ResetWatch | None = None
        self._guard = StartGuard()
        self.is_welcome: Callable[[socket.socket], bool] = lambda _peer: True
        """Whether the process at the other end may connect."""
        self._arrived = arrived
        self._gone = gone
        self._buffer = bytearray(READ_SIZE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; asyncio calls this."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.is_welcome(transport.get_extra_info("socket")):
            self._arrived(self)
        else:
            transport.abort()

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - asyncio's signature
        """Return where the next bytes go; asyncio calls this."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass `nbytes` on, or close the connection of a web browser; asyncio calls this."""
        if self._transport is None or self._transport.is_closing():
            return
        data = bytes(self._buffer[:nbytes])
        if self._guard.refuses(data):
            _log.warning("connection closed: it sent HTTP or TLS")
            self.abort()
        else:
            self.listener.received(data)

    def eof_received(self) -> bool:
        """The peer sends nothing more; asyncio calls this. Return whether to stay open."""
        if self._on_end is None:
            return False
        assert self._transport is not None
        self._reset_watch = ResetWatch(self._transport, self.abort)
        self._on_end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Report the end; asyncio calls this."""
        self._transport = None
        if self._reset_watch is not None:
            self._reset_watch.close()
        self._gone(self)

    def answer_after_end(self, on_end: Callable[[], None]) -> None:
        """Stay open when the peer has sent its last byte, and call `on_end` then.

        Without this the connection is closed, as a host that leaves wants it.
        """
        self._on_end = on_end

    def hang_up(self) -> None:
        """Close the connection after everything was sent."""
        if self._transport is not None:
            self._transport.close()


class ResetWatch:
    """Calls `on_reset` when a half-closed connection is reset or its peer has gone.

    asyncio does not look at a socket after its end of input. Linux only (epoll); elsewhere a
    reset is noticed at the next answer.
    """

    def __init__(self, transport: asyncio.Transport, on_reset: Callable[[], None]) -> None:
        self._on_reset = on_reset
        self._epoll: select.epoll | None = None
        sock = transport.get_extra_info("socket")
        if sys.platform == "linux":
            if sock.family != socket.AF_UNIX:
                # A peer that has closed both ways answers a keep-alive probe with a reset.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS)
            self._epoll = select.epoll()
            self._epoll.register(sock.fileno(), select.EPOLLHUP | select.EPOLLERR)
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._epoll.fileno(), self._reset)

    def close(self) -> None:
        """Stop watching; a second time does nothing."""
        if self._epoll is not None:
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _reset(self) -> None:
        self.close()
        self._on_reset()


class TcpPort(EmulatedPort):
    """A listening socket with one host at a time."""

    scheme = "tcp"

    def __init__(self, listener: PortListener) -> None:
        self.address = ""
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._host: Connection | None = None
        self._next: Connection | None = None
        self._grace: asyncio.TimerHandle | None = None

    def send(self, data: bytes) -> None:
        """Send `data` to the host, if one is connected."""
        if self._host is not None:
            self._host.send(data)

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        if self._host is not None:
            self._host.pause()

    def resume(self) -> None:
        """Read again."""
        if self._host is not None:
            self._host.resume()

    def hang_up(self) -> None:
        """Close the connection of the present host."""
        if self._host is not None:
            self._host.abort()

    async def close(self) -> None:
        """Stop listening and close the connection."""
        assert self._server is not None
        self._server.close()
        self._drop_next()
        if self._host is not None:
            self._host.abort()
        await asyncio.sleep(0)

    async def listen(self, host: str, port: int) -> None:
        """Open the listening socket; for port 0, `address` has the real one.

        Raises:
            InUse: another process listens there.
            PortUnavailable: the address cannot be used.
        """
        self._server, self.address = await listen(self.scheme, host, port, self._accept)

    def _accept(self) -> Connection:
        return Connection(self._listener, self._arrived, self._gone)

    def _arrived(self, connection: Connection) -> None:
        if self._host is None:
            self._take(connection)
            return
        self._drop_next()
        connection.pause()
        self._next = connection
        self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._drop_next)

    def _take(self, connection: Connection) -> None:
        self._host = connection
        self._listener.connected()

    def _drop_next(self) -> None:
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
        refused, self._next = self._next, None
        if refused is not None:
            _log.info("%s: second host refused: in use", self.address)
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
    """Listen at `host` and `port` (0 = any free one); return the server and its address.

    Raises:
        InUse: another process listens there.
        PortUnavailable: the address cannot be used.
    """
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(accept, host, port, backlog=BACKLOG)
    except OSError as error:
        where = format_address(scheme, host, port)
        if error.errno == errno.EADDRINUSE:
            raise InUse(f"{where} is in use by another program") from None
        reason = error.strerror or "unknown host"
        raise PortUnavailable(f"cannot open {where}: {reason}") from None
    real = server.sockets[0].getsockname()[1]
    return server, format_address(scheme, host, real)


def split_host_port(text: str, address: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `:PORT` or `[v6]:PORT`.

    Raises:
        BadInput: it is none of these; the message names `address`.
    """
    host, separator, port = text.rpartition(":")
    if not separator or not port.isascii() or not port.isdigit() or int(port) > PORT_HIGHEST:
        raise BadInput(
            f"invalid address {address!r}: expected HOST:PORT, PORT from 0 to {PORT_HIGHEST}"
        )
    return host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def format_address(scheme: str, host: str, port: int) -> str:
    """Return `scheme:HOST:PORT`, with brackets around an IPv6 address."""
    return f"{scheme}:[{host}]:{port}" if ":" in host else f"{scheme}:{host}:{port}"
