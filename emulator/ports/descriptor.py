"""A port on a file descriptor: what PTYs and real UARTs have in common."""

import asyncio
import os

from emulator.ports.port import OUTPUT_LIMIT, READ_SIZE, EmulatedPort, PortListener


class DescriptorPort(EmulatedPort):
    """Passes bytes between a non-blocking descriptor and its listener, in the running loop."""

    def __init__(self, address: str, descriptor: int, listener: PortListener) -> None:
        self.address = address
        self._descriptor = descriptor
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._open = True
        self._paused = False
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._readable)

    def send(self, data: bytes) -> None:
        """Send `data`; drop what the host does not read (a UART has no memory)."""
        if not self._open:
            return
        if self._waiting:
            if len(self._waiting) + len(data) <= OUTPUT_LIMIT:
                self._waiting += data
            return
        written = self._write(data)
        if written < len(data):
            self._waiting += data[written:][:OUTPUT_LIMIT]
            self._loop.add_writer(self._descriptor, self._writable)

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        self._paused = True
        if self._open:
            self._loop.remove_reader(self._descriptor)

    def resume(self) -> None:
        """Read again."""
        self._paused = False
        if self._open:
            self._loop.add_reader(self._descriptor, self._readable)

    async def close(self) -> None:
        """Stop and close the descriptor."""
        self._stop()
        os.close(self._descriptor)

    def _stop(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)
            self._loop.remove_writer(self._descriptor)

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_SIZE)
        except BlockingIOError:
            return
        except OSError:  # the device was unplugged
            data = b""
        if not data:
            self._stop()
            self._listener.disconnected()
            return
        self._received(data)

    def _received(self, data: bytes) -> None:
        self._listener.received(data)

    def _writable(self) -> None:
        del self._waiting[: self._write(bytes(self._waiting))]
        if not self._waiting:
            self._loop.remove_writer(self._descriptor)

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)  # unplugged: the next read finds out
