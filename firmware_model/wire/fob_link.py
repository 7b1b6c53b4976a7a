"""The interface of every link that a fob can speak: bytes of its line in, messages out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Protocol

from firmware_model.units import SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send

LinkEvent = Send | Indication | Connected | Disconnected


@unique
class LinkKind(StrEnum):
    """The links, by the names that a port's address has for them."""

    HDLC = "hdlc"
    """Many fobs on a line, told apart by their address (WIRE §2)."""
    CCID = "ccid"
    """A serial card reader with the fob in it, T=1 (WIRE §10)."""
    VPCD = "vpcd"
    """A virtual reader of vsmartcard, whole APDUs (WIRE §11)."""


class FobLink(Protocol):
    """The fob's end of one link, for one connection after another.

    An `Indication` is a command APDU; `respond` answers the last one, at once or later.
    Everything takes `now`, which never goes back. Call `timeout` at `deadline`, or later.
    """

    @property
    def deadline(self) -> SimTime | None:
        """When `timeout` must be called, None where no time-out runs."""

    def receive(self, data: bytes, now: SimTime) -> Sequence[LinkEvent]:
        """Take bytes from the line; whatever they are, nothing is raised."""

    def respond(self, information: bytes, now: SimTime) -> Sequence[LinkEvent]:
        """Answer the command of the last `Indication` with a response APDU."""

    def timeout(self, now: SimTime) -> Sequence[LinkEvent]:
        """Handle the time-outs that are due by `now`."""

    def stretch(self, factor: int) -> None:
        """Make the time-outs `factor` (1 or more) times the usual, for a slower peer."""


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a fob is on its line: HDLC address, whether it is alone, which link it speaks.

    Every link but HDLC has one fob on a line.
    """

    address: int = 1
    alone: bool = True
    link: LinkKind = LinkKind.HDLC
