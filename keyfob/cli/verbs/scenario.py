"""`keyfob scenario`: play features over a port and a bench, and list what they may say."""

import signal
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from firmware_model.errors import Denied
from host_tools.scenario import reports
from host_tools.scenario.features import Feature, Language
from host_tools.scenario.results import ScenarioResult, StepStatus
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.shipped import EVERYTHING, find, names
from host_tools.scenario.steps import STEPS
from host_tools.scenario.world import open_world
from keyfob.cli.messages import ScenarioPrinter
from keyfob.cli.options import json_option
from keyfob.cli.output import columns, print_json
from keyfob.cli.parameters import NewFile, offering
from keyfob.fob_process import FobProcess

language_option = click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    callback=lambda _context, _option, code: Language(code),
    help="Language of the features that ship; a file is in its own.",
)


@click.command()
@click.argument(
    "name", metavar="NAME|FILE", shell_complete=offering(lambda: [*names(), EVERYTHING])
)
@language_option
@click.option("--port", metavar="URL", help="Play on this fob instead of virtual ones.")
@click.option("--bench", metavar="URL", help="The bench beside --port; without it steps skip.")
@click.option(
    "--junit",
    metavar="FILE",
    type=NewFile(),
    help="Write JUnit XML.",
)
@click.option("--html", metavar="FILE", type=NewFile(), help="Write a page.")
@json_option
def run(
    name: str,
    language: Language,
    port: str | None,
    bench: str | None,
    junit: Path | None,
    html: Path | None,
    *,
    as_json: bool,
) -> None:
    """Play a feature: one that ships (`keyfob scenario list`), `all` of them, or a file.

    Virtual fobs are started for it and are gone afterwards. Exit status 1: a scenario failed.
    """
    if bench and not port:
        raise click.UsageError("--bench stands beside a fob: --port is missing")
    observer = RunObserver() if as_json else ScenarioPrinter()
    results = perform(find(name, language), observer, port, bench)
    if isinstance(observer, ScenarioPrinter):
        observer.print_summary(results)
    else:
        click.echo(reports.as_json(results))
    if junit is not None:
        junit.write_text(reports.as_junit(results), encoding="utf-8")
    if html is not None:
        html.write_text(reports.as_html(results), encoding="utf-8")
    refuse_failures(results)


@click.command()
@json_option
def steps(*, as_json: bool) -> None:
    """List every step a scenario may use, in English and Japanese."""
    if as_json:
        print_json([{"en": s.english, "ja": s.japanese, "meaning": s.meaning} for s in STEPS.steps])
        return
    for one in STEPS.steps:
        click.echo(one.english)
        click.echo(one.japanese)
        for line in textwrap.wrap(one.meaning, columns() - 4):
            click.echo(f"    {line}")
        click.echo()


@click.command(name="list")
@language_option
def list_(language: Language) -> None:
    """List the features that ship."""
    for name in names():
        (feature,) = find(name, language)
        click.echo(f"{name}  {feature.title} ({len(feature.scenarios)})")


def perform(
    features: Sequence[Feature],
    observer: RunObserver,
    port: str | None = None,
    bench: str | None = None,
) -> list[ScenarioResult]:
    """Play features one after the other and return what came of them.

    Raises:
        BadInput: a line of any of them is no known step; nothing was played.
    """
    plans = [STEPS.bind(feature) for feature in features]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    return [
        result
        for plan in plans
        for result in play(
            plan, lambda feature: open_world(feature, FobProcess, port, bench), observer
        )
    ]


def refuse_failures(results: Sequence[ScenarioResult]) -> None:
    """Raise Denied, naming file, line and step of the first failure, if there is any."""
    failed = [result for result in results if result.status is StepStatus.FAILED]
    if failed:
        raise Denied(f"{len(failed)} of {len(results)} scenarios failed: {failed[0].problem}")


def _leave(number: int, _frame: FrameType | None) -> None:
    # An exception unwinds through everything that started a process; the default would not.
    raise SystemExit(128 + number)
