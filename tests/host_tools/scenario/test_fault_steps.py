"""Steps of bad lines and saved states, played on virtual fobs; each can be met and can fail."""

from unicodedata import normalize

import pytest

from emulator.faults.vocabulary import LINE_FAULTS
from host_tools.scenario.features import Language, parse
from host_tools.scenario.parameters import FRAME_FAULTS
from host_tools.scenario.results import ScenarioResult
from host_tools.scenario.runner import RunObserver, play
from host_tools.scenario.steps import STEPS
from tests.host_tools.scenario.worlds import process_world

ENGLISH = """\
Feature: Line
  Scenario: One
    Given the fob is a new "fob-h6"
"""


def played(text: str, source: str = "line.feature") -> ScenarioResult:
    (result,) = play(STEPS.bind(parse(text, "line", source)), process_world, RunObserver())
    return result


def test_every_fault_of_a_frame_can_be_said() -> None:
    said = {fault.value for fault in FRAME_FAULTS}
    assert said == {fault.header for fault in LINE_FAULTS} - {"SILence"}
    for fault in LINE_FAULTS:
        if fault.header != "SILence":
            words = next(FRAME_FAULTS[one] for one in FRAME_FAULTS if one.value == fault.header)
            assert len(words[2]) == len(fault.values)


def test_a_fob_is_loaded_over_a_bad_line_and_goes_back_to_a_saved_state() -> None:
    result = played(
        ENGLISH
        + """\
    When the next 1 frame from the fob will be lost
    And the next 1 frame to the fob will be damaged in one bit
    And 50 in 100 of the next 4 frames from the fob will be doubled
    And the fob sends 5 random bytes
    And the fob is loaded with a fresh seed
    Then the fob has met 3 line faults or more
    When the line of the fob is good again
    And the state of the fob is saved as "loaded"
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    When the fob goes back to the state "loaded"
    And I press the button of the fob
    Then the fob shows the same code as before
"""
    )
    assert result.problem == ""


def test_the_steps_are_spoken_in_japanese() -> None:
    result = played(
        """\
# language: ja
機能: 回線
  シナリオ: 一
    前提 トークンは新品の「fob-h6」である
    もし 次の1個のフレーム（トークンから）が失われる
    かつ 次の1個のフレーム（トークンへ）が二重になる
    かつ トークンに新しいシードを書き込む
    ならば トークンの回線で障害が2回以上起きた
"""
    )
    assert result.problem == ""
    assert all(normalize("NFC", step.japanese) == step.japanese for step in STEPS.steps)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("Then the fob has met 1 line fault or more", "expected 1 line faults or more, 0"),
        ("When the next 1 frame from the fob will be echoed", "-224"),
        ('When the fob goes back to the state "never"', "unknown snapshot"),
        (
            "When the line of the fob is unplugged\n    And the fob is loaded with a fresh seed",
            "port",
        ),
    ],
)
def test_what_is_not_so_fails(lines: str, problem: str) -> None:
    assert problem in played(f"{ENGLISH}    {lines}\n").problem


def test_both_languages_have_the_same_faults() -> None:
    assert {len(words[:2]) for words in FRAME_FAULTS.values()} == {len(Language)}
