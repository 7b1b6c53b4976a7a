"""Every row of the instruction set on literal states: vectors/firmware/instructions.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from firmware_model.processor.decoding import NARROW
from tests.firmware_model.processor.states import agree, played

TABLE = Path(__file__).parents[3] / "vectors/firmware/instructions.json"
ROWS: list[dict[str, Any]] = json.loads(TABLE.read_text("utf-8"))["rows"]
NAMES = sorted({row["name"] for row in ROWS})


@pytest.mark.parametrize("name", NAMES)
def test_an_instruction_does_what_the_table_says(name: str) -> None:
    rows = [row for row in ROWS if row["name"] == name]
    for row in rows:
        before, after = row["before"], dict(row["after"])
        changed = {int(number): value for number, value in after["r"].items()}
        after["r"] = [changed.get(number, value) for number, value in enumerate(before["r"])]
        assert agree(played(before), after), before["code"]


def test_the_table_leaves_out_only_what_a_table_cannot_tell() -> None:
    needs_a_part = {"CPS", "BREAKPOINT", "WFE", "WFI", "SVC", "UNDEFINED"}
    told = {name.partition(" ")[0] for name in NAMES}
    assert {row[1].name for row in NARROW} - told == needs_a_part
