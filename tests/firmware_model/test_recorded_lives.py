"""Every model's recorded life comes out as it was recorded: effects, faces and images."""

from collections import Counter

import pytest

from firmware_model import catalogue
from tests.firmware_model.life_tape import FOLDER, LOOK, Tape, differing, read

NAMES = sorted(path.stem for path in FOLDER.glob("*.jsonl"))
EVERYWHERE = {
    "ButtonStuck", "CellInserted", "CellRemoved", "Charge", "ClockShifted", "ContactMoved",
    "CutArmed", "LineSignals", "Receive", "Reset", "SegmentsBroken", "Temperature",
    "TemperatureCourse", "Wake", "look", "restore",
}  # fmt: skip
"""What happens in every life."""
OF_AN_APP = {"Installed", "Moved", "Tapped", "Typed"}


def tape_of(name: str) -> Tape:
    return read(FOLDER / f"{name}.jsonl")


def test_every_model_has_a_life() -> None:
    """A new model gets one: python -m tests.firmware_model.record_lives."""
    assert sorted([*catalogue.names(), "worn-flash"]) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_life_comes_out_as_recorded(name: str) -> None:
    """Where this fails: read vectors/lives/README.md before you record anew."""
    tape = tape_of(name)
    first = next(differing(tape), None)
    assert first is None, f"{name}.jsonl: line {first + 1} is the first look that differs"


@pytest.mark.parametrize("name", NAMES)
def test_everything_happens_in_it(name: str) -> None:
    tape = tape_of(name)
    kinds = Counter(step[1] for step in tape.steps)
    assert set(kinds) >= EVERYWHERE | (OF_AN_APP if tape.kind.app else set())
    assert ("bulk" in kinds) == (tape.kind.screen.until != "always")
    assert kinds[LOOK] > 100
