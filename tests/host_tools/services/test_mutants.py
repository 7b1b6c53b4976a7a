"""Mutants of devices and of the service turn exactly those rows red that are declared for them."""

from dataclasses import replace

import pytest

from host_tools.scenario.results import StepStatus
from host_tools.scenario.runner import RunObserver, play
from tests.host_tools.services.fast import fast_world
from tests.host_tools.services.mutants import MUTANTS, Mutant, broken
from tests.host_tools.services.rows import plan_of, row_of, used_by
from tests.shares import every

CASES = [
    pytest.param(mutant, bank, id=f"{bank}-{mutant.name}")
    for mutant in MUTANTS
    for bank in mutant.rows
]


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "bank"), every(30, CASES))
def test_a_mutant_turns_the_declared_rows_red_and_no_others(mutant: Mutant, bank: str) -> None:
    plan = plan_of(bank)
    # A journey rests on everything: it says that something is broken, and not what.
    scenes = tuple(scene for scene in plan.scenes if used_by(scene[1]))
    with broken(mutant):
        results = list(play(replace(plan, scenes=scenes), fast_world, RunObserver()))
    failing = {row_of(r.scenario): r.problem for r in results if r.status is not StepStatus.PASSED}
    assert failing, "this mutant changes nothing"
    assert set(failing) == mutant.rows[bank], failing
