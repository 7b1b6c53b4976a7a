"""A display as verbs print it: drawn and read, or as JSON."""

import click

from host_tools.client.art import draw
from host_tools.client.bench import DisplayReading
from keyfob.cli.output import only_ascii
from keyfob.cli.terminal import columns

FAINT = 50
"""Percent of contrast under which a display is hard to read."""


def display_json(channel: int, seen: DisplayReading) -> dict[str, object]:
    """Return what is seen on a display, for programs; `dark_because` is "" while it is lit."""
    return {
        "channel": channel,
        "text": seen.text,
        "segments": seen.segments,
        "bars": seen.bars,
        "icons": seen.icons,
        "contrast_percent": seen.contrast_percent,
        "dark_because": seen.dark_because,
    }


def print_display(seen: DisplayReading) -> None:
    """Print a display as a drawing, and what is read on it or why it is dark."""
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
