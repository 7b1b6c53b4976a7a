"""`keyfob press`: presses the button."""

from decimal import Decimal

import click

from host_tools.client.bench import BenchClient
from keyfob.cli.display_output import display_json, print_display
from keyfob.cli.options import bench_option, channel_option, channels_of, json_option, number
from keyfob.cli.output import print_json
from keyfob.cli.powered import no_power

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
@click.option(
    "--rapid",
    is_flag=True,
    help="Do not wait out the fob's guard time: it may ignore the press.",
)
@click.option("--show", is_flag=True, help="Print the display afterwards.")
@json_option
def press(
    bench: str,
    channel: str,
    seconds: Decimal,
    *,
    is_long: bool,
    rapid: bool,
    show: bool,
    as_json: bool,
) -> None:
    """Press the button of a fob, or of many, and wait until the press has run its course.

    A fob without power is reported with exit status 3; the others are pressed all the same.
    """
    held = LONG_SECONDS if is_long else seconds
    channels = channels_of(channel)
    with BenchClient(bench) as client:
        unpowered = [one for one in channels if not client.has_power(one)]
        before = _ignored(client, channels)
        client.press(held, channel, rapid=rapid)
        after = _ignored(client, channels)
        seen = {one: client.display(one) for one in channels} if show else {}
    ignored = [one for one in channels if after[one] > before[one]]
    if as_json:
        displays = [display_json(one, display) for one, display in seen.items()]
        shown = {"displays": displays} if show else {}
        print_json(
            {
                "channel": channel,
                "seconds": held,
                "ignored": ignored,
                "unpowered": unpowered,
                **shown,
            }
        )
    else:
        for one in ignored:
            click.echo(f"fob {one} ignored the press: it came within its guard time", err=True)
        for one, display in seen.items():
            if len(seen) > 1:
                click.echo(f"fob {one}")
            print_display(display)
    if unpowered:
        raise no_power(unpowered, bench)


def _ignored(client: BenchClient, channels: list[int]) -> dict[int, int]:
    return {one: client.ignored_presses(one) for one in channels}
