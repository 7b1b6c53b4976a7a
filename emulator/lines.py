"""Lines: which fobs hang behind which door, and how bytes find their way to them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from emulator import tasks
from emulator.doors.door import Door
from emulator.rack import EmulatedFob, EmulatedRack
from firmware_model.inputs import LineSignals, Receive
from firmware_model.wire.hdlc import UPPER_ADDRESS, Address, Deframer, Frame, encode

SILENCE_SECONDS = 0.5
"""Wall time after which an unfinished frame on a shared line is given up: longer than any pause
of an operating system inside a frame."""

BROADCAST_SLICE = 64
"""Fobs a frame for all is given to before the loop gets its turn again."""


class EmulatedLine(Protocol):
    """One serial line: what listens behind its door, and the way out for its fobs' bytes."""

    door: Door | None

    def connected(self) -> None:
        """A host came."""

    def disconnected(self) -> None:
        """The host went away."""

    def signalled(self, signals: LineSignals) -> None:
        """The host moved the modem lines."""

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""

    def transmit(self, data: bytes) -> None:
        """Let a fob's bytes out."""


class _Line:
    """What all lines have in common: a door, and hosts that come and go unnoticed."""

    def __init__(self, rack: EmulatedRack) -> None:
        self._rack = rack
        self.door: Door | None = None

    def connected(self) -> None:
        """A host came: the fobs stay as they are."""

    def disconnected(self) -> None:
        """The host went away: the fobs stay as they are."""

    def signalled(self, signals: LineSignals) -> None:
        """The host moved the modem lines: a line of three wires does not have them."""

    def transmit(self, data: bytes) -> None:
        """Let a fob's bytes out."""
        if self.door is not None:
            self.door.send(data)

    def _give_to(self, fob: EmulatedFob, data: bytes) -> None:
        self._rack.trace.note(fob.number, self._rack.clock.now(), data, outward=False)
        self._rack.handle(fob, Receive(data, self._rack.clock.pace))


class SingleLine(_Line):
    """A line with one fob: every byte is for it, noise included."""

    def __init__(self, rack: EmulatedRack, fob: EmulatedFob) -> None:
        super().__init__(rack)
        self._fob = fob

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""
        self._give_to(self._fob, data)

    def signalled(self, signals: LineSignals) -> None:
        """Let the fob feel the modem lines."""
        self._rack.handle(self._fob, signals)


class SharedLine(_Line):
    """A line with many fobs, told apart by their HDLC address (1 for the first, and so on).

    A good frame goes to the fob it names, or to all; a fob would only throw away anything else,
    so noise goes to none.
    """

    def __init__(self, rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> None:
        super().__init__(rack)
        self._fobs = fobs
        self._deframer = Deframer()
        self._silence: asyncio.TimerHandle | None = None
        self._waiting: list[Frame] = []
        self._broadcast: asyncio.Task[None] | None = None

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        self._deliver(self._deframer.feed(data))
        if self._deframer.is_waiting:
            loop = asyncio.get_running_loop()
            self._silence = loop.call_later(SILENCE_SECONDS, self._fall_silent)

    def _fall_silent(self) -> None:
        self._silence = None
        self._deliver(self._deframer.expire())

    def _deliver(self, found: Iterable[object]) -> None:
        for frame in found:
            if not isinstance(frame, Frame):
                continue
            if self._broadcast is not None:
                self._waiting.append(frame)
            else:
                self._give(frame)

    def _give(self, frame: Frame) -> None:
        address = Address.decode(frame.destination)
        if address.width == 1 or address.upper != UPPER_ADDRESS:
            return
        if address.is_for_all:
            assert self.door is not None
            self.door.pause()  # so that what waits is bounded by one read
            self._broadcast = tasks.start(self._give_all(encode(frame)))
        elif 1 <= address.lower <= len(self._fobs):
            self._give_to(self._fobs[address.lower - 1], encode(frame))

    async def _give_all(self, frame: bytes) -> None:
        for start in range(0, len(self._fobs), BROADCAST_SLICE):
            for fob in self._fobs[start : start + BROADCAST_SLICE]:
                self._rack.give(fob, Receive(frame, self._rack.clock.pace))
            self._rack.settle()
            await asyncio.sleep(0)
        self._broadcast = None
        waiting, self._waiting = self._waiting, []
        self._deliver(waiting)
        self._resume()

    def _resume(self) -> None:
        if self._broadcast is None and self.door is not None:
            self.door.resume()


def line_for(rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> EmulatedLine:
    """Return the line on which `fobs` hang."""
    return SingleLine(rack, fobs[0]) if len(fobs) == 1 else SharedLine(rack, fobs)


def connect(rack: EmulatedRack, lines: Mapping[EmulatedFob, EmulatedLine]) -> None:
    """Let each fob transmit onto its line."""

    def transmit(fob: EmulatedFob, data: bytes) -> None:
        rack.trace.note(fob.number, rack.clock.now(), data, outward=True)
        line = lines.get(fob)
        if line is not None:
            line.transmit(data)

    rack.transmit = transmit
