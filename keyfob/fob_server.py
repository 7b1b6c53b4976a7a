"""A fork server for `keyfob run`: imports once, then forks a process for each emulator.

A fresh interpreter takes longer to import the emulator than a short scenario takes to run.
"""

import contextlib
import errno
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from firmware_model.errors import PortUnavailable

PRELOADED = (
    "keyfob.__main__",
    "keyfob.cli.log",
    "keyfob.cli.verbs.run",
    "emulator.ports.pty",
    "emulator.ports.tcp",
)
"""What an emulator of a scenario imports, most of it only when it is needed."""

_MESSAGE_BYTES = 65_536
_STREAMS = 3  # standard input, output and error


class ForkServerProcess:
    """A process that forks emulators; it ends with the program that started it.

    Each emulator is a process of its own, a child of the server. Its process ID stays its own
    until `reap`, so a signal never reaches another process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def fork(self, arguments: Sequence[str], streams: Sequence[int]) -> int:
        """Run `keyfob` with `arguments` in a new process and return its process ID.

        Args:
            arguments: words after the command's name.
            streams: file descriptors of its standard input, output and error. They are copied.

        Raises:
            PortUnavailable: no process can be started.
        """
        reason = ""
        with self._lock:
            for _ in range(2):  # a server that was killed is replaced once
                try:
                    reply = self._ask({"run": [*arguments], "folder": str(Path.cwd())}, streams)
                    break
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE):
                        reason = "too many open files: raise the limit (ulimit -n)"
                    self._close()
            else:
                why = reason or "the server that forks emulators ended: start again"
                raise PortUnavailable(f"cannot start an emulator: {why}")
        if "process_id" not in reply:
            raise PortUnavailable(f"cannot start an emulator: {reply['problem']}")
        return int(reply["process_id"])

    def reap(self, process_id: int) -> None:
        """Wait until that emulator has ended; from then on its process ID may be another's."""
        # If the server was killed, its emulators are no longer children of ours: init reaps them.
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                self._ask({"reap": process_id})

    def close(self) -> None:
        """End the server. Its emulators go on until their standard input ends."""
        with self._lock:
            self._close()

    def _ask(self, question: dict[str, Any], streams: Sequence[int] = ()) -> dict[str, Any]:
        if self._socket is None:
            self._start()
        assert self._socket is not None
        socket.send_fds(self._socket, [json.dumps(question).encode()], streams)
        reply = self._socket.recv(_MESSAGE_BYTES)
        if not reply:
            raise ConnectionResetError
        answer = json.loads(reply)
        assert isinstance(answer, dict)
        return answer

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={k: v for k, v in os.environ.items() if not k.startswith("KEYFOB_")},
            )
        self._socket = ours

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.wait()
            self._process = None


@cache
def fob_server() -> ForkServerProcess:
    """Return this program's fork server, which starts at its first use and ends at exit."""
    import atexit

    server = ForkServerProcess()
    atexit.register(server.close)
    return server


def serve(line: socket.socket) -> None:
    """Answer requests on `line` until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program and its emulators
    for module in PRELOADED:
        import_module(module)
    gc.freeze()  # so that collections in the children do not copy what they share
    while True:
        message, streams, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, _STREAMS)
        if not message:
            return
        asked = json.loads(message)
        answer: dict[str, Any] = {}
        if "run" in asked:
            try:
                answer["process_id"] = os.fork() or _emulate(line, asked, streams)
            except OSError as error:
                answer["problem"] = error.strerror
            for stream in streams:
                os.close(stream)
        else:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(asked["reap"], 0)
        line.sendall(json.dumps(answer).encode())


def _emulate(line: socket.socket, asked: dict[str, Any], streams: list[int]) -> int:
    """Be `keyfob` in this forked process, and end it."""
    status = 1
    try:
        line.close()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(asked["folder"])
        gc.enable()
        # By its name, as `python -m keyfob` has it: the command imports this module in turn.
        status = import_module("keyfob.__main__").status_of(asked["run"])
        sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _line:
        serve(_line)
