"""Virtual fobs in this process, provisioned as a user's are: what a host's codes come from."""

from decimal import Decimal
from functools import cache

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Effect, Shown, Transmit
from firmware_model.inputs import ContactMoved, Input, Receive, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, seconds
from host_tools.client.keys import TEST_KEYS
from host_tools.client.link import Link
from host_tools.client.ports import Port
from host_tools.client.session import TokenSession
from host_tools.provisioning.load import provision
from host_tools.seeds import SeedRecord

CHIP_ID = bytes.fromhex("00 01 02 03 04 05 06 07 08 09")


class VirtualFob:
    """One fob and its own true time. `model` is a name of the catalogue."""

    def __init__(self, model: str, record: SeedRecord, now_seconds: int) -> None:
        self.now = seconds(now_seconds)
        self._model = catalogue.load(model)
        self._device = Device.restore(
            self._model, dict(_provisioned(model, record, now_seconds, 1))
        )
        self._give(Reset())

    @property
    def now_seconds(self) -> int:
        """True time, as the host's clock tells it."""
        return self.now // NS_PER_SECOND

    def advance(self, count: int) -> None:
        """Let `count` seconds pass."""
        self._give(Wake(), count * 1000)

    def press(self) -> tuple[int, str]:
        """Press the button; return the moving factor behind the code, and the code as seen.

        A time-based fob goes dark when the step ends: whoever pressed just then presses again.
        """
        while True:
            effects = self._give(ContactMoved(closed=True)) + self._give(
                ContactMoved(closed=False), 200
            )
            effects += self._give(Wake(), 500)
            seen = self._device.face(self.now).text.strip()
            shown = [effect.moving_factor for effect in effects if isinstance(effect, Shown)]
            factors = [factor for factor in shown if factor is not None]
            if seen:
                return factors[-1], seen
            assert len(shown) > 1, "dark from the beginning"
            self.advance(1)

    def restart(self) -> None:
        """Let the emulator be killed: the fob goes on from its durable images."""
        self._device = Device.restore(self._model, self._device.images())
        self._give(Reset())
        self.advance(15)

    def _give(self, given: Input, after_ms: int = 0) -> list[Effect]:
        self.now = SimTime(self.now + after_ms * NS_PER_MS)
        return self._device.handle(given, self.now)


class _DevicePort(Port):
    """A serial line that is a method call."""

    def __init__(self, device: Device, now: SimTime) -> None:
        super().__init__("in process", self)
        self._fob = device
        self._now = now
        self._waiting = b""

    def write(self, data: bytes) -> None:
        self._take(Receive(data))

    def read(self, within_seconds: float) -> bytes:
        if not self._waiting:
            self._now = SimTime(self._now + NS_PER_SECOND)
            self._take(Wake())
        read, self._waiting = self._waiting, b""
        return read

    def close(self) -> None:
        pass

    def _take(self, given: Input) -> None:
        for effect in self._fob.handle(given, self._now):
            if isinstance(effect, Transmit):
                self._waiting += effect.data


@cache
def _provisioned(
    model: str, record: SeedRecord, now_seconds: int, random_seed: int
) -> tuple[tuple[str, bytes], ...]:
    device = Device.manufacture(
        catalogue.load(model), chip_id=CHIP_ID, random_seed=random_seed, now=seconds(now_seconds)
    )
    link = Link(_DevicePort(device, seconds(now_seconds)), 1)
    link.connect()
    provision(TokenSession(link), record, TEST_KEYS, lambda: Decimal(now_seconds))
    return tuple(device.images().items())
