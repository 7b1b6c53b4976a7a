"""A virtual fob as a user starts it: `keyfob run` in a process of its own, for scenarios."""

import contextlib
import json
import os
import select
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from firmware_model.errors import NoAnswer, PortUnavailable
from host_tools.scenario.fob_starter import START
from keyfob.fob_server import fob_server

ENDING = ".kfrec"
READY_SECONDS = 60
"""How long a process may take until it says where its port and bench are."""
STOP_SECONDS = 10


class FobProcess:
    """One `keyfob run` on a PTY and a free bench port, its store in `folder`, its time standing.

    `dice`: the same text gives the same cell, crystal and flash. Each start leaves a recording in
    the folder `recordings`, if one is given. Call `stop` at the end: it never outlives the one who
    started it. `process_id` is 0 where no process runs it.
    """

    def __init__(
        self, model: str, folder: Path, dice: str = "", recordings: Path | None = None
    ) -> None:
        self.model = model
        self.port = ""
        self.bench = ""
        self._store = folder / "store.db"
        self._birth = ("--start", START, "--dice", dice)
        self._link = folder / "port"
        self._recordings = recordings
        self._errors = folder / "errors"
        self.process_id = 0
        self._stdin: IO[bytes]
        self._stdout: IO[bytes]
        self._pipes = ExitStack()
        self.start()

    def start(self) -> None:
        """Start the process, wait until it is ready, and set `port` and `bench`.

        Raises:
            PortUnavailable: it ended at once; the message is its own.
            NoAnswer: it never said that it is ready.
        """
        assert not self.process_id, "one process at a time"
        # The folder is ours alone: what a killed process left there is stale, whatever terminal of
        # somebody else's it may point to by now.
        self._link.unlink(missing_ok=True)
        child_stdin, stdin = os.pipe()
        # The emulator ends when this end does, whatever ends us.
        self._stdin = self._pipes.enter_context(os.fdopen(stdin, "wb", buffering=0))
        stdout, child_stdout = os.pipe()
        self._stdout = self._pipes.enter_context(os.fdopen(stdout, "rb", buffering=0))
        try:
            with self._errors.open("wb") as errors:
                streams = (child_stdin, child_stdout, errors.fileno())
                self.process_id = fob_server().fork(self._command(), streams)
        except BaseException:
            self._pipes.close()
            raise
        finally:
            os.close(child_stdin)
            os.close(child_stdout)
        try:
            ready = _announcement(self._stdout)
        except BaseException:
            self.stop()
            raise
        if ready is None:
            self.stop()
            raise PortUnavailable(f"keyfob run --model {self.model}: {self._last_line()}")
        self.port, self.bench = ready["port"], ready["bench"]

    def kill(self) -> None:
        """End the process with SIGKILL: it has no time to tidy up."""
        if self.process_id:
            self._send(signal.SIGKILL)
            self._forget()

    def stop(self) -> None:
        """End its standard input, insist if it goes on, and wait until it has ended."""
        if self.process_id:
            self._stdin.close()
            if not self._has_ended(STOP_SECONDS):
                self._send(signal.SIGKILL)
            self._forget()

    def last_message(self, seconds: float = 0) -> str:
        """Return the last error message if the process ends by itself within `seconds`, else ""."""
        return self._last_line() if self.process_id and self._has_ended(seconds) else ""

    def _send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # only if the fork server was killed
            os.kill(self.process_id, number)

    def _has_ended(self, seconds: float) -> bool:
        """Whether it ends within `seconds`: then nothing writes to its standard output any more."""
        readable = select.select([self._stdout], [], [], seconds)[0]
        return bool(readable) and not self._stdout.read(1)

    def _last_line(self) -> str:
        lines = self._errors.read_text("utf-8", "replace").split("\n")
        written = [line.strip().removeprefix("keyfob: ") for line in lines if line.strip()]
        return written[-1] if written else "it ended without a message"

    def _forget(self) -> None:
        fob_server().reap(self.process_id)
        self.process_id = 0
        self._pipes.close()

    def _command(self) -> list[str]:
        return [
            *("run", "--json", "--model", self.model),
            *("--port", f"pty:{self._link}", "--bench", "tcp:127.0.0.1:0"),
            *("--store", str(self._store), "--until-eof"),
            *(() if self._store.exists() else self._birth),
            *self._recording(),
            # A scenario must not depend on how fast this machine is.
            *("--time", "frozen"),
        ]

    def _recording(self) -> tuple[str, ...]:
        if self._recordings is None:
            return ()
        number = sum(1 for _ in self._recordings.iterdir())
        return ("--record", str(self._recordings / f"{number:04}{ENDING}"))


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
