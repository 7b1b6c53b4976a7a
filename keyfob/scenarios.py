"""Scenarios for Python programs: Gherkin features played on virtual or given fobs."""

from collections.abc import Sequence
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.scenario.features import Feature, Language
from host_tools.scenario.fob_starter import FobStarter
from host_tools.scenario.results import ScenarioResult
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.shipped import find
from host_tools.scenario.steps import STEPS
from host_tools.scenario.world import open_world
from keyfob.fob_process import FobProcess


def run_scenarios(
    name_or_path: str | Path,
    *,
    language: str = "en",
    port: str | None = None,
    bench: str | None = None,
) -> list[ScenarioResult]:
    """Play a feature, and return one result for each of its scenarios (SCENARIOS).

    Args:
        name_or_path: a feature that ships, the path of a `.feature` file, or "all".
        language: "en" or "ja", for the features that ship.
        port: a fob's address, to play on it; None starts virtual fobs.
        bench: the address of that fob's bench; without it the steps that need one are skipped.

    Raises:
        BadInput: there is no such feature, or a line of it is not a known step; nothing was played.

    Example:
        >>> [result.status.value for result in keyfob.run_scenarios("demo")]
        ['passed']
    """
    try:
        features = find(str(name_or_path), Language(language))
    except ValueError:
        known = ", ".join(Language)
        raise BadInput(f"invalid language {language!r}: expected one of {known}") from None
    return play_features(features, RunObserver(), port, bench)


def play_features(
    features: Sequence[Feature],
    observer: RunObserver,
    port: str | None = None,
    bench: str | None = None,
    start_fob: FobStarter = FobProcess,
) -> list[ScenarioResult]:
    """Play features one after the other, tell `observer`, and return all results.

    `start_fob` starts their virtual fobs.

    Raises:
        BadInput: a line of any of them is not a known step; nothing was played.
    """
    plans = [STEPS.bind(feature) for feature in features]
    return [
        result
        for plan in plans
        for result in play(
            plan, lambda feature: open_world(feature, start_fob, port, bench), observer
        )
    ]
