"""The life of one fob before its rack starts: wire commands, presses, time."""

from firmware_model.device import Device
from firmware_model.expectation import expect
from firmware_model.inputs import Charge, ContactMoved, Input, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from host_tools.client.keys import TEST_KEYS, FobKeys
from keyfob.testing.cable import Cable

DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
PRESS_NS = 200 * NS_PER_MS
BETWEEN_PRESSES_NS = 90 * NS_PER_SECOND
"""Longer than any display stays on."""
SINGLE_PRESSES = 8
"""At least so many presses at the end of a life are made one by one."""
LAST_PERMILLE = 30
"""With less charge than this left, a press may be the cell's last."""
WORST_CELL_PERCENT = 88
"""How much of the typical charge the worst cell of its kind holds."""


class PresetLife:
    """A device with its own course of time, from `start` on and to end at `until`."""

    def __init__(
        self,
        device: Device,
        serial_number: str,
        start: SimTime,
        until: SimTime,
        keys: FobKeys = TEST_KEYS,
    ) -> None:
        self.keys = keys
        self.cable = Cable(device, start)
        self.until = until
        self.device = device
        self.model = device.model
        self.serial_number = serial_number

    @property
    def running(self) -> bool:
        """Whether the fob's cell still lets its processor run."""
        return self.device.gauges(self.cable.now).running

    @property
    def charge_permille(self) -> int:
        """The charge left, in thousandths of this cell's capacity."""
        return self.device.gauges(self.cable.now).charge_permille

    @property
    def open_mv(self) -> int:
        """The voltage of the open cell, in millivolts."""
        return self.device.gauges(self.cable.now).open_mv

    def pass_time(self, nanoseconds: int) -> None:
        """Let `nanoseconds` pass."""
        self.cable.now = SimTime(self.cable.now + nanoseconds)
        self.device.handle(Wake(), self.cable.now)

    def take_input(self, given: Input) -> None:
        """Hand `given` to the device now."""
        self.device.handle(given, self.cable.now)

    def use(self, until: SimTime, every_ns: int, least_permille: int = 0) -> None:
        """Press every `every_ns` up to `until`, without a look; stop once the fob is dead.

        All but the last presses are made in bulk (`Device.press_in_bulk`). A display that is
        always on needs no press: only time passes. A cell that would hold less than
        `least_permille` at the end gets the charge it lacks before it runs low.
        """
        if self.model.screen.until == "always":
            self.pass_time(max(0, until - self.cable.now))
            return
        while (count := self._equal_presses(until, every_ns)) >= SINGLE_PRESSES:
            made = self.device.press_in_bulk(count, every_ns)
            self.cable.now = SimTime(self.cable.now + made * every_ns)
            if made < count:
                break
        if least_permille:
            presses = (until - self.cable.now) // every_ns
            needed = least_permille + presses // self._presses_per_permille(every_ns) + 1
            if self.charge_permille < needed:
                self.take_input(Charge(needed))
        while self.cable.now + every_ns < until and self.running:
            self.take_input(ContactMoved(closed=True))
            self.pass_time(PRESS_NS)
            self.take_input(ContactMoved(closed=False))
            self.pass_time(every_ns - PRESS_NS)

    def _equal_presses(self, until: SimTime, every_ns: int) -> int:
        """Return how many of the presses up to `until` surely are like one another."""
        spare_permille = self.charge_permille - LAST_PERMILLE
        return min(
            (until - self.cable.now) // every_ns - SINGLE_PRESSES,
            spare_permille * self._presses_per_permille(every_ns) * WORST_CELL_PERCENT // 100,
        )

    def _presses_per_permille(self, every_ns: int) -> int:
        """Return how many presses, one every `every_ns`, use a thousandth of a typical cell."""
        cell = self.model.cell
        permille_nas = cell.capacity_uah * cell.usable_permille * 3600 // 1000
        average_na = expect(self.model, DAY_NS // every_ns).average_na
        return max(1, permille_nas * NS_PER_SECOND // (average_na * every_ns))

    def press(self, nanoseconds: int = PRESS_NS) -> str:
        """Press, look half a second later, wait until it is dark again; return what was seen."""
        self.take_input(ContactMoved(closed=True))
        self.pass_time(nanoseconds)
        self.take_input(ContactMoved(closed=False))
        self.pass_time(NS_PER_SECOND // 2)
        seen = self.device.face(self.cable.now).text
        self.pass_time(BETWEEN_PRESSES_NS)
        return seen
