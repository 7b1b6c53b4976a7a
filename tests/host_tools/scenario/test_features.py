from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.features import Language, parse, read

FEATURE = """\
Feature: Cups
  What a cup is for.

  Background:
    Given 1 drops are poured

  @row-3 @Q1 @8-4 @intro
  Scenario: Full
    Why it is so.
    When 2 drops are poured
    Then the cup holds 3 drops

  Scenario Outline: Sizes
    When <more> drops are poured
    Then the cup holds <all> drops

    Examples:
      | more | all |
      | 1    | 2   |
      | 5    | 6   |
"""


def test_a_feature_keeps_its_words_tags_and_lines() -> None:
    feature = parse(FEATURE, "cups", "cups.feature")
    full = feature.scenarios[0]
    assert (feature.title, feature.description) == ("Cups", "What a cup is for.")
    assert (full.name, full.description) == ("Full", "Why it is so.")
    assert (full.row, full.articles) == (3, ("Q1", "8-4", "intro"))
    assert [(line.number, line.keyword) for line in full.lines] == [
        (5, "Given"),
        (10, "When"),
        (11, "Then"),
    ]


def test_every_example_of_an_outline_is_a_scenario() -> None:
    sizes = parse(FEATURE, "cups", "cups.feature").scenarios[1:]
    assert [one.lines[-1].text for one in sizes] == [
        "the cup holds 2 drops",
        "the cup holds 6 drops",
    ]
    assert [one.row for one in sizes] == [None, None]


def test_without_a_row_a_tag_is_an_article_only_if_it_has_a_digit() -> None:
    text = "Feature: a\n  @smoke @8-4\n  Scenario: b\n    Given c\n"
    assert parse(text, "a", "a.feature").scenarios[0].articles == ("8-4",)


def test_japanese_keywords_are_understood() -> None:
    text = "# language: ja\n機能: カップ\n  シナリオ: 満杯\n    前提 3滴を注ぐ\n"
    feature = parse(text, "cups", "cups.feature")
    assert feature.language is Language.JAPANESE
    assert (feature.scenarios[0].lines[0].keyword, feature.scenarios[0].lines[0].text) == (
        "前提",
        "3滴を注ぐ",
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Feature: a\n  Scenario: b\n    Given c\n  nonsense\n", "tiny.feature:4: expected"),
        ("Feature: a\n  Scenario: b\n    Given c\n    | 1 |\n    | 1 | 2 |\n", "tiny.feature:5: "),
        ("# language: tlh\nFeature: a\n", "tiny.feature:2: expected: #TagLine"),
        ("# language: fr\nFonctionnalité: a\n", "language 'fr', expected en or ja"),
        ("", "there is no feature in it"),
        ("Feature: a\n", "there is no scenario with steps in it"),
        ("Feature: a\n  Scenario: b\n", "there is no scenario with steps in it"),
    ],
)
def test_what_is_no_feature_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, "tiny", "tiny.feature")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_binary_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent\.feature: No such file"):
        read(tmp_path / "absent.feature")
    (tmp_path / "binary.feature").write_bytes(b"ab\xff")
    with pytest.raises(BadInput, match=r"binary\.feature: not a feature in Gherkin: it is not"):
        read(tmp_path / "binary.feature")
