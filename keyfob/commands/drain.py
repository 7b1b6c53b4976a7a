"""`keyfob drain`: what is left in the coin cell."""

from decimal import Decimal

import click

from host_tools.bench import BenchClient
from keyfob.options import bench_option, channel_option


@click.command()
@click.argument("percent", type=click.FloatRange(0, 100))
@bench_option
@channel_option
def drain(percent: float, bench: str, channel: str) -> None:
    """Set what is left in the coin cell, in percent of a new one (0 to 100)."""
    with BenchClient(bench) as client:
        client.set_charge(Decimal(str(percent)), channel)
