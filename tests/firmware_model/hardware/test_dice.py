"""The seeded dice: same random seed, same throws; bells and dice of the right shape."""

from collections import Counter
from statistics import fmean, pstdev

import pytest

from firmware_model.hardware.dice import Drbg


def test_splitmix64_of_its_author() -> None:
    """First words from seed 1234567, as printed by the reference implementation of SplitMix64."""
    dice = Drbg(1_234_567)
    assert [dice.word() for _ in range(3)] == [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ]


def test_its_state_is_one_integer_to_go_on_from() -> None:
    dice = Drbg(5)
    dice.word()
    again = Drbg(dice.state)
    assert [dice.word() for _ in range(5)] == [again.word() for _ in range(5)]


def test_a_fair_die() -> None:
    dice = Drbg(9)
    counts = Counter(1 + dice.below(6) for _ in range(60_000))
    assert sorted(counts) == [1, 2, 3, 4, 5, 6]
    assert all(abs(count - 10_000) < 400 for count in counts.values())


def test_a_bell_that_ends_at_six_sigma() -> None:
    dice = Drbg(9)
    values = [dice.normal(1000) for _ in range(20_000)]
    assert fmean(values) == pytest.approx(0, abs=25)
    assert pstdev(values) == pytest.approx(1000, rel=0.02)
    assert max(map(abs, values)) <= 6000


@pytest.mark.parametrize(("permille", "hits"), [(0, 0), (1000, 10_000), (250, 2500)])
def test_hits_as_often_as_asked(permille: int, hits: int) -> None:
    dice = Drbg(9)
    assert sum(dice.hits(permille) for _ in range(10_000)) == pytest.approx(hits, abs=150)
