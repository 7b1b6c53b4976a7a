"""`keyfob bench`: SCPI by hand."""

import io
import sys
from collections.abc import Iterable

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option

ANSWER_SECONDS = 600
"""Longer than anybody waits: `*OPC?` and `DISPlay:WAIT?` take their time."""


@click.command()
@click.argument("line", nargs=-1)
@bench_option
def bench(line: tuple[str, ...], bench: str) -> None:
    """Say each SCPI line to the bench, and print what it answers.

    Without a line, those of standard input are read. The first one that the bench refuses ends it.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # the bench says what it does not understand
    lines: Iterable[str] = line or (read.rstrip("\r\n") for read in sys.stdin or ())
    with BenchClient(bench) as client:
        for said in lines:
            answer = client.query(said, ANSWER_SECONDS) if said.strip() else ""
            if answer or "?" in said:
                click.echo(answer)
