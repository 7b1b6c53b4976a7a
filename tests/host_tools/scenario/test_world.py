"""The real world of scenarios: fobs in processes of their own, or on a port that is there."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from firmware_model.errors import BadInput, KeyfobError
from firmware_model.wire.objects import ChipId
from host_tools.client.session import open_session
from host_tools.scenario.features import Feature, parse
from host_tools.scenario.results import ScenarioResult, StepStatus
from host_tools.scenario.runner import RunObserver, StepSkipped, play
from host_tools.scenario.steps import STEPS
from host_tools.scenario.steps.fobs import press
from host_tools.scenario.steps.soft import has_activated
from host_tools.scenario.world import World, open_world
from keyfob.fob_process import FobProcess

PRESSED = """\
Feature: Acceptance
  Scenario: A code
    Given the fob is a new "fob-h6"
    And the fob is loaded with a fresh seed
    When I press the button of the fob
    Then the fob shows a code of 6 digits
"""
AGREED = """\
Feature: Two fobs, one time
  Scenario: Later than the first
    Given the fob "A" is a new "fob-t60"
    When 3 days pass
    Given the fob "B" is a new "fob-t60"
    And the fob "B" is loaded with a fresh seed
    And a step of 60 seconds has just begun
    When I press the button of the fob "B"
    Then the fob "B" shows a code of 6 digits
    When user "Sato" enrols the fob "B" with its serial number and the code it shows
    Then the host accepts it
"""


def played(text: str, port: str | None = None, bench: str | None = None) -> ScenarioResult:
    @contextmanager
    def world(feature: Feature) -> Iterator[World]:
        with open_world(feature, FobProcess, port, bench) as opened:
            yield opened

    feature = parse(text, "tiny", "tiny.feature")
    (result,) = play(STEPS.bind(feature), world, RunObserver())
    return result


@pytest.fixture
def fob(tmp_path: Path) -> Iterator[FobProcess]:
    """A fob that somebody else started."""
    process = FobProcess("fob-h6", tmp_path)
    yield process
    process.stop()


def test_a_fob_on_a_given_port_and_bench_is_taken_instead_of_a_virtual_one(fob: FobProcess) -> None:
    result = played(PRESSED, fob.port, fob.bench)
    assert (result.status, result.problem) == (StepStatus.PASSED, "")
    assert fob.port in result.steps[0].seen.text


def test_without_a_bench_a_scenario_is_skipped_where_a_hand_is_needed(fob: FobProcess) -> None:
    result = played(PRESSED, fob.port)
    assert [step.status.value for step in result.steps] == [
        "passed",
        "passed",
        "skipped",
        "skipped",
    ]
    assert "give its address with --bench" in result.problem


def test_only_one_fob_can_be_on_a_given_port(fob: FobProcess) -> None:
    result = played(AGREED, fob.port, fob.bench)
    assert result.status is StepStatus.SKIPPED
    assert "only one fob hangs on" in result.problem


def test_a_given_fob_that_is_not_blank_is_left_alone(fob: FobProcess) -> None:
    assert played(PRESSED, fob.port, fob.bench).status is StepStatus.PASSED
    again = played(PRESSED, fob.port, fob.bench)
    assert again.status is StepStatus.FAILED
    assert "only a blank fob can be provisioned" in again.problem


def test_all_fobs_of_a_scenario_have_the_same_time() -> None:
    result = played(AGREED)
    assert (result.status, result.problem) == (StepStatus.PASSED, "")


def test_the_same_scenario_has_the_same_fobs_at_the_same_time() -> None:
    def born() -> list[tuple[ChipId | None, Decimal]]:
        with open_world(parse(PRESSED, "tiny", "tiny.feature"), FobProcess) as world:
            fobs = [world.take(name, "fob-h6") for name in ("A", "B")]
            return [(chip_of(fob.port), fob.require_bench.now()) for fob in fobs]

    first = born()
    assert first == born()
    assert first[0][0] != first[1][0]
    assert [now for _, now in first] == [1_775_001_600] * 2  # 2026-04-01


def chip_of(port: str) -> ChipId | None:
    with open_session(port) as session:
        return session.get(ChipId)


def test_time_can_pass_before_the_first_fob_is_there() -> None:
    with open_world(parse(PRESSED, "tiny", "tiny.feature"), FobProcess) as world:
        before = world.now()
        world.advance(86_400)
        assert world.take("A", "fob-h6").require_bench.now() == before + 86_400


def test_time_can_pass_on_a_given_bench_before_its_fob_is_taken(fob: FobProcess) -> None:
    with open_world(
        parse(PRESSED, "tiny", "tiny.feature"), FobProcess, fob.port, fob.bench
    ) as world:
        before = world.now()
        world.advance(86_400)
        assert before == 1_775_001_600  # the bench's time, and not this machine's
        assert world.take("A", "fob-h6").require_bench.now() == before + 86_400


def test_no_time_passes_on_a_given_port_without_a_bench(fob: FobProcess) -> None:
    with (
        open_world(parse(PRESSED, "tiny", "tiny.feature"), FobProcess, fob.port) as world,
        pytest.raises(StepSkipped, match="give its address with --bench"),
    ):
        world.advance(86_400)


def test_an_unknown_model_fails_with_the_emulators_own_message() -> None:
    result = played(PRESSED.replace("fob-h6", "fob-q9"))
    assert result.status is StepStatus.FAILED
    assert "fob-q9" in result.problem


def test_a_fob_must_be_taken_before_it_is_used() -> None:
    result = played('Feature: a\n  Scenario: b\n    When I press the button of the fob "A"\n')
    assert "the scenario has no fob 'A' yet" in result.problem


def test_the_world_finds_files_beside_the_feature_first(tmp_path: Path) -> None:
    (tmp_path / "demo.pskcxml").touch()
    feature = parse(PRESSED, "tiny", str(tmp_path / "tiny.feature"))
    with open_world(feature, FobProcess) as world:
        assert world.file("demo.pskcxml") == tmp_path / "demo.pskcxml"
        (tmp_path / "demo.pskcxml").unlink()
        assert "KeyContainer" in world.file("demo.pskcxml").read_text()
        with pytest.raises(BadInput, match="there is no file 'absent'"):
            world.file("absent")


def test_the_folder_of_a_world_is_private_and_gone_afterwards() -> None:
    feature = parse(PRESSED, "tiny", "tiny.feature")
    with pytest.raises(KeyfobError), open_world(feature, FobProcess) as world:  # noqa: PT012 - that is the point
        assert world.host.summary() == {}
        folder = world.folder
        assert folder.stat().st_mode & 0o077 == 0
        raise KeyfobError
    assert not folder.exists()


def test_a_failure_is_reported_with_the_last_message_of_an_emulator_that_ended() -> None:
    feature = parse(PRESSED, "tiny", "tiny.feature")
    with open_world(feature, FobProcess) as world:
        process = world.take("", "fob-h6").process
        assert isinstance(process, FobProcess)
        assert world.explain(KeyfobError("no answer")) == "no answer"
        os.kill(process.process_id, signal.SIGKILL)
        assert process._has_ended(60)
        told = world.explain(KeyfobError("no answer"))
        assert told.startswith("no answer; the emulator on pty:")
        assert told.endswith("has ended: it ended without a message")


@pytest.mark.parametrize("tenths", [3, 4, 5])
def test_a_press_in_the_last_moment_of_a_step_is_made_again(tenths: int) -> None:
    feature = parse(PRESSED.replace("fob-h6", "soft-phone"), "tiny", "tiny.feature")
    with open_world(feature, FobProcess) as world:
        world.take("", "soft-phone")
        has_activated.function(world, "Sato", "", "phone-1")
        now = world.now()
        world.advance((now // 30 + 2) * 30 - Decimal(tenths) / 10 - now)
        press.function(world, "")
        assert world.fob("").require_bench.display().text.isdecimal()
