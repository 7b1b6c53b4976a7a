"""`keyfob drain`: what is left in the coin cell."""

from decimal import Decimal

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, channel_option, json_option, number
from keyfob.cli.output import print_json


# `drain -1` is a number out of range and no option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("percent", callback=number("0", "100", "%"))
@bench_option
@channel_option
@json_option
def drain(percent: Decimal, bench: str, channel: str, *, as_json: bool) -> None:
    """Set what is left in the coin cell, in percent of a new one (0 to 100, such as 7 or 7%)."""
    with BenchClient(bench) as client:
        client.set_charge(percent, channel)
    if as_json:
        print_json({"channel": channel, "percent": percent})
