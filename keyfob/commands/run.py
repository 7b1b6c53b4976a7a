"""`keyfob run`: virtual fobs on a port, with a bench beside it."""

import json
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

import click

from emulator.app import Started
from emulator.app import run as run_emulator
from emulator.settings import FOBS_MAX, FobPlan, Settings, model_source
from emulator.true_time import RATE_HIGHEST, REAL, STANDING, instant_of
from firmware_model.units import SimTime
from keyfob.options import DEFAULT_BENCH

RATES = {"real": REAL, "frozen": STANDING}


@click.command()
@click.option("--model", metavar="NAME|FILE", help="What to run: see keyfob models, or your TOML.")
@click.option("--count", type=click.IntRange(1, FOBS_MAX), default=1, help="How many fobs.")
@click.option(
    "--port",
    envvar="KEYFOB_PORT",
    required=True,
    metavar="DOOR",
    help="Where the fob hangs: pty:PATH or tcp:HOST:PORT. [env: KEYFOB_PORT]",
)
@click.option(
    "--bench",
    envvar="KEYFOB_BENCH",
    default=DEFAULT_BENCH,
    show_default=True,
    metavar="DOOR",
    help="Where the bench stands: tcp:HOST:PORT or pty:PATH. [env: KEYFOB_BENCH]",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What outlives this process; made with mode 0600, because it holds seeds."
    " Without it everything is in memory.",
)
@click.option(
    "--time",
    "rate",
    default="real",
    show_default=True,
    metavar="real|frozen|N",
    help="How fast true time runs: as on the wall, not at all, or N times as fast.",
)
@click.option("--start", metavar="DATE", help="When true time starts, such as 2029-04-01.")
@click.option("--json", "as_json", is_flag=True, help="Say where the ports are as one JSON line.")
def run(
    model: str | None,
    count: int,
    port: str,
    bench: str,
    store: Path | None,
    rate: str,
    start: str | None,
    *,
    as_json: bool,
) -> None:
    """Run virtual fobs until interrupted.

    A store is enough where it already holds fobs; a new rack needs --model.
    """
    source = None if model is None else model_source(model)
    plans = () if source is None else (FobPlan(source=source),) * count
    settings = Settings(
        plans=plans,
        ports=(port,),
        bench=bench,
        store=store,
        rate=_rate(rate),
        start=None if start is None else _instant(start),
    )
    run_emulator(settings, lambda started: _announce(started, as_json=as_json))


def _announce(started: Started, *, as_json: bool) -> None:
    for warning in started.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        found = {
            "port": started.ports[0],
            "ports": started.ports,
            "bench": started.bench,
            "store": None if started.store is None else str(started.store),
            "fobs": started.fobs,
        }
        click.echo(json.dumps(found))
        return
    where = "in memory" if started.store is None else f"in {started.store} (mode 0600: seeds)"
    fobs = "1 fob" if started.fobs == 1 else f"{started.fobs} fobs"
    ports = started.ports[0] if len(started.ports) == 1 else f"{started.ports[0]} and so on"
    click.echo(f"{fobs} at {ports}, bench at {started.bench}, {where}; Ctrl-C ends it")


def _rate(text: str) -> Fraction:
    if text in RATES:
        return RATES[text]
    try:
        rate = Fraction(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError):
        rate = Fraction(-1)
    if not STANDING <= rate <= RATE_HIGHEST:
        raise click.BadParameter(
            f"{text!r} is no rate; real, frozen or a number from 0 to {RATE_HIGHEST} was expected",
            param_hint="--time",
        )
    return rate


def _instant(text: str) -> SimTime:
    try:
        return instant_of(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--start") from None
