"""Every value of a rulebook counts: broken, a row that is about it fails."""

from dataclasses import replace
from importlib import resources

import pytest

from host_tools.scenario.results import StepStatus
from host_tools.services import rulebook
from tests.host_tools.services.fast import play_beside
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


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), every(25, VALUES))
def test_a_row_about_a_broken_value_fails(name: str, path: str) -> None:
    rules = rulebook.shipped(name)
    # What never looks at the value cannot come out otherwise; a journey rests on all of them.
    scenes = tuple(scene for scene, _, reads in seen(name) if path in reads and used_by(scene[1]))
    plan = replace(plan_of(name), scenes=scenes)
    using, failed = rows_using(plan_of(name))[path], set()
    for value in breaks(rules, path):
        played = play_beside(plan, as_toml(rules.with_value(path, value)), name)
        failing = {
            row_of(r.scenario): r.problem for r in played if r.status is not StepStatus.PASSED
        }
        assert failing, f"{path} = {value!r} breaks nothing"
        failed |= set(failing)
    # Rows that only pass by the value fail with it; one of those that are about it must.
    assert failed & using
