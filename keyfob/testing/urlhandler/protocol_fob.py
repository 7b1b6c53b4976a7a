"""`fob://NAME/N`: a pyserial port whose other end is a fob of this process."""

from typing import Any

import serial
from serial import SerialException
from serial.serialutil import SerialBase

from emulator.ports.pair import HostEnd
from firmware_model.errors import KeyfobError
from keyfob.testing.urlhandler.racks import connect


class Serial(SerialBase):
    """The host's end of a fob's line, or of the bench; baud rate and modem lines mean nothing."""

    def open(self) -> None:
        """Connect to the fob that the URL names.

        Raises:
            SerialException: the URL cannot be meant, or another host holds the line.
        """
        if self.is_open:
            raise SerialException("port is already open")
        if self.port is None:
            raise SerialException("port must be configured before it can be used")
        try:
            self._end: HostEnd = connect(self.port)
        except KeyfobError as error:
            raise SerialException(str(error)) from None
        self.is_open = True

    def close(self) -> None:
        """Go away; the fob stays as it is."""
        if self.is_open:
            self.is_open = False
            self._end.close()

    def read(self, size: int = 1) -> bytes:
        """Return up to `size` bytes, waiting `timeout` for them."""
        self._refuse_closed()
        data = self._end.read(size, self.timeout)
        if not data and self._end.ended is not None:
            raise SerialException(self._end.ended)
        return data

    def write(self, data: Any) -> int:
        """Send `data` and return its length."""
        self._refuse_closed()
        plain = bytes(data)
        self._end.write(plain)
        return len(plain)

    def cancel_read(self) -> None:
        """Let a thread that waits in `read` return at once with what it has."""
        self._refuse_closed()
        self._end.cancel_read()

    def cancel_write(self) -> None:
        """Do nothing: no write waits."""

    def fileno(self) -> int:
        """Return a descriptor for selectors and asyncio: readable while there is input."""
        self._refuse_closed()
        return self._end.fileno()

    def flush(self) -> None:
        """Nothing waits: bytes leave at once."""

    @property
    def in_waiting(self) -> int:
        """How many bytes can be read at once."""
        self._refuse_closed()
        return self._end.waiting

    @property
    def out_waiting(self) -> int:
        """How many bytes wait to be sent: none, since a write sends them at once."""
        return 0

    def reset_input_buffer(self) -> None:
        """Forget what has come and was not read."""
        self._refuse_closed()
        self._end.drop_input()

    def reset_output_buffer(self) -> None:
        """Nothing waits."""

    def _refuse_closed(self) -> None:
        if not self.is_open:
            raise serial.PortNotOpenError

    def _reconfigure_port(self) -> None: ...

    def _update_rts_state(self) -> None: ...

    def _update_dtr_state(self) -> None: ...

    def _update_break_state(self) -> None: ...

    @property
    def cts(self) -> bool:
        """Always on: three wires."""
        return True

    @property
    def dsr(self) -> bool:
        """Always on: three wires."""
        return True

    @property
    def ri(self) -> bool:
        """Always off."""
        return False

    @property
    def cd(self) -> bool:
        """Always on: three wires."""
        return True
