"""`pty:PATH`: a pseudo-terminal behind a symbolic link that keeps its name."""

import errno
import fcntl
import hashlib
import os
import stat
import termios
import tty
from contextlib import suppress
from pathlib import Path

from emulator.ports.descriptor import DescriptorPort
from emulator.ports.port import READ_SIZE, PortListener
from emulator.ports.terminal_watch import TerminalWatch
from firmware_model.errors import InUse, PortUnavailable

KERNEL = Path("/proc/sys/kernel/pty")
USE_OTHER_PORTS = "put the fobs on one line (a port without {n}), or use tcp: ports"


BAUD_RATES = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name[0] == "B" and name[1:].isdigit()
}
"""The kernel's codes for baud rates."""


class PtyPort(DescriptorPort):
    """The master end of a PTY; the slave end is what `link` points to."""

    def __init__(self, path: str, master: int, slave: int, listener: PortListener) -> None:
        super().__init__(f"pty:{path}", master, listener)
        self.device = os.ttyname(slave)
        self._link = Path(path)
        # Without an open slave end the master spins (EIO, always readable) while no host is there.
        self._watch = TerminalWatch(
            self.device,
            master,
            slave,
            connected=listener.connected,
            disconnected=self._disconnected,
            reopened=lambda reopened: _lock(reopened, self._link, fcntl.LOCK_SH),
        )

    @property
    def baud_rate(self) -> int | None:
        """The rate in bits a second that the host has set on the terminal."""
        return BAUD_RATES.get(termios.tcgetattr(self._watch.slave)[5])

    async def close(self) -> None:
        """Close both ends and remove the link, unless it points elsewhere by now."""
        if _target(self._link) == self.device:
            self._link.unlink()
        self._stop()
        self._watch.close()
        await super().close()

    def _readable(self) -> None:
        self._watch.catch_up()  # who left before this was sent, ends what he began
        super()._readable()

    def _received(self, data: bytes) -> None:
        self._watch.note_host()
        self._listener.received(data)

    def _disconnected(self, for_good: bool) -> None:
        """End the host's connection, after all that it has sent, as a UART's last close does."""
        if for_good and not self._paused:
            with suppress(OSError):  # nothing more
                while data := os.read(self._descriptor, READ_SIZE):
                    self._listener.received(data)
        self._listener.disconnected()
        if for_good:  # a UART has no memory: the next host gets no answer of this one's
            self._waiting.clear()
            termios.tcflush(self._watch.slave, termios.TCIFLUSH)


async def open_pty(path: str, listener: PortListener) -> PtyPort:
    """Open a PTY and make the symbolic link `path` to it.

    A stale link is replaced; one to a terminal that another process holds is not.

    Raises:
        InUse: `path` is no link, or another process holds its terminal.
        PortUnavailable: the kernel has no PTY left, or the link cannot be made.
    """
    link = Path(path)
    _require_stale(link)
    try:
        master, slave = os.openpty()
    except OSError as error:
        raise PortUnavailable(_no_pty(error)) from None
    try:
        # A fresh PTY echoes and cooks until both ends are raw: before anyone can open it.
        tty.setraw(slave)
        _lock(slave, link, fcntl.LOCK_SH)
        _link(link, os.ttyname(slave))
    except OSError as error:
        os.close(master)
        os.close(slave)
        raise PortUnavailable(f"cannot open pty:{path}: {error.strerror}") from None
    return PtyPort(path, master, slave, listener)


def refuse_too_many_ptys(count: int) -> None:
    """Raise PortUnavailable if the kernel has fewer than `count` PTYs left (known on Linux)."""
    try:
        most, used = (int((KERNEL / name).read_text("ascii")) for name in ("max", "nr"))
    except OSError:
        return
    if count > most - used:
        raise PortUnavailable(
            f"{count} pseudo-terminals are needed and the kernel has {most - used} left"
            f" (kernel.pty.max is {most}): {USE_OTHER_PORTS}"
        )


def _no_pty(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EAGAIN, errno.EMFILE, errno.ENFILE):
        return f"no pseudo-terminal left ({error.strerror}): {USE_OTHER_PORTS}"
    return f"cannot open a pseudo-terminal: {error.strerror}"


def _link(link: Path, device: str) -> None:
    # Made under another name and renamed, so that the link exists and is whole at any time.
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(device)
    temporary.replace(link)


def _target(link: Path) -> str | None:
    try:
        return os.readlink(link)  # noqa: PTH115 - as it was written, without normalising
    except OSError:
        return None


def _require_stale(link: Path) -> None:
    target = _target(link)
    if target is None:
        if os.path.lexists(link):
            raise InUse(f"cannot open pty:{link}: {link} exists and is no symbolic link")
        return
    if link.exists() and not stat.S_ISCHR(link.stat().st_mode):
        raise InUse(f"cannot open pty:{link}: {link} points to {target}, which is no terminal")
    if _is_current(link, target):
        raise InUse(f"pty:{link} is in use: another process holds its terminal {target}")


def _is_current(link: Path, target: str) -> bool:
    """Return whether the terminal behind `link` is the one that it was made for.

    The kernel reuses the numbers of terminals. A terminal younger than the link is another one;
    but a change of mode makes a terminal look younger, so keyfob also locks it for its link.
    """
    try:
        terminal = os.stat(target)  # noqa: PTH116
        made = os.lstat(link)
    except OSError:
        return False
    if terminal.st_ctime_ns <= made.st_ctime_ns:
        return True
    try:
        file = os.open(target, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return error.errno == errno.EBUSY  # a host has it exclusively
    try:
        _lock(file, link, fcntl.LOCK_EX)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _lock(terminal: int, link: Path, kind: int) -> None:
    """Lock `terminal` for `link`, as `fcntl.lockf`; raises OSError where another process has.

    A record lock, because hosts that open a port exclusively use flock; on the byte that the
    link's name hashes to, because another link may use the same number by now.
    """
    name = os.fsencode(link.parent.resolve() / link.name)
    place = int.from_bytes(hashlib.sha256(name).digest()[:6])
    fcntl.lockf(terminal, kind | fcntl.LOCK_NB, 1, place)
