"""What carries a port's bytes: a serial device through pyserial, or TCP without a detour.

Both raise OSError, whatever goes wrong; `ports` puts it into words.
"""

import socket
from typing import Protocol

BAUD_RATE = 115_200
READ_AT_MOST = 4096
CONNECT_SECONDS = 5.0
WRITE_SECONDS = 5.0


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


class SerialTransport:
    """A device or URL as pyserial opens it; `name` is pyserial's. Eight bits, no parity.

    Modem lines are left as they are: on a PTY they raise ENOTTY, and on some programming cradles
    DTR resets the fob. A device is locked: two hosts on one line would answer for each other.
    """

    def __init__(self, name: str, baud_rate: int = BAUD_RATE) -> None:
        import serial  # a bench behind TCP does not need it

        self._device = serial.serial_for_url(
            name,
            baudrate=baud_rate,
            write_timeout=WRITE_SECONDS,
            exclusive=None if "://" in name else True,
        )

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


class TcpTransport:
    """A TCP connection.

    Not pyserial's: that one reads a byte at a time and sleeps 0.3 s whenever it is closed.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        self._socket.settimeout(WRITE_SECONDS)
        self._socket.sendall(data)

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting for the first byte only."""
        self._socket.settimeout(within_seconds)
        try:
            data = self._socket.recv(READ_AT_MOST)
        except (BlockingIOError, TimeoutError):
            return b""
        if not data:
            raise OSError("the other end closed it")
        return data

    def drop_input(self) -> None:
        """Forget what has come and was not read."""
        while self.read(0):
            pass

    def close(self) -> None:
        """Close it; a second time does nothing."""
        self._socket.close()
