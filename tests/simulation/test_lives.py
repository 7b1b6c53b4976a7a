"""Random lives under power cuts keep the promise; the long run is `make simulate`."""

import pytest

from firmware_model import catalogue
from firmware_model.effects import Effect, Shown
from firmware_model.firmware import moving_factor
from firmware_model.generators import OtpKind
from tests.simulation.lives import Broken, Ledger, Life, lives

FIXED_SEED = 2026


def test_random_lives_keep_the_promise_through_200_cuts() -> None:
    models = [catalogue.load("fob-h6"), catalogue.load("fob-t60")]
    ledgers = [ledger for _, _, ledger in lives(models, FIXED_SEED, cuts=200)]
    assert sum(ledger.cuts for ledger in ledgers) >= 200
    assert sum(len(ledger.shown) for ledger in ledgers) > 200


def test_a_random_seed_gives_the_same_life_again() -> None:
    runs = [Life(catalogue.load("fob-h6"), FIXED_SEED).run(cuts=20) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("kind", "factors", "complaint"),
    [
        (OtpKind.HOTP, [4, 5, 5], "counter 5 is shown for a second press"),
        (OtpKind.TOTP, [9, 9, 8], "8 is shown after 9"),
    ],
)
def test_the_ledger_catches_a_fob_that_breaks_the_promise(
    kind: OtpKind, factors: list[int], complaint: str
) -> None:
    effects: list[Effect] = [Shown("000000", factor) for factor in factors]
    with pytest.raises(Broken, match=complaint):
        Ledger(kind).see(effects)


def test_a_fob_that_lights_before_it_stores_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checker itself: a firmware that commits too late must not pass."""
    late: list[int] = []

    def forgetful(journal: object, slot: object, factor: int, **_: object) -> None:
        late.append(factor)
        slot.factor = factor  # type: ignore[attr-defined]

    monkeypatch.setattr(moving_factor, "store_factor", forgetful)
    with pytest.raises(Broken):
        list(lives([catalogue.load("fob-h6")], FIXED_SEED, cuts=50))
    assert late
