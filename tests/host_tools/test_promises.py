"""The judge of promises: good programs keep all of them, and each mutant breaks the one it should.

The mutants are built from the example token (`make_mutants`); the judge is given an image and a
model, never a name.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host_tools.check.declared import CheckOutcome
from host_tools.check.promises import PROMISES, PromiseSubject, judge_promise
from tests import shares
from tests.host_tools.make_mutants import MUTANTS, build, build_library, declared
from tests.host_tools.promise_rig import ROOT, foreign_fob, own_fob

IMAGES = ROOT / "vectors/firmware"
GOOD: dict[str, Callable[[], PromiseSubject]] = {
    "token in C, HOTP": lambda: foreign_fob(IMAGES / "token-hotp.elf", "hotp"),
    "token in C, TOTP": lambda: foreign_fob(IMAGES / "token-totp.elf", "totp"),
    "our program, fob-h6": lambda: own_fob("fob-h6"),
    "our program, hotp-card": lambda: own_fob("hotp-card"),
    "our program, card-count": lambda: own_fob("card-count"),
    "our program, fob-t30": lambda: own_fob("fob-t30"),
    "our program, fob-t60": lambda: own_fob("fob-t60"),
    "our program, go7-menu": lambda: own_fob("go7-menu"),
    "our program, sid-always": lambda: own_fob("sid-always"),
    "our program, ykoath": lambda: own_fob("ykoath"),
    "our program, molto2": lambda: own_fob("molto2"),
}
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
LONG = {"life: many presses", "power: cuts while a page turns"}
"""Promises that take hundreds of presses."""
BY_NAME = {promise.name: promise for promise in PROMISES}
ALL_MUTANTS = declared()
LIBRARY_MUTANTS = [mutant for mutant in ALL_MUTANTS if mutant.get("library", True)]
QUICK_MUTANTS = [mutant for mutant in ALL_MUTANTS if mutant["promise"] not in LONG]
LONG_MUTANTS = [mutant for mutant in ALL_MUTANTS if mutant["promise"] in LONG]


def name_of(mutant: dict[str, Any]) -> str:
    return str(mutant["name"])


@pytest.mark.parametrize("program", GOOD)
def test_a_good_program_keeps_every_promise(program: str) -> None:
    fob = GOOD[program]()
    long = LONG if program == "token in C, HOTP" and not shares.ALL else set()
    verdicts = [judge_promise(promise, fob) for promise in PROMISES if promise.name not in long]
    assert [v for v in verdicts if v.outcome is CheckOutcome.FAILED] == []
    assert sum(v.outcome is CheckOutcome.PASSED for v in verdicts) >= 6


@needs_compiler
@pytest.mark.parametrize("kind", ["hotp", "totp"])
def test_the_token_in_c_as_a_library_keeps_every_promise(kind: str, tmp_path: Path) -> None:
    fob = foreign_fob(build_library(kind, tmp_path), kind)
    outcomes = {promise.name: judge_promise(promise, fob).outcome for promise in PROMISES}
    assert CheckOutcome.FAILED not in outcomes.values()
    assert sum(outcome is CheckOutcome.PASSED for outcome in outcomes.values()) >= 8


@needs_compiler
@pytest.mark.parametrize("mutant", shares.every(6, LIBRARY_MUTANTS), ids=name_of)
def test_a_mutant_as_a_library_breaks_the_same_promise(
    mutant: dict[str, Any], tmp_path: Path
) -> None:
    _breaks(mutant, build_library(mutant["kind"], tmp_path, mutant))


@pytest.mark.slow
@pytest.mark.skipif(not shares.ALL, reason="make simulate; the library keeps them in make test")
@pytest.mark.parametrize("name", sorted(LONG))
def test_the_token_in_c_keeps_the_long_promises(name: str) -> None:
    fob = GOOD["token in C, HOTP"]()
    assert judge_promise(BY_NAME[name], fob).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize("mutant", QUICK_MUTANTS, ids=name_of)
def test_a_mutant_breaks_the_promise_that_it_should(mutant: dict[str, Any]) -> None:
    _breaks(mutant, MUTANTS / f"{mutant['name']}.elf")


@pytest.mark.slow
@pytest.mark.skipif(not shares.ALL, reason="make simulate; libraries break some in make test")
@pytest.mark.parametrize("mutant", LONG_MUTANTS, ids=name_of)
def test_a_mutant_breaks_its_long_promise(mutant: dict[str, Any]) -> None:
    _breaks(mutant, MUTANTS / f"{mutant['name']}.elf")


def _breaks(mutant: dict[str, Any], program: Path) -> None:
    fob = foreign_fob(program, mutant["kind"])
    verdict = judge_promise(BY_NAME[mutant["promise"]], fob)
    assert verdict.outcome is CheckOutcome.FAILED, "nothing was noticed"
    assert verdict.reason


def test_there_are_enough_mutants_and_each_promise_has_one() -> None:
    assert len(ALL_MUTANTS) >= 30
    broken = {mutant["promise"] for mutant in ALL_MUTANTS}
    assert set(BY_NAME) == broken


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no gcc-arm-none-eabi")
def test_a_mutant_is_what_its_sources_give(tmp_path: Path) -> None:
    mutant = ALL_MUTANTS[0]
    assert build(mutant, tmp_path) == (MUTANTS / f"{mutant['name']}.elf").read_bytes()
