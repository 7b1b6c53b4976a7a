"""`keyfob power`: the coin cell, in and out."""

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, channel_option, json_option
from keyfob.cli.output import print_json


@click.command()
@click.argument("what", type=click.Choice(["cut", "restore"]))
@bench_option
@channel_option
@json_option
def power(what: str, bench: str, channel: str, *, as_json: bool) -> None:
    """Cut a fob's supply (cut), or bring it back (restore)."""
    with BenchClient(bench) as client:
        if what == "cut":
            client.cut_power(channel)
        else:
            client.restore_power(channel)
    if as_json:
        print_json({"channel": channel, "supply": "off" if what == "cut" else "on"})
