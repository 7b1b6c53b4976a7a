"""Ports as a host opens them: any pyserial URL, a path, or the emulator's own spelling."""

import errno
import os
import re
import stat

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.client.closing import Closing
from host_tools.client.transports import (
    BAUD_RATE,
    RefusedError,
    TcpTransport,
    TerminalTransport,
    Transport,
    UrlTransport,
)

EXPECTED = (
    "a path, pty:PATH, serial:DEVICE,BAUD, tcp:HOST:PORT, rfc2217:HOST:PORT or a pyserial URL"
    " was expected"
)

BAUD_RATES = range(50, 4_000_001)

_PLAIN_SOCKET = re.compile(r"socket://([^/?#]*:[0-9]+)/?")
"""pyserial's spelling of TCP, without its options."""


def open_port(url: str) -> "Port":
    """Open the port `url` for this process alone.

    Args:
        url: a path (`./fob0`, `/dev/ttyUSB0`), the emulator's spelling (`pty:PATH`,
            `serial:DEVICE,BAUD`, `tcp:HOST:PORT`, `rfc2217:HOST:PORT`), or whatever pyserial
            understands (`socket://`, `rfc2217://`, `spy://`, `loop://`, `COM3`). Without a baud
            rate it is 115,200.

    Raises:
        BadInput: `url` is not written as any of these.
        PortUnavailable: there is no such port, it may not be opened, or nothing listens there.
        InUse: somebody else holds it.
    """
    try:
        return Port(url, _transport(url))
    except (OSError, ValueError) as error:
        raise _why_not(url, error) from None


class Port(Closing):
    """An open port: bytes out, bytes in with a deadline, and every failure one plain line."""

    def __init__(self, url: str, transport: Transport) -> None:
        self.url = url
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send all of `data`.

        Raises:
            PortUnavailable: the port went away.
        """
        try:
            self._transport.write(data)
        except OSError as error:
            raise self._gone(error) from None

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting up to `within_seconds` for the first byte; b"" if none.

        Raises:
            PortUnavailable: the port went away.
        """
        try:
            return self._transport.read(within_seconds)
        except OSError as error:
            raise self._gone(error) from None

    def drop_input(self) -> None:
        """Forget what has come and was not read: the rest of somebody else's talk."""
        try:
            self._transport.drop_input()
        except OSError as error:
            raise self._gone(error) from None

    def close(self) -> None:
        """Close the port; a second time does nothing."""
        self._transport.close()

    def _gone(self, error: OSError) -> PortUnavailable | InUse:
        if isinstance(error, RefusedError):
            return InUse(
                f"{self.url} is in use: it closed the connection before any answer; wait until"
                " the other host has left"
            )
        reason = os.strerror(error.errno) if error.errno else "the other end closed it"
        return PortUnavailable(f"{self.url}: the port went away while in use ({reason})")


def _transport(url: str) -> Transport:
    if not url or "\0" in url:
        raise BadInput(f"{url!r} is no valid port: expected {EXPECTED}")
    scheme, colon, rest = url.partition(":")
    kind = scheme.lower() if colon else ""
    if kind == "tcp":
        host, colon, number = rest.rpartition(":")
        if not (colon and host and number.isdecimal() and 0 < int(number) < 65536):
            raise BadInput(f"{url} is not tcp:HOST:PORT with a port from 1 to 65535")
        return TcpTransport(host.strip("[]"), int(number))
    if plain_socket := _PLAIN_SOCKET.fullmatch(url):
        return _transport(f"tcp:{plain_socket[1]}")
    if kind == "rfc2217" and not rest.startswith("//"):
        return UrlTransport(f"rfc2217://{rest}")
    name, baud_rate = rest if kind in ("pty", "serial") else url, BAUD_RATE
    if kind == "serial" and "," in rest:
        name, _, number = rest.rpartition(",")
        if not (number.isascii() and number.isdecimal() and int(number[:9]) in BAUD_RATES):
            raise BadInput(
                f"{url} is not serial:DEVICE,BAUD with {BAUD_RATES.start} to {BAUD_RATES[-1]} baud"
            )
        baud_rate = int(number)
    if not name:
        raise BadInput(f"{url} lacks the path: {kind}:PATH was expected")
    if "://" not in name and os.name == "posix":
        _refuse_what_is_no_terminal(url, name)
        return TerminalTransport(name, baud_rate)
    return UrlTransport(name, baud_rate)


def _refuse_what_is_no_terminal(url: str, path: str) -> None:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - errno decides the message
    except OSError as error:
        raise _why_not(url, error) from None
    if not stat.S_ISCHR(mode):
        kind = "a directory" if stat.S_ISDIR(mode) else "a file"
        raise PortUnavailable(f"{url} is {kind}, not a serial port")


def _why_not(url: str, error: Exception) -> BadInput | PortUnavailable | InUse:
    # pyserial puts the reason into its own error's number, or only into the error it came from.
    cause = error if isinstance(error, OSError) and error.errno else error.__context__
    number = cause.args[0] if cause and isinstance(cause.args[0], int) else None
    if number is None and isinstance(cause or error, ValueError | TypeError):
        return BadInput(f"{url} is no valid port: expected {EXPECTED}")
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return PortUnavailable(
            f"port not found: {url}; check that the emulator is running or the cable is plugged in"
        )
    if number in (errno.EACCES, errno.EPERM):
        return PortUnavailable(f"permission denied: {url}; add this user to the group dialout")
    if number in (errno.EAGAIN, errno.EBUSY):
        return InUse(f"{url} is in use by another program")
    if number == errno.ECONNREFUSED:
        return PortUnavailable(f"connection refused: {url}; check that the emulator is running")
    if number == errno.ENOTTY:
        return PortUnavailable(f"{url} is not a serial port")
    reason = cause.args[1] if number is not None and cause else cause or error
    return PortUnavailable(f"{url} cannot be opened: {reason}")
