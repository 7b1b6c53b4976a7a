"""Ports as a host opens them: any pyserial URL, a path, or the emulator's own spelling."""

import errno
import getpass
import os
import re
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass

from firmware_model.errors import BadInput, InUse, PortUnavailable
from host_tools.client.closing import Closing
from host_tools.client.line_settings import LineSettings, parse_options
from host_tools.client.transports import (
    BAUD_RATE,
    RefusedError,
    TcpTransport,
    TerminalTransport,
    Transport,
    UnixTransport,
    UrlTransport,
)

EXPECTED = (
    "a path, pty:PATH, unix:PATH, serial:DEVICE[,BAUD][,OPTION=VALUE...], tcp:HOST:PORT,"
    " rfc2217:HOST:PORT or a pyserial URL"
)

BAUD_RATES = range(50, 4_000_001)

WITH_OPTIONS = ("pty", "serial", "tcp", "rfc2217")
"""Spellings that may end in options of the line."""

_PLAIN_SOCKET = re.compile(r"socket://([^/?#]*:[0-9]+)/?")
"""pyserial's spelling of TCP, without its options."""


def open_port(url: str) -> "Port":
    """Open the port `url` for this process alone.

    Args:
        url: a path (`./fob0`, `/dev/ttyUSB0`), the emulator's spelling (`pty:PATH`,
            `serial:DEVICE,BAUD`, `tcp:HOST:PORT`, `rfc2217:HOST:PORT`), or whatever pyserial
            understands (`socket://`, `rfc2217://`, `spy://`, `loop://`, `COM3`). Without a baud
            rate it is 115,200. The emulator's spelling may end in options of the line, such as
            `,profile=rs485` or `,response=5,tries=6` (`line_settings`).

    Raises:
        BadInput: `url` is not written as any of these.
        PortUnavailable: there is no such port, it may not be opened, or nothing listens there.
        InUse: somebody else holds it.
    """
    try:
        address, settings = _split_options(url)
        return Port(url, _transport(address, settings), settings)
    except (OSError, ValueError) as error:
        raise _why_not(url, error) from None


@dataclass(slots=True)
class LineCost:
    """What a bad line cost: frames sent again, and the seconds waited for what did not come."""

    resent: int = 0
    seconds: float = 0.0


class Port(Closing):
    """An open port: bytes out, bytes in with a deadline, and every failure one plain line.

    `settings` are the line's; `cost` is counted by the links over it. `now` (in seconds, from
    anywhere) and `pause` keep the silences that the settings ask for.
    """

    def __init__(
        self,
        url: str,
        transport: Transport,
        settings: LineSettings = LineSettings(),  # noqa: B008 - it is frozen
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self.url = url
        self._seconds_now = now
        self._keep_silent = pause
        self.settings = settings
        self.cost = LineCost()
        self._transport = transport
        self.round_trip_seconds = float("inf")
        """The shortest time that a connection took over this port: what the line itself takes."""
        self.received = 0
        """How many bytes have come, echo left out."""
        self._needs_silence = bool(settings.gap or settings.turnaround)
        self._written_at = self._read_at = float("-inf")
        self._echo = b""

    def write(self, data: bytes) -> None:
        """Send all of `data`.

        Raises:
            PortUnavailable: the port went away.
        """
        if self._needs_silence:
            self._wait_for_silence()
        try:
            self._transport.write(data)
        except OSError as error:
            raise self._gone(error) from None
        if self._needs_silence:
            self._written_at = self._seconds_now()
        if self.settings.echo:
            self._echo += data

    def read(self, within_seconds: float) -> bytes:
        """Return what has come, waiting up to `within_seconds` for the first byte; b"" if none.

        Raises:
            PortUnavailable: the port went away.
        """
        try:
            data = self._transport.read(within_seconds)
        except OSError as error:
            raise self._gone(error) from None
        if data and self._echo:
            data = self._without_echo(data)
        if data:
            if self._needs_silence:
                self._read_at = self._seconds_now()
            self.received += len(data)
        return data

    def drop_input(self) -> None:
        """Forget what has come and was not read: the rest of somebody else's talk."""
        try:
            self._transport.drop_input()
            self._echo = b""
        except OSError as error:
            raise self._gone(error) from None

    def close(self) -> None:
        """Close the port; a second time does nothing."""
        self._transport.close()

    def _wait_for_silence(self) -> None:
        gap, turnaround = self.settings.gap, self.settings.turnaround
        silent_until = max(self._written_at + gap, self._read_at + turnaround)
        if (left := silent_until - self._seconds_now()) > 0:
            self._keep_silent(left)

    def _without_echo(self, data: bytes) -> bytes:
        """Take off what we sent ourselves; all from the first byte that differs is an answer."""
        same = next(
            (
                n
                for n, (came, sent) in enumerate(zip(data, self._echo, strict=False))
                if came != sent
            ),
            min(len(data), len(self._echo)),
        )
        whole = same in (len(data), len(self._echo))
        self._echo = self._echo[same:] if whole else b""
        return data[same:]

    def _gone(self, error: OSError) -> PortUnavailable | InUse:
        if isinstance(error, RefusedError):
            return InUse(
                f"{self.url} is in use: it closed the connection before any answer; wait until"
                " the other host has left"
            )
        reason = os.strerror(error.errno) if error.errno else "the other end closed it"
        return PortUnavailable(f"{self.url}: the port went away while in use ({reason})")


def _split_options(url: str) -> tuple[str, LineSettings]:
    """Return the address without the options of its line, and what these say."""
    kind, colon, rest = url.partition(":")
    if not colon or kind.lower() not in WITH_OPTIONS or rest.startswith("//"):
        return url, LineSettings()
    address, *parts = rest.split(",")
    while parts and "=" not in parts[0]:
        address += f",{parts.pop(0)}"
    return f"{kind}:{address}", parse_options(url, parts)


def _transport(url: str, settings: LineSettings) -> Transport:
    if not url or "\0" in url:
        raise BadInput(f"{url!r} is no valid port: expected {EXPECTED}")
    scheme, colon, rest = url.partition(":")
    kind = scheme.lower() if colon else ""
    if kind == "pcsc":
        raise BadInput(f"{url} carries APDUs alone, and this needs a line: give its serial port")
    if kind == "tcp":
        host, colon, number = rest.rpartition(":")
        if not (colon and host and number.isdecimal() and 0 < int(number) < 65536):
            raise BadInput(f"{url} is not tcp:HOST:PORT with a port from 1 to 65535")
        return TcpTransport(host.strip("[]"), int(number))
    if kind == "unix":
        if not rest:
            raise BadInput(f"invalid port {url!r}: expected unix:PATH")
        return UnixTransport(rest)
    if plain_socket := _PLAIN_SOCKET.fullmatch(url):
        return _transport(f"tcp:{plain_socket[1]}", settings)
    if kind == "rfc2217" and not rest.startswith("//"):
        return UrlTransport(f"rfc2217://{rest}", settings=settings)
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
        return TerminalTransport(name, baud_rate, settings)
    return UrlTransport(name, baud_rate, settings)


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
        meant = f", or write tcp:{url}" if re.fullmatch(r"[\w.-]+:\d+", url) else ""
        return PortUnavailable(
            f"port not found: {url}; check that the emulator is running or the cable is"
            f" plugged in{meant}"
        )
    if number in (errno.EACCES, errno.EPERM):
        return PortUnavailable(f"permission denied: {url}{_remedy(url)}")
    if number in (errno.EAGAIN, errno.EBUSY):
        return InUse(f"{url} is in use by another program")
    if number == errno.ECONNREFUSED:
        return PortUnavailable(f"connection refused: {url}; check that the emulator is running")
    if number in (errno.EMFILE, errno.ENFILE):
        return PortUnavailable(f"{url}: too many open files: raise the limit (ulimit -n)")
    if number == errno.ENOTTY:
        return PortUnavailable(f"{url} is not a serial port")
    reason = cause.args[1] if number is not None and cause else cause or error
    return PortUnavailable(f"{url} cannot be opened: {reason}")


def _remedy(url: str) -> str:
    """Return who may open the device of `url`, and what to do; nothing where it is not known."""
    import grp  # here, because only POSIX has it

    path = _split_options(url)[0].removeprefix("serial:").removeprefix("pty:").partition(",")[0]
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
        group = grp.getgrgid(found.st_gid).gr_name
    except (OSError, KeyError):
        return "; it is for root, or somebody must let this user in"
    user = getpass.getuser()
    if found.st_gid in (os.getegid(), *os.getgroups()) or not found.st_mode & stat.S_IRGRP:
        mode = stat.filemode(found.st_mode)
        return f" has mode {mode} and group {group}: root can let {user} in, with a udev rule"
    return (
        f" is for the group {group}, and {user} is not in it: sudo usermod -aG {group} {user},"
        " then log in again"
    )
