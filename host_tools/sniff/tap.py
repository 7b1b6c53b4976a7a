"""Between a host and a fob: offer the one a port, open the other's, and carry bytes both ways."""

import os
import select
import socket
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.client.ports import Port, open_port
from host_tools.client.transports import WRITE_SECONDS

READ_BYTES = 4096
PAUSE_SECONDS = 0.5
"""A silence inside a frame after which both ends give it up (WIRE §2.5)."""

OnBytes = Callable[[bytes, bool], None]
"""Takes bytes that pass (none: a pause), and whether the host sent them."""


class End(Protocol):
    """One end that a host can be at."""

    url: str

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, b"" if nothing did within the time."""

    def write(self, data: bytes) -> None:
        """Send all of `data`; nobody there is no error."""

    def close(self) -> None:
        """Close it."""


def open_host_end(url: str) -> End:
    """Offer a port for a host to open: `pty:PATH` or `tcp:HOST:PORT`; a device is opened.

    Raises:
        BadInput: `url` is not written as any of these.
        InUse, PortUnavailable: it cannot be offered.
    """
    kind, _, rest = url.partition(":")
    if kind == "pty" and rest:
        return _Terminal(rest)
    if kind == "tcp":
        return _Listening(url, rest)
    return open_port(url)


class SniffTap:
    """Carries bytes between `host` and `fob` and calls `on_bytes`, until it is closed."""

    def __init__(self, host: End, fob: Port, on_bytes: OnBytes) -> None:
        self._host = host
        self._fob = fob
        self._on_bytes = on_bytes
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        """Carry bytes until `stop`, or until an end goes away.

        Raises:
            PortUnavailable: an end went away.
            Exception: whatever `on_bytes` raised.
        """
        back = threading.Thread(target=self._carry, args=(self._fob, self._host, False))
        back.start()
        try:
            self._carry(self._host, self._fob, from_host=True)
        finally:
            self._over.set()
            back.join()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._over.set()

    def _carry(self, source: End | Port, sink: End | Port, from_host: bool) -> None:
        try:
            while not self._over.is_set():
                data = source.read(PAUSE_SECONDS)
                with self._lock:  # the answer is told after the question
                    if data:
                        sink.write(data)
                    self._on_bytes(data, from_host)
        except Exception as error:  # noqa: BLE001 - one of two threads: `run` raises it
            self._failure = error
            self._over.set()


class _Terminal:
    """A PTY behind a symbolic link."""

    def __init__(self, path: str) -> None:
        self.url = f"pty:{path}"
        self._link = Path(path)
        if self._link.is_symlink():
            if self._link.exists():
                raise InUse(f"{self.url} is in use; if it is not, remove the link {path}")
            self._link.unlink()
        elif self._link.exists():
            raise InUse(f"{self.url} cannot be offered: {path} is no link")
        self._master, self._slave = os.openpty()
        # Raw before anybody opens it: a fresh terminal would echo.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        try:
            self._link.symlink_to(os.ttyname(self._slave))
        except OSError as error:
            raise PortUnavailable(f"{self.url} cannot be made: {error.strerror}") from None

    def read(self, within_seconds: float) -> bytes:
        """Return what the host has sent."""
        ready, _, _ = select.select([self._master], [], [], within_seconds)
        return os.read(self._master, READ_BYTES) if ready else b""

    def write(self, data: bytes) -> None:
        """Send to the host; what nobody reads is lost once the terminal is full."""
        while data:
            _, ready, _ = select.select([], [self._master], [], PAUSE_SECONDS)
            if not ready:
                return
            data = data[os.write(self._master, data) :]

    def close(self) -> None:
        """Take link and terminal away."""
        self._link.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)


class _Listening:
    """A TCP port with one host at a time; the next is heard when the one before has gone."""

    def __init__(self, url: str, place: str) -> None:
        host, _, number = place.rpartition(":")
        if not (host and number.isdecimal() and int(number) < 65536):
            raise BadInput(f"{url} is not tcp:HOST:PORT with a port from 0 to 65535")
        try:
            self._server = socket.create_server((host.strip("[]"), int(number)))
        except OSError as error:
            raise PortUnavailable(f"{url} cannot be offered: {error.strerror}") from None
        self.url = f"tcp:{host}:{self._server.getsockname()[1]}"
        self._host: socket.socket | None = None

    def read(self, within_seconds: float) -> bytes:
        """Return what the host has sent; wait for one where there is none."""
        ready, _, _ = select.select([self._host or self._server], [], [], within_seconds)
        if not ready:
            return b""
        if self._host is None:
            self._host, _ = self._server.accept()
            self._host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._host.settimeout(WRITE_SECONDS)
            return b""
        try:
            data = self._host.recv(READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._leave()
        return data

    def write(self, data: bytes) -> None:
        """Send to the host, if there is one; hang up on one that does not read."""
        if (host := self._host) is not None:
            try:
                host.sendall(data)
            except OSError:
                # Only who reads lets go of it: another thread may be waiting for it to speak.
                with suppress(OSError):
                    host.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop listening."""
        self._leave()
        self._server.close()

    def _leave(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            host.close()
