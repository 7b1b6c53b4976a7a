"""A sixth bank, written from docs/SERVICES.md alone: its code blocks are all there is to it."""

import re
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.features import read
from host_tools.scenario.results import StepStatus
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.steps import STEPS
from host_tools.services import rulebook
from host_tools.services.schema import RULES
from host_tools.services.vocabulary import Act
from tests.host_tools.scenario.worlds import process_world
from tests.host_tools.services.fast import fast_world

PAGE = (Path(__file__).parents[3] / "docs" / "SERVICES.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.fixture
def sixth(tmp_path: Path) -> Path:
    (tmp_path / "sixth.toml").write_text(block("toml"), "utf-8")
    (tmp_path / "sixth.feature").write_text(block("gherkin"), "utf-8")
    return tmp_path / "sixth.feature"


def test_a_bank_written_from_the_page_passes_over_a_port(sixth: Path) -> None:
    results = list(play(STEPS.bind(read(sixth)), process_world, RunObserver()))
    assert [one.problem for one in results if one.status is not StepStatus.PASSED] == []
    assert [one.scenario.row for one in results] == [1, 2, 3]


def test_its_rules_decide_and_not_the_machine(sixth: Path) -> None:
    file = sixth.with_suffix(".toml")
    file.write_text(file.read_text().replace("value = 3", "value = 4"), "utf-8")
    results = list(play(STEPS.bind(read(sixth)), fast_world, RunObserver()))
    assert [one.scenario.row for one in results if one.status is StepStatus.FAILED] == [2]


def test_the_mistake_on_the_page_is_answered_as_it_says(sixth: Path) -> None:
    broken = block("toml").replace('value = "user"', 'value = "account"')
    with pytest.raises(BadInput) as refused:
        rulebook.parse(broken, "sixth.toml")
    assert str(refused.value) in " ".join(PAGE.split())


def test_the_page_lists_every_rule_and_every_act() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| (.*) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    told = [row for row in listed if "." in row[0]]
    assert told == [
        (rule.path, rule.kind.expected, repr(rule.absent), rule.meaning) for rule in RULES
    ]
    assert f"The acts: {', '.join(f'`{act}`' for act in Act)}." in PAGE


def test_the_page_counts_the_rows_of_each_bank() -> None:
    counts = dict(re.findall(r"^\| `([a-z]+)` \| .* \| ([0-9]+) \|$", PAGE, re.MULTILINE))
    assert sorted(counts) == rulebook.names()
