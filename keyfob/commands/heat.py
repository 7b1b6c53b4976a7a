"""`keyfob heat`: the temperature around a fob."""

from decimal import Decimal

import click

from host_tools.bench import BenchClient
from keyfob.options import bench_option, channel_option, number


# `heat -10` is a temperature and no option.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("celsius", callback=number("-60", "120"))
@bench_option
@channel_option
def heat(celsius: Decimal, bench: str, channel: str) -> None:
    """Set the temperature around a fob, in degrees Celsius (-60 to 120)."""
    with BenchClient(bench) as client:
        client.set_temperature(celsius, channel)
