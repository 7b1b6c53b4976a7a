"""An always-on display through random cuts, losses of supply and clocks set: it never goes back.

Nobody presses it, so no effect tells its steps: an eye looks after everything that happens.
"""

import random

import pytest

from firmware_model.device import Device
from firmware_model.firmware.modes import Mode
from firmware_model.inputs import CellInserted, CellRemoved, ClockShifted, CutArmed, Reset, Wake
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from tests.firmware_model.fobs import DAY_NS, START, kept, personalised, program_of, token_of
from tests.simulation.power import inside

STEPS = 250


class Watched:
    """A fob with an eye on it, and the highest step that the eye has seen."""

    def __init__(self, random_seed: int) -> None:
        self.dice = random.Random(random_seed)
        self.now = START
        self.device = personalised("sid-always", random_seed=random_seed)
        self.images = self.device.images()
        self.highest = -1
        self.seen = 0

    def live(self) -> None:
        dice = self.dice
        self.now = SimTime(self.now + dice.choice((60 * NS_PER_SECOND, DAY_NS, 9 * DAY_NS)))
        if dice.random() < 0.3:
            self.give(CutArmed(dice.randint(1, 12), dice.randint(0, 1000)))
        match dice.randint(0, 5):
            case 0:
                self.give(CellRemoved())
                self.give(CellInserted())
            case 1:
                self.give(ClockShifted(dice.randint(-20, 20) * DAY_NS // 7))
            case 2:
                self.device = Device.restore(self.device.model, self.images)
                self.give(Reset())
            case 3:
                seen = max(self.highest * 60, START // NS_PER_SECOND)
                seconds = seen + dice.randint(-2 * SECONDS_PER_DAY, 6 * SECONDS_PER_DAY)
                self.act(lambda device: token_of(device).set_clock(seconds))
            case _:
                self.give(Wake())
        self.give(CellInserted())  # whatever a cut took away; nothing where it is in
        self.look()

    def give(self, given: object) -> None:
        effects = self.device.handle(given, self.now)  # type: ignore[arg-type]
        self.images = kept(self.images, effects)

    def act(self, work: object) -> None:
        """Let the firmware do it for a host: what the display rests on may have changed."""
        program = program_of(self.device)

        def command(device: Device) -> None:
            work(device)  # type: ignore[operator]
            program.modes.start_over()
            program._timers.arm()

        effects = inside(command)(self.device, self.now)
        self.images = kept(self.images, effects)

    def look(self) -> None:
        program = program_of(self.device)
        if program.modes.display.mode is not Mode.ALWAYS or program.modes.display.slot is None:
            return
        seconds = program.token.unix_seconds()
        assert seconds is not None
        step = program.modes.display.slot.step_at(seconds)
        assert self.device.face(self.now).text == program.modes.display.slot.code(step)
        assert step >= self.highest, f"step {step} is shown after {self.highest}"
        self.highest = step
        self.seen += 1


@pytest.mark.parametrize("random_seed", range(6))
def test_it_never_shows_an_earlier_step_than_it_has_shown(random_seed: int) -> None:
    watched = Watched(random_seed)
    for _ in range(STEPS):
        watched.live()
    assert watched.seen >= 10, watched.seen
