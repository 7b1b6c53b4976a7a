"""Our processor beside Unicorn's: every instruction of 16 bits, those of 32, and runs of them."""

import json
import os
import random
import subprocess
from pathlib import Path

from tests.firmware_model.processor import random_states
from tests.firmware_model.processor.states import State, agree, played
from tests.strangers import environments

RUNNER = Path(__file__).with_name("unicorn_runner.py")
EACH = int(os.environ.get("KEYFOB_UNICORN_EACH", "1"))
"""How many states for each instruction."""
VERSION = "2.1.4"


def unicorns(states: list[State]) -> list[State]:
    python = environments.python_with("unicorn", f"unicorn=={VERSION}")
    said = subprocess.run(
        [python, RUNNER],
        input="".join(json.dumps(state) + "\n" for state in states),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def disagreements(states: list[State]) -> list[str]:
    found = unicorns(states)
    assert len(found) == len(states)
    told = []
    for state, theirs in zip(states, found, strict=True):
        ours = played(state)
        if not agree(ours, theirs):
            parts = {key: (ours.get(key), theirs.get(key)) for key in ours | theirs}
            told.append(f"{state['code']}: {[p for p in parts.items() if p[1][0] != p[1][1]]}")
    return told


def test_each_instruction_of_16_bits() -> None:
    dice = random.Random(1)
    codes = random_states.narrow_codes()
    assert len(codes) > 40_000
    states = [random_states.one_instruction(code, dice) for code in codes for _ in range(EACH)]
    assert disagreements(states) == []


def test_instructions_of_32_bits() -> None:
    dice = random.Random(2)
    assert disagreements([random_states.wide_instructions(dice) for _ in range(3000)]) == []


def test_runs_of_instructions() -> None:
    dice = random.Random(3)
    codes = random_states.narrow_codes()
    states = [
        random_states.sequence(dice, codes, dice.randrange(2, 60)) for _ in range(3000 * EACH)
    ]
    assert disagreements(states) == []
    assert sum("fault" in played(state) for state in states[:500]) > 5
