"""Who has a pseudo-terminal open: the hosts that come and leave, by inotify (Linux).

A PTY's master end does not show whether a host has the slave end open while the emulator holds it
open too, and the kernel keeps `TIOCEXCL` until nobody has. So inotify wakes us at each open and
close of the terminal, and we count them. Inotify merges equal events that nobody has read yet
(inotify(7)), so that the count can be too high where several hosts close the terminal together.
Where it says that a host is left after a close, we look: we close our own end for a moment,
because only then poll(2) at the master says whether somebody has the terminal open. A host that
opens it in just that moment gets EIO, so this is not done where one host follows another.
Where two opens were merged, the last host but one counts as the last: the other one connects anew.

One inotify instance serves the process, since a user may have few (128 as a rule).
"""

import asyncio
import ctypes
import errno
import fcntl
import logging
import os
import select
import struct
import sys
import termios
import threading
from collections import Counter
from collections.abc import Callable

IN_CLOSE_WRITE, IN_CLOSE_NOWRITE, IN_OPEN = 0x08, 0x10, 0x20  # linux/inotify.h
IN_Q_OVERFLOW = 0x4000
IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
OUR_OWN = [IN_CLOSE_NOWRITE, IN_OPEN]
"""What closing and opening our own end puts into the queue: it is open for reading only."""

TIOCGEXCL = 0x80045440  # asm-generic/ioctls.h; `termios` does not have it

_log = logging.getLogger("keyfob.emulator.ports")
_EVENT = struct.Struct("iIII")
_EVENTS_BYTES = 4096


class _Inotify:
    """The process's inotify instance: events by watch descriptor, for any number of loops."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self._queued = select.poll()
        self._queued.register(self.descriptor, select.POLLIN)
        self._lock = threading.Lock()
        self._watches: dict[int, TerminalWatch] = {}
        self._loops: Counter[asyncio.AbstractEventLoop] = Counter()

    def add(self, path: str, watch: "TerminalWatch", loop: asyncio.AbstractEventLoop) -> int:
        with self._lock:
            number: int = self._libc.inotify_add_watch(
                self.descriptor, os.fsencode(path), IN_OPEN | IN_CLOSE
            )
            if number < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            self._watches[number] = watch
            self._loops[loop] += 1
            if self._loops[loop] == 1:
                loop.add_reader(self.descriptor, self.dispatch)
        return number

    def remove(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._libc.inotify_rm_watch(self.descriptor, number)
            self._watches.pop(number, None)
            self._loops[loop] -= 1
            if not self._loops[loop]:
                del self._loops[loop]
                loop.remove_reader(self.descriptor)

    def dispatch(self) -> None:
        """Give every event in the queue to its watch, and have its loop look at it."""
        with self._lock:  # which also keeps two loops from polling at once
            if not self._queued.poll(0):  # a tenth of the cost of reading nothing
                return
            try:
                data = os.read(self.descriptor, _EVENTS_BYTES)
            except BlockingIOError:  # another loop was faster
                return
            offset = 0
            while offset < len(data):
                number, mask, _, length = _EVENT.unpack_from(data, offset)
                offset += _EVENT.size + length
                if mask & IN_Q_OVERFLOW:  # whatever was lost: look at every terminal
                    for watch in self._watches.values():
                        watch.put(IN_CLOSE_NOWRITE)
                elif number in self._watches and mask & (IN_OPEN | IN_CLOSE):
                    self._watches[number].put(mask)


_instance_lock = threading.Lock()
_instance: _Inotify | None = None


def _inotify() -> _Inotify:
    global _instance
    with _instance_lock:
        if _instance is None:
            _instance = _Inotify()
        return _instance


class TerminalWatch:
    """Reports when hosts have opened the terminal `device`, and when the last has closed it.

    Args:
        device: the slave end's path.
        master: the other end.
        slave: our own descriptor of the slave end, which this watch takes over. It is open for
            reading only from now on, and changes with each look.
        connected: called when a host has come.
        disconnected: called when the last host has left; True says that no other has come since,
            so that all that is there to read is from those who left.
        reopened: called with our own descriptor whenever it has changed.
    """

    def __init__(
        self,
        device: str,
        master: int,
        slave: int,
        *,
        connected: Callable[[], None],
        disconnected: Callable[[bool], None],
        reopened: Callable[[int], None],
    ) -> None:
        self.slave = slave
        self._device = device
        self._master = master
        self._connected = connected
        self._disconnected = disconnected
        self._reopened = reopened
        self._has_host = False
        self._count = 0  # of opens less closes; too low where inotify has merged two opens
        self._events: list[int] = []
        self._loop = asyncio.get_running_loop()
        self._inotify: _Inotify | None = None
        if sys.platform == "linux":
            self._watch()

    def put(self, mask: int) -> None:
        """Take an event, in any thread; the loop of this watch looks at it."""
        self._events.append(mask)
        if len(self._events) == 1 and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._look)

    def catch_up(self) -> None:
        """Take account of all that has happened: call this before reading what a host has sent."""
        if self._inotify is not None:
            self._inotify.dispatch()
            if self._events:
                self._look()

    def note_host(self) -> None:
        """A host has sent something: it is there, whether its coming was seen or not."""
        if not self._has_host and self._inotify is not None:
            self._come()

    def close(self) -> None:
        """Stop watching and close our own end."""
        if self._inotify is not None:
            self._inotify.remove(self._number, self._loop)
            self._inotify = None
        os.close(self.slave)

    def _watch(self) -> None:
        writable = self.slave
        self._reopen()  # for reading only, so that our own events can be told from a host's
        os.close(writable)
        self._reopened(self.slave)
        try:
            inotify = _inotify()
            self._number = inotify.add(self._device, self, self._loop)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOSYS):
                raise
            _log.warning("%s: hosts that leave go unnoticed: %s", self._device, error.strerror)
            return
        self._inotify = inotify

    def _look(self) -> None:
        events, self._events = self._events, []
        emptied = False  # by the count: whether another host has come since, is still to be seen
        while events and self._inotify is not None:
            closed = False
            for mask in events:
                if mask & IN_OPEN:
                    if emptied:
                        self._leave(for_good=False)
                        emptied = False
                    self._count += 1
                    self._come()
                else:
                    self._count -= 1
                    closed, emptied = True, self._count <= 0
            if not closed:
                return
            if emptied:
                self._count = 0
                self._inotify.dispatch()
                events, self._events = self._events, []
                if not events:
                    self._end_exclusiveness()
                    emptied = False
                    self._leave(for_good=True)
                continue
            open_elsewhere = self._is_open_elsewhere()
            self._inotify.dispatch()
            events, self._events = _without_ours(self._events), []
            if not open_elsewhere:
                self._count = 0
                self._leave(for_good=True)

    def _is_open_elsewhere(self) -> bool:
        """Return whether anybody but us has the terminal open; end exclusiveness if not."""
        was_exclusive = self._end_exclusiveness()  # or only root could open it again
        os.close(self.slave)
        poll = select.poll()
        poll.register(self._master, 0)
        open_elsewhere = not any(event & select.POLLHUP for _, event in poll.poll(0))
        if self._inotify is not None:
            # Or inotify merges the opening of a host, who comes just now, with our own.
            self._inotify.dispatch()
        self._reopen()
        if open_elsewhere and was_exclusive:
            fcntl.ioctl(self.slave, termios.TIOCEXCL)
        return open_elsewhere

    def _end_exclusiveness(self) -> bool:
        """Let everybody open the terminal again; return whether that was not so."""
        flag = bytearray(4)
        fcntl.ioctl(self.slave, TIOCGEXCL, flag)
        if any(flag):
            fcntl.ioctl(self.slave, termios.TIOCNXCL)
        return any(flag)

    def _reopen(self) -> None:
        self.slave = os.open(self._device, os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
        self._reopened(self.slave)

    def _come(self) -> None:
        if not self._has_host:
            self._has_host = True
            self._connected()

    def _leave(self, *, for_good: bool) -> None:
        if self._has_host:
            self._has_host = False
            self._disconnected(for_good)


def _without_ours(events: list[int]) -> list[int]:
    """Return `events` without those of our own look at the terminal."""
    for index in range(len(events) - 1):
        if events[index : index + 2] == OUR_OWN:
            return events[:index] + events[index + 2 :]
    return events
