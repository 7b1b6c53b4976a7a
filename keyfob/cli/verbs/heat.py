"""`keyfob heat`: the temperature around a fob."""

from decimal import Decimal

import click

from firmware_model.hardware.thermal import COURSES
from host_tools.client.bench import BenchClient
from keyfob.cli.course import SPELLINGS, course_of
from keyfob.cli.options import bench_option, channel_option, json_option
from keyfob.cli.output import print_json
from keyfob.cli.parameters import offering


# `heat -10` is a temperature and no option.
@click.command(
    context_settings={"ignore_unknown_options": True},
    help="Set the temperature around a fob, or let it follow a course that repeats.\n\n"
    f"COURSE is {SPELLINGS}. A day's course follows the UTC day.",
)
@click.argument("course", shell_complete=offering(lambda: COURSES))
@bench_option
@channel_option
@json_option
def heat(course: str, bench: str, channel: str, *, as_json: bool) -> None:
    """Set the temperature around a fob, or let it follow a course."""
    stretches = course_of(course, "course").stretches
    points = [(seconds, Decimal(millicelsius) / 1000) for seconds, millicelsius in stretches]
    with BenchClient(bench) as client:
        if len(points) == 1:
            client.set_temperature(points[0][1], channel)
        else:
            data = ",".join(f"{seconds},{celsius}" for seconds, celsius in points)
            client.do(f"TEMPerature:PROFile:DATA {data},(@{channel})")
    if as_json:
        print_json({"channel": channel, "course": [list(point) for point in points]})
