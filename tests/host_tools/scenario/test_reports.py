import json
from xml.etree.ElementTree import fromstring

from host_tools.scenario.reports import as_html, as_json, as_junit
from tests.host_tools.scenario.test_runner import BAD, GOOD
from tests.host_tools.scenario.tiny import Shelf, run

TWIN = """\
# language: ja
機能: カップ
  @row-1 @Q1
  シナリオ: 満杯
    もし 2滴を注ぐ
"""


def test_json_lists_the_rows_of_each_service() -> None:
    report = json.loads(as_json(run(GOOD)))
    assert report["services"] == {
        "tiny": {
            "passed": 1,
            "total": 1,
            "rows": [{"row": 1, "article": "Q1", "status": "passed"}],
        }
    }
    assert (report["passed"], report["total"]) == (1, 1)
    assert report["scenarios"][0]["steps"][0] == {
        "line": 4,
        "keyword": "When",
        "text": "2 drops are poured",
        "status": "passed",
        "seen": "2 drops",
        "display": "  2",
        "problem": "",
    }


def test_json_tells_a_failure_where_it_happened() -> None:
    report = json.loads(as_json(run(GOOD + BAD)))
    assert report["services"]["tiny"]["rows"][0]["status"] == "failed"
    assert report["scenarios"][1]["problem"].startswith("tiny.feature:10: ")


def test_junit_counts_failures_and_skips_and_names_the_step() -> None:
    suite = fromstring(as_junit(run(GOOD + BAD))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "the cup holds 3 drops" in failure.get("message", "")
    skipped = fromstring(as_junit(run(GOOD, Shelf(bench=False)))).find("testsuite/testcase/skipped")
    assert skipped is not None
    assert "there is no bench" in skipped.get("message", "")


def test_html_shows_rows_and_display_and_escapes_what_was_written() -> None:
    page = as_html(run(GOOD.replace("Filled", "Filled <b>&")))
    assert "Filled &lt;b&gt;&amp;" in page
    assert '<td class="passed">passed</td>' in page
    assert '<span class="display">  2</span>' in page


def test_html_begins_with_one_table_of_all_services_that_leads_to_each_row() -> None:
    page = as_html([*run(GOOD), *run(GOOD), *run(BAD.join(["Feature: b\n", ""]))])
    assert '<tr><th>tiny</th><td>0/1</td><td class="failed" title="Q1, Q2: failed">' in page
    assert (page.count('href="#tiny-1"'), page.count('id="tiny-1"')) == (2, 1)


def test_html_of_a_japanese_feature_is_in_japanese() -> None:
    page = as_html(run(TWIN))
    assert '<html lang="ja">' in page
    assert '<td><a href="#tiny-1">満杯</a></td><td class="passed">合格</td>' in page
