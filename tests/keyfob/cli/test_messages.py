"""How a scenario is told in a terminal: narrow, plain when piped, complete."""

import io
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console

from keyfob.cli.messages import ScenarioPrinter
from tests.host_tools.scenario.test_runner import BAD, GOOD
from tests.host_tools.scenario.tiny import Shelf, run

JAPANESE = """\
# language: ja
機能: カップ
  @row-1 @Q1
  シナリオ: とても長い名前のシナリオで端末の幅をこえるもの
    この説明も「とても」長いので、四十桁の端末では、（人が読むために）折り返して表示されなければならない。
    前提 2滴を注ぐ
    ならば カップに2滴入っている
"""


def told(text: str, columns: int = 40, shelf: Shelf | None = None, color: bool = False) -> str:
    out = io.StringIO()
    printer = ScenarioPrinter(
        Console(file=out, width=columns, force_terminal=color, highlight=False, markup=False)
    )
    printer.print_summary(run(text, shelf, printer))
    return out.getvalue()


def test_everything_fits_forty_columns_in_both_languages() -> None:
    for text in (GOOD + BAD, JAPANESE):
        lines = told(text).splitlines()
        assert all(cell_len(line) <= 40 for line in lines)
        assert [line for line in lines if line != line.rstrip()] == []


def test_brackets_and_stops_stay_with_what_they_belong_to() -> None:
    for columns in range(20, 40):
        lines = [line.strip() for line in told(JAPANESE, columns).splitlines()]
        assert [line for line in lines if line[:1] in tuple("」）、。")] == []
        assert [line for line in lines if line[-1:] in tuple("「（")] == []


def test_done_seen_and_expected_are_told_article_by_article() -> None:
    lines = [line.rstrip() for line in told(GOOD, 80).splitlines()]
    assert lines[:2] == ["Filled", "tiny · Q1 · row 1"]
    assert "✓ When 2 drops are poured" in lines
    assert "  2 drops" in lines
    assert "✓ Then the cup holds 2 drops" in lines
    assert lines[-1] == "1 of 1 scenarios passed"


def test_a_failure_says_what_was_expected_and_seen() -> None:
    told_failure = told(GOOD + BAD, 80)
    assert "✗ Then the cup holds 3 drops" in told_failure
    assert "expected 3 drops, the cup holds 2" in told_failure
    assert "- And 5 drops are poured" in told_failure
    assert "1 of 2 scenarios passed" in told_failure


def test_a_skip_says_why() -> None:
    assert "there is no bench to pour from" in told(GOOD, 80, Shelf(bench=False))


def test_japanese_is_told_in_japanese() -> None:
    said = told(JAPANESE, 80)
    assert "tiny · Q1 · 項目 1" in said
    assert "合格" in said
    assert "passed" not in said


def test_a_pipe_gets_no_control_characters_and_a_terminal_does() -> None:
    assert "\x1b" not in told(GOOD + BAD)
    assert "\x1b" in told(GOOD + BAD, color=True)


def test_several_services_end_with_a_line_of_marks_for_each() -> None:
    one, other = run(GOOD), run(GOOD + BAD)
    other = [replace(result, feature=replace(result.feature, name="b")) for result in other]
    out = io.StringIO()
    ScenarioPrinter(Console(file=out, width=40)).print_summary([*one, *other])
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines[-3:-1]] == [["tiny", "1/"], ["b", "0/"]]
