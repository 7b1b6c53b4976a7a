"""The line to one fob: HDLC's primary with real bytes and real time-outs (WIRE §2)."""

import time

from firmware_model.errors import BadAnswer, NoAnswer
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.hdlc import INFORMATION_BYTES_MAX, UPPER_ADDRESS, Address
from firmware_model.wire.primary import (
    Failed,
    Failure,
    Primary,
    PrimaryEvent,
    PrimaryTiming,
)
from firmware_model.wire.primary_table import PrimaryState
from host_tools.client.card_link import SCHEME, CardLink, open_card
from host_tools.client.closing import Closing
from host_tools.client.command_link import MORE_DATA, gather
from host_tools.client.ports import Port, open_port

ANYBODY = 0
"""Stands for HDLC's calling address: whoever is there, on a line with a single fob."""

CALLING = Address(UPPER_ADDRESS, 0x7E, 2)
_UNANSWERED = {
    Failure.SILENT: "no fob answers at {}: is the address right, the cell good, or is it a bench?"
    " (keyfob discover looks for fobs)",
    Failure.LOST: "{}: the fob has lost the connection: it restarted, or another host took it;"
    " try again",
    Failure.BUSY: "{}: the fob was busy for too long: does the bench let its time stand still? Else"
    " look at its display; where that says Err and a number, take its cell out and put it back",
}
"""What is said, and what to do, where the fob does nothing against the standard."""

_CHATTER = "no fob answers at {}, but something talks there: is it the right port and speed?"

_READY = PrimaryState.READY

CLOSE_TIMING = PrimaryTiming(response_ns=250 * NS_PER_MS, tries=1)


def open_link(url: str, address: int = 1, timing: PrimaryTiming | None = None) -> "Link":
    """Open the port `url` and connect to the fob with HDLC address `address`.

    Args:
        url: as for `open_port`.
        address: 1 to 16381, or `ANYBODY`.
        timing: when to repeat and when to give up; None for what the line's settings say.

    Raises:
        KeyfobError: the port cannot be opened, or no fob answers; see `open_port` and `Link`.
    """
    port = open_port(url)
    link = Link(port, address, timing)
    try:
        link.connect()
    except BaseException:
        port.close()
        raise
    return link


def open_command_link(url: str, address: int = 1) -> "Link | CardLink":
    """Connect to the fob at `url`: on a line as `open_link`, or in a reader (`pcsc:READER`).

    Raises:
        KeyfobError: see `open_link` and `open_card`.
    """
    return open_card(url) if url.lower().startswith(SCHEME) else open_link(url, address)


class Link(Closing):
    """A line to one fob: APDUs out, answers back.

    Raises, from every method but `close`:
        PortUnavailable: the port went away.
        NoAnswer: the fob does not answer, or was busy for too long.
        BadAnswer: it answers against the standard.
    """

    def __init__(
        self,
        port: Port,
        address: int,
        timing: PrimaryTiming | None = None,
        *,
        information_bytes: int = INFORMATION_BYTES_MAX,
    ) -> None:
        """Prepare a connection; nothing is sent before `connect`.

        Args:
            port: an open port.
            address: 1 to 16381, or `ANYBODY`.
            timing: when to repeat and when to give up; None for what the line's settings say.
            information_bytes: the longest information field proposed, 1 to 2030; the line's
                settings may say less.
        """
        self.port = port
        self.address = address
        self._timing = port.settings.timing() if timing is None else timing
        self._primary = Primary(
            CALLING if address == ANYBODY else address,
            information_bytes=min(information_bytes, port.settings.information_bytes),
            timing=self._timing,
        )

    @property
    def is_connected(self) -> bool:
        """Whether the mode is set and nothing has ended it."""
        return self._primary.is_connected

    def set_timing(self, timing: PrimaryTiming) -> None:
        """Repeat and give up like this from now on."""
        self._timing = self._primary.timing = timing

    def connect(self) -> None:
        """Set the mode; whatever a host before had with this fob is over."""
        self._primary.timing = self._timing
        began = _now()
        self._run(self._primary.connect(began), Connected, began)
        took = (_now() - began) / NS_PER_SECOND
        self.port.round_trip_seconds = min(self.port.round_trip_seconds, took)

    def transceive(self, apdu: bytes) -> bytes:
        """Send a command APDU and return the whole answer, status word included.

        An answer that comes in parts (61xx) is fetched with GET RESPONSE, in clear, and
        returned as one (ISO/IEC 7816-4 §5.3.4).
        """
        answer = self._exchange(apdu)
        return gather(self._exchange, answer, self) if answer[-2:-1] == MORE_DATA else answer

    def disconnect(self) -> None:
        """Tell the fob that it is over; the port stays open, for another fob of the line."""
        if self._primary.is_connected:
            self._primary.timing = CLOSE_TIMING  # nobody waits long to say goodbye
            now = _now()
            self._run(self._primary.disconnect(now), Disconnected, now)

    def close(self) -> None:
        """Tell the fob that it is over, and close the port, whatever happens."""
        try:
            self.disconnect()
        finally:
            self.port.close()

    def abandon(self) -> None:
        """Close the port without a word: the line may be what broke.

        SNRM of the next host ends this connection too.
        """
        self.port.close()

    def __str__(self) -> str:
        if self.address == ANYBODY:
            return self.port.url
        return f"{self.port.url}, address {self.address}"

    def _exchange(self, apdu: bytes) -> bytes:
        if self._primary.state is not _READY:
            raise NoAnswer(f"{self}: not connected")
        now = _now()
        done = self._run(self._primary.transmit(apdu, now), Indication, now)
        assert isinstance(done, Indication)
        return done.information

    def _run(
        self, events: list[PrimaryEvent], wanted: type[PrimaryEvent], now: SimTime
    ) -> PrimaryEvent:
        """Carry out events of `now`, read and wait until the `wanted` one happens."""
        primary, port = self._primary, self.port
        heard, resent = False, 0
        while True:
            for event in events:
                if type(event) is Send:
                    port.write(event.data)
                elif type(event) is wanted:
                    if resent:
                        self._count(resent)
                    return event
                elif type(event) is Failed:
                    raise self._failure(event, heard=heard)
            deadline = primary.deadline
            assert deadline is not None, "waiting for nothing"
            # In whole milliseconds, so that a terminal's time-out mostly stays as it is set.
            left_ms = max(0, -((now - deadline) // NS_PER_MS))
            received = port.read(left_ms / 1000)
            now = _now()
            events = primary.receive(received, now) if received else []
            if events:
                heard = True
                continue  # what they leave due is looked for before the next read
            heard = heard or bool(received)
            pausing = primary.state is PrimaryState.PAUSING
            late = primary.timeout(now)
            resent += not pausing and any(isinstance(event, Send) for event in late)
            events += late

    def _count(self, resent: int) -> None:
        """Count what was sent again until an answer came; where none came, the fob is gone."""
        self.port.cost.resent += resent
        self.port.cost.seconds += resent * self._timing.response_ns / NS_PER_SECOND

    def _failure(self, failed: Failed, *, heard: bool) -> NoAnswer | BadAnswer:
        if failed.failure is Failure.SILENT and heard:
            return NoAnswer(_CHATTER.format(self))
        if said := _UNANSWERED.get(failed.failure):
            return NoAnswer(said.format(self))
        return BadAnswer(f"{self}: {failed.failure.value}")


def _now() -> SimTime:
    return SimTime(time.monotonic_ns())
