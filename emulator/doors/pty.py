"""`pty:PATH`: a pseudo-terminal behind a symbolic link that keeps its name."""

import errno
import fcntl
import hashlib
import os
import stat
import termios
import tty
from pathlib import Path

from emulator.doors.descriptor import DescriptorDoor
from emulator.doors.door import LineListener
from firmware_model.errors import InUse, PortUnavailable

KERNEL = Path("/proc/sys/kernel/pty")
WAY_OUT = "hang the rack on one line (a port without {n}), or give each fob a tcp: door"


BAUD_RATES = {
    getattr(termios, name): int(name[1:])
    for name in dir(termios)
    if name[0] == "B" and name[1:].isdigit()
}
"""The kernel's codes for baud rates."""


class PtyDoor(DescriptorDoor):
    """The master end of a PTY; the slave end is what `link` points to."""

    def __init__(self, path: str, master: int, slave: int, listener: LineListener) -> None:
        super().__init__(f"pty:{path}", master, listener)
        self.device = os.ttyname(slave)
        self._link = Path(path)
        # Without an open slave end the master spins (EIO, always readable) while no host is there.
        self._slave = slave

    @property
    def baud_rate(self) -> int | None:
        """What the host has set the terminal to."""
        return BAUD_RATES.get(termios.tcgetattr(self._slave)[5])

    async def close(self) -> None:
        """Close both ends and take the link away, unless it points elsewhere by now."""
        if _target(self._link) == self.device:
            self._link.unlink()
        await super().close()
        os.close(self._slave)


async def open_pty(path: str, listener: LineListener) -> PtyDoor:
    """Open a PTY and let the symbolic link `path` point to it.

    A stale link is replaced; one whose terminal belongs to a living process is not.

    Raises:
        InUse: `path` is something else than a link, or belongs to a living other.
        PortUnavailable: the kernel has no PTY left, or the link cannot be made.
    """
    link = Path(path)
    _refuse_living(link)
    try:
        master, slave = os.openpty()
    except OSError as error:
        raise PortUnavailable(_no_pty(error)) from None
    try:
        # A fresh PTY echoes and cooks until both ends are raw: before anyone can open it.
        tty.setraw(slave)
        _lock(slave, link)
        _link(link, os.ttyname(slave))
    except OSError as error:
        os.close(master)
        os.close(slave)
        raise PortUnavailable(f"pty:{path} cannot be made: {error.strerror}") from None
    return PtyDoor(path, master, slave, listener)


def refuse_too_many_ptys(count: int) -> None:
    """Raise PortUnavailable if the kernel has not `count` pseudo-terminals left (Linux tells)."""
    try:
        most, used = (int((KERNEL / name).read_text("ascii")) for name in ("max", "nr"))
    except OSError:
        return
    if count > most - used:
        raise PortUnavailable(
            f"{count} pseudo-terminals are wanted and the kernel has {most - used} left"
            f" (kernel.pty.max is {most}): {WAY_OUT}"
        )


def _no_pty(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EAGAIN, errno.EMFILE, errno.ENFILE):
        return f"the machine has no pseudo-terminal left ({error.strerror}): {WAY_OUT}"
    return f"no pseudo-terminal can be opened: {error.strerror}"


def _link(link: Path, device: str) -> None:
    # Made aside and moved into place, so that nobody ever finds no link or half a one.
    aside = link.with_name(f".{link.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(device)
    aside.replace(link)


def _target(link: Path) -> str | None:
    try:
        return os.readlink(link)  # noqa: PTH115 - as it was written, without normalising
    except OSError:
        return None


def _refuse_living(link: Path) -> None:
    target = _target(link)
    if target is None:
        if os.path.lexists(link):
            raise InUse(f"pty:{link} cannot be made: {link} exists and is no symbolic link")
        return
    if link.exists() and not stat.S_ISCHR(link.stat().st_mode):
        raise InUse(f"pty:{link} cannot be made: {link} points to {target}, which is no terminal")
    if _alive(link, target):
        raise InUse(f"pty:{link} is in use: it points to {target}, which a living process holds")


def _alive(link: Path, target: str) -> bool:
    """Whether the terminal behind `link` is the one that it was made for.

    Numbers of terminals are used again. A terminal younger than the link came after its maker's
    end; but a changed mode makes it look younger, so one that keyfob still holds for this very
    link carries a lock that says so.
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
    except OSError:
        return False
    try:
        _lock(file, link)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


def _lock(terminal: int, link: Path) -> None:
    """Lock `terminal` for `link`; raises OSError where another process has done so.

    A record lock and not flock, because hosts that open a port exclusively take that one; on the
    one byte that the link's name hashes to, because the number may by now be another link's.
    """
    name = os.fsencode(link.parent.resolve() / link.name)
    place = int.from_bytes(hashlib.sha256(name).digest()[:6])
    fcntl.lockf(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
