"""Steps of board faults and mistakes, played on virtual fobs in both languages."""

import pytest

from emulator.faults.vocabulary import BOARD_FAULTS, MISTAKES
from host_tools.scenario.parameters import RECORD_MISTAKES
from host_tools.scenario.steps import board_faults, mistakes
from host_tools.seeds.record_mistakes import RecordMistake
from tests.host_tools.scenario.test_fault_steps import played

HEAD = """\
Feature: Board
  Scenario: One
    Given the fob is a new "{model}"
"""


def lines(*steps: str, model: str = "fob-h6") -> str:
    return HEAD.format(model=model) + "".join(f"    {step}\n" for step in steps)


def test_every_fault_and_mistake_is_a_step() -> None:
    assert all(hasattr(board_faults, fault.method) for fault in BOARD_FAULTS)
    assert all(hasattr(mistakes, fault.method) for fault in MISTAKES)
    assert set(RECORD_MISTAKES) == set(RecordMistake)


def test_faults_of_the_board_are_played_and_counted() -> None:
    result = played(
        lines(
            "And the fob is loaded with a fresh seed",
            "When the cell of the fob sags to 50 percent for 2 hours",
            "And it is -10 degrees around the fob for 60 seconds",
            "And position 1 of the display of the fob is dead for 1 hour",
            "And the crystal of the fob stops for 60 seconds",
            "And all faults of the fob end",
            "And the key of the fob sticks for 60 seconds",
            "And 70 seconds pass",
            "And the contact of the fob bounces 5 times within 2 seconds",
            "And the cell of the fob is pulled for 60 seconds",
            "And 61 seconds pass",
            "And the supply of the fob will fail in flash operation 1 from now",
            "And I press the button of the fob",
            "Then the display of the fob is dark",
            "And the fob has met 4 faults or more",
            "When 1 bit of the flash of the fob flips",
            "And the flash of the fob is worn out",
            "Then the fob has met 6 faults or more",
        )
    )
    assert result.problem == ""


def test_a_cut_at_a_cycle_is_played_in_japanese() -> None:
    result = played(
        """\
# language: ja
機能: 電源
  シナリオ: 一
    前提 トークンは新品の「fob-h6」である
    かつ トークンに新しいシードを書き込む
    もし トークンの電源が今から1サイクル目で切れる
    かつ トークンのボタンを押す
    ならば トークンの表示は消えている
    かつ トークンで障害が1回以上起きた
    もし トークンの障害がすべて終わる
    ならば トークンで障害が0回以上起きた
"""
    )
    assert result.problem == ""


def test_pocket_presses_a_drawer_and_a_twin_are_played() -> None:
    result = played(
        lines(
            "And the fob is loaded with a fresh seed",
            "And I press the button of the fob",
            "Then the fob shows a code of 6 digits",
            'When user "Sato" enrols the fob with its serial number and the code it shows',
            "Then the host accepts it",
            "When the fob is pressed 3 times in a pocket",
            "And the fob lies in a drawer for 2 years",
            "And I press the button of the fob",
            "Then the fob shows a code of 6 digits",
            'When user "Sato" enters the code of the fob',
            "Then the host accepts it",
            "And the moving factor is 4 more than that of the code accepted before",
            "And the fob has met 4 faults or more",
            'Given the fob "B" is a new "fob-h6"',
            'And the fob "B" is loaded with the seed of the fob',
            'When I press the button of the fob "B"',
            'Then the fob "B" shows a code of 6 digits',
            'When user "Sato" enters the code of the fob "B"',
            "Then the host refuses it as replayed",
        )
    )
    assert result.problem == ""


@pytest.mark.parametrize("mistake", [words[0] for words in RECORD_MISTAKES.values()])
def test_a_record_with_a_mistake_makes_the_host_refuse(mistake: str) -> None:
    result = played(
        lines(
            f"And the fob is loaded with a fresh seed, which the host gets {mistake}",
            "And I press the button of the fob",
            "Then the fob shows a code of 6 digits",
            'When user "Sato" enrols the fob with its serial number and the code it shows',
            "Then the host refuses it as wrong",
            model="fob-t60",
        )
    )
    assert result.problem == ""


def test_a_clock_a_little_behind_is_accepted_and_one_far_ahead_refused() -> None:
    code = ("And I press the button of the fob", "Then the fob shows a code of 6 digits")
    result = played(
        lines(
            "And the fob is loaded with a fresh seed",
            "When the clock of the fob is set 10 seconds behind",
            *code,
            'When user "Sato" enrols the fob with its serial number and the code it shows',
            "Then the host accepts it",
            "When the clock of the fob is set 9 hours ahead",
            "And 2 minutes pass",
            *code,
            'When user "Sato" enters the code of the fob',
            "Then the host refuses it as wrong",
            model="fob-t60",
        )
    )
    assert result.problem == ""
