"""The steps that ship: complete in both languages, and told apart."""

import re

import pytest

from host_tools.scenario.features import Language, parse
from host_tools.scenario.registry import StepDefinition, example
from host_tools.scenario.results import StepStatus
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.steps import STEPS
from tests.host_tools.services.fast import fast_world

PARAMETER = re.compile(r"\{[a-z]*\}")


def test_there_are_steps_for_fobs_and_host() -> None:
    assert len(STEPS.steps) > 10


@pytest.mark.parametrize("one", STEPS.steps, ids=lambda one: one.english)
def test_a_step_is_told_in_both_languages_with_the_same_parameters(one: StepDefinition) -> None:
    assert one.english.isascii()
    assert not one.japanese.isascii()
    assert PARAMETER.findall(one.english) == PARAMETER.findall(one.japanese)
    assert one.meaning.endswith(".")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("one", STEPS.steps, ids=lambda one: one.english)
def test_a_step_is_never_mistaken_for_another(one: StepDefinition, language: Language) -> None:
    found = STEPS.matches(example(one, language))
    assert [step.english for step, _ in found] == [one.english]


SET_UP = """\
Feature: Left out
  Scenario: Nobody is there
    Given the bank follows the rulebook "howa"
    When %s
"""


@pytest.mark.parametrize(
    "line",
    [
        "the bank decides on a new password",
        "the bank decides on a release",
        "the bank decides on a compensation",
        "the bank decides on a certificate",
        'user "Sato" asks online for a new password',
        'user "Sato" asks by paper form for a loss',
        'user "Sato" is asked to enrol',
        'user "Sato" does "login"',
        'user "Sato" confirms it',
        'user "Sato" gives a code of the fob',
        'user "Sato" enrols the fob',
        'user "Sato" exchanges the fob "A" for the fob "B"',
        'user "Sato" hands in the printed confirmation',
        'the last certificate of user "Sato" is void',
        'the text of the e-mail to user "Sato" contains "x"',
        "the bank mails the fob",
        "the post delivers the fob",
        'user "Sato" stops the fob',
        'user "Sato" taps "x"',
    ],
)
def test_a_step_that_lacks_somebody_fails_and_is_no_internal_error(line: str) -> None:
    plan = STEPS.bind(parse(SET_UP % line, "left", "left.feature"))
    (result,) = play(plan, fast_world, RunObserver())
    assert result.status in (StepStatus.PASSED, StepStatus.FAILED)
