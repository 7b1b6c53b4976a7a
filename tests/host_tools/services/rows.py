"""What the rows of a rulebook rest on: what they list, and what they were seen to read."""

import json
from functools import cache
from typing import Any

import pytest

from host_tools.scenario.features import Language, Scenario
from host_tools.scenario.registry import Bound, Plan
from host_tools.scenario.results import ScenarioResult
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.shipped import find
from host_tools.scenario.steps import STEPS
from host_tools.scenario.steps.bank import listed, uses_rules
from host_tools.services import rulebook
from host_tools.services.rulebook import Rulebook
from host_tools.services.schema import rule_of
from tests.host_tools.services.fast import Watched

Scene = tuple[Scenario, tuple[Bound, ...]]


@cache
def plan_of(name: str) -> Plan:
    return STEPS.bind(find(name, Language.ENGLISH)[0])


def used_by(lines: tuple[Bound, ...]) -> set[str]:
    texts = [bound.arguments[0] for bound in lines if bound.step is uses_rules]
    return {path for text in texts for path in listed(text)}


def rows_using(plan: Plan) -> dict[str, set[int]]:
    """Say which rows use each rule, by what their scenarios list."""
    rows: dict[str, set[int]] = {}
    for scenario, lines in plan.scenes:
        for path in used_by(lines):
            rows.setdefault(path, set()).add(row_of(scenario))
    return rows


def row_of(scenario: Scenario) -> int:
    assert scenario.row is not None, scenario.name
    return scenario.row


@cache
def seen(name: str) -> tuple[tuple[Scene, ScenarioResult, frozenset[str]], ...]:
    """Play a bank's scenarios by its own rulebook: what came of each, and which rules it read."""
    watched = Watched()
    results = play(plan_of(name), watched.world, RunObserver())
    return tuple(
        (scene, result, frozenset(watched.reads[-1]))
        for scene, result in zip(plan_of(name).scenes, results, strict=True)
    )


def as_toml(rules: Rulebook) -> str:
    """Write a rulebook down again; JSON's numbers, texts and lists are TOML's too."""
    lines = [f"name = {json.dumps(rules.name)}", f"title = {json.dumps(rules.title)}"]
    lines += [f"roles = {json.dumps(list(rules.roles))}", "[titles]"]
    lines += [f"{json.dumps(key)} = {json.dumps(title)}" for key, title in rules.titles.items()]
    for path, stated in rules.values.items():
        section, _, key = path.rpartition(".")
        lines += [f"[{section}.{key}]", f"value = {json.dumps(stated.value)}"]
        lines += [f"article = {json.dumps(stated.article)}", f"ours = {json.dumps(stated.ours)}"]
    return "\n".join(lines) + "\n"


def breaks(rules: Rulebook, path: str) -> list[Any]:
    plain = path.split(".", 2)[2] if path.startswith("editions.") else path
    rule = rule_of(plain)
    assert rule is not None
    return rule.kind.breaks(rules.values[path].value)


VALUES = [
    pytest.param(name, path, id=f"{name}-{path}")
    for name in rulebook.names()
    for path in rulebook.shipped(name).values
]
