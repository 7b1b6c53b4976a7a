"""A cable straight to a device: the host's port and the fob's pins, without a rack in between."""

from decimal import Decimal

from firmware_model.device import Device
from firmware_model.effects import Effect, Transmit
from firmware_model.inputs import Receive, Wake
from firmware_model.units import NS_PER_SECOND, SimTime
from host_tools.client.link import Link
from host_tools.client.ports import Port


class Cable(Port):
    """A `Port` whose other end is a device; waiting for bytes moves the device's time.

    `now` is that time; who moves it otherwise lets the device know.
    """

    def __init__(self, device: Device, now: SimTime) -> None:
        super().__init__("the fob itself", self)  # it carries its bytes itself
        self.now = now
        self._device = device
        self._arrived = b""

    def link(self) -> Link:
        """Return a connected link to the device."""
        link = Link(self, self._device.place.address)
        link.connect()
        return link

    def seconds(self) -> Decimal:
        """Return the device's time in seconds since 1970."""
        return Decimal(self.now) / NS_PER_SECOND

    def write(self, data: bytes) -> None:
        """Let the device take `data`."""
        self._take(self._device.handle(Receive(data), self.now))

    def read(self, within_seconds: float) -> bytes:
        """Return what the device has sent; let time pass up to `within_seconds` for that."""
        end = SimTime(self.now + int(within_seconds * NS_PER_SECOND))
        while not self._arrived:
            wake = self._device.wake_at
            if wake is None or wake > end:
                self.now = end
                break
            self.now = max(self.now, wake)
            self._take(self._device.handle(Wake(), self.now))
        arrived, self._arrived = self._arrived, b""
        return arrived

    def drop_input(self) -> None:
        """Forget what the device has sent."""
        self._arrived = b""

    def close(self) -> None:
        """Nothing is held."""

    def _take(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Transmit):
                self._arrived += effect.data
