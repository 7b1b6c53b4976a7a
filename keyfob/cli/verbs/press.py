"""`keyfob press`: a finger on the button."""

from decimal import Decimal

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, channel_option, json_option, number
from keyfob.cli.output import print_json

LONG_SECONDS = Decimal(7)  # longer than any model of the catalogue asks for


@click.command()
@bench_option
@channel_option
@click.option(
    "--seconds",
    callback=number("0.001", "3600"),
    default="0.2",
    show_default=True,
    metavar="N",
    help="How long the button is held.",
)
@click.option(
    "--long", "is_long", is_flag=True, help=f"Hold it for {LONG_SECONDS} s, as to wake a new fob."
)
@json_option
def press(bench: str, channel: str, seconds: Decimal, *, is_long: bool, as_json: bool) -> None:
    """Press the button of a fob, or of many, and wait until the press has run its course."""
    held = LONG_SECONDS if is_long else seconds
    with BenchClient(bench) as client:
        client.press(held, channel)
    if as_json:
        print_json({"channel": channel, "seconds": held})
