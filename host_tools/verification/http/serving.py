"""Listening: a socket, and a server or several."""

import signal
import socket
from ipaddress import ip_address
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.verification.http.connection import PatientConnection

STOP_SECONDS = 10
"""How long requests at work are waited for when the server stops."""

CONNECTIONS_MAX, BACKLOG = 1000, 1024
_FACTORY = "host_tools.verification.http.app:from_environment"


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
