"""`keyfob life`: simulate years of one fob, and show how its cell and its clock fared."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import click

from firmware_model.expectation import expect
from keyfob.cli.course import SPELLINGS, course_of
from keyfob.cli.firmware_options import firmware_options, given_firmware
from keyfob.cli.life_story import PRESSES_PER_DAY_MAX, Sample, Story, date_of, live
from keyfob.cli.options import json_option, number
from keyfob.cli.output import only_ascii, print_json, print_rows
from keyfob.cli.parameters import NewFile, model_names, offering
from keyfob.cli.terminal import columns
from keyfob.models import load_model

DAYS_PER_YEAR = 365.25
ROWS_MAX = 16
SPARKS, ASCII_SPARKS = "▁▂▃▄▅▆▇█", "_.-~=+*#"
PLOT_SUFFIXES = (".svg", ".png", ".pdf")


@click.command()
@click.option(
    "--model",
    "name",
    required=True,
    metavar="NAME|FILE",
    shell_complete=offering(model_names),
    help="A model, or a file of one.",
)
@click.option(
    "--presses-per-day",
    type=click.IntRange(0, PRESSES_PER_DAY_MAX),
    default=10,
    show_default=True,
    metavar="N",
    help="How often the button is pressed.",
)
@click.option(
    "--temperature",
    default="pocket",
    show_default=True,
    metavar="COURSE",
    help=f"{SPELLINGS}.",
)
@click.option(
    "--years",
    default="6",
    show_default=True,
    metavar="N",
    callback=number("0.1", "30"),
    help="How long to simulate, if it lives so long.",
)
@click.option(
    "--dice",
    type=int,
    default=1,
    show_default=True,
    metavar="N",
    help="The dice: another number is another fob of the same model.",
)
@click.option(
    "--clock-offset",
    type=click.IntRange(-86_400, 86_400),
    default=0,
    metavar="SECONDS",
    help="How wrong its clock is set at first: ahead (+) or behind (-).",
)
@firmware_options
@click.option("--plot", type=NewFile(), metavar="FILE", help="SVG, PNG or PDF.")
@json_option
def life(
    name: str,
    *,
    presses_per_day: int,
    temperature: str,
    years: Decimal,
    dice: int,
    clock_offset: int,
    firmware: Path | None,
    chip: str | None,
    strict: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Simulate the life of one fob: charge, voltage, clock, events."""
    model = load_model(name)
    if model.app is not None:
        raise click.UsageError(f"--model {name}: an app has no cell; expected a fob's model")
    course = course_of(temperature, "--temperature")
    if plot is not None and plot.suffix.lower() not in PLOT_SUFFIXES:
        raise click.UsageError(
            f"--plot {plot}: expected a name ending in {', '.join(PLOT_SUFFIXES)}"
        )
    draw = None if plot is None else _drawer()
    story = live(
        model,
        presses_per_day=presses_per_day,
        course=course,
        days=round(float(years) * DAYS_PER_YEAR),
        dice=dice,
        clock_offset_seconds=clock_offset,
        firmware=given_firmware(firmware, chip, strict=strict),
    )
    for note in story.notes:
        click.echo(f"firmware: {note}", err=True)
    if draw is not None:
        draw(story, temperature, str(plot))
    if as_json:
        print_json(_as_json(story, temperature))
    elif plot is None:
        _print_table(story, temperature)
    else:
        click.echo(f"{plot}: {_summary(story)}")


def _drawer() -> Callable[[Story, str, str], None]:
    try:
        from keyfob.cli.life_plot import draw
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("matplotlib"):
            raise
        raise click.UsageError("--plot needs matplotlib: pip install 'keyfob[plot]'") from None
    return draw


def _summary(story: Story) -> str:
    codes = f"{story.codes:,} codes in " if story.codes else ""
    ends = [
        f"{what} on {date_of(day)}"
        for what in ("expired", "died")
        if (day := story.day_of(what)) is not None
    ]
    return f"{codes}{story.days / DAYS_PER_YEAR:.1f} years, {', '.join(ends) or 'still in use'}"


def _print_table(story: Story, temperature: str) -> None:
    click.echo(f"{story.model.name}, {story.presses_per_day} presses a day, {temperature}")
    click.echo(f"{'year':>4} {'charge':>6} {'loaded':>7} {'clock':>8} {'codes':>7}")
    for sample in _thinned(story.samples, ROWS_MAX):
        clock = sample.clock_error_seconds
        click.echo(
            f"{sample.day / DAYS_PER_YEAR:4.1f} {sample.charge_permille / 10:5.1f}%"
            f" {sample.loaded_mv / 1000:6.3f}V"
            f" {'none' if clock is None else f'{round(clock):+d} s':>8} {sample.codes:7,}"
        )
    click.echo()
    charges = [float(sample.charge_permille) for sample in story.samples]
    errors = [each.clock_error_seconds for each in story.samples if each.clock_error_seconds]
    for label, values in (
        ("charge", charges),
        ("loaded", [float(sample.loaded_mv) for sample in story.samples]),
        ("clock", errors),
    ):
        if not values:
            continue
        click.echo(f"{label:6} {_sparkline(values, max(10, min(columns(), 80) - 8))}")
    click.echo()
    rows = [(date_of(each.day).isoformat(), each.what) for each in story.happenings]
    expected = expect(story.model, story.presses_per_day)
    print_rows(
        [
            *rows,
            ("codes", f"{story.codes:,}" if story.codes else "none, or always on"),
            ("expected", f"{expected.days / DAYS_PER_YEAR:.1f} years at 25 °C"),
            ("data sheets", story.model.claim),
        ]
    )


def _thinned(samples: tuple[Sample, ...], count: int) -> list[Sample]:
    """Return up to `count` samples, evenly spread, first and last included."""
    last = len(samples) - 1
    rows = min(count, len(samples))
    return [samples[round(last * row / max(1, rows - 1))] for row in range(rows)]


def _sparkline(values: list[float], width: int) -> str:
    """Return values as a line of bars, `width` wide, from the lowest to the highest."""
    sparks = ASCII_SPARKS if only_ascii() else SPARKS
    low, high = min(values), max(values)
    width = min(width, len(values))
    picked = [values[(len(values) - 1) * at // max(1, width - 1)] for at in range(width)]
    spread = (high - low) or 1.0
    return "".join(sparks[round((value - low) / spread * (len(sparks) - 1))] for value in picked)


def _as_json(story: Story, temperature: str) -> dict[str, object]:
    expected = expect(story.model, story.presses_per_day)
    return {
        "model": story.model.name,
        "presses_per_day": story.presses_per_day,
        "temperature": temperature,
        "dice": story.dice,
        "days": story.days,
        "codes": story.codes,
        "expected_days": expected.days,
        "claim": story.model.claim,
        "events": [
            {"day": each.day, "date": date_of(each.day).isoformat(), "event": each.what}
            for each in story.happenings
        ],
        "samples": [
            {
                "day": sample.day,
                "charge_percent": sample.charge_permille / 10,
                "loaded_volts": sample.loaded_mv / 1000,
                "clock_error_seconds": sample.clock_error_seconds,
                "codes": sample.codes,
            }
            for sample in story.samples
        ],
    }
