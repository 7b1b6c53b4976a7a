"""Every battery notice of a model is shown, in order, before its cell ends."""

import pytest

from firmware_model.effects import Effect, FobEvent
from firmware_model.inputs import Charge, Wake
from firmware_model.units import SimTime
from tests.firmware_model.fobs import DAY_NS, START, after, events, personalised, press, shown

STEPS = {
    "fob-h6": [f"bAtt {n}" for n in (5, 4, 3, 2, 1, 0)],
    "fob-t60": [f"bAtt {n}" for n in (5, 4, 3, 2, 1, 0)],
    "fob-t30": [f"bAtt0{n}" for n in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)],
    "go7-menu": [f"bAtt {n}" for n in (5, 4, 3, 2, 1, 0)],
    "card-count": ["End 2", "End 1", "End"],
    "hotp-card": ["Lo"],
}
"""As the sources of the models' `[[notice]]` tables have them."""

ENDS = {FobEvent.BROWNED_OUT, FobEvent.DIED}


def notices(effects: list[Effect]) -> list[str]:
    return [text for text in shown(effects) if not text.isdigit()]


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_cell_that_is_drained_shows_every_step(name: str) -> None:
    device, now, seen = personalised(name), after(START, 1000), []
    for permille in range(150, -1, -1):
        now = SimTime(now + DAY_NS)
        device.handle(Charge(permille), now)
        effects = press(device, now) + device.handle(Wake(), after(now, 3))
        if ENDS & set(events(effects)):
            break
        seen += notices(effects)
    assert permille < 5, "it ended early"
    assert list(dict.fromkeys(seen)) == STEPS[name]


@pytest.mark.parametrize("random_seed", [3])
@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_life_to_its_end_shows_every_step(name: str, random_seed: int) -> None:
    """Once a day, from the first day to the cell's last; each unit's cell is another."""
    device = personalised(name, random_seed=random_seed)
    now, seen, life = SimTime(START + DAY_NS), list[str](), device.model.life
    while not ENDS & set(events(effects := press(device, now))):
        effects += device.handle(Wake(), after(now, 3))
        seen += notices(effects)
        now = SimTime(now + DAY_NS)
        years = (now - START) / (DAY_NS * 365.25)
        assert years < 15, "it never ends"
        if life.years and years > life.years - 0.1:
            return  # its own limit ends it before its cell does
    assert list(dict.fromkeys(seen)) == STEPS[name]
