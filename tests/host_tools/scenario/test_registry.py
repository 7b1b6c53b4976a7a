import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.features import Language, parse
from host_tools.scenario.registry import Registry, example, step
from tests.host_tools.scenario import tiny
from tests.host_tools.scenario.tiny import STEPS


@pytest.mark.parametrize("text", ["12 drops are poured", "12滴を注ぐ"])
def test_a_step_is_found_by_either_language_with_its_arguments(text: str) -> None:
    assert STEPS.matches(text) == [(tiny.pour, (12,))]


def test_steps_are_collected_from_the_modules_that_declare_them() -> None:
    assert set(Registry.of(tiny).steps) == set(STEPS.steps)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60 seconds pass", 60),
        ("1 second passes", 1),
        ("2 minutes pass", 120),
        ("3 days pass", 259_200),
        ("1 year passes", 31_557_600),
        ("60秒が過ぎる", 60),
        ("30 分が過ぎる", 1800),
        ("2時間が過ぎる", 7200),
        ("3日が過ぎる", 259_200),
        ("4年が過ぎる", 126_230_400),
    ],
)
def test_durations_are_seconds_in_both_languages(text: str, seconds: int) -> None:
    @step(en="{duration} pass(es)", ja="{duration}が過ぎる")
    def passes(world: object, duration: int) -> None:
        """Wait."""

    assert Registry([passes]).matches(text) == [(passes, (seconds,))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the fob is pressed", ""),
        ('the fob "A" is pressed', "A"),
        ('the generator "north 2" is pressed', "north 2"),
        ("トークンを押す", ""),
        ("トークン「A」を押す", "A"),
        ("生成機「北2」を押す", "北2"),
    ],
)
def test_a_fob_has_a_name_or_is_the_only_one(text: str, name: str) -> None:
    @step(en="{fob} is pressed", ja="{fob}を押す")
    def press(world: object, fob: str) -> None:
        """Press."""

    assert Registry([press]).matches(text) == [(press, (name,))]


def test_an_unknown_step_names_file_line_text_and_the_nearest() -> None:
    feature = parse(
        "Feature: a\n  Scenario: b\n    Given the cup hold 6 drop\n", "tiny", "tiny.feature"
    )
    with pytest.raises(BadInput) as caught:
        STEPS.bind(feature)
    assert str(caught.value).startswith(
        "tiny.feature:3: 'the cup hold 6 drop' is no known step;"
        " the nearest are 'the cup holds {int} drops'"
    )


def test_an_unknown_japanese_step_is_answered_in_japanese() -> None:
    assert STEPS.nearest("カップに6滴はいる", Language.JAPANESE)[0] == "カップに{int}滴入っている"


def test_a_line_with_two_meanings_is_refused() -> None:
    @step(en="{int} {word} are poured", ja="{int}{word}を注ぐ")
    def also(cup: object, count: int, what: str) -> None:
        """Ambiguous on purpose."""

    feature = parse("Feature: a\n  Scenario: b\n    Given 1 drops are poured\n", "t", "t.feature")
    with pytest.raises(BadInput, match=r"t\.feature:3: '1 drops are poured' could mean"):
        Registry([*STEPS.steps, also]).bind(feature)


def test_examples_match_their_own_step() -> None:
    for one in STEPS.steps:
        for language in Language:
            found = STEPS.matches(example(one, language))
            assert [step for step, _ in found] == [one]
