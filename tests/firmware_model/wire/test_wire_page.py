"""docs/WIRE.md says what the code does: tags, instructions, status words, state tables."""

import pytest

from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.card import CardTag
from firmware_model.wire.codes import Tag
from firmware_model.wire.hdlc import Deframer, Frame
from firmware_model.wire.messages import Instruction, SecurityLevel
from tests.firmware_model.wire.state_tables import PAGE, with_tables

TEXT = PAGE.read_text("utf-8")


def test_the_state_tables_are_those_of_the_code() -> None:
    assert with_tables(TEXT) == TEXT, "run python -m tests.firmware_model.wire.state_tables"


@pytest.mark.parametrize("tag", [*Tag, *CardTag])
def test_every_object_has_a_row(tag: int) -> None:
    assert f"\n| {tag:X} |" in TEXT


@pytest.mark.parametrize("instruction", Instruction)
def test_every_command_has_a_row(instruction: Instruction) -> None:
    assert f"| {instruction.name.replace('_', ' ')} | " in TEXT
    assert f" {instruction:02X} " in TEXT


@pytest.mark.parametrize("status", StatusWord)
def test_every_status_word_has_a_row(status: StatusWord) -> None:
    assert f"\n| {status:04X} |" in TEXT


@pytest.mark.parametrize("level", SecurityLevel)
def test_every_security_level_is_told(level: SecurityLevel) -> None:
    assert f"\n| {level:02X} |" in TEXT


def test_the_example_is_of_six_good_frames() -> None:
    lines = [line[2:] for line in TEXT.splitlines() if line[:5] in ("> 7e ", "< 7e ")]
    assert len(lines) == 6
    for line in lines:
        (frame,) = Deframer().feed(bytes.fromhex(line))
        assert isinstance(frame, Frame)
