"""The tests of the processor are tested: each change of mutants.toml must make one fail."""

from pathlib import Path

import pytest

from tests.mutants import KILLED, Mutant, mutants_of, outcome_of, stale
from tests.shares import every

MUTANTS = mutants_of(Path(__file__).with_name("mutants.toml"))


def test_each_change_is_one_of_todays_source() -> None:
    assert stale(MUTANTS) == []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", every(35, MUTANTS), ids=lambda mutant: mutant.label)
def test_a_mutant_makes_a_test_fail(mutant: Mutant) -> None:
    status, said = outcome_of(mutant)
    assert status == KILLED, f"{mutant.old!r} may become {mutant.new!r}: {said}"
