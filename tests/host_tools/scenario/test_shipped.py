"""The features that ship say the same in both languages."""

from pathlib import Path

import pytest

from firmware_model.errors import BadInput
from host_tools.scenario.features import Language, parse
from host_tools.scenario.registry import StepDefinition
from host_tools.scenario.shipped import LIBRARY, find, names
from host_tools.scenario.steps import STEPS
from host_tools.seeds import Secret, read

Scene = tuple[tuple[str, ...], list[tuple[StepDefinition, tuple[object, ...]]]]


def test_every_feature_has_its_twin() -> None:
    japanese = sorted(path.stem for path in (LIBRARY / "ja").glob("*.feature"))
    assert japanese == names()
    assert {"demo", "rokin"} <= set(names())


@pytest.mark.parametrize("name", names())
def test_twins_have_the_same_tags_steps_and_arguments(name: str) -> None:
    english, japanese = (STEPS.bind(find(name, language)[0]) for language in Language)
    assert english.feature.language is Language.ENGLISH
    assert japanese.feature.language is Language.JAPANESE
    said = [
        [
            (scenario.tags, [(bound.step, bound.arguments) for bound in lines])
            for scenario, lines in plan.scenes
        ]
        for plan in (english, japanese)
    ]
    assert [unnamed(one) for one in said[0]] == [unnamed(one) for one in said[1]]


def unnamed(scenario: Scene) -> list[object]:
    """Put numbers for the names in a scenario: people are called otherwise in Japanese."""
    names: dict[str, int] = {}
    tags, lines = scenario
    return [
        tags,
        *(
            (
                step,
                [names.setdefault(a, len(names)) if isinstance(a, str) else a for a in arguments],
            )
            for step, arguments in lines
        ),
    ]


def test_a_name_that_does_not_ship_is_refused_with_those_that_do() -> None:
    known = ", ".join(names())
    with pytest.raises(BadInput, match=f"no scenario 'roklin' ships: {known}, all or a"):
        find("roklin", Language.ENGLISH)


def test_all_is_every_feature_that_ships() -> None:
    assert [feature.name for feature in find("all", Language.JAPANESE)] == names()


def test_the_demo_uses_the_published_test_seed_only() -> None:
    records = list(read(LIBRARY / "demo.pskcxml", Secret(passphrase="keyfob demo")))
    assert [record.seed for record in records] == [b"12345678901234567890"]


def test_the_example_in_the_documentation_is_a_feature_of_known_steps() -> None:
    page = (Path(__file__).parents[3] / "docs" / "SCENARIOS.md").read_text(encoding="utf-8")
    example = page.split("```gherkin\n")[1].split("```")[0]
    plan = STEPS.bind(parse(example, "example", "docs/SCENARIOS.md"))
    assert plan.feature.scenarios[0].articles == ("A-1",)
