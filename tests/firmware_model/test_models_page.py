"""`docs/MODELS.md` against the tables it explains: every key, its range, what it means.

Where it fails, it prints the rows as they ought to stand.
"""

import tomllib
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from firmware_model import catalogue
from firmware_model.catalogue import _PARTS, _SECTIONS
from firmware_model.datasheet.app import AppRules
from firmware_model.datasheet.card import CardRules
from firmware_model.datasheet.program import Notice
from tests.firmware_model.fobs import FOBS, model_text

PAGE = Path(__file__).parents[2] / "docs" / "MODELS.md"
TABLES: dict[str, type[Any]] = {
    **_PARTS,
    **_SECTIONS,
    "notice": Notice,
    "app": AppRules,
    "card": CardRules,
}


def values_of(rule: Any) -> str:
    """Return in words which values a key takes."""
    if "low" in rule:
        return f"{rule['low']:,} to {rule['high']:,}"
    if "curve" in rule:
        (x_low, x_high), (y_low, y_high) = rule["curve"]
        return f"[x, y] pairs: x {x_low:,} to {x_high:,}, y {y_low:,} to {y_high:,}"
    if "enum" in rule:
        return ", ".join(f"`{member.name.lower()}`" for member in rule["enum"])
    if "choices" in rule:
        several = "any of " if rule.get("several") else ""
        return several + ", ".join(f"`{choice}`" for choice in rule["choices"])
    return {str: "text", bool: "true or false"}[rule["type"]]


def rows_of(table: type[Any]) -> list[str]:
    return [
        f"| `{entry.name}` | {values_of(entry.metadata)} | {entry.metadata['meaning']} |"
        for entry in fields(table)
    ]


@pytest.mark.parametrize("name", TABLES)
def test_every_key_stands_in_the_page_with_its_range_and_meaning(name: str) -> None:
    rows = rows_of(TABLES[name])
    missing = [row for row in rows if row not in PAGE.read_text("utf-8").splitlines()]
    assert not missing, "docs/MODELS.md wants these rows:\n" + "\n".join(rows)


def test_every_model_and_every_part_is_named() -> None:
    text = PAGE.read_text("utf-8")
    for name in catalogue.names():
        assert f"`{name}`" in text, name
    for file in resources.files("firmware_model").joinpath("parts").iterdir():
        for part in catalogue._parts_of_kind(file.name.removesuffix(".toml")):
            assert f"`{part}`" in text, part


def test_the_example_of_the_page_is_a_model() -> None:
    example = PAGE.read_text("utf-8").split("```toml\n")[1].split("```")[0]
    model = catalogue.parse(example, "own.toml")
    assert model.name == "my-card"
    assert [notice.text for notice in model.notices] == ["End", "End 1", "End 2"]


@pytest.mark.parametrize("kind", _PARTS)
def test_every_part_says_where_its_figures_come_from(kind: str) -> None:
    for part, figures in catalogue._parts_of_kind(kind).items():
        assert len(figures.get("source", "")) > 10, f"{kind} {part}"


@pytest.mark.parametrize("name", FOBS)
def test_every_model_says_where_its_times_and_limits_come_from(name: str) -> None:
    document = tomllib.loads(model_text(name))
    for table in ("screen", "battery", "life"):
        assert len(document[table].get("source", "")) > 10, f"{name} {table}"
