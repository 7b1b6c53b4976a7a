"""Lines: the fobs behind a port, and which of them gets which bytes."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from emulator import tasks
from emulator.fob import EmulatedFob
from emulator.ports.port import EmulatedPort
from emulator.rack import EmulatedRack
from firmware_model.inputs import DEFAULT_BAUD_RATE, LineSignals, Receive
from firmware_model.wire.hdlc import UPPER_ADDRESS, Address, Deframer, Frame, encode

SILENCE_SECONDS = 0.5
"""Wall time after which an unfinished frame on a shared line is dropped: longer than any pause
of an operating system inside a frame."""

BROADCAST_SLICE = 64
"""Fobs that get a broadcast frame before the loop runs other tasks."""


_log = logging.getLogger("keyfob.emulator.ports")


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

    def transmit(self, data: bytes) -> None:
        """Send a fob's bytes."""


class _Line:
    """What all lines have in common."""

    def __init__(self, rack: EmulatedRack) -> None:
        self._rack = rack
        self._spoken_to: set[EmulatedFob] = set()
        """Fobs that have got bytes from the present host."""
        self._signals = LineSignals()
        self.port: EmulatedPort | None = None

    def connected(self) -> None:
        """A host has connected: the fobs stay as they are."""
        _log.info("host connected to %s", self._address)

    def disconnected(self) -> None:
        """The host has disconnected: its link, channel and selection end (WIRE §2.5)."""
        _log.info("host left %s", self._address)
        for fob in self._spoken_to:
            # To a fob that is DTR falling; it must have been up for that.
            for is_ready in (True, False, self._signals.data_terminal_ready):
                signals = replace(self._signals, data_terminal_ready=is_ready)
                self._rack.give(fob, signals)
        self._spoken_to.clear()
        self._rack.settle()

    @property
    def _address(self) -> str:
        return "?" if self.port is None else self.port.address

    def signalled(self, signals: LineSignals) -> None:
        """The host has changed the modem lines: a shared line has three wires only."""

    def transmit(self, data: bytes) -> None:
        """Send a fob's bytes."""
        if self.port is not None:
            self.port.send(data)

    def _give_to(self, fob: EmulatedFob, data: bytes) -> None:
        self._spoken_to.add(fob)
        self._rack.trace.note(fob.number, self._rack.clock.now(), data, outward=False)
        self._rack.handle(fob, self._received(data))

    def _received(self, data: bytes) -> Receive:
        """Return the arrival of `data` at the rate that the host has set."""
        baud_rate = None if self.port is None else self.port.baud_rate
        return Receive(data, self._rack.clock.pace, baud_rate or DEFAULT_BAUD_RATE)


class SingleLine(_Line):
    """A line with one fob, which gets every byte, noise included."""

    def __init__(self, rack: EmulatedRack, fob: EmulatedFob) -> None:
        super().__init__(rack)
        self._fob = fob

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""
        self._give_to(self._fob, data)

    def signalled(self, signals: LineSignals) -> None:
        """Pass the modem lines on to the fob."""
        self._signals = signals
        self._rack.handle(self._fob, signals)


class SharedLine(_Line):
    """A line with many fobs, told apart by their HDLC address (1 for the first, and so on).

    A valid frame goes to the fob that it names, or to all. Anything else goes to none: every
    fob would drop it.
    """

    def __init__(self, rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> None:
        super().__init__(rack)
        self._fobs = fobs
        self._deframer = Deframer()
        self._silence: asyncio.TimerHandle | None = None
        self._waiting: list[Frame] = []
        self._broadcast: asyncio.Task[None] | None = None

    def disconnected(self) -> None:
        """The host has disconnected: the frame that it left unfinished is dropped too."""
        self._deframer = Deframer()
        super().disconnected()

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        self._deliver(self._deframer.feed(data))
        if self._deframer.is_waiting:
            loop = asyncio.get_running_loop()
            self._silence = loop.call_later(SILENCE_SECONDS, self._on_silence)

    def _on_silence(self) -> None:
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
            assert self.port is not None
            self.port.pause()  # so that one read bounds what waits
            self._broadcast = tasks.start_task(self._give_all(encode(frame)))
        elif 1 <= address.lower <= len(self._fobs):
            self._give_to(self._fobs[address.lower - 1], encode(frame))

    async def _give_all(self, frame: bytes) -> None:
        received = self._received(frame)
        for start in range(0, len(self._fobs), BROADCAST_SLICE):
            for fob in self._fobs[start : start + BROADCAST_SLICE]:
                self._rack.give(fob, received)
            self._rack.settle()
            await asyncio.sleep(0)
        self._broadcast = None
        waiting, self._waiting = self._waiting, []
        self._deliver(waiting)
        self._resume()

    def _resume(self) -> None:
        if self._broadcast is None and self.port is not None:
            self.port.resume()


def line_for(rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> EmulatedLine:
    """Return the line of `fobs`."""
    return SingleLine(rack, fobs[0]) if len(fobs) == 1 else SharedLine(rack, fobs)


def connect(rack: EmulatedRack, lines: Mapping[EmulatedFob, EmulatedLine]) -> None:
    """Make each fob transmit on its line."""

    def transmit(fob: EmulatedFob, data: bytes) -> None:
        rack.trace.note(fob.number, rack.clock.now(), data, outward=True)
        line = lines.get(fob)
        if line is not None:
            line.transmit(data)

    rack.transmit = transmit
