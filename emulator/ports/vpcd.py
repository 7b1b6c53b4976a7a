"""`vpcd:HOST:PORT`: the fob in a virtual reader of vsmartcard, which listens where pcscd runs.

The fob connects, and connects again for as long as the port is open: pcscd may start later than the
fob, or start again.
"""

import asyncio
import logging

from emulator import tasks
from emulator.ports.outlet import TransportOutlet
from emulator.ports.port import EmulatedPort, PortListener

RETRY_SECONDS = 0.25
RETRY_SECONDS_MAX = 2.0
"""The first pause before connecting again, and the longest; each is twice the one before."""

_log = logging.getLogger("keyfob.emulator.ports")


class _Reader(asyncio.Protocol):
    """One connection to the virtual reader."""

    def __init__(self, port: "VpcdPort") -> None:
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._port.arrived(transport)

    def data_received(self, data: bytes) -> None:
        self._port.listener.received(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._port.gone()


class VpcdPort(TransportOutlet, EmulatedPort):
    """A connection to HOST:PORT, whenever somebody listens there."""

    def __init__(self, host: str, port: int, address: str, listener: PortListener) -> None:
        self.address = address
        self.listener = listener
        self._host, self._port = host, port
        self._is_closed = False
        self._ended = asyncio.Event()
        self._connecting = tasks.start_task(self._connect())

    def hang_up(self) -> None:
        """Close the connection; it comes back."""
        self.abort()

    async def close(self) -> None:
        """Close the connection for good."""
        self._is_closed = True
        self._connecting.cancel()
        self.hang_up()
        await asyncio.sleep(0)

    def arrived(self, transport: asyncio.Transport) -> None:
        """Take the connection; its protocol calls this."""
        self._transport = transport
        self._ended.clear()
        self.listener.connected()

    def gone(self) -> None:
        """Take note that the connection has ended; its protocol calls this."""
        self._transport = None
        self._ended.set()
        if not self._is_closed:
            self.listener.disconnected()

    async def _connect(self) -> None:
        """Connect, wait for the end of the connection, and so on."""
        loop = asyncio.get_running_loop()
        pause = RETRY_SECONDS
        while True:
            try:
                await loop.create_connection(lambda: _Reader(self), self._host, self._port)
            except OSError as error:
                _log.debug("%s: nothing listens yet: %s", self.address, error.strerror)
                await asyncio.sleep(pause)
                pause = min(2 * pause, RETRY_SECONDS_MAX)
                continue
            pause = RETRY_SECONDS
            await self._ended.wait()
