"""The tests are tested: each change that a `mutants.toml` declares must make one fail."""

from pathlib import Path

import pytest

from tests.mutants import KILLED, Mutant, mutants_of, outcome_of, stale
from tests.shares import every

MUTANTS = [
    mutant
    for table in sorted(Path(__file__).parent.rglob("mutants.toml"))
    for mutant in mutants_of(table)
]


def test_each_change_is_one_of_todays_source() -> None:
    assert MUTANTS
    assert stale(MUTANTS) == []


@pytest.mark.slow
@pytest.mark.parametrize("mutant", every(100, MUTANTS), ids=lambda mutant: mutant.label)
def test_a_mutant_makes_a_test_fail(mutant: Mutant) -> None:
    status, said = outcome_of(mutant)
    assert status == KILLED, f"{mutant.old!r} may become {mutant.new!r}: {said}"
