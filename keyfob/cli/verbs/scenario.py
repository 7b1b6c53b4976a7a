"""`keyfob scenario`: play features over a port and a bench, and list what they may say."""

import textwrap
from pathlib import Path

import click

from host_tools.scenario import reports
from host_tools.scenario.examination import (
    EXAMINATION,
    GLOSSARY,
    ROWS,
    Glossary,
    as_feature,
    by_article,
    by_row,
    find_examinations,
    read_examination,
    read_glossary,
    read_rows,
)
from host_tools.scenario.features import Language
from host_tools.scenario.reports import articles
from host_tools.scenario.runner import RunObserver
from host_tools.scenario.shipped import EVERYTHING, find, names
from host_tools.scenario.steps import STEPS
from host_tools.vault.private_file import private_file
from keyfob.cli.messages import ScenarioPrinter
from keyfob.cli.options import json_option
from keyfob.cli.output import print_json
from keyfob.cli.parameters import NewFile, offering
from keyfob.cli.scenario_run import (
    bundles_option,
    language_option,
    perform,
    refuse_failures,
)
from keyfob.cli.terminal import columns


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
@bundles_option
@json_option
def run(
    name: str,
    language: Language,
    port: str | None,
    bench: str | None,
    junit: Path | None,
    html: Path | None,
    bundles: Path,
    *,
    as_json: bool,
) -> None:
    """Play a feature: one that ships (`keyfob scenario list`), `all` of them, or a file.

    Virtual fobs are started for it and are gone afterwards. Exit status 1: a scenario failed.
    """
    if bench and not port:
        raise click.UsageError("--bench needs --port: the fob that is on that bench")
    observer = RunObserver() if as_json else ScenarioPrinter()
    results = perform(find(name, language), observer, port, bench, bundles)
    if isinstance(observer, ScenarioPrinter):
        observer.print_summary(results)
    else:
        click.echo(reports.as_json(results))
    if junit is not None:
        _write(junit, reports.as_junit(results))
    if html is not None:
        _write(html, reports.as_html(results))
    refuse_failures(results)


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--html", metavar="FILE", type=NewFile(), help="Write a page with every step.")
@json_option
def probe(folder: Path, html: Path | None, *, as_json: bool) -> None:
    """Judge services by examinations of their documents.

    FOLDER holds examination.toml, or folders that do. Each article of a document has probes that
    somebody wrote without sight of the rulebook; glossary.toml beside it says their words in the
    steps' words, rows.toml in the folder above which articles a row of a service's table rests on.
    The report has each article's statement, its probes and the verdict. Exit status 1: a probe
    failed.
    """
    judged = []
    for one in find_examinations(folder):
        judged.append(_judge(one))
        if not as_json:
            if len(judged) > 1:
                click.echo()
            for line in articles.as_text(judged[-1]):
                click.echo(line)
    if as_json:
        click.echo(articles.as_json_of_several(judged))
    played = [result for one in judged for result in one.probes]
    if html is not None:
        html.write_text(reports.as_html(played), encoding="utf-8")
    refuse_failures(played)


def _judge(folder: Path) -> articles.Judgement:
    """Play the probes of one examination."""
    examination = read_examination(folder / EXAMINATION)
    words = folder / GLOSSARY
    glossary = read_glossary(words) if words.exists() else Glossary()
    # By its full path, as `probe .` in an examination's own folder has none above.
    rows_file = folder.resolve().parent / ROWS
    rows = read_rows(rows_file, examination.bank)
    played = perform([as_feature(examination, glossary)], RunObserver())
    found = by_article(examination, played)
    return articles.Judgement(examination, found, by_row(rows, found, rows_file))


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
@json_option
def list_(language: Language, *, as_json: bool) -> None:
    """List the features that ship."""
    if as_json:
        found = [(name, find(name, language)[0]) for name in names()]
        print_json(
            [
                {"name": name, "title": one.title, "scenarios": [s.name for s in one.scenarios]}
                for name, one in found
            ]
        )
        return
    for name in names():
        (feature,) = find(name, language)
        click.echo(f"{name}  {feature.title} ({len(feature.scenarios)})")


def _write(path: Path, report: str) -> None:
    """Write a report, whole or not at all; it may show codes."""
    with private_file(path, replace=True) as file:
        file.write(report.encode())
