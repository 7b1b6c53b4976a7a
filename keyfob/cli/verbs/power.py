"""`keyfob power`: the coin cell, in and out."""

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, channel_option


@click.command()
@click.argument("what", type=click.Choice(["cut", "restore"]))
@bench_option
@channel_option
def power(what: str, bench: str, channel: str) -> None:
    """Cut a fob's supply (cut), or bring it back (restore)."""
    with BenchClient(bench) as client:
        if what == "cut":
            client.cut_power(channel)
        else:
            client.restore_power(channel)
