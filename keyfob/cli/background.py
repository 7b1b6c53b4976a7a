"""`keyfob run --background`: a process of its own that goes on when the command has returned."""

import os
import sys
from collections.abc import Callable

import click

from firmware_model.errors import KeyfobError, PortUnavailable


def run_in_background(run: Callable[[Callable[[str], None]], None]) -> int:
    """Start `run` in a process of its own, wait until it is ready, and return its process ID.

    Args:
        run: works until it is ended; it calls its argument with one line when it is ready. Must
            be called before this process has threads.

    Raises:
        KeyfobError: it did not start; the message and exit status are its own.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(run, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    kind, _, text = said.partition(" ")
    if kind == "ready":
        click.echo(text)
        return child
    os.waitpid(child, 0)
    error = KeyfobError(text) if text else PortUnavailable("the process ended before it was ready")
    error.exit_status = int(kind) if kind.isdecimal() else error.exit_status
    raise error


def _work(run: Callable[[Callable[[str], None]], None], writing: int) -> None:
    os.setsid()  # a terminal that closes, or its Ctrl-C, does not end it
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nothing, stream)

    def ready(line: str) -> None:
        os.write(writing, f"ready {line}".encode())
        os.close(writing)
        os.dup2(nothing, 2)

    status = 0
    try:
        run(ready)
    except KeyfobError as error:
        os.write(writing, f"{error.exit_status} {error}".encode())
        status = error.exit_status
    finally:
        os._exit(status)
