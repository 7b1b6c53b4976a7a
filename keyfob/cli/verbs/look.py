"""`keyfob look`: an eye on the display."""

import click

from host_tools.client.art import draw
from host_tools.client.bench import BenchClient
from keyfob.cli.options import bench_option, json_option
from keyfob.cli.output import columns, only_ascii, print_json

FAINT = 50
"""Percent of contrast under which a display is hard to read."""


@click.command()
@bench_option
@click.option(
    "--channel",
    envvar="KEYFOB_CHANNEL",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Which fob of the rack. [env: KEYFOB_CHANNEL]",
)
@json_option
def look(bench: str, channel: int, *, as_json: bool) -> None:
    """Look at a fob's display; where it is dark, say why."""
    with BenchClient(bench) as client:
        seen = client.display(channel)
    if as_json:
        print_json(
            {
                "channel": channel,
                "text": seen.text,
                "segments": seen.segments,
                "bars": seen.bars,
                "icons": seen.icons,
                "contrast_percent": seen.contrast_percent,
                "dark_because": seen.dark_because,
            }
        )
        return
    click.echo(
        draw(
            seen.segments,
            text=seen.text,
            bars=seen.bars,
            icons=seen.icons,
            columns=columns(),
            plain=only_ascii(),
        )
    )
    faint = f" (faint, {seen.contrast_percent} % contrast)" if seen.contrast_percent < FAINT else ""
    click.echo(f"{seen.text}{faint}" if seen.text else f"dark: {seen.dark_because}")
