"""What ports over an asyncio transport share: sending, and when to read."""

import asyncio

from emulator.ports.port import OUTPUT_LIMIT


class TransportOutlet:
    """A connection that may be gone: `_transport` is None then."""

    _transport: asyncio.Transport | None = None

    def send(self, data: bytes) -> None:
        """Send `data`; drop it where the peer is gone or does not read."""
        transport = self._transport
        # asyncio logs a warning for writes to a connection that it has lost already.
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() <= OUTPUT_LIMIT:
            transport.write(data)

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close the connection at once."""
        if self._transport is not None:
            self._transport.abort()
