"""Pace: bytes held back to the speed of a line, for hosts whose time-outs are to be tried out."""

import asyncio
from collections.abc import Awaitable, Callable

from emulator.doors.door import OUTPUT_LIMIT, Door, LineListener
from firmware_model.inputs import LineSignals

BITS_A_BYTE = 10
"""Start, eight data, stop: 8N1."""

PIECE_BYTES = 16
"""Bytes that travel together: fine enough for time-outs, coarse enough for the machine."""


class Lane:
    """One direction of a line: what goes in comes out `BITS_A_BYTE / baud` seconds a byte later."""

    def __init__(self, rate: Callable[[], int], out: Callable[[bytes], None]) -> None:
        self._rate = rate
        self._out = out
        self._free_at = 0.0
        self._travelling = 0
        self._loop = asyncio.get_running_loop()

    def put(self, data: bytes) -> None:
        """Let `data` travel; drop it where more than the door's limit is on its way already."""
        if self._travelling + len(data) > OUTPUT_LIMIT:
            return
        byte_seconds = BITS_A_BYTE / self._rate()
        at = max(self._loop.time(), self._free_at)
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            at += len(piece) * byte_seconds
            self._travelling += len(piece)
            self._loop.call_at(at, self._arrive, piece)
        self._free_at = at

    def _arrive(self, piece: bytes) -> None:
        self._travelling -= len(piece)
        self._out(piece)


class PacedDoor(Door):
    """A door behind a lane each way; `rate` 0 is the rate the host sets, where that is known."""

    def __init__(self, listener: LineListener, rate: int, unknown: int) -> None:
        self.spelling = ""
        self._listener = listener
        self._fixed = rate
        self._unknown = unknown
        self._door: Door | None = None
        self._inward = Lane(self._rate, listener.received)
        self._outward = Lane(self._rate, self._leave)

    async def open(self, opener: Callable[[LineListener], Awaitable[Door]]) -> None:
        """Open the door itself; raises what that raises."""
        self._door = await opener(self)
        self.spelling = self._door.spelling

    def connected(self) -> None:
        """A host came."""
        self._listener.connected()

    def disconnected(self) -> None:
        """The host went away; what travels arrives all the same."""
        self._listener.disconnected()

    def signalled(self, signals: LineSignals) -> None:
        """Pass the modem lines on at once: they are wires of their own."""
        self._listener.signalled(signals)

    def received(self, data: bytes) -> None:
        """Take bytes from the door."""
        self._inward.put(data)

    def send(self, data: bytes) -> None:
        """Let bytes out, at the line's speed."""
        self._outward.put(data)

    def pause(self) -> None:
        """Take in nothing more until `resume`; what travels still arrives."""
        if self._door is not None:
            self._door.pause()

    def resume(self) -> None:
        """Take bytes in again."""
        if self._door is not None:
            self._door.resume()

    async def close(self) -> None:
        """Give the door back."""
        if self._door is not None:
            await self._door.close()
            self._door = None

    def _rate(self) -> int:
        told = None if self._door is None else self._door.baud_rate
        return self._fixed or told or self._unknown

    def _leave(self, piece: bytes) -> None:
        if self._door is not None:
            self._door.send(piece)
