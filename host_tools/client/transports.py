"""What carries a port's bytes: a serial device through pyserial, or TCP without a detour.

Both raise OSError, whatever goes wrong; `ports` puts it into words.
"""

import errno
import math
import os
import select
import socket
from typing import TYPE_CHECKING, Protocol

from firmware_model.errors import BadInput
from host_tools.client.line_settings import LineSettings

if TYPE_CHECKING:
    import serial

BAUD_RATE = 115_200
READ_AT_MOST = 4096
CONNECT_SECONDS = 5.0
WRITE_SECONDS = 5.0
REFUSAL_SECONDS = 1.0
"""A second host's connection is closed well within this time."""


class Transport(Protocol):
    """An open way to the other end."""

    def write(self, data: bytes) -> None:
        """Send all of `data`."""

    def read(self, within_seconds: float) -> bytes:
        """Return 1 or more bytes, b"" if none came within the time (0 or more seconds)."""

    def drop_input(self) -> None:
        """Forget what has come and was not read."""

    def close(self) -> None:
        """Close it; a second time does nothing."""


class TerminalTransport:
    """A serial device: pyserial sets it up and locks it, the bytes go straight to the descriptor.

    Eight bits, no parity. Modem lines are left as they are unless the settings say a level: on a
    PTY they raise ENOTTY, and on some programming cradles DTR resets the fob. The lock is there
    because two hosts on one line would answer for each other.
    """

    def __init__(
        self, name: str, baud_rate: int = BAUD_RATE, settings: LineSettings | None = None
    ) -> None:
        import serial  # a bench behind TCP does not need it

        self._device = serial.Serial(baudrate=baud_rate, exclusive=True)
        self._device.port = name
        _set_levels(self._device, settings)
        self._device.open()
        self._descriptor = self._device.fileno()
        if settings and (settings.dtr is not None or settings.rts is not None):
            self._require_modem_lines(name)
        self._readable = select.poll()
        self._readable.register(self._descriptor, select.POLLIN)

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        descriptor = self._open()
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:
                _, ready, _ = select.select([], [descriptor], [], WRITE_SECONDS)
                if not ready:
                    raise OSError(errno.ETIMEDOUT, "nobody takes the bytes") from None

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting for the first byte only."""
        descriptor = self._open()
        if not self._readable.poll(math.ceil(within_seconds * 1000)):
            return b""
        try:
            data = os.read(descriptor, READ_AT_MOST)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError(errno.EIO, "the other end closed it")
        return data

    def drop_input(self) -> None:
        """Forget what has come and was not read."""
        self._device.reset_input_buffer()

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._device.close()

    def _require_modem_lines(self, name: str) -> None:
        import fcntl
        import termios

        try:
            fcntl.ioctl(self._descriptor, termios.TIOCMGET, bytes(4))
        except OSError:
            self._device.close()
            raise BadInput(f"{name} has no DTR and RTS lines: leave dtr= and rts= out") from None

    def _open(self) -> int:
        if not self._device.is_open:
            raise OSError(errno.EBADF, "it is closed")
        return self._descriptor


class UrlTransport:
    """Whatever pyserial makes of a URL: `rfc2217://`, `spy://`, `loop://`, or a port's name."""

    def __init__(
        self, name: str, baud_rate: int = BAUD_RATE, settings: LineSettings | None = None
    ) -> None:
        import serial

        self._device = serial.serial_for_url(name, baudrate=baud_rate, do_not_open=True)
        _set_levels(self._device, settings)
        try:
            self._device.open()
        except OSError as error:
            # pyserial waits for the negotiation and does not notice that the connection ended.
            if name.startswith("rfc2217://") and _refuses_hosts(name.removeprefix("rfc2217://")):
                raise OSError(errno.EBUSY, "another host is connected") from error
            raise

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        self._device.write(data)

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting for the first byte only."""
        if self._device.timeout != within_seconds:  # setting it sets up the terminal anew
            self._device.timeout = within_seconds
        first = bytes(self._device.read(1))
        waiting = min(self._device.in_waiting, READ_AT_MOST) if first else 0
        return first + self._device.read(waiting) if waiting else first

    def drop_input(self) -> None:
        """Forget what has come and was not read."""
        self._device.reset_input_buffer()

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._device.close()


class RefusedError(OSError):
    """The other end closed the connection before it had sent anything."""


def _set_levels(device: "serial.SerialBase", settings: LineSettings | None) -> None:
    """Set DTR and RTS before a device is opened, so that they are held from the first moment."""
    if settings is not None and settings.dtr is not None:
        device.dtr = settings.dtr
    if settings is not None and settings.rts is not None:
        device.rts = settings.rts


class TcpTransport:
    """A TCP connection.

    Not pyserial's: that one reads a byte at a time and sleeps 0.3 s whenever it is closed.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = self._connected(host, port)
        self._answered = False

    @staticmethod
    def _connected(host: str, port: int) -> socket.socket:
        connected = socket.create_connection((host, port), CONNECT_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        self._socket.settimeout(WRITE_SECONDS)
        try:
            self._socket.sendall(data)
        except ConnectionError as error:
            raise self._ended(error) from None

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting for the first byte only."""
        self._socket.settimeout(within_seconds)
        try:
            data = self._socket.recv(READ_AT_MOST)
        except (BlockingIOError, TimeoutError):
            return b""
        except ConnectionError as error:
            raise self._ended(error) from None
        if not data:
            raise self._ended(OSError("the other end closed it"))
        self._answered = True
        return data

    def _ended(self, error: OSError) -> OSError:
        return error if self._answered else RefusedError(str(error))

    def drop_input(self) -> None:
        """Forget what has come and was not read."""
        while self.read(0):
            pass

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._socket.close()


class UnixTransport(TcpTransport):
    """A connection to the Unix socket at `path`."""

    def __init__(self, path: str) -> None:
        super().__init__(path, 0)

    @staticmethod
    def _connected(host: str, port: int) -> socket.socket:  # noqa: ARG004 - a path has no port
        connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connected.settimeout(CONNECT_SECONDS)
            connected.connect(host)
        except OSError:
            connected.close()
            raise
        return connected


def _refuses_hosts(address: str) -> bool:
    """Return whether whoever listens at `address` closes a connection without a byte.

    A server of RFC 2217 negotiates first; one that has a host closes the second's connection.
    """
    host, _, number = address.partition("?")[0].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(number)), REFUSAL_SECONDS) as probe:
            try:
                return not probe.recv(1)
            except ConnectionResetError:
                return True
    except (OSError, ValueError):
        return False
