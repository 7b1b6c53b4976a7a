"""The emulator's end of the process that runs a rack's libraries (`library_worker`)."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from emulator.firmware.library_worker import (
    CRASHED,
    FAILED,
    LOAD,
    SLOTS_MAX,
    VOLTAGE,
    MessageStream,
)
from firmware_model.errors import BadInput

SCRIPT = Path(__file__).with_name("library_worker.py")
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "PATH", "TZ")
"""What a core sees of our environment; not the keys that may stand there."""
END_SECONDS = 5
STANDARD_ERROR = 2


class LibraryCrash(Exception):  # noqa: N818 - an event of a fob's life, no error of ours
    """A core did not return; the message says how it ended."""


class LibraryProcess:
    """One process for all libraries of a rack: it starts with the first one, and ends with `close`.

    It ends by itself too where this process ends, however that comes about. `epoch` counts its
    starts: contexts and numbers of libraries hold within one.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._stream: socket.socket | None = None
        self._messages: MessageStream | None = None
        self._numbers: dict[str, int] = {}
        self._free: dict[int, list[int]] = {}
        self._used: dict[int, int] = {}

    def load(self, path: str) -> int:
        """Load a library, once; return its number.

        Raises:
            BadInput: it cannot be loaded, or crashes meanwhile.
        """
        if path in self._numbers:
            return self._numbers[path]
        answer = self._exchange(bytes((LOAD,)) + os.fsencode(path))
        number: int
        kind, number = VOLTAGE.unpack_from(answer)
        if kind == FAILED:
            why = answer[VOLTAGE.size :].decode("utf-8", "replace")
            raise BadInput(f"{path}: cannot load the library: {why.removeprefix(f'{path}: ')}")
        self._numbers[path] = number
        return number

    def take_slot(self, library: int) -> int:
        """Return a place for one more fob's context.

        Raises:
            BadInput: there are too many fobs.
        """
        free = self._free.setdefault(library, [])
        if free:
            return free.pop()
        slot = self._used.get(library, 0)
        if slot >= SLOTS_MAX:
            raise BadInput(f"too many fobs run one library: at most {SLOTS_MAX:,}")
        self._used[library] = slot + 1
        return slot

    def release_slot(self, library: int, slot: int) -> None:
        """Let another fob have the place."""
        self._free[library].append(slot)

    def ask(self, message: bytes) -> tuple[int, int, bytes]:
        """Send a message; return the answer's kind, its argument, and what the core did.

        Raises:
            LibraryCrash: the core did not return from the call.
        """
        answer = self._exchange(message)
        kind, argument = VOLTAGE.unpack_from(answer)
        acts = answer[VOLTAGE.size :]
        if kind == CRASHED:
            raise LibraryCrash(acts.decode())
        return kind, argument, acts

    def close(self) -> None:
        """End the process."""
        process, stream = self._process, self._stream
        if process is None or stream is None:
            return
        self._process = self._stream = self._messages = None
        self._numbers.clear()
        stream.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # a core is in a call and does not return
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _started(self) -> MessageStream:
        if self._messages is None:
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    self._process = _start(theirs)
                except OSError as error:
                    ours.close()
                    raise BadInput(
                        f"cannot start the process that runs libraries: {error.strerror}"
                    ) from None
            self._stream, self._messages = ours, MessageStream(ours)
            self.epoch += 1
        return self._messages

    def _exchange(self, message: bytes) -> bytes:
        messages = self._started()
        try:
            messages.send(message)
            answer = messages.receive()
        except OSError:
            answer = b""
        if not answer:
            self.close()
            raise LibraryCrash("ended the process that runs the libraries")
        return answer


def _start(stream: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(SCRIPT), str(stream.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=_standard_error(),
        pass_fds=(stream.fileno(),),
        env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ},
        start_new_session=True,
    )


def _standard_error() -> int:
    """Return where what a core prints goes: to our standard error, if we have one."""
    try:
        os.fstat(STANDARD_ERROR)
    except OSError:
        return subprocess.DEVNULL
    return STANDARD_ERROR
