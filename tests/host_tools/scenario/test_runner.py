import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.features import Feature, Scenario
from host_tools.scenario.results import ScenarioResult, StepResult, StepStatus, rows
from host_tools.scenario.runner import RunObserver
from tests.host_tools.scenario.tiny import Shelf, run

GOOD = """\
Feature: Cups
  @row-1 @Q1
  Scenario: Filled
    When 2 drops are poured
    Then the cup holds 2 drops
"""
BAD = """
  @row-1 @Q2
  Scenario: Overfull
    When 2 drops are poured
    Then the cup holds 3 drops
    And 5 drops are poured
"""


def statuses(result: ScenarioResult) -> list[str]:
    return [step.status.value for step in result.steps]


def test_a_scenario_passes_with_what_was_seen() -> None:
    (result,) = run(GOOD)
    assert result.status is StepStatus.PASSED
    assert result.problem == ""
    seen = result.steps[0].seen
    assert seen.display is not None
    assert (seen.text, seen.display.text) == ("2 drops", "  2")


def test_a_failure_names_file_line_and_step_and_ends_the_scenario() -> None:
    result = run(GOOD + BAD)[1]
    assert statuses(result) == ["passed", "failed", "skipped"]
    assert result.problem == (
        "tiny.feature:10: the cup holds 3 drops: expected 3 drops, the cup holds 2"
    )


def test_a_fault_outside_fails_the_step_with_its_line() -> None:
    (result,) = run("Feature: a\n Scenario: b\n  When the cup is asked\n")
    assert result.problem == "tiny.feature:3: the cup is asked: the cup does not answer"


def test_what_cannot_be_played_here_is_skipped_with_the_reason() -> None:
    (result,) = run(GOOD, Shelf(bench=False))
    assert result.status is StepStatus.SKIPPED
    assert statuses(result) == ["skipped", "skipped"]
    assert result.problem.endswith("2 drops are poured: there is no bench to pour from")


def test_each_scenario_has_a_world_of_its_own_and_leaves_it() -> None:
    shelf = Shelf()
    run(GOOD + BAD, shelf)
    assert [cup.drops for cup in shelf.opened] == [2, 2]
    assert shelf.closed == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [("the cup breaks", AssertionError), ("somebody hits Ctrl-C", KeyboardInterrupt)],
)
def test_the_world_is_left_also_by_a_fault_of_ours_and_ctrl_c(
    text: str, error: type[BaseException]
) -> None:
    shelf = Shelf()
    with pytest.raises(error):
        run(f"Feature: a\n Scenario: b\n  When {text}\n", shelf)
    assert shelf.closed == 1


def test_nothing_is_played_when_a_later_line_is_unknown() -> None:
    shelf = Shelf()
    with pytest.raises(BadInput):
        run(GOOD + "    And nonsense\n", shelf)
    assert shelf.opened == []


def test_the_audience_hears_everything_in_order() -> None:
    heard: list[str] = []

    class Recorder(RunObserver):
        def on_scenario(self, feature: Feature, scenario: Scenario) -> None:
            heard.append(f"opens {scenario.name}")

        def on_step(self, result: StepResult) -> None:
            heard.append(f"{result.line.keyword} {result.status.value}")

        def on_result(self, result: ScenarioResult) -> None:
            heard.append(f"closes {result.status.value}")

    run(GOOD, observer=Recorder())
    assert heard == ["opens Filled", "When passed", "Then passed", "closes passed"]


def test_a_row_fails_with_one_of_its_scenarios_and_lists_all_articles() -> None:
    table = rows(run(GOOD + BAD))
    assert list(table) == ["tiny"]
    (row,) = table["tiny"]
    assert (row.row, row.article, row.status) == (1, "Q1, Q2", StepStatus.FAILED)


def test_features_without_rows_are_no_service() -> None:
    assert rows(run("Feature: a\n Scenario: b\n  When 1 drops are poured\n")) == {}
