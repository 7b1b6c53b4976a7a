"""`keyfob demo`: the whole story in a terminal, told by the scenario of that name."""

import click

from host_tools.scenario.features import Language
from host_tools.scenario.shipped import find
from keyfob.cli.messages import ScenarioPrinter
from keyfob.cli.scenario_run import language_option, perform, refuse_failures


@click.command()
@language_option
def demo(language: Language) -> None:
    """Tell the whole story: provision a fob, press it, verify its codes, kill it in between.

    It is the scenario `keyfob scenario run demo`, and uses published test keys only.
    """
    refuse_failures(perform(find("demo", language), ScenarioPrinter()))
