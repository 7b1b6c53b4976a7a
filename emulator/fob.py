"""A fob of a rack: its device, its presses, and when the next one may begin."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from emulator.faults.faulty_line import FaultyLine
from emulator.fob_kind import FobKind
from emulator.ports.port import EmulatedPort
from firmware_model.device import Device
from firmware_model.inputs import LineSignals
from firmware_model.label import FobLabel
from firmware_model.units import NS_PER_MS, SimTime

NS_PER_US = 1000

SETTLE_NS = 300 * NS_PER_MS
"""A press has ended when the fob needs no wake-up within this time after the release: longer than
any debounce, flash write or computation, shorter than any display time."""

GUARD_MARGIN = 100
"""The guard runs on the fob's own clock: a hundredth more is more than any crystal is wrong."""


class EmulatedLine(Protocol):
    """One serial line: the listener of its port, and the way out for its fobs' bytes."""

    port: EmulatedPort | None

    def connected(self) -> None:
        """A host has connected."""

    def disconnected(self) -> None:
        """The host has disconnected."""

    def signalled(self, signals: LineSignals) -> None:
        """The host has changed the modem lines."""

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""

    def transmit(self, fob: "EmulatedFob", data: bytes) -> None:
        """Send the bytes of `fob`, as far as its faults let them pass."""

    def send(self, data: bytes) -> None:
        """Send bytes to the host, whatever faults there are."""

    @property
    def is_unplugged(self) -> bool:
        """Whether its port is closed until it is plugged in again."""

    async def unplug(self) -> None:
        """Close the port, as somebody who pulls its plug does."""

    async def plug_in(self) -> None:
        """Open the port again; do nothing where it is open."""


@dataclass(slots=True, eq=False)
class EmulatedFob:
    """A device of a rack; `number` is its channel (1 or more)."""

    number: int
    serial_number: str
    kind: FobKind
    device: Device
    label: FobLabel
    incarnation: int = 1
    """One more with each snapshot that was restored: promises hold within one."""
    line: "EmulatedLine | None" = None
    """The line that it is on; None without a port."""
    faulty_line: FaultyLine | None = None
    """The faults between it and its line; None where none was ever ordered."""
    fault_ends: list[Callable[[SimTime], None]] = field(default_factory=list)
    """Each ends a fault of the board that has not ended, at the instant given."""
    touches: int = 0
    """Scheduled moves of the contact that have not happened yet."""
    held: bool = False
    """The bench holds the button down (`BUTTon:DOWN`)."""
    released_at: SimTime | None = None
    """When its last press is released, None if that press has ended."""
    touched_at: SimTime | None = None
    """When its contact last moved, as far as this rack knows."""
    ignored: int = 0
    """Presses that its program saw and ignored since the rack was started."""
    on_ignored: Callable[["EmulatedFob"], None] | None = None
    """Called for each of them: set by the last press."""
    expected_at: SimTime | None = None
    """Its first entry in the schedule: not later than its wake-up."""

    @property
    def model(self) -> str:
        """The name of its model."""
        return self.kind.model.name

    @property
    def port(self) -> str:
        """The address of its port, with real port numbers; "" without one."""
        port = None if self.line is None else self.line.port
        return "" if port is None else port.address

    def renew(self, device: Device) -> None:
        """Begin a new incarnation with `device`; whatever the finger did to the old one is over."""
        self.device = device
        self.incarnation += 1
        self.touches, self.held = 0, False
        self.released_at = self.touched_at = self.expected_at = None
        self.on_ignored = None
        self.fault_ends.clear()

    def next_press_at(self, now: SimTime, *, rapid: bool) -> SimTime:
        """Return the earliest instant of its next press, at least `now`.

        That is after the press before it and after the repeat guard, within which the program
        ignores presses; for a `rapid` press, as soon as the contact is at rest.
        """
        last = self.touched_at if self.released_at is None else self.released_at
        if last is None:  # pressed before this rack was started, if ever
            return now if rapid else self.device.guarded_until(now)
        rules, contact = self.device.model.button, self.device.model.contact
        # The program reads the contact a debounce time after the last bounce.
        at_rest = rules.debounce_ms * NS_PER_MS + 2 * contact.bounce_us_max * NS_PER_US
        if rapid:
            return SimTime(max(now, last + at_rest))
        pending = 0 if self.released_at is None else SETTLE_NS
        guarded = at_rest + rules.repeat_guard_ms * NS_PER_MS
        return SimTime(max(now, last + max(pending, guarded + guarded // GUARD_MARGIN)))
