"""The steps at soft tokens, played over real ports: each can be met, and each can fail."""

import pytest

from host_tools.scenario.features import Language, parse
from host_tools.scenario.results import ScenarioResult, StepStatus
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.shipped import find
from host_tools.scenario.steps import STEPS
from tests.host_tools.scenario.worlds import process_world

GIVEN = """\
Feature: Soft
  Scenario: One
    Given the fob is a new "soft-phone"
    And the bank issues a soft token to user "Sato" with the start password "471100"
"""
TYPED = (
    'When user "Sato" types service ID, user ID and the start password "471100" into the fob\n'
    "    Then the bank activates the fob"
)


def played(lines: str, given: str = GIVEN) -> ScenarioResult:
    feature = parse(f"{given}    {lines}\n", "soft", "soft.feature")
    (result,) = play(STEPS.bind(feature), process_world, RunObserver())
    return result


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
def test_the_feature_that_ships_passes(language: Language) -> None:
    (feature,) = find("soft", language)
    results = list(play(STEPS.bind(feature), process_world, RunObserver()))
    assert len(results) == 6
    assert [result.problem for result in results] == [""] * 6


def test_a_soft_token_goes_to_the_host_when_it_is_activated() -> None:
    result = played(
        f"""{TYPED}
    When I press the button of the fob
    Then the fob shows a code of 6 digits
    When user "Sato" enrols the fob with its serial number and the code it shows
    Then the host accepts it"""
    )
    assert result.problem == ""


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("Then the bank activates the fob", "the bank has asked no soft token yet"),
        (
            'When user "Sato" types service ID, user ID and the start password "1" into the fob\n'
            "    Then the bank activates the fob",
            "expected the visit to end as activated, it ended as refused (wrong password)",
        ),
        (
            'When user "Sato" types the user ID "0" and the start password "1" into the fob\n'
            '    Then the bank refuses the app as "locked"',
            "expected a no as locked, the bank says: unknown",
        ),
        (
            f"{TYPED}\n    And the app of the fob finds the device clock wrong",
            "it ended as activated",
        ),
        (
            f'{TYPED}\n    And the fob shows the text "Stopped"',
            "it shows 'Activated; set app lock'",
        ),
        (f"{TYPED}\n    And the fob shows its expiry date", "this soft token has no expiry date"),
        (f"{TYPED}\n    And the fob hands its code over by itself", "it ended as activated"),
        (f"{TYPED}\n    And the bank extends the fob", "it ended as activated"),
        ("Then the fob shows its serial number", "activate it first"),
        ("Then the bank hears nothing from the fob", "the app is not activated"),
        (
            'When user "Ito" types service ID, user ID and the start password "1" into the fob',
            "the bank has issued no soft token to Ito yet",
        ),
        (
            'When the bank issues a soft token to user "Ito" with the start password "12"',
            "a start password has 4 to 8 digits",
        ),
    ],
)
def test_a_step_that_is_not_met_says_what_was_seen(lines: str, problem: str) -> None:
    result = played(lines)
    assert result.status is StepStatus.FAILED
    assert problem in result.problem
