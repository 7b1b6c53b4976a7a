"""`rfc2217:HOST:PORT`: a serial port over Telnet, with its settings and modem lines (RFC 2217)."""

import logging
import struct

from serial.rfc2217 import IAC, SERVER_NOTIFY_LINESTATE, PortManager

from emulator.ports.foreign import StartGuard
from emulator.ports.port import PortListener
from emulator.ports.tcp import TcpPort
from firmware_model.inputs import LineSignals

SUBNEGOTIATION_BYTES_MAX = 64
"""No suboption of RFC 2217 §3 is longer, signatures included."""

_log = logging.getLogger("keyfob.emulator.ports")

BAUD_RATES = range(50, 4_000_001)


class Uart:
    """The emulated UART for pyserial's `PortManager`: its settings and modem lines."""

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
            raise ValueError("unsupported baud rate")
        self._baudrate = rate

    @property
    def signals(self) -> LineSignals:
        """The modem lines that the host drives."""
        return LineSignals(self.dtr, self.break_condition, self._baudrate)

    def reset_input_buffer(self) -> None:
        """Do nothing: bytes are passed on at once."""

    def reset_output_buffer(self) -> None:
        """Do nothing: bytes are sent at once."""


class Telnet:
    """Between socket and line: takes Telnet's options out and unescapes the data."""

    def __init__(self, port: "Rfc2217Port", listener: PortListener) -> None:
        self._port = port
        self._listener = listener
        self._manager: PortManager | None = None
        self._guard = StartGuard()
        self._signals = port.uart.signals

    def connected(self) -> None:
        """A host has connected: negotiate again; the UART keeps its settings."""
        # The stubs ask for a real port and socket; `PortManager` needs what `Uart` and `write` are.
        self._manager = PortManager(self._port.uart, self)  # type: ignore[arg-type]
        self._guard = StartGuard()
        self._listener.connected()

    def disconnected(self) -> None:
        """The host has disconnected."""
        self._manager = None
        self._listener.disconnected()

    def signalled(self, signals: LineSignals) -> None:
        """Do nothing: the modem lines are Telnet options here."""

    def received(self, data: bytes) -> None:
        """Take bytes from the socket; close the connection on invalid Telnet."""
        manager = self._manager
        if manager is None:
            return
        try:
            plain = b"".join(manager.filter(data))
        except (TypeError, ValueError, KeyError, struct.error):
            self._port.hang_up()
            return
        signals = self._port.uart.signals
        if signals != self._signals:
            self._signals = signals
            self._listener.signalled(signals)
        if manager.suboption is not None and len(manager.suboption) > SUBNEGOTIATION_BYTES_MAX:
            self._port.hang_up()
        elif self._guard.refuses(plain):
            _log.warning("%s: connection closed: it sent HTTP or TLS", self._port.address)
            self._port.hang_up()
        elif plain:
            self._listener.received(plain)

    def report_line_errors(self, bits: int) -> None:
        """Send NOTIFY-LINESTATE with those of `bits` that the host's mask lets through."""
        manager = self._manager
        if manager is not None and (told := bits & getattr(manager, "linstate_mask", 0)):
            manager.rfc2217_send_subnegotiation(SERVER_NOTIFY_LINESTATE, bytes((told,)))

    def write(self, data: bytes) -> None:
        """Send an answer of the negotiation; `PortManager` calls this."""
        self._port.send_raw(data)


class Rfc2217Port(TcpPort):
    """A `TcpPort` with Telnet's COM port control option."""

    scheme = "rfc2217"
    carries_line_errors = True

    def __init__(self, listener: PortListener) -> None:
        self.uart = Uart()
        self._telnet = Telnet(self, listener)
        super().__init__(self._telnet)

    @property
    def baud_rate(self) -> int | None:
        """The rate in bits a second that the host has set."""
        return self.uart.baudrate

    def report_line_errors(self, bits: int) -> None:
        """Send NOTIFY-LINESTATE (RFC 2217 §3), as far as the host asked for it."""
        self._telnet.report_line_errors(bits)

    def send(self, data: bytes) -> None:
        """Send data, escaped for Telnet."""
        super().send(data.replace(IAC, IAC + IAC))

    def send_raw(self, data: bytes) -> None:
        """Send Telnet's own bytes."""
        super().send(data)
