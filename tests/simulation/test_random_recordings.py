"""Random lives at a bench, with every fault there is: each recording replays byte for byte."""

import random
from pathlib import Path

import pytest

from emulator.bench.commands import COMMANDS
from emulator.bench.declared import Decimals
from emulator.faults.vocabulary import BOARD_FAULTS, MISTAKES
from tests.emulator.bench_talk import Talk
from tests.emulator.recordings.made import recorded, replayed
from tests.shares import times

MODELS = ("fob-h6", "fob-t60", "sid-always", "go7-menu", "hotp-card", "soft-pc")
LINES = (
    *("BUTT:PRES 0.2", "BUTT:PRES 7", "BUTT:PRES 0.2;*WAI", "TIME:ADV 61", "TIME:ADV 1 D"),
    *("DISP:TEXT?", "BATT:CHAR?", 'DISP:WAIT? "*",5', "TIME:STEP", "POW:CUT", "POW:REST", "*RST"),
    *("*SAV 1", "*RCL 1", "CLOC:SHIF -70", "TEMP -15", "TEMP 60", "FAULt:CLEar", "TIME:FREeze"),
)
STEPS = 40
SHORT = {"how long": ("1", "30", "4000"), "the presses": ("1", "2"), "the charge": ("0", "1", "60")}


def fault(dice: random.Random) -> str:
    """Return an order of a fault of the board or a mistake, with values of the dice."""
    header = f"FAULt:{dice.choice((*BOARD_FAULTS, *MISTAKES)).header}"
    given = []
    for parameter in COMMANDS[header.upper()].parameters:
        assert isinstance(parameter, Decimals)
        chosen = dice.choice(SHORT.get(parameter.name, (str(parameter.low), "1", "3", "200")))
        given.append(chosen)
    return f"{header} {','.join(given)},(@{dice.choice((1, 2))})"


@pytest.mark.parametrize("turn", range(times(2, 200)))
def test_a_random_life_replays_byte_for_byte(turn: int, tmp_path: Path) -> None:
    dice = random.Random(turn)

    async def live(bench: Talk) -> None:
        for _ in range(STEPS):
            await bench.say(fault(dice) if dice.random() < 0.3 else dice.choice(LINES))
        await bench.say("*CLS;:TIME:FREeze", "*IDN?")
        while not (await bench.hear()).startswith("keyfob,bench"):
            pass

    model = MODELS[turn % len(MODELS)]
    path = recorded(tmp_path / "x.kfrec", live, 2, preset="in-use", model=model)
    moments = replayed(path)
    assert len(moments) > 5
    assert [moment.difference for moment in moments if moment.difference] == []
