"""The HTTP port: uvicorn's protocol on our own event loop, which sleeps while nobody asks."""

import asyncio
import logging
from functools import partial

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from emulator.ports.tcp import listen

CONNECTIONS_MAX = 256
"""Connections at a time; a request on a further one is answered with 503."""

HEAD_BYTES_MAX = 16_384
"""Longest head of a request; a longer one is 400."""

REQUEST_SECONDS = 10.0
"""How long a client may take to send the head of a request."""

KEEP_ALIVE_SECONDS = 60

_log = logging.getLogger("keyfob.emulator.http")


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 that does not wait for slow clients: uvicorn alone waits for a head for ever."""

    _patience: asyncio.TimerHandle | None = None

    def __init__(self, config: Config, state: ServerState, request_seconds: float) -> None:
        super().__init__(config, state, app_state={})
        self._request_seconds = request_seconds
        self.logger = self.access_logger = _log

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._begin_patience()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that is not complete in time ends the connection."""
        if self._patience is None and self._is_between_requests():
            self._begin_patience()
        super().data_received(data)
        if not self._is_between_requests():
            self._end_patience()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the wait."""
        self._end_patience()
        super().connection_lost(exc)

    def _is_between_requests(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is None or cycle.response_complete

    def _begin_patience(self) -> None:
        self._patience = self.loop.call_later(self._request_seconds, self._give_up)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        _log.info("connection closed: no request within %g s", self._request_seconds)
        self.transport.close()


class HttpListener:
    """An open HTTP port.

    uvicorn's own server wakes ten times a second to write the date; this one does not, so that
    an idle emulator costs nothing. `request_seconds` is how long a client may take to send the
    head of a request.
    """

    def __init__(self, request_seconds: float = REQUEST_SECONDS) -> None:
        self._request_seconds = request_seconds
        self.address = ""
        """`http://HOST:PORT`, with the real port."""
        self._server: asyncio.Server | None = None
        self._state = ServerState()

    async def open(self, app: ASGIApp, host: str, port: int) -> None:
        """Serve `app` at `host` and `port`, 0 for any free one.

        Raises:
            InUse: another process listens there.
            PortUnavailable: the address cannot be used.
        """
        config = Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            limit_concurrency=CONNECTIONS_MAX,
            h11_max_incomplete_event_size=HEAD_BYTES_MAX,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        config.load()

        accept = partial(BoundedProtocol, config, self._state, self._request_seconds)
        self._server, address = await listen("http", host, port, accept)
        self.address = address.replace("http:", "http://", 1)

    async def close(self) -> None:
        """Close the port and every connection."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the connections are lost before their requests end
        for task in list(self._state.tasks):
            task.cancel()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)
