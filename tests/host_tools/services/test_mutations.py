"""Every value of a rulebook counts: broken, the rows declared for it fail, and no others."""

import tomllib
from collections import Counter
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from host_tools.scenario.results import StepStatus
from host_tools.services import rulebook
from tests.host_tools.services.fast import play_beside
from tests.host_tools.services.predictions import explained_differences, predicted_rows
from tests.host_tools.services.rows import (
    VALUES,
    as_toml,
    breaks,
    plan_of,
    row_of,
    rows_using,
    seen,
    used_by,
)
from tests.shares import every

RED_ROWS = tomllib.loads(Path(__file__).with_name("red_rows.toml").read_text("utf-8"))


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
def test_the_rows_pass_on_fobs_of_this_process_and_read_what_they_list(name: str) -> None:
    for (scenario, lines), result, reads in seen(name):
        assert result.problem == ""
        assert used_by(lines) <= reads, scenario.name


@pytest.mark.parametrize("name", rulebook.names())
def test_every_break_of_every_value_turns_a_row_red(name: str) -> None:
    rules = rulebook.shipped(name)
    declared = {path: len(rows) for path, rows in RED_ROWS[name].items()}
    assert declared == {path: len(breaks(rules, path)) for path in rules.values}
    unnoticed = [path for path, rows in RED_ROWS[name].items() if not all(rows)]
    assert unnoticed == []


@pytest.mark.parametrize("name", rulebook.names())
def test_a_row_lists_the_values_that_it_notices_and_no_others(name: str) -> None:
    noticed = {
        path: {row for some in rows for row in some} for path, rows in RED_ROWS[name].items()
    }
    assert rows_using(plan_of(name)) == noticed


def test_the_declared_rows_are_those_about_the_article_or_the_difference_is_explained() -> None:
    more, fewer = Counter[str](), Counter[str]()
    for name in rulebook.names():
        for path, predicted in predicted_rows(name).items():
            declared = {row for some in RED_ROWS[name][path] for row in some}
            more.update(f"{name} {path} {row}" for row in declared - predicted)
            fewer.update(f"{name} {path} {row}" for row in predicted - declared)
    assert (more, fewer) == explained_differences()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), every(25, VALUES))
def test_a_broken_value_turns_the_declared_rows_red_and_no_others(name: str, path: str) -> None:
    rules = rulebook.shipped(name)
    # What never looks at the value cannot come out otherwise; a journey rests on all of them.
    scenes = tuple(scene for scene, _, reads in seen(name) if path in reads and used_by(scene[1]))
    plan = replace(plan_of(name), scenes=scenes)
    for value, rows in zip(breaks(rules, path), RED_ROWS[name][path], strict=True):
        played = play_beside(plan, as_toml(rules.with_value(path, value)), name)
        failing = {
            row_of(r.scenario): r.problem for r in played if r.status is not StepStatus.PASSED
        }
        assert sorted(failing) == rows, (value, failing)
