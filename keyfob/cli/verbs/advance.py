"""`keyfob advance`: time passes at once."""

from decimal import Decimal

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, json_option
from keyfob.cli.output import print_json
from keyfob.testing.duration import seconds_of


# `advance -3` is not a duration, and not an option either.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("duration")
@bench_option
@json_option
def advance(duration: str, bench: str, *, as_json: bool) -> None:
    """Let DURATION pass at once: 90, 90s, 5min, 12h, 30d, 2w or 3y (of 365.25 days)."""
    seconds = seconds_of(duration)
    with BenchClient(bench) as client:
        client.advance(seconds)
        now = client.now() if as_json else Decimal(0)
    if as_json:
        print_json({"seconds": seconds, "true_time": now})
