"""`keyfob advance`: time passes at once."""

import re
from decimal import Decimal

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option

_UNITS = {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}


# `advance -3` is no duration, and no option either.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("duration")
@bench_option
def advance(duration: str, bench: str) -> None:
    """Let DURATION pass at once: 90, 90s, 5min, 12h, 30d, 2w or 3y (of 365.25 days)."""
    seconds = _seconds(duration)
    with BenchClient(bench) as client:
        client.advance(seconds)


def _seconds(duration: str) -> Decimal:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)", duration)
    if match is None or match[2] not in _UNITS:
        raise click.BadParameter(
            f"{duration!r} is no duration; a number with s, min, h, d, w or y was expected"
        )
    return Decimal(match[1]) * _UNITS[match[2]]
