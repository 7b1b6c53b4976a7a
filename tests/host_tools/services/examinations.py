"""The examinations in vectors/services, ready to be played."""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

from host_tools.scenario.examination import (
    Examination,
    Glossary,
    as_feature,
    read_examination,
    read_glossary,
)
from host_tools.scenario.features import Scenario
from host_tools.scenario.registry import Plan
from host_tools.scenario.steps import STEPS

VECTORS = Path(__file__).parents[3] / "vectors" / "services"
BANKS = ("howa", "ja", "joyo", "rokin", "shinkin")


@cache
def examination_of(bank: str) -> tuple[Examination, Glossary]:
    folder = VECTORS / bank
    examination = read_examination(folder / "examination.toml")
    return examination, read_glossary(folder / "glossary.toml")


@cache
def scenarios_of(bank: str) -> tuple[Scenario, ...]:
    return as_feature(*examination_of(bank)).scenarios


def plan_for(bank: str, scenarios: tuple[Scenario, ...]) -> Plan:
    feature = as_feature(*examination_of(bank))
    return STEPS.bind(replace(feature, scenarios=scenarios))


def articles_of_rows() -> dict[str, dict[int, list[str]]]:
    with (VECTORS / "rows.toml").open("rb") as file:
        banks = tomllib.load(file)
    return {bank: {int(row): names for row, names in rows.items()} for bank, rows in banks.items()}
