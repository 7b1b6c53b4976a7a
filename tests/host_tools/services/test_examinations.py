"""What examiners found in the documents holds of the services that ship."""

import re
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.examination import (
    NEGATIVE,
    POSITIVE,
    by_article,
    read_examination,
    read_glossary,
)
from host_tools.scenario.features import Scenario
from host_tools.scenario.results import StepStatus
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.steps import STEPS
from host_tools.scenario.world import open_world
from keyfob.fob_process import FobProcess
from tests.host_tools.services.examinations import (
    BANKS,
    articles_of_rows,
    examination_of,
    plan_for,
    scenarios_of,
)
from tests.host_tools.services.fast import fast_world
from tests.shares import every

PROBES = [
    pytest.param(bank, scenario, id=f"{bank}-{scenario.number}")
    for bank in BANKS
    for scenario in scenarios_of(bank)
]


@pytest.mark.slow
@pytest.mark.parametrize(("bank", "scenario"), every(40, PROBES))
def test_a_probe_of_the_document_passes_over_serial_ports(bank: str, scenario: Scenario) -> None:
    plan = plan_for(bank, (scenario,))
    (result,) = play(plan, lambda feature: open_world(feature, FobProcess), RunObserver())
    assert (result.status, result.problem) == (StepStatus.PASSED, "")


@pytest.mark.parametrize("bank", BANKS)
def test_every_step_of_every_probe_is_known(bank: str) -> None:
    lines = [line.text for scenario in scenarios_of(bank) for line in scenario.lines]
    assert [text for text in dict.fromkeys(lines) if len(STEPS.matches(text)) != 1] == []


def test_each_of_the_76_rows_has_a_positive_and_a_negative_probe() -> None:
    rows = articles_of_rows()
    assert sum(map(len, rows.values())) == 76
    for bank, table in rows.items():
        articles = {one.id: one for one in examination_of(bank)[0].articles}
        for row, names in table.items():
            kinds = {probe.kind for name in names for probe in articles[name].probes}
            assert kinds == {POSITIVE, NEGATIVE}, (bank, row)


def test_each_article_with_probes_stands_behind_a_row() -> None:
    for bank, table in articles_of_rows().items():
        behind = {name for names in table.values() for name in names}
        assert {one.id for one in examination_of(bank)[0].articles if one.probes} == behind


@pytest.mark.parametrize("bank", BANKS)
def test_a_glossary_expects_nothing_of_its_own(bank: str) -> None:
    # What is accepted, charged or sent stands in the examination; exceptions name their probe.
    _, glossary = examination_of(bank)
    said = [step for steps in glossary.steps.values() for step in steps]
    verdicts = re.compile(r"the service refuses|yen were charged|generators to send|asked to enrol")
    assert [step for step in said if verdicts.search(step)] in (
        [],
        ["the service refuses it as too late", "the service refuses it as not eligible"],
    )


def test_results_are_gathered_by_article() -> None:
    examination, _ = examination_of("rokin")
    some = scenarios_of("rokin")[:2]
    results = list(play(plan_for("rokin", some), fast_world, RunObserver()))
    first, *others = by_article(examination, results)
    assert (first.article.id, first.status, len(first.results)) == ("Q1", StepStatus.PASSED, 2)
    assert all(not one.results for one in others)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bank = 1", "'article' is missing"),
        ("bank = ", "not TOML"),
        (
            '[[article]]\nid = "1"\nstatement = "s"\n[[article.probe]]\nname = "n"',
            "'kind' is missing",
        ),
    ],
)
def test_a_file_that_is_no_examination_is_refused_by_its_name(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "examination.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=message) as refused:
        read_examination(path)
    assert str(path) in str(refused.value)


def test_a_glossary_with_an_unknown_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "glossary.toml"
    path.write_text("[verdicts]\na = 'b'\n", "utf-8")
    with pytest.raises(BadInput, match="unknown table verdicts"):
        read_glossary(path)
