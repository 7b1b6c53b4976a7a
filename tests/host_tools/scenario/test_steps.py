"""The steps that ship: complete in both languages, and told apart."""

import re

import pytest

from host_tools.scenario.features import Language
from host_tools.scenario.registry import StepDefinition, example
from host_tools.scenario.steps import STEPS

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
