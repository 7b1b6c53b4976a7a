"""`keyfob demo`: a complete example in a terminal, the scenario of that name."""

import click

from host_tools.scenario import reports
from host_tools.scenario.features import Language
from host_tools.scenario.runner import RunObserver
from host_tools.scenario.shipped import find
from keyfob.cli.messages import ScenarioPrinter
from keyfob.cli.options import json_option
from keyfob.cli.scenario_run import language_option, perform, refuse_failures


@click.command()
@language_option
@json_option
def demo(language: Language, *, as_json: bool) -> None:
    """Run a complete example: provision a fob, press it, verify its codes, cut its power.

    It is the scenario `keyfob scenario run demo`, and uses published test keys only.
    """
    results = perform(find("demo", language), RunObserver() if as_json else ScenarioPrinter())
    if as_json:
        click.echo(reports.as_json(results))
    refuse_failures(results)
