"""Real pcscd with fobs in its readers, in namespaces of its own: nobody else's pcscd is touched.

The folder of its socket is a private file system, and its network has a loopback of its own, so
several may run at once beside the machine's.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.strangers.environments import programs_of

ROOT = Path(__file__).parents[2]
LOOPBACK_UP = (
    "import fcntl, socket, struct; "
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x49))"
)
SET_UP = f"""
{sys.executable} -c "{LOOPBACK_UP}" && mkdir -p /run/pcscd && mount -t tmpfs none /run/pcscd &&
echo ready && exec cat
"""
PATIENCE_SECONDS = 60
TRIES = 60


class CardWorld:
    """Namespaces, the fobs in them, and pcscd; `readers` is the folder of the reader entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bench = f"unix:{folder}/bench"
        self.readers = str(folder / "readers")
        self.announced: dict[str, Any] = {}
        self._pcscd: subprocess.Popen[str] | None = None
        self._shell = subprocess.Popen(
            ["unshare", "--mount", "--net", "sh", "-c", SET_UP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._shell.stdout is not None
        assert self._shell.stderr is not None
        if self._shell.stdout.readline().strip() != "ready":
            said = self._shell.stderr.read().strip()
            pytest.skip(f"no namespaces of our own here (unshare --mount --net): {said}")

    def inside(self, *command: str | Path) -> list[str]:
        """Return the command line that runs `command` in the namespaces."""
        pid = str(self._shell.pid)
        return ["nsenter", "--target", pid, "--mount", "--net", "--", *map(str, command)]

    def run(self, *command: str | Path, status: int = 0, **environment: str) -> str:
        """Run a program there, make sure of its exit status, and return what it says."""
        done = subprocess.run(
            self.inside(*command),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environment},
        )
        assert done.returncode == status, f"{command}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def start_pcscd(self) -> None:
        """Start pcscd with the entries in `readers`, and wait until it takes programs in."""
        pcscd = programs_of("pcscd", "pcscd")[0]
        self._pcscd = subprocess.Popen(
            self.inside(pcscd, "--foreground", "--info", "--config", self.readers),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._pcscd.stdout is not None
        said = []
        for line in self._pcscd.stdout:
            said.append(line)
            if "daemon ready" in line:
                break
        else:
            raise AssertionError(f"pcscd does not start: {said}")
        # It would wait for a reader of what it says.
        self._rest = Thread(target=self._pcscd.stdout.read, daemon=True)
        self._rest.start()

    def stop_pcscd(self) -> None:
        if self._pcscd is not None:
            self._pcscd.terminate()
            self._pcscd.wait(timeout=PATIENCE_SECONDS)
            self._rest.join()
            assert self._pcscd.stdout is not None
            self._pcscd.stdout.close()
            self._pcscd = None

    @contextmanager
    def fobs(self, *arguments: str) -> Iterator[None]:
        """Run fobs there; `announced` has what they say."""
        command = [sys.executable, "-m", "keyfob", "run", "--json", "--bench", self.bench]
        with subprocess.Popen(
            self.inside(*command, *arguments), stdout=subprocess.PIPE, text=True, cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:  # fmt: skip
            try:
                assert process.stdout is not None
                self.announced = json.loads(process.stdout.readline())
                yield
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        self.stop_pcscd()
        self._shell.terminate()
        self._shell.communicate()


@contextmanager
def card_world(folder: Path) -> Iterator[CardWorld]:
    """Make one; the test is skipped, with the reason, where this machine does not permit it."""
    for program in ("unshare", "nsenter"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install util-linux")
    programs_of("pcscd", "pcscd")
    world = CardWorld(folder)
    try:
        yield world
    finally:
        world.close()


def until(seen: Callable[[], object], what: str) -> None:
    """Ask again and again until `seen()` is true: each time a program is run."""
    for _ in range(TRIES):
        if seen():
            return
    raise AssertionError(f"not at {TRIES} times of asking: {what}")
