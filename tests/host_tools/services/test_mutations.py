"""Every value of a rulebook counts: broken, the rows that use it fail, and no other does."""

import json
from importlib import resources
from typing import Any

import pytest

from host_tools.scenario.features import Language, Scenario
from host_tools.scenario.registry import Bound, Plan
from host_tools.scenario.results import Status
from host_tools.scenario.shipped import find
from host_tools.scenario.steps import STEPS
from host_tools.scenario.steps.bank import listed, uses_rules
from host_tools.services import rulebook
from host_tools.services.rulebook import Rulebook
from host_tools.services.schema import rule_of
from tests.host_tools.services.fast import play_beside


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


@pytest.mark.parametrize("name", rulebook.names())
def test_every_value_is_used_by_a_row(name: str) -> None:
    assert set(rulebook.shipped(name).values) == set(rows_using(plan_of(name)))


@pytest.mark.parametrize("name", rulebook.names())
def test_a_rulebook_written_down_again_is_the_same(name: str) -> None:
    text = resources.files("host_tools.services") / "rulebooks" / f"{name}.toml"
    rules = rulebook.parse(text.read_text("utf-8"), name)
    assert rulebook.parse(as_toml(rules), name) == rules


@pytest.mark.slow
@pytest.mark.parametrize("name", rulebook.names())
def test_the_rows_pass_on_fobs_of_this_process(name: str) -> None:
    played = play_beside(plan_of(name), as_toml(rulebook.shipped(name)), name)
    assert [one.problem for one in played if one.status is not Status.PASSED] == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), VALUES)
def test_the_rows_that_use_a_broken_value_fail_and_no_other(name: str, path: str) -> None:
    plan, rules = plan_of(name), rulebook.shipped(name)
    using, failed = rows_using(plan)[path], set()
    for value in breaks(rules, path):
        played = play_beside(plan, as_toml(rules.with_value(path, value)), name)
        failing = {row_of(r.scenario): r.problem for r in played if r.status is not Status.PASSED}
        assert failing, f"{path} = {value!r} breaks nothing"
        assert not set(failing) - using, (value, failing)
        failed |= set(failing)
    assert failed == using
