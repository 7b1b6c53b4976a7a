"""An in-process connection: a port of the emulator's loop, and the host's end for any thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable

from emulator.ports.port import OUTPUT_LIMIT, EmulatedPort, PortListener


class HostEnd:
    """The host's end, for any one thread: blocking reads with a time-out, writes at once."""

    def __init__(self, write: Callable[[bytes], None], hang_up: Callable[[], None]) -> None:
        self._write = write
        self._hang_up = hang_up
        self._arrived = threading.Condition()
        self._buffer = bytearray()
        self._cancelled = False
        self._is_shown = False
        self._signal: tuple[socket.socket, socket.socket] | None = None
        self.ended: str | None = None
        """Why the connection has ended; None while it is open."""

    def write(self, data: bytes) -> None:
        """Send `data`; do nothing after the end of the connection."""
        if self.ended is None:
            self._write(bytes(data))

    def read(self, size: int, seconds: float | None) -> bytes:
        """Return up to `size` bytes, waiting at most `seconds` for all of them (None: for ever)."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with self._arrived:
            while len(self._buffer) < size and self.ended is None and not self._cancelled:
                left = None if deadline is None else deadline - time.monotonic()
                if (left is not None and left <= 0) or not self._arrived.wait(left):
                    break
            self._cancelled = False
            data = bytes(self._buffer[:size])
            del self._buffer[:size]
            self._show_readable()
        return data

    def cancel_read(self) -> None:
        """End a `read` that waits in another thread, or else the next one, with what it has."""
        with self._arrived:
            self._cancelled = True
            self._arrived.notify_all()

    def fileno(self) -> int:
        """Return a descriptor that is readable while `read` would not wait, for selectors.

        Its bytes mean nothing: `read` gives the data.
        """
        with self._arrived:
            if self._signal is None:
                self._signal = socket.socketpair()
                self._show_readable()
            return self._signal[0].fileno()

    @property
    def waiting(self) -> int:
        """How many bytes can be read at once."""
        with self._arrived:
            return len(self._buffer)

    def drop_input(self) -> None:
        """Drop all bytes that were received and not read."""
        with self._arrived:
            self._buffer.clear()
            self._show_readable()

    def close(self) -> None:
        """Disconnect."""
        if self.ended is None:
            self.end("the port was closed")
            self._hang_up()
        with self._arrived:
            for end in self._signal or ():
                end.close()
            self._signal = None

    def end(self, why: str) -> None:
        """End the connection; readers get `why`."""
        with self._arrived:
            self.ended = why
            self._show_readable()
            self._arrived.notify_all()

    def arrive(self, data: bytes) -> None:
        """Take bytes from the port, which calls this."""
        with self._arrived:
            if len(self._buffer) + len(data) <= OUTPUT_LIMIT:
                self._buffer += data
                self._show_readable()
                self._arrived.notify_all()

    def _show_readable(self) -> None:
        """Make the descriptor of `fileno` readable, or not, as the buffer is."""
        if self._signal is None:
            return
        host, ours = self._signal
        readable = bool(self._buffer) or self.ended is not None
        if readable and not self._is_shown:
            ours.send(b"\0")
        elif not readable and self._is_shown:
            host.recv(1)
        self._is_shown = readable


class PairPort(EmulatedPort):
    """The emulator's end; `host` is the other one, `gone` is called when that is closed."""

    address = "pair"

    def __init__(self, listener: PortListener, gone: Callable[["PairPort"], None]) -> None:
        self._listener = listener
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._held: list[bytes] | None = None
        self.host = HostEnd(self._from_host(self._received), self._from_host(self._hung_up))
        listener.connected()

    def send(self, data: bytes) -> None:
        """Send `data`; a host that does not read loses what exceeds the limit."""
        self.host.arrive(data)

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        if self._held is None:
            self._held = []

    def resume(self) -> None:
        """Read again, first what was received meanwhile."""
        held, self._held = self._held or [], None
        for data in held:
            self._received(data)

    def hang_up(self) -> None:
        """End the connection."""
        self.host.end("the bench closed the connection")
        self._gone(self)

    async def close(self) -> None:
        """End the connection."""
        self.host.end("the rack was stopped, or the line unplugged")
        self._gone(self)

    def _from_host(self, act: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(act, *arguments)

        return call

    def _received(self, data: bytes) -> None:
        if self._held is None:
            self._listener.received(data)
        elif sum(map(len, self._held)) + len(data) <= OUTPUT_LIMIT:
            self._held.append(data)

    def _hung_up(self) -> None:
        self._listener.disconnected()
        self._gone(self)
