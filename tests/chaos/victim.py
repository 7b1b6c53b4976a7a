"""A command in a process of its own, on a machine that is broken for it alone."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from tests.chaos.commands import WritingCommand, environment, next_code

# Fresh imports for each of the processes would take most of the time; a fork server has them.
PROCESSES = multiprocessing.get_context("forkserver")
VERBS = ("seeds", "keys", "host", "verify", "soft", "run", "station", "scenario")
PRELOADED = (
    "keyfob.__main__",
    *(f"keyfob.cli.verbs.{verb}" for verb in VERBS),
    "tests.chaos.faults",
)
WAIT_SECONDS = 120
NOWHERE: Mapping[str, str] = {}
"""Of a command that works on no fobs."""

NOTES = ("TEST KEYS: ", "tray.db: a new ledger", "tray.key: a new key", "✓ ")


@dataclass(frozen=True, slots=True)
class End:
    """How a command ended: its exit status (negative for a signal) and what it printed."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of standard error, but for warnings and notes."""
        return [line for line in self.err.splitlines() if not any(note in line for note in NOTES)]


def run(
    command: WritingCommand,
    folder: Path,
    breaks: Callable[[], None] | None = None,
    where: Mapping[str, str] = NOWHERE,
) -> End:
    """Run a command in `folder`, the machine broken by `breaks` for it alone.

    `where` are environment variables that tell it where fobs and bench are.
    What it reads and prints goes through pipes, which no limit of files and disks meets.
    """
    PROCESSES.set_forkserver_preload(list(PRELOADED))
    ends = [PROCESSES.Pipe(duplex=False) for _ in range(3)]
    (typed, type_in), (out, print_to), (err, complain_to) = ends
    os.write(type_in.fileno(), command.typed.encode())
    type_in.close()
    process = PROCESSES.Process(
        target=_be, args=(command, folder, breaks, where, typed, print_to, complain_to)
    )
    process.start()
    for connection in (typed, print_to, complain_to):
        connection.close()
    process.join(WAIT_SECONDS)
    assert process.exitcode is not None, f"{command.words}: still running"
    return End(process.exitcode, _all_of(out), _all_of(err))


def _all_of(connection: Connection) -> str:
    """Return what was written into a pipe whose other end is closed."""
    with open(connection.fileno(), "rb", closefd=False) as pipe:
        text = pipe.read().decode()
    connection.close()
    return text


def _be(
    command: WritingCommand,
    folder: Path,
    breaks: Callable[[], None] | None,
    where: Mapping[str, str],
    *streams: Connection,
) -> None:
    """Be the command."""
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    # What this process inherited of the test runner's streams is not the command's.
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment(folder, **where))
    if command.code:
        os.environ["KEYFOB_CODE"] = next_code(5)
    from keyfob.__main__ import main

    if breaks is not None:
        breaks()
    status = 1
    try:
        main(list(command.words))
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
