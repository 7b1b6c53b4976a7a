"""`rfc2217:HOST:PORT`: a serial port over Telnet, with its settings and modem lines (RFC 2217)."""

import struct

from serial.rfc2217 import IAC, PortManager

from emulator.doors.door import LineListener
from emulator.doors.tcp import TcpDoor
from firmware_model.inputs import LineSignals

SUBNEGOTIATION_BYTES_MAX = 64
"""No suboption of RFC 2217 §3 is longer, signatures included."""

BAUD_RATES = range(50, 4_000_001)


class Uart:
    """The emulated UART as pyserial's `PortManager` wants it: settings in, modem lines out."""

    def __init__(self) -> None:
        self._baudrate = 115_200
        self.bytesize = 8
        self.parity = "N"
        self.stopbits: float = 1
        self.xonxoff = False
        self.rtscts = False
        self.dtr = False
        self.rts = False
        self.break_condition = False
        self.cts = True
        self.dsr = True
        self.cd = True
        self.ri = False

    @property
    def baudrate(self) -> int:
        """Bits a second."""
        return self._baudrate

    @baudrate.setter
    def baudrate(self, rate: int) -> None:
        if rate not in BAUD_RATES:
            raise ValueError("no UART runs at that rate")
        self._baudrate = rate

    @property
    def signals(self) -> LineSignals:
        """The host's ends of the modem lines, as the fob feels them."""
        return LineSignals(self.dtr, self.rts, self.break_condition, self._baudrate)

    def reset_input_buffer(self) -> None:
        """Nothing waits: the fob takes bytes as they come."""

    def reset_output_buffer(self) -> None:
        """Nothing waits: the fob's bytes leave at once."""


class Telnet:
    """What stands between the socket and the line: options apart, data unescaped."""

    def __init__(self, door: "Rfc2217Door", listener: LineListener) -> None:
        self._door = door
        self._listener = listener
        self._manager: PortManager | None = None
        self._signals = door.uart.signals

    def connected(self) -> None:
        """A host came: negotiate anew; the UART keeps its settings."""
        # The stubs ask for a real port and socket; `PortManager` needs what `Uart` and `write` are.
        self._manager = PortManager(self._door.uart, self)  # type: ignore[arg-type]
        self._listener.connected()

    def disconnected(self) -> None:
        """The host went away."""
        self._manager = None
        self._listener.disconnected()

    def signalled(self, signals: LineSignals) -> None:
        """A socket has no modem lines: they come as Telnet options."""

    def received(self, data: bytes) -> None:
        """Take bytes from the socket; a host that does not speak Telnet is hung up on."""
        manager = self._manager
        if manager is None:
            return
        try:
            plain = b"".join(manager.filter(data))
        except (TypeError, ValueError, KeyError, struct.error):
            self._door.hang_up()
            return
        signals = self._door.uart.signals
        if signals != self._signals:
            self._signals = signals
            self._listener.signalled(signals)
        if manager.suboption is not None and len(manager.suboption) > SUBNEGOTIATION_BYTES_MAX:
            self._door.hang_up()
        elif plain:
            self._listener.received(plain)

    def write(self, data: bytes) -> None:
        """Let an answer of the negotiation out, as it is; `PortManager` calls this."""
        self._door.send_raw(data)


class Rfc2217Door(TcpDoor):
    """A `TcpDoor` that speaks Telnet with the COM port control option."""

    scheme = "rfc2217"

    def __init__(self, listener: LineListener) -> None:
        self.uart = Uart()
        super().__init__(Telnet(self, listener))

    @property
    def baud_rate(self) -> int | None:
        """What the host has asked for."""
        return self.uart.baudrate

    def send(self, data: bytes) -> None:
        """Let data out, escaped as Telnet wants it."""
        super().send(data.replace(IAC, IAC + IAC))

    def send_raw(self, data: bytes) -> None:
        """Let Telnet's own bytes out."""
        super().send(data)
