"""The interface of every port: an address, a listener for its bytes, sending, closing."""

from abc import ABC, abstractmethod
from typing import Protocol

from firmware_model.inputs import LineSignals

OUTPUT_LIMIT = 1 << 20
"""Bytes a port keeps for a host that does not read; like a UART, it loses what exceeds them."""

READ_SIZE = 4096


class PortListener(Protocol):
    """Receives what happens at a port."""

    def connected(self) -> None:
        """A host has connected (on a PTY: opened the terminal; not known on a real UART)."""

    def received(self, data: bytes) -> None:
        """Take bytes from the host."""

    def disconnected(self) -> None:
        """The host has disconnected (as `connected`)."""

    def signalled(self, signals: LineSignals) -> None:
        """The host has changed the modem lines (RFC 2217 only)."""


class EmulatedPort(ABC):
    """One open port: opened by an `open_…` function, closed by `close`."""

    address: str
    """How a host names this port, with real port numbers."""

    @property
    def baud_rate(self) -> int | None:
        """The rate in bits a second that the host has set; None where it is not known."""
        return None

    carries_line_errors: bool = False
    """Whether it can tell a host of parity and framing errors."""

    def report_line_errors(self, bits: int) -> None:
        """Tell the host of errors in what comes next: bits of RFC 2217's line state (§3)."""
        assert self.carries_line_errors or not bits, "the bench asks before"

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send `data`; drop it where no host is connected or the host does not read."""

    @abstractmethod
    def pause(self) -> None:
        """Read nothing more until `resume`: the listener is full."""

    @abstractmethod
    def resume(self) -> None:
        """Read again."""

    @abstractmethod
    async def close(self) -> None:
        """Close the port and remove everything that it made."""
