"""A door on a file descriptor: the one byte pump of PTYs and real UARTs."""

import asyncio
import os

from emulator.doors.door import OUTPUT_LIMIT, READ_SIZE, Door, LineListener


class DescriptorDoor(Door):
    """Pumps bytes between a non-blocking descriptor and its listener, in the running loop."""

    def __init__(self, spelling: str, descriptor: int, listener: LineListener) -> None:
        self.spelling = spelling
        self._descriptor = descriptor
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._open = True
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._readable)

    def send(self, data: bytes) -> None:
        """Let `data` out; drop it where the host does not read (a UART has no memory)."""
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
        """Take in nothing more until `resume`."""
        if self._open:
            self._loop.remove_reader(self._descriptor)

    def resume(self) -> None:
        """Take bytes in again."""
        if self._open:
            self._loop.add_reader(self._descriptor, self._readable)

    async def close(self) -> None:
        """Stop pumping and close the descriptor."""
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
        except OSError:  # the device was pulled out
            data = b""
        if not data:
            self._stop()
            self._listener.disconnected()
            return
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
            return len(data)  # pulled out: reading will notice
