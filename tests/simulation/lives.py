"""Random lives under power cuts, from one random seed: what `make simulate` runs.

A plain dict of what must be true stands beside the fob; every boot is checked against it. The
same random seed gives the same life, so a failure is replayed by its number.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent, Shown
from firmware_model.firmware.slots import EXHAUSTED
from firmware_model.generators import OtpKind
from firmware_model.inputs import CellInserted, CellRemoved, ClockShifted, CutArmed, Reset, Wake
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.codes import LifeCycle
from tests.firmware_model.fobs import SEED, after, events, kept, personalised, press, token_of
from tests.simulation.power import inside, raw_flash

START = SimTime(1_800_000_000 * NS_PER_SECOND)
OPERATION_MAX = 60
"""Cuts are armed this many operations ahead at most: presses, boots and turning pages."""


class Broken(AssertionError):  # noqa: N818 - a finding, not an error
    """The promise does not hold; the message says in which life, after how many cuts."""


@dataclass
class Ledger:
    """What must be true of the fob, in plain values."""

    kind: OtpKind
    shown: set[int] = field(default_factory=set)
    highest: int = -1
    cuts: int = 0
    presses: int = 0
    lost: int = 0
    terminated: bool = False

    def see(self, effects: list[Effect]) -> None:
        """Check every moving factor that the display showed."""
        for effect in effects:
            if not isinstance(effect, Shown) or effect.moving_factor is None:
                continue
            factor = effect.moving_factor
            if self.terminated:
                raise Broken("a terminated fob shows a code")
            if self.kind is OtpKind.HOTP and factor in self.shown:
                raise Broken(f"counter {factor} is shown for a second press")
            if factor < self.highest:
                raise Broken(f"{factor} is shown after {self.highest}")
            self.shown.add(factor)
            self.highest = factor


class Life:
    """One fob, lived at random until it has been cut so often."""

    def __init__(self, model: Model, random_seed: int) -> None:
        self._dice = random.Random(random_seed)
        self.model = model
        self.now = after(START, 301)
        self.device = personalised(model, now=START, random_seed=random_seed)
        self.ledger = Ledger(model.otp.kind)
        self._images = self.device.images()

    def run(self, cuts: int) -> Ledger:
        """Live until `cuts` cuts have happened; raises `Broken` where the promise does not hold."""
        ledger = self.ledger
        while ledger.cuts < cuts and not ledger.terminated:
            self._step()
        return ledger

    def _step(self) -> None:
        dice = self._dice
        self.now = after(self.now, dice.uniform(0.5, 400))
        if dice.random() < 0.7:
            self._give(CutArmed(dice.randint(1, OPERATION_MAX), dice.randint(0, 1000)))
        roll = dice.random()
        if roll < 0.75:
            self._press()
        elif roll < 0.85:
            self._give(Reset())
            self._check_boot()
        elif roll < 0.90:
            self._give(ClockShifted(dice.randint(-600, 600) * NS_PER_SECOND))
        elif roll < 0.95:
            self._give(CellRemoved())
            self._recover()
        elif roll < 0.951:
            self._give_inside(LifeCycle.TERMINATED)
        else:
            self._give(Wake())

    def _press(self) -> None:
        if self.model.otp.kind is OtpKind.TOTP and token_of(self.device).unix_ns() is None:
            self._set_clock()
        effects = press(self.device, self.now)
        self.now = after(self.now, 1)
        self.ledger.presses += 1
        self._take(effects)

    def _set_clock(self) -> None:
        seconds = self.now // NS_PER_SECOND + self._dice.randint(-100, 100)
        self._take(
            inside(lambda device: token_of(device).set_clock(seconds))(self.device, self.now)
        )

    def _give_inside(self, state: LifeCycle) -> None:
        self._take(inside(lambda device: token_of(device).advance(state))(self.device, self.now))
        if token_of(self.device).life_cycle is LifeCycle.TERMINATED:
            self._check_boot()

    def _give(self, given: object) -> None:
        self._take(self.device.handle(given, self.now))  # type: ignore[arg-type]

    def _take(self, effects: list[Effect]) -> None:
        self._images = kept(self._images, effects)
        self.ledger.see(effects)
        if FobEvent.POWER_LOST in events(effects):
            self.ledger.cuts += 1
            self._recover()

    def _recover(self) -> None:
        """Bring the fob back from what the shell has kept, as after a crash of everything."""
        self.device = Device.restore(self.model, self._images)
        self._images = kept(self._images, self.device.handle(Reset(), self.now))
        if self._dice.random() < 0.3:
            operation, permille = self._dice.randint(1, 12), self._dice.randint(0, 1000)
            self.device.handle(CutArmed(operation, permille), self.now)
        self._take(self.device.handle(CellInserted(), self.now))
        self._check_boot()

    def _check_boot(self) -> None:
        if self.device._dead:
            return
        token = token_of(self.device)
        if token.life_cycle is LifeCycle.TERMINATED:
            self.ledger.terminated = True
            if SEED in raw_flash(self.device):
                raise Broken("the seed outlived its zeroisation")
            return
        slot = token.first_slot()
        if slot is None:
            raise Broken("the seed is lost")
        if self.model.otp.kind is OtpKind.HOTP:
            low, high = self.ledger.highest + 1, self.ledger.presses
            if not low <= slot.factor <= min(high, EXHAUSTED):
                raise Broken(f"the counter is {slot.factor}, not {low}..{high}")
            self.ledger.lost = slot.factor - len(self.ledger.shown)
            if self.ledger.lost > self.ledger.cuts + 1:
                raise Broken(f"{self.ledger.lost} presses were lost by {self.ledger.cuts} cuts")


def lives(models: list[Model], random_seed: int, cuts: int) -> Iterator[tuple[int, Model, Ledger]]:
    """Run lives of up to 200 cuts until `cuts` have happened; yield each one's seed and ledger."""
    total, number = 0, 0
    while total < cuts:
        model = models[number % len(models)]
        own_seed = random_seed * 1_000_003 + number
        try:
            ledger = Life(model, own_seed).run(min(200, cuts - total))
        except AssertionError as fault:
            raise Broken(f"life {own_seed} of {model.name}: {fault}") from fault
        yield own_seed, model, ledger
        total += ledger.cuts
        number += 1
