"""`keyfob bench`: SCPI by hand."""

import io
import sys
from collections.abc import Iterable

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, json_option
from keyfob.cli.output import print_json

ANSWER_SECONDS = 600
"""Longer than anybody waits: `*OPC?` and `DISPlay:WAIT?` take their time."""


@click.command()
@click.argument("line", nargs=-1)
@bench_option
@json_option
def bench(line: tuple[str, ...], bench: str, *, as_json: bool) -> None:
    """Send each SCPI line to the bench, and print its answer.

    Without a line, those of standard input are read. The first one that the bench refuses ends it.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # the bench names what it does not understand
    lines: Iterable[str] = line or (read.rstrip("\r\n") for read in sys.stdin or ())
    said: list[dict[str, str]] = []
    with BenchClient(bench) as client:
        for one in lines:
            answer = client.query(one, ANSWER_SECONDS) if one.strip() else ""
            if as_json:
                said.append({"line": one, "answer": answer})
            elif answer or "?" in one:
                click.echo(answer)
    if as_json:
        print_json(said)
