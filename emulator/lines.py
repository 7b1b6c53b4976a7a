"""Lines: the fobs behind a port, and which of them gets which bytes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from emulator import tasks
from emulator.faults.delay import DelayedSender
from emulator.faults.faulty_line import FaultyLine
from emulator.faults.vocabulary import FaultWay
from emulator.fob import EmulatedFob, EmulatedLine
from emulator.ports.port import EmulatedPort
from emulator.rack import EmulatedRack
from firmware_model.inputs import DEFAULT_BAUD_RATE, LineSignals, Receive
from firmware_model.wire.hdlc import UPPER_ADDRESS, Address, Deframer, Frame, WholeFrame

SILENCE_SECONDS = 0.5
"""Wall time after which an unfinished frame on a shared line is dropped: longer than any pause
of an operating system inside a frame."""

BROADCAST_SLICE = 64
"""Fobs that get a broadcast frame before the loop runs other tasks."""


_log = logging.getLogger("keyfob.emulator.ports")


class _Line:
    """What all lines have in common."""

    def __init__(self, rack: EmulatedRack) -> None:
        self._rack = rack
        self._spoken_to: set[EmulatedFob] = set()
        """Fobs that have got bytes from the present host."""
        self._signals = LineSignals()
        self._lanes: dict[tuple[EmulatedFob, FaultWay], DelayedSender] = {}
        self._unfinished: dict[EmulatedFob, asyncio.TimerHandle] = {}
        self.port: EmulatedPort | None = None
        self.reopen: Callable[[], Awaitable[EmulatedPort]] | None = None
        """Opens its port again; None for one that a host opens (`fob://`)."""
        self.is_unplugged = False

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

    def send(self, data: bytes) -> None:
        """Send bytes to the host, whatever faults there are."""
        if self.port is not None:
            self.port.send(data)

    def transmit(self, fob: EmulatedFob, data: bytes) -> None:
        """Send the bytes of `fob`, as far as its faults let them pass."""
        faults = None if fob.faulty_line is None else self._faults(fob, FaultWay.FROM)
        if faults is not None:
            self._pass(fob, faults, data, FaultWay.FROM)
        elif self.port is not None:
            self.port.send(data)

    async def unplug(self) -> None:
        """Close the port, as somebody who pulls its plug does."""
        self.is_unplugged = True
        port, self.port = self.port, None
        if port is not None:
            await port.close()
            self.disconnected()

    async def plug_in(self) -> None:
        """Open the port again; do nothing where it is open."""
        if self.is_unplugged and self.reopen is not None:
            self.port = await self.reopen()
        self.is_unplugged = False

    async def close(self) -> None:
        """Close the port for good, and lose what is on its way."""
        for handle in self._unfinished.values():
            handle.cancel()
        for lane in self._lanes.values():
            lane.cancel()
        if self.port is not None:
            await self.port.close()
            _log.info("port %s closed", self.port.address)

    def _give_to(self, fob: EmulatedFob, data: bytes) -> None:
        faults = None if fob.faulty_line is None else self._faults(fob, FaultWay.TO)
        if faults is None:
            self._hand(fob, data)
            return
        unfinished = self._unfinished.pop(fob, None)
        if unfinished is not None:
            unfinished.cancel()
        whole = faults.collect(data)
        if whole:
            self._pass(fob, faults, whole, FaultWay.TO)
        else:
            loop = asyncio.get_running_loop()
            self._unfinished[fob] = loop.call_later(SILENCE_SECONDS, self._end_frame, fob, faults)

    def _end_frame(self, fob: EmulatedFob, faults: FaultyLine) -> None:
        """Pass on what the host has begun and not ended."""
        del self._unfinished[fob]
        self._pass(fob, faults, faults.collect(b"", final=True), FaultWay.TO)

    def _faults(self, fob: EmulatedFob, way: FaultWay) -> FaultyLine | None:
        """Return the faults of `fob` while they, or what they hold back, concern its frames."""
        faults = fob.faulty_line
        if faults is None:
            return None
        lane = self._lanes.get((fob, way))
        holding = lane is not None and lane.is_holding
        collecting = way is FaultWay.TO and faults.is_collecting
        return faults if holding or collecting or faults.is_armed(self._rack.clock.now()) else None

    def _pass(self, fob: EmulatedFob, faults: FaultyLine, data: bytes, way: FaultWay) -> None:
        lane = self._lanes.get((fob, way))
        if lane is None:
            out = self.send if way is FaultWay.FROM else partial(self._hand, fob)
            lane = self._lanes[fob, way] = DelayedSender(out)
        passed = faults.pass_frame(data, way, self._rack.clock.now())
        if passed.echo:
            self.send(passed.echo)
        if passed.line_errors and self.port is not None:
            self.port.report_line_errors(passed.line_errors)
        lane.put(passed.pieces)

    def _hand(self, fob: EmulatedFob, data: bytes) -> None:
        self._spoken_to.add(fob)
        rack = self._rack
        now = rack.clock.now()
        rack.trace.note(fob.number, now, data, outward=False)
        rack.give(fob, self._received(data), now)
        rack.settle()

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
            self._broadcast = tasks.start_task(self._give_all(WholeFrame(frame)))
        elif 1 <= address.lower <= len(self._fobs):
            self._give_to(self._fobs[address.lower - 1], WholeFrame(frame))

    async def _give_all(self, frame: bytes) -> None:
        received = self._received(frame)
        for start in range(0, len(self._fobs), BROADCAST_SLICE):
            for fob in self._fobs[start : start + BROADCAST_SLICE]:
                if self._faults(fob, FaultWay.TO) is None:
                    self._rack.give(fob, received)
                else:
                    self._give_to(fob, frame)
            self._rack.settle()
            await asyncio.sleep(0)
        self._broadcast = None
        waiting, self._waiting = self._waiting, []
        self._deliver(waiting)
        self._resume()

    def _resume(self) -> None:
        if self._broadcast is None and self.port is not None:
            self.port.resume()


def line_for(rack: EmulatedRack, fobs: Sequence[EmulatedFob]) -> SingleLine | SharedLine:
    """Return the line of `fobs`, which are on it from now on."""
    line = SingleLine(rack, fobs[0]) if len(fobs) == 1 else SharedLine(rack, fobs)
    for fob in fobs:
        fob.line = line
    return line


def connect(rack: EmulatedRack, lines: Mapping[EmulatedFob, EmulatedLine]) -> None:
    """Make each fob transmit on its line."""

    def transmit(fob: EmulatedFob, data: bytes) -> None:
        rack.trace.note(fob.number, rack.clock.now(), data, outward=True)
        line = lines.get(fob)
        if line is not None:
            line.transmit(fob, data)

    rack.transmit = transmit
