"""A failed scenario leaves the recordings of all its fobs, also of one that was killed."""

from pathlib import Path

import pytest

from emulator.recordings.bundle import open_recordings
from emulator.recordings.replay import replay
from host_tools.scenario.features import Language
from host_tools.scenario.runner import RunObserver
from host_tools.scenario.shipped import find
from keyfob.cli.scenario_run import perform

FEATURE = """\
Feature: Bundles
  Scenario: It fails
    Given the fob is a new "fob-h6"
    And the fob "B" is a new "fob-t60"
    When the fob is loaded with a fresh seed
    And the emulator of the fob is killed and started again
    And I press the button of the fob
    Then the fob has met 1 line fault or more

  Scenario: It passes
    Given the fob is a new "fob-h6"
    Then the display of the fob is dark
"""


def test_only_failures_leave_bundles_and_they_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = tmp_path / "bundles.feature"
    feature.write_text(FEATURE)
    results = perform(
        find(str(feature), Language.ENGLISH), RunObserver(), bundles=tmp_path / "left"
    )
    assert [result.status.value for result in results] == ["failed", "passed"]
    (bundle,) = (tmp_path / "left").iterdir()
    assert capsys.readouterr().err == f"recorded: keyfob replay {bundle}\n"
    with open_recordings(bundle) as (failure, recordings):
        played = [(recording.run, list(replay(recording))) for recording in recordings]
    assert failure.what == f"{feature}: It fails"
    assert "expected 1 line faults or more, 0 have happened" in failure.problem
    assert sorted(run.fobs[0].serial_number for run, _ in played) == ["ZZH600000001"] * 2 + [
        "ZZT600000001"
    ]
    assert not any(moment.difference for _, moments in played for moment in moments)
    assert [bool(run.notes) for run, _ in played].count(True) == 1  # the killed one
