"""A small disk for tests, and a full one: they need the right to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[None]:
    """Put a file system of that size at `folder`; skip where nobody may."""
    if os.geteuid() != 0:
        pytest.skip("a small disk needs the right to mount")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of `folder`."""
    filler = folder / "filler"
    filler.touch()
    room = os.statvfs(folder)
    with filler.open("wb") as file, suppress(OSError):
        file.write(bytes(room.f_bavail * room.f_frsize))
    try:
        yield
    finally:
        filler.unlink()
