"""Runs scenarios for a verb: the language option, the run, and the error a failure ends in."""

import signal
from collections.abc import Sequence
from types import FrameType

import click

from firmware_model.errors import Denied
from host_tools.scenario.features import Feature, Language
from host_tools.scenario.results import ScenarioResult, StepStatus
from host_tools.scenario.runner import RunObserver
from keyfob.scenarios import play_features

language_option = click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=Language.ENGLISH.value,
    show_default=True,
    callback=lambda _context, _option, code: Language(code),
    help="Language of the features that ship; a file is in its own.",
)


def perform(
    features: Sequence[Feature],
    observer: RunObserver,
    port: str | None = None,
    bench: str | None = None,
) -> list[ScenarioResult]:
    """Play features one after the other and return what came of them.

    Raises:
        BadInput: a line of any of them is not a known step; nothing was played.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    return play_features(features, observer, port, bench)


def refuse_failures(results: Sequence[ScenarioResult]) -> None:
    """Raise Denied, naming file, line and step of the first failure, if there is any."""
    failed = [result for result in results if result.status is StepStatus.FAILED]
    if failed:
        raise Denied(f"{len(failed)} of {len(results)} scenarios failed: {failed[0].problem}")


def _leave(number: int, _frame: FrameType | None) -> None:
    # An exception unwinds through everything that started a process; the default would not.
    raise SystemExit(128 + number)
