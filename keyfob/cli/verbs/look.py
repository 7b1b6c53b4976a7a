"""`keyfob look`: reads the display."""

import click

from firmware_model.errors import Denied
from host_tools.client.bench import BenchClient
from keyfob.cli.display_output import display_json, print_display
from keyfob.cli.options import bench_option, json_option
from keyfob.cli.output import print_json


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
@click.option(
    "--text", "only_text", is_flag=True, help="Print only the text, for scripts; 1 while dark."
)
@json_option
def look(bench: str, channel: int, *, only_text: bool, as_json: bool) -> None:
    """Read a fob's display; where it is dark, say why.

    With --text a dark display is exit status 1.
    """
    with BenchClient(bench) as client:
        seen = client.display(channel)
    if as_json:
        print_json(display_json(channel, seen))
    elif not only_text:
        print_display(seen)
    elif seen.text:
        click.echo(seen.text)
    if only_text and not seen.text:
        raise Denied(f"fob {channel} is dark: {seen.dark_because}")
