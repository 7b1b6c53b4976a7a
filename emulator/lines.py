"""Lines: which fobs hang behind which door, and how bytes find their way to them."""

from collections.abc import Mapping

from emulator.doors.door import Door
from emulator.rack import Fob, Rack
from firmware_model.inputs import Receive


class Line:
    """One serial line with one fob: every byte is for it, noise included."""

    def __init__(self, rack: Rack, fob: Fob) -> None:
        self._rack = rack
        self._fob = fob
        self.door: Door | None = None

    def connected(self) -> None:
        """A host came: the fob does not notice (three wires, no modem lines)."""

    def disconnected(self) -> None:
        """The host went away: the fob stays as it is."""

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""
        self._rack.handle(self._fob, Receive(data))

    def transmit(self, data: bytes) -> None:
        """Let the fob's bytes out."""
        if self.door is not None:
            self.door.send(data)


def connect(rack: Rack, lines: Mapping[Fob, Line]) -> None:
    """Let each fob transmit onto its line."""

    def transmit(fob: Fob, data: bytes) -> None:
        lines[fob].transmit(data)

    rack.transmit = transmit
