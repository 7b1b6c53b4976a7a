"""Runs scenarios for a verb: the language option, the run, and the error a failure ends in."""

import shlex
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from firmware_model.errors import Denied
from host_tools.scenario.features import Feature, Language
from host_tools.scenario.results import ScenarioResult, StepStatus
from host_tools.scenario.runner import RunObserver
from keyfob.scenario_bundles import BundlingObserver
from keyfob.scenarios import play_features

DEFAULT_BUNDLES = Path("keyfob-bundles")

bundles_option = click.option(
    "--bundles",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_BUNDLES,
    show_default=True,
    metavar="FOLDER",
    help="Where the recordings of a failed scenario go, for keyfob replay.",
)

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
    bundles: Path = DEFAULT_BUNDLES,
) -> list[ScenarioResult]:
    """Play features one after the other and return what came of them.

    A scenario that failed leaves a bundle of its fobs' recordings in `bundles`, and standard
    error says so.

    Raises:
        BadInput: a line of any of them is not a known step; nothing was played.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    with tempfile.TemporaryDirectory(prefix="keyfob-") as recordings:
        bundling = BundlingObserver(observer, bundles, Path(recordings))
        results = play_features(features, bundling, port, bench, bundling.start_fob)
    for path in bundling.written:
        click.echo(f"recorded: keyfob replay {shlex.quote(str(path))}", err=True)
    return results


def refuse_failures(results: Sequence[ScenarioResult]) -> None:
    """Raise Denied, naming file, line and step of the first failure, if there is any."""
    failed = [result for result in results if result.status is StepStatus.FAILED]
    if failed:
        raise Denied(f"{len(failed)} of {len(results)} scenarios failed: {failed[0].problem}")


def _leave(number: int, _frame: FrameType | None) -> None:
    # An exception unwinds through everything that started a process; the default would not.
    raise SystemExit(128 + number)
