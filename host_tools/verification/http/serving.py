"""Listening: a socket, a server or several, and clients that are too slow to ask."""

import asyncio
import json
import os
import signal
import socket
from ipaddress import ip_address
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.verification.http import problems

STOP_SECONDS = 10
"""How long requests at work are waited for when the server stops."""

HEADER_VARIABLE = "KEYFOB_HTTP_HEADER_SECONDS"
"""How long the line and headers of a request may take to arrive; 10 without it."""

CONNECTIONS_MAX, BACKLOG = 1000, 1024
_FACTORY = "host_tools.verification.http.app:from_environment"


class PatientConnection(H11Protocol):
    """Closes a connection whose request does not arrive in time, which uvicorn's own does not."""

    header_seconds = float(os.environ.get(HEADER_VARIABLE, "10"))
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Give the first request its time."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Note that a request has arrived, with all its headers."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Give the next request on this connection its time."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._wait()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it may repeat what was sent
        """Answer bytes that are no HTTP by a problem, as everything else."""
        body = json.dumps(problems.problem("bad-request")).encode()
        headers = [(b"content-type", problems.MEDIA_TYPE.encode()), (b"connection", b"close")]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._stop_waiting()
        self._alarm = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None


def listening_socket(host: str, port: int, *, expose: bool) -> socket.socket:
    """Return a socket that listens.

    Raises:
        BadInput: the address is not this machine's own, and `expose` is not set.
        InUse: another program listens there. PortUnavailable: it cannot be bound.
    """
    if not expose and not _is_loopback(host):
        raise BadInput(
            f"{host} can be reached from other machines: add --expose if that is meant, and"
            " --tls-certificate"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == 98:
            raise InUse(f"{host}:{port} is in use: another program listens there") from None
        raise PortUnavailable(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.set_inheritable(True)
    return listener


def serve(listener: socket.socket, workers: int, certificate: str | None, key: str | None) -> None:
    """Serve until SIGTERM or SIGINT; requests at work are answered first.

    Each worker is a process with a host of its own; one that dies is replaced.
    """
    config = make_config(_FACTORY, workers, certificate, key)
    # uvicorn hands a signal on when it has stopped by it: to stop as asked is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    if workers == 1:
        uvicorn.Server(config).run([listener])
    else:
        Multiprocess(config, [listener]).run()


def make_config(
    app: Any, workers: int = 1, certificate: str | None = None, key: str | None = None
) -> uvicorn.Config:
    """Return how a server serves `app`, or what the name of a factory makes."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http=PatientConnection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
