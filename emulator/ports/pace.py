"""Pacing: bytes delayed to the speed of a line, to test the time-outs of hosts."""

import asyncio
from collections.abc import Awaitable, Callable

from emulator.ports.port import OUTPUT_LIMIT, EmulatedPort, PortListener
from firmware_model.inputs import LineSignals

BITS_A_BYTE = 10
"""Start, eight data, stop: 8N1."""

PIECE_BYTES = 16
"""Bytes sent together: few enough for time-outs to be right, many enough to cost little."""


class Lane:
    """One direction of a line: delays each byte by `BITS_A_BYTE / baud` seconds."""

    def __init__(self, rate: Callable[[], int], out: Callable[[bytes], None]) -> None:
        self._rate = rate
        self._out = out
        self._free_at = 0.0
        self._delayed = 0
        self._loop = asyncio.get_running_loop()

    def put(self, data: bytes) -> None:
        """Delay `data`; drop it where the port's limit of delayed bytes is reached."""
        if self._delayed + len(data) > OUTPUT_LIMIT:
            return
        byte_seconds = BITS_A_BYTE / self._rate()
        at = max(self._loop.time(), self._free_at)
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            at += len(piece) * byte_seconds
            self._delayed += len(piece)
            self._loop.call_at(at, self._arrive, piece)
        self._free_at = at

    def _arrive(self, piece: bytes) -> None:
        self._delayed -= len(piece)
        self._out(piece)


class PacedPort(EmulatedPort):
    """A port with a delay each way.

    `rate` is in bits a second; 0 follows the rate that the host sets, or `unknown` where the
    port does not know it.
    """

    def __init__(self, listener: PortListener, rate: int, unknown: int) -> None:
        self.address = ""
        self._listener = listener
        self._fixed = rate
        self._unknown = unknown
        self._port: EmulatedPort | None = None
        self._inward = Lane(self._rate, listener.received)
        self._outward = Lane(self._rate, self._send)

    async def open(self, opener: Callable[[PortListener], Awaitable[EmulatedPort]]) -> None:
        """Open the delayed port; raises what `opener` raises."""
        self._port = await opener(self)
        self.address = self._port.address

    def connected(self) -> None:
        """A host has connected."""
        self._listener.connected()

    def disconnected(self) -> None:
        """The host has disconnected; delayed bytes still arrive."""
        self._listener.disconnected()

    def signalled(self, signals: LineSignals) -> None:
        """Pass the modem lines on at once: they are separate wires."""
        self._listener.signalled(signals)

    def received(self, data: bytes) -> None:
        """Take bytes from the port."""
        self._inward.put(data)

    def send(self, data: bytes) -> None:
        """Send bytes at the line's speed."""
        self._outward.put(data)

    @property
    def carries_line_errors(self) -> bool:  # type: ignore[override]
        """Whether the delayed port does."""
        return self._port is not None and self._port.carries_line_errors

    def report_line_errors(self, bits: int) -> None:
        """Report at once: it is no data."""
        if self._port is not None:
            self._port.report_line_errors(bits)

    def pause(self) -> None:
        """Read nothing more until `resume`; delayed bytes still arrive."""
        if self._port is not None:
            self._port.pause()

    def resume(self) -> None:
        """Read again."""
        if self._port is not None:
            self._port.resume()

    async def close(self) -> None:
        """Close the port."""
        if self._port is not None:
            await self._port.close()
            self._port = None

    @property
    def baud_rate(self) -> int:
        """The rate in bits a second at which bytes travel."""
        return self._rate()

    def _rate(self) -> int:
        set_by_host = None if self._port is None else self._port.baud_rate
        return self._fixed or set_by_host or self._unknown

    def _send(self, piece: bytes) -> None:
        if self._port is not None:
            self._port.send(piece)
