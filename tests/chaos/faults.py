"""What a machine does to a command: limits, an unwritable folder, death at a write."""

import ctypes
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

CAPABILITY_VERSION = 0x20080522
PASS_OVER_PERMISSIONS = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH (linux/capability.h)."""


@dataclass(frozen=True, slots=True)
class MachineFault:
    """One fault: `breaks` is called in the process of the command, before it runs.

    `kills` says that the command may die of it; `says` are words of which its line has one, none
    where that depends on what meets the fault first.
    """

    name: str
    breaks: Callable[[], None]
    says: tuple[str, ...] = ()
    kills: bool = False


def limit_file_size(size: int, *, dies: bool) -> None:
    """Let no file grow beyond `size` bytes: writing fails (EFBIG), or kills at that very byte."""
    # The default action of the signal ends the process within the write, as a SIGKILL would.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if dies else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def limit_descriptors(free: int) -> None:
    """Leave `free` file descriptors."""
    used = {int(name) for name in os.listdir("/proc/self/fd")}  # noqa: PTH208 - names, no paths
    limit = next(n for n in range(1 << 16) if len(set(range(n)) - used) == free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def limit_memory(mebibytes: int) -> None:
    """Leave that much more address space than is in use."""
    with open("/proc/self/statm") as pages:  # noqa: PTH123
        used = int(pages.read().split()[0]) * resource.getpagesize()
    limit = used + (mebibytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def write_protect() -> None:
    """Make the folder read-only, for root too: without the right to pass over permissions."""
    Path().chmod(0o555)
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for word in range(3):  # effective, permitted and inheritable: capabilities 0 to 31
        sets[word] &= ~PASS_OVER_PERMISSIONS
    assert libc.capset(header, sets) == 0


DESCRIPTORS = ("open files",)
FULL = ("full", "disk failure")  # SQLite calls a limit of the file's size a failure

FAULTS = (
    *(
        MachineFault(f"full at {size}", partial(limit_file_size, size, dies=False), FULL)
        for size in (0, 1, 512, 4096, 20_000, 40_000)
    ),
    *(
        MachineFault(f"killed at {size}", partial(limit_file_size, size, dies=True), kills=True)
        for size in (0, 100, 4096, 8192, 20_000, 33_000, 60_000)
    ),
    *(
        MachineFault(f"{free} descriptors", partial(limit_descriptors, free), DESCRIPTORS)
        for free in (1, 2, 3, 5)
    ),
    # A library that finds no memory may abort the process, or call it a fault of the disk.
    *(MachineFault(f"{size} MiB", partial(limit_memory, size), kills=True) for size in (0, 2, 48)),
    MachineFault("read-only folder", write_protect, ("permission", "read-only")),
)
