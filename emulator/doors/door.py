"""What every door is: a spelling, a listener behind it, bytes out, and an end."""

from abc import ABC, abstractmethod
from typing import Protocol

from firmware_model.inputs import LineSignals

OUTPUT_LIMIT = 1 << 20
"""Bytes a door keeps for a host that does not read; a UART loses what nobody reads, so do we."""

READ_SIZE = 4096


class LineListener(Protocol):
    """What stands behind a door."""

    def connected(self) -> None:
        """A host came (where the carrier can tell)."""

    def received(self, data: bytes) -> None:
        """Bytes came in."""

    def disconnected(self) -> None:
        """The host went away (where the carrier can tell)."""

    def signalled(self, signals: LineSignals) -> None:
        """The host moved the modem lines (where the carrier has them)."""


class Door(ABC):
    """One open door. It was opened by an `open_…` function and is given back by `close`."""

    spelling: str
    """How a host names this door, with real port numbers."""

    @property
    def baud_rate(self) -> int | None:
        """What the host has set its end to, None where the carrier does not tell."""
        return None

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Let `data` out; drop it where no host is there or the host does not read."""

    @abstractmethod
    def pause(self) -> None:
        """Take in nothing more until `resume`: the listener is full."""

    @abstractmethod
    def resume(self) -> None:
        """Take bytes in again."""

    @abstractmethod
    async def close(self) -> None:
        """Give the door back; nothing of it is left over."""
