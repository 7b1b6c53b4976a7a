"""Steps: declared once in English and Japanese, found by what a feature says."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from cucumber_expressions.expression import CucumberExpression
from cucumber_expressions.parameter_type_registry import ParameterTypeRegistry

from firmware_model.errors import BadInput
from host_tools.scenario.features import Feature, FeatureStep, Language, Scenario
from host_tools.scenario.parameters import PARAMETERS

_OPTIONAL = re.compile(r"\([^)]*\)")
_NOT_LITERAL = re.compile(r"\{[^}]*\}|\([^)]*\)|\S*/\S*")

NEAREST = 3
"""How many known steps an error proposes."""


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """What a step says in each language (Cucumber expressions), and what it does.

    `function` takes the world and the expression's arguments in order; it returns what was seen.
    """

    english: str
    japanese: str
    function: Callable[..., Any]

    def text(self, language: Language) -> str:
        """Return what the step says in `language`."""
        return self.english if language is Language.ENGLISH else self.japanese

    @property
    def meaning(self) -> str:
        """What the step does, in one line: its function's docstring."""
        return (self.function.__doc__ or "").strip().splitlines()[0]


def step(*, en: str, ja: str) -> Callable[[Callable[..., Any]], StepDefinition]:
    """Declare the decorated function as a step; no keyword is part of its text.

    Both texts hold the same parameters in the same order, as `{fob}` or `{duration}`.
    """
    return lambda function: StepDefinition(en, ja, function)


@dataclass(frozen=True, slots=True)
class Bound:
    """A line of a feature with the step it means and the arguments it gives."""

    line: FeatureStep
    step: StepDefinition
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A feature ready to be played: its scenarios, every line of them bound to its step."""

    feature: Feature
    scenes: tuple[tuple[Scenario, tuple[Bound, ...]], ...]


class Registry:
    """All steps that a feature may use."""

    def __init__(self, steps: Iterable[StepDefinition]) -> None:
        self.steps = tuple(steps)
        types = ParameterTypeRegistry()
        for parameter in PARAMETERS:
            types.define_parameter_type(parameter.as_type())
        self._expressions = [
            (one, _literal(text), CucumberExpression(text, types))
            for one in self.steps
            for text in (one.english, one.japanese)
        ]
        self._found: dict[str, list[tuple[StepDefinition, tuple[Any, ...]]]] = {}

    @classmethod
    def of(cls, *modules: ModuleType) -> "Registry":
        """Collect the steps that the modules declare, in their order."""
        found = [value for module in modules for value in vars(module).values()]
        # A module may use another one's step: it stays one step.
        return cls(dict.fromkeys(value for value in found if isinstance(value, StepDefinition)))

    def matches(self, text: str) -> list[tuple[StepDefinition, tuple[Any, ...]]]:
        """Return every step that `text` can mean, with its arguments; one is the rule."""
        if text not in self._found:
            self._found[text] = [
                (one, tuple(argument.value for argument in arguments))
                for one, literal, expression in self._expressions
                # Most expressions are ruled out by a text that they must hold, in no time.
                if literal in text and (arguments := expression.match(text)) is not None
            ]
        return self._found[text]

    def bind(self, feature: Feature) -> Plan:
        """Find the step of every line, before anything is played.

        Raises:
            BadInput: a line means no step, or more than one; the message names file, line, text
                and the nearest known steps.
        """
        return Plan(
            feature,
            tuple(
                (scenario, tuple(self._bound(feature, line) for line in scenario.lines))
                for scenario in feature.scenarios
            ),
        )

    def nearest(self, text: str, language: Language) -> list[str]:
        """Return the known step texts of `language` that look most like `text`."""
        known = {example(one, language): one.text(language) for one in self.steps}
        near = difflib.get_close_matches(text, known, n=NEAREST, cutoff=0.4)
        return [known[like] for like in near]

    def _bound(self, feature: Feature, line: FeatureStep) -> Bound:
        found = self.matches(line.text)
        if len(found) == 1:
            return Bound(line, *found[0])
        where = f"{feature.source}:{line.number}: {line.text!r}"
        if found:
            meanings = " and ".join(repr(one.text(feature.language)) for one, _ in found)
            raise BadInput(f"{where} could mean {meanings}")
        near = self.nearest(line.text, feature.language)
        hint = "; the nearest are " + ", ".join(repr(text) for text in near) if near else ""
        raise BadInput(f"{where} is no known step{hint} (keyfob scenario steps lists all)")


def _literal(expression: str) -> str:
    """Return the longest text that every line of a step holds as it stands there."""
    return max(_NOT_LITERAL.split(expression), key=len).strip()


def example(one: StepDefinition, language: Language) -> str:
    """Return a line that means the step `one`, each parameter written as its first sample."""
    text = one.text(language)
    for parameter in PARAMETERS:
        sample = parameter.samples[list(Language).index(language)]
        text = text.replace(f"{{{parameter.name}}}", sample)
    return _OPTIONAL.sub("", text.replace("{int}", "6"))
