"""The report of an examination: articles, probes, rows, and what could not be checked."""

import json
from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.examination import (
    Glossary,
    as_feature,
    by_article,
    by_row,
    find_examinations,
    read_examination,
    read_rows,
)
from host_tools.scenario.reports import articles
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.steps import STEPS
from tests.host_tools.services.fast import fast_world

DOCUMENT = """\
bank = "sixth"
document = "terms of the sixth bank"

[[article]]
id = "1"
statement = "Everybody may log in."
who = "everybody"

[[article.probe]]
name = "a login is accepted"
kind = "positive"
question = "rule"
steps = \"\"\"
Given the bank follows the edition "plain" of "howa"
And user "Sato" is a "master_user" of the contract
When user "Sato" does "login"
Then the service accepts it
\"\"\"

[[article.probe]]
name = "a wrong password is accepted"
kind = "negative"
question = "rule"
steps = \"\"\"
Given the bank follows the edition "plain" of "howa"
And user "Sato" is a "master_user" of the contract
When user "Sato" does "login" with a wrong "login_password"
Then the service accepts it
\"\"\"

[[article]]
id = "2"
statement = "Gold may be bought."

[[article.probe]]
name = "gold is bought"
kind = "positive"
question = "rule"
steps = \"\"\"
Given the bank follows the rulebook "howa"
When Sato buys gold
\"\"\"

[[not_checkable]]
id = "3"
reason = "who bears a damage"
"""
ROWS = '[sixth]\n1 = ["1"]\n2 = ["1", "2"]\n3 = ["2"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sixth"
    made.mkdir()
    (made / "examination.toml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "rows.toml").write_text(ROWS, "utf-8")
    return made


def judged(folder: Path) -> articles.Judgement:
    examination = read_examination(folder / "examination.toml")
    glossary = Glossary(not_modelled={".* buys gold": "gold is not modelled"})
    plan = STEPS.bind(as_feature(examination, glossary))
    found = by_article(examination, list(play(plan, fast_world, RunObserver())))
    rows_file = folder.parent / "rows.toml"
    return articles.Judgement(
        examination, found, by_row(read_rows(rows_file, "sixth"), found, rows_file)
    )


def test_the_text_has_statements_probes_rows_and_what_has_no_probe(folder: Path) -> None:
    lines = list(articles.as_text(judged(folder)))
    assert lines[:6] == [
        "sixth: terms of the sixth bank",
        "",
        "1: Everybody may log in.",
        "  passed  + a login is accepted",
        "  failed  - a wrong password is accepted",
        lines[5],
    ]
    assert "the service accepts it: expected the service to accept" in lines[5]
    assert "  skipped + gold is bought" in lines
    assert "gold is not modelled" in lines[lines.index("  skipped + gold is bought") + 1]
    assert lines[-8:] == [
        "row  1 failed: 1 positive, 1 negative (1)",
        "row  2 failed: 2 positive, 1 negative (1, 2)",
        "row  3 skipped: 1 positive, 0 negative (2)",
        "",
        "no probe: 3: who bears a damage",
        "",
        "1 of 3 probes passed,",
        "1 skipped; 0 of 2 articles hold",
    ]


def test_json_has_the_same_and_several_examinations_are_one_object(folder: Path) -> None:
    one = judged(folder)
    report = json.loads(articles.as_json_of_several([one]))
    assert (report["bank"], report["passed"], report["total"]) == ("sixth", 1, 3)
    first = report["articles"][0]
    assert (first["statement"], first["status"], first["who"]) == (
        "Everybody may log in.",
        "failed",
        "everybody",
    )
    assert [probe["status"] for probe in first["probes"]] == ["passed", "failed"]
    assert report["rows"][2] == {
        "row": 3,
        "articles": ["2"],
        "positive": 1,
        "negative": 0,
        "status": "skipped",
    }
    both = json.loads(articles.as_json_of_several([one, one]))
    assert (len(both["examinations"]), both["passed"], both["total"]) == (2, 2, 6)


def test_examinations_are_found_in_a_folder_or_one_below(folder: Path) -> None:
    assert find_examinations(folder) == find_examinations(folder.parent) == [folder]
    with pytest.raises(BadInput, match=r"no examination\.toml in it"):
        find_examinations(folder / "nothing")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('[sixth]\n1 = ["9"]\n', "row 1: unknown article '9'"),
        ('[sixth]\none = ["1"]\n', "expected NUMBER"),
        ("[sixth]\n1 = 1\n", "expected NUMBER"),
    ],
)
def test_a_row_that_is_wrong_is_refused_by_its_file(folder: Path, rows: str, message: str) -> None:
    (folder.parent / "rows.toml").write_text(rows, "utf-8")
    with pytest.raises(BadInput, match=message) as refused:
        judged(folder)
    assert "rows.toml" in str(refused.value)
