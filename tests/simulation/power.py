"""A fob whose supply is cut inside a chosen flash operation, seen only through the device's door.

Acts are what somebody does to it. `cut_once` plays one act on a fob restored from what the shell
has kept, fails the supply in the given operation, and puts the cell back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent
from firmware_model.firmware.memory import Key
from firmware_model.inputs import CellInserted, CutArmed, Reset
from firmware_model.units import SimTime
from tests.firmware_model.fobs import after, events, kept, token_of

Act = Callable[[Device, SimTime], list[Effect]]
"""What is done to a fob at an instant; it returns the effects."""

PERMILLES = (0, 150, 500, 850, 1000)
REPEATED_BOOTS = 3
"""An undecided bit may read otherwise the next time: so often is the fob booted after a cut."""


def inside(work: Callable[[Device], object]) -> Act:
    """Return an act that the firmware carries out on behalf of a command."""

    def act(device: Device, _now: SimTime) -> list[Effect]:
        def interrupt() -> None:
            work(device)

        return device._run(interrupt)

    return act


@dataclass
class Kept:
    """What outlives everything: the images the shell keeps, and the instant of the last of them."""

    model: Model
    images: dict[str, bytes] = field(repr=False)
    now: SimTime

    @classmethod
    def of(cls, device: Device, now: SimTime) -> "Kept":
        return cls(device.model, device.images(), now)

    def booted(self) -> Device:
        """Return the fob after a restart of the emulator."""
        device = Device.restore(self.model, self.images)
        device.handle(Reset(), self.now)
        return device

    def operations(self, act: Act) -> int:
        """Return how many flash operations `act` takes."""
        device = self.booted()
        before = device._board.flash.operations
        act(device, self.now)
        return device._board.flash.operations - before

    def cut_once(self, act: Act, operation: int, permille: int) -> tuple["Kept", list[Effect]]:
        """Return what is left after a cut inside `act`, and the effects up to the cut."""
        device = self.booted()
        images = device.images()
        device.handle(CutArmed(operation, permille), self.now)
        effects = act(device, self.now)
        assert FobEvent.POWER_LOST in events(effects), "the cut did not happen"
        images = kept(images, effects)
        for key, image in device.images().items():
            assert key == "board" or images[key] == image, f"the shell was not told of {key}"
        return Kept(self.model, images, after(self.now, 60)), effects

    def powered(self) -> tuple["Kept", Device]:
        """Put the cell back and return the running fob, after several boots that agree."""
        device = Device.restore(self.model, self.images)
        device.handle(Reset(), self.now)
        device.handle(CellInserted(), self.now)
        entries = dict(stable_entries(device))
        for _ in range(REPEATED_BOOTS):
            device.handle(Reset(), self.now)
            assert stable_entries(device) == entries, "flash reads differently at another boot"
        return Kept(self.model, device.images(), self.now), device


def stable_entries(device: Device) -> dict[int, bytes]:
    """Return what the store holds, less what every boot changes."""
    changing = (Key.BOOTS, Key.ERROR_LOG, Key.CLOCK)
    entries = token_of(device).journal.entries
    return {key: value for key, value in sorted(entries.items()) if key not in changing}


def raw_flash(device: Device) -> bytes:
    """Return every cell of the chip as it physically stands."""
    return b"".join(bytes(page.cells) for page in device._board.flash.pages)
