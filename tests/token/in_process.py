"""A real device without a port: its line is a method call, its time this machine's."""

import threading
import time
from collections.abc import Callable, Iterator

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Transmit
from firmware_model.inputs import Input, Receive, Wake
from firmware_model.units import NS_PER_SECOND, SimTime
from host_tools.client.ports import Port

CHIP_ID = bytes.fromhex("C0 FF EE 00 11 22 33 44 55 66")
BORN = SimTime(1_800_000_000 * NS_PER_SECOND)

Cut = Callable[[bytes], Iterator[bytes]]


def whole(data: bytes) -> Iterator[bytes]:
    yield data


def byte_by_byte(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[at : at + 1]


class DeviceTransport:
    """What `Port` needs below it; `cut` says in which pieces bytes go both ways."""

    def __init__(self, model: str = "fob-h6", cut: Cut = whole) -> None:
        self._started = time.monotonic_ns()
        self._cut = cut
        self._out: list[bytes] = []
        self.device = Device.manufacture(
            catalogue.load(model), chip_id=CHIP_ID, random_seed=7, now=BORN
        )

    def write(self, data: bytes) -> None:
        """Let the fob receive `data`."""
        for piece in self._cut(data):
            self._give(Receive(piece))

    def read(self, within_seconds: float) -> bytes:
        """Return what the fob has sent; wait for it as long as it wants to be woken."""
        deadline = time.monotonic() + within_seconds
        while True:
            wake_at = self.device.wake_at
            now = self._now()
            if wake_at is not None and wake_at <= now:
                self._give(Wake())
            if self._out:
                return self._out.pop(0)
            left = deadline - time.monotonic()
            if left <= 0:
                return b""
            until_wake = left if wake_at is None else (wake_at - now) / NS_PER_SECOND
            threading.Event().wait(max(0.0, min(left, until_wake)))

    def drop_input(self) -> None:
        """Forget what the fob has sent."""
        self._out.clear()

    def close(self) -> None:
        """There is nothing to close."""

    def _now(self) -> SimTime:
        return SimTime(BORN + time.monotonic_ns() - self._started)

    def _give(self, given: Input) -> None:
        for effect in self.device.handle(given, self._now()):
            if isinstance(effect, Transmit):
                self._out += self._cut(effect.data)


def port(model: str = "fob-h6", cut: Cut = whole) -> Port:
    """Return an open port to a fresh, blank fob."""
    return Port(f"in process: {model}", DeviceTransport(model, cut))
