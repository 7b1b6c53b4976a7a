"""`unix:PATH`: a Unix socket that only named users of this machine can connect to."""

import asyncio
import logging
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from emulator.ports.port import PortListener
from emulator.ports.tcp import BACKLOG, Connection, TcpPort
from firmware_model.errors import BadInput, InUse, PortUnavailable

MODE_OWNER = 0o600
MODE_OTHERS = 0o666
"""Of a socket that other users may connect to: their credentials decide."""

_UCRED = struct.Struct("3i")  # pid, uid, gid (unix(7))

_log = logging.getLogger("keyfob.emulator.ports")


class UnixPort(TcpPort):
    """A listening Unix socket with one host at a time, of an allowed user."""

    scheme = "unix"

    def __init__(self, listener: PortListener, allowed_uids: Collection[int] = ()) -> None:
        super().__init__(listener)
        self._allowed_uids = allowed_uids
        self._socket_file: UnixSocketFile | None = None

    async def listen_at(self, path: str) -> None:
        """Make the socket at `path` and listen.

        Raises:
            BadInput, InUse, PortUnavailable: as `listen_unix`.
        """
        accept = checked(self._accept, self._allowed_uids)
        self._server, self._socket_file = await listen_unix(path, accept, self._allowed_uids)
        self.address = f"unix:{path}"

    async def close(self) -> None:
        """Stop listening, close the connection and remove the socket."""
        await super().close()
        if self._socket_file is not None:
            self._socket_file.remove()


class UnixSocketFile:
    """The file of a listening socket; `remove` leaves one that another process has made since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made = _identity(path)

    def remove(self) -> None:
        """Remove it."""
        if _identity(self._path) == self._made:
            self._path.unlink(missing_ok=True)


async def listen_unix(
    path: str, accept: Callable[[], asyncio.BaseProtocol], allowed_uids: Collection[int]
) -> tuple[asyncio.Server, UnixSocketFile]:
    """Listen at a Unix socket of mode 0600, or 0666 where other users are allowed.

    A socket without a listening process is replaced.

    Raises:
        BadInput: the path is longer than the system takes.
        InUse: `path` is something else, or another process listens there.
        PortUnavailable: the socket cannot be made.
    """
    file = Path(path)
    _require_stale(file)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        mode = MODE_OTHERS if set(allowed_uids) - {os.geteuid()} else MODE_OWNER
        os.fchmod(listening.fileno(), mode)  # Linux makes the file with it
        listening.bind(path)
        file.chmod(mode)
        server = await asyncio.get_running_loop().create_unix_server(
            accept, sock=listening, backlog=BACKLOG
        )
    except OSError as error:
        listening.close()
        if error.errno is None:  # Python's own check
            raise BadInput(f"invalid address 'unix:{path}': the path is too long") from None
        raise PortUnavailable(f"cannot open unix:{path}: {error.strerror}") from None
    return server, UnixSocketFile(file)


def checked(
    accept: Callable[[], Connection], allowed_uids: Collection[int]
) -> Callable[[], asyncio.BaseProtocol]:
    """Return `accept` for connections that are closed at once if their user is not allowed.

    Allowed are our own user, root, and `allowed_uids`.
    """

    def accept_checked() -> asyncio.BaseProtocol:
        connection = accept()
        connection.is_welcome = lambda peer: _may_connect(peer, allowed_uids)
        return connection

    return accept_checked


def _may_connect(peer: socket.socket, allowed_uids: Collection[int]) -> bool:
    uid = peer_uid(peer)
    if uid in {0, os.geteuid(), *allowed_uids}:
        return True
    _log.warning("connection refused: user ID %d is not allowed", uid)
    return False


def peer_uid(peer: socket.socket) -> int:
    """Return the user ID of the process at the other end of a connected Unix socket.

    That is who it was when it connected: the kernel's word, not its own.
    """
    if sys.platform == "linux":
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        return int(_UCRED.unpack(credentials)[1])
    # xucred of the BSDs and macOS: version, then the user ID (unix(4)).
    credentials = peer.getsockopt(0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED
    return int(struct.unpack_from("2I", credentials)[1])


def _require_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise InUse(f"cannot open unix:{path}: {path} exists and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        try:
            trial.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise PortUnavailable(f"cannot open unix:{path}: {error.strerror}") from None
        else:
            raise InUse(f"unix:{path} is in use by another program")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
