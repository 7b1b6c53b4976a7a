"""A virtual fob as a user starts it: `keyfob run` in a process of its own, for scenarios."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from firmware_model.errors import NoAnswer, PortUnavailable
from host_tools.scenario.fob_starter import START

READY_SECONDS = 60
"""How long a process may take until it says where its port and bench are."""
STOP_SECONDS = 10


class FobProcess:
    """One `keyfob run` on a PTY and a free bench port, its store in `folder`, its time standing.

    `dice`: the same text gives the same cell, crystal and flash. Use it as a
    context manager, or call `stop`: it never outlives the one who started it.
    """

    def __init__(self, model: str, folder: Path, dice: str = "") -> None:
        self.model = model
        self.port = ""
        self.bench = ""
        self._store = folder / "store.db"
        self._birth = ("--start", START, "--dice", dice)
        self._link = folder / "port"
        self._errors = folder / "errors"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the process, wait until it is ready, and set `port` and `bench`.

        Raises:
            PortUnavailable: it ended at once; the message is its own.
            NoAnswer: it never said that it is ready.
        """
        assert self._process is None, "one process at a time"
        # The folder is ours alone: what a killed process left there is stale, whatever terminal of
        # somebody else's it may point to by now.
        self._link.unlink(missing_ok=True)
        with self._errors.open("wb") as to:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,  # which ends when we do, whatever ends us
                stdout=subprocess.PIPE,
                stderr=to,
                env={k: v for k, v in os.environ.items() if not k.startswith("KEYFOB_")},
            )
        try:
            assert self._process.stdout is not None
            ready = _announcement(self._process.stdout)
        except BaseException:
            self.stop()
            raise
        if ready is None:
            self.stop()
            raise PortUnavailable(f"keyfob run --model {self.model}: {self._last_line()}")
        self.port, self.bench = ready["port"], ready["bench"]

    def kill(self) -> None:
        """End the process with SIGKILL: it has no time to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._gone()

    def stop(self) -> None:
        """Ask the process to end, insist if it does not, and wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._gone()

    def last_message(self) -> str:
        """Return the last error message if the process has ended by itself, else ""."""
        ended = self._process is not None and self._process.poll() is not None
        return self._last_line() if ended else ""

    def _last_line(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").split("\n")
        written = [line.strip().removeprefix("keyfob: ") for line in lines if line.strip()]
        return written[-1] if written else "it ended without a message"

    def _gone(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "keyfob", "run", "--json", "--model", self.model),
            *("--port", f"pty:{self._link}", "--bench", "tcp:127.0.0.1:0"),
            *("--store", str(self._store), "--until-eof"),
            *(() if self._store.exists() else self._birth),
            # A scenario must not depend on how fast this machine is.
            *("--time", "frozen"),
        ]


def _announcement(stdout: IO[bytes]) -> dict[str, Any] | None:
    """Return the first line as JSON, None if there is no line because the process ended."""
    if not select.select([stdout], [], [], READY_SECONDS)[0]:
        raise NoAnswer(f"keyfob run was not ready within {READY_SECONDS} s")
    line = stdout.readline()
    if not line:
        return None
    announced = json.loads(line)
    assert isinstance(announced, dict)
    return announced
