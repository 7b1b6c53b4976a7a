"""Whole fobs against a generator we did not write: Debian's oathtool, 100 presses and 100 steps."""

import shutil
import subprocess

import pytest

from firmware_model.units import NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import SEED, START, personalised, press

pytestmark = pytest.mark.skipif(shutil.which("oathtool") is None, reason="no oathtool here")


def oathtool(*arguments: str) -> list[str]:
    command = ["oathtool", "-d", "6", "-w", "99", *arguments, SEED.hex()]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_a_hundred_presses_show_what_oathtool_says() -> None:
    fob = personalised("fob-h6")
    shown = []
    for number in range(100):
        now = SimTime(START + (number + 1) * 60 * NS_PER_SECOND)
        press(fob, now)
        shown.append(fob.face(SimTime(now + NS_PER_SECOND)).text)
    assert shown == oathtool("-c", "0")


def test_a_hundred_steps_show_what_oathtool_says() -> None:
    fob = personalised("fob-t60")
    shown = []
    for number in range(100):
        now = SimTime(START + (number * 60 + 30) * NS_PER_SECOND)
        press(fob, now)
        shown.append(fob.face(SimTime(now + NS_PER_SECOND)).text)
    at = START // NS_PER_SECOND + 30
    assert shown == oathtool("--totp=sha1", "-s", "60", "-N", f"@{at}")
