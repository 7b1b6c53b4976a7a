"""A fork server for `keyfob run`: imports once, then forks processes that run emulators.

A fresh interpreter takes longer to import the emulator than a short scenario takes to run, and a
forked one four times as long as the emulator to start. So a process whose emulator has ended in
good order runs the next one; at any time each emulator has a process of its own.
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
    """A process that starts emulators; it ends with the program that started it.

    Each emulator is in a process of its own, a child of the server. Its process ID stays its own
    until `reap`, so a signal never reaches another emulator.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def fork(self, arguments: Sequence[str], streams: Sequence[int]) -> int:
        """Run `keyfob` with `arguments` in a process of its own and return its process ID.

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
        """Wait until that emulator has ended; from then on its process may run another one."""
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


class _Worker:
    """The server's side of a process that runs one verb after another."""

    def __init__(self, others: Sequence[int]) -> None:
        """Fork it; `others` are open descriptors that are not for it.

        Raises:
            OSError: no process can be started.
        """
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.process_id = os.fork()
        except OSError:
            self.line.close()
            theirs.close()
            raise
        if not self.process_id:
            _be_worker(theirs, [*others, self.line.fileno()])
        theirs.close()

    def start(self, asked: dict[str, Any], streams: Sequence[int]) -> None:
        """Let it run a verb; raises OSError where it has ended."""
        socket.send_fds(self.line, [json.dumps(asked).encode()], streams)

    def has_finished(self) -> bool:
        """Wait until its verb is over; return whether it can run another one."""
        with contextlib.suppress(ConnectionResetError):  # it was killed before it took its verb
            if self.line.recv(1):
                return True
        self.end()
        return False

    def end(self) -> None:
        """Let it end, and wait until it has."""
        self.line.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process_id, 0)


def serve(line: socket.socket) -> None:
    """Answer requests on `line` until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program and its emulators
    for module in PRELOADED:
        import_module(module)
    gc.freeze()  # so that collections in the children do not copy what they share
    busy: dict[int, _Worker] = {}
    idle: list[_Worker] = []
    while True:
        message, streams, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, _STREAMS)
        if not message:
            break
        asked = json.loads(message)
        answer: dict[str, Any] = {}
        if "run" in asked:
            try:
                worker = _started(asked, streams, line, busy, idle)
                busy[worker.process_id] = worker
                answer["process_id"] = worker.process_id
            except OSError as error:
                answer["problem"] = error.strerror
            for stream in streams:
                os.close(stream)
        elif asked["reap"] in busy:
            worker = busy.pop(asked["reap"])
            if worker.has_finished():
                idle.append(worker)
        line.sendall(json.dumps(answer).encode())
    for worker in idle:  # the others end when their emulators do
        worker.end()


def _started(
    asked: dict[str, Any],
    streams: list[int],
    line: socket.socket,
    busy: dict[int, _Worker],
    idle: list[_Worker],
) -> _Worker:
    """Return a worker that runs what was asked for: an idle one, else a new one."""
    while idle:
        worker = idle.pop()
        try:
            worker.start(asked, streams)
        except OSError:  # it was killed meanwhile
            worker.has_finished()
        else:
            return worker
    # What ends by the end of a descriptor would never end if another process held it open.
    others = [one.fileno() for one in (line, *(worker.line for worker in busy.values()))]
    worker = _Worker([*streams, *others])
    worker.start(asked, streams)
    return worker


def _be_worker(line: socket.socket, others: Sequence[int]) -> None:
    """Run verbs in this forked process until `line` ends, and end it."""
    status = 1
    try:
        for descriptor in others:
            os.close(descriptor)
        gc.enable()
        while True:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing runs that it could interrupt
            message, streams, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, _STREAMS)
            if not message:
                break
            status = _run(json.loads(message), streams)
            if status:
                break  # only what ended in good order leaves nothing behind
            line.sendall(b"+")
    finally:
        os._exit(status)


def _run(asked: dict[str, Any], streams: list[int]) -> int:
    """Be `keyfob` on these streams; they are closed when it is over."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        for number, mode in enumerate("rww")
    )
    os.chdir(asked["folder"])
    # By its name, as `python -m keyfob` has it: the command imports this module in turn.
    status: int = import_module("keyfob.__main__").status_of(asked["run"])
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(_STREAMS):
        os.dup2(nothing, number)
    os.close(nothing)
    return status


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as _line:
        serve(_line)
