"""Bundles of failed scenarios: the recordings of all their fobs, with what failed (BENCH §16.1)."""

import re
from pathlib import Path

from emulator.recordings.bundle import FailureReport, write_bundle
from host_tools.scenario.features import Feature, Scenario
from host_tools.scenario.results import ScenarioResult, StepResult, StepStatus
from host_tools.scenario.runner import RunObserver
from keyfob.fob_process import FobProcess

NAME_MAX = 150


class BundlingObserver(RunObserver):
    """Passes on what it is told, and writes a bundle for each scenario that failed.

    `written` are the bundles. `start_fob` starts fobs that are recorded; their recordings are in
    `recordings`, a folder of ours that is there, for as long as their scenario runs.
    """

    def __init__(self, observer: RunObserver, bundles: Path, recordings: Path) -> None:
        self.written: list[Path] = []
        self._observer = observer
        self._bundles = bundles
        self._recordings = recordings

    def start_fob(self, model: str, folder: Path, dice: str) -> FobProcess:
        """Start a recorded fob; see `FobStarter`."""
        return FobProcess(model, folder, dice, self._recordings)

    def on_scenario(self, feature: Feature, scenario: Scenario) -> None:
        """A scenario begins."""
        self._observer.on_scenario(feature, scenario)

    def on_step(self, result: StepResult) -> None:
        """A step has ended."""
        self._observer.on_step(result)

    def on_result(self, result: ScenarioResult) -> None:
        """A scenario has ended, and its fobs are gone."""
        self._observer.on_result(result)
        recordings = sorted(self._recordings.iterdir())
        if result.status is StepStatus.FAILED and recordings:
            self.written.append(self._write(result, recordings))
        for recording in recordings:
            recording.unlink()

    def _write(self, result: ScenarioResult, recordings: list[Path]) -> Path:
        what = f"{result.feature.source}: {result.scenario.name}"
        self._bundles.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = re.sub(r"[^\w.=-]+", "_", f"{result.feature.name} {result.scenario.name}")
        path = self._bundles / f"{name[:NAME_MAX]}.kfbundle"
        again = f"keyfob scenario run {result.feature.source}"
        write_bundle(path, recordings, FailureReport(what, result.problem, again))
        return path
