"""The host's end of the link: an HDLC primary in normal response mode (WIRE §2).

Bytes in, values out. One command is under way at a time; lost frames are sent again, late and
doubled ones are read over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, unique
from functools import partial
from typing import ClassVar

from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.hdlc import (
    CONTROLS,
    INFORMATION_BYTES_MAX,
    POLL,
    Address,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode_fields,
    server_address,
)
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.primary_table import TRANSITIONS, PrimaryEffect, PrimaryInput, PrimaryState

ANSWER_BYTES_MAX = 65_538
"""The longest answer put together from segments: an extended response APDU."""


@unique
class Failure(Enum):
    """Why a connection is over."""

    SILENT = "nothing answers"
    REFUSED = "the fob refuses the connection"
    LOST = "the fob has lost the connection"
    REJECTED = "the fob rejects a frame"
    BUSY = "the fob was busy for too long"
    NONSENSE = "the fob's answer is not as the standard says"


@dataclass(frozen=True, slots=True)
class Failed:
    """The connection failed or broke; connect again. `information` is FRMR's."""

    failure: Failure
    information: bytes = field(default=b"", repr=False)


PrimaryEvent = Send | Indication | Connected | Disconnected | Failed


@dataclass(frozen=True, slots=True)
class PrimaryTiming:
    """Time-outs in nanoseconds, and how often a frame is sent.

    `response_ns` runs from a frame's sending, and anew from every octet of a frame that comes: at
    slow rates it must be longer than our longest frame takes. `pause_ns` lies between two polls of
    a busy fob, `patience_ns` between a command and the end of our polling; no frame is waited for
    longer than that either.
    """

    inter_octet_ns: int = 500 * NS_PER_MS
    response_ns: int = 1000 * NS_PER_MS
    pause_ns: int = 100 * NS_PER_MS
    patience_ns: int = 60 * NS_PER_SECOND
    tries: int = 4


DEFAULT_TIMING = PrimaryTiming()

# Members of enumerations that every frame meets: a name here is found ten times as fast.
_I, _RR, _RNR = FrameKind.I, FrameKind.RR, FrameKind.RNR
_SNRM_P, _DISC_P = control_byte(FrameKind.SNRM, poll=True), control_byte(FrameKind.DISC, poll=True)
_DISCONNECTED, _READY = PrimaryState.DISCONNECTED, PrimaryState.READY
_AWAITING, _PAUSING = PrimaryState.AWAITING, PrimaryState.PAUSING
_ANSWER, _TRANSMIT = PrimaryInput.ANSWER, PrimaryInput.TRANSMIT
_TRIED_AGAIN = (PrimaryInput.LATE, PrimaryInput.PAUSED)


class Primary:
    """The host's end towards one fob.

    `address` is the fob's lower address (1..16381), or an `Address` in any form.
    `information_bytes` (1..2030) is what we propose for both directions.

    Everything takes `now`, which never goes back. Call `timeout` at `deadline`, or later.
    """

    def __init__(
        self,
        address: int | Address,
        *,
        information_bytes: int = INFORMATION_BYTES_MAX,
        timing: PrimaryTiming = DEFAULT_TIMING,
    ) -> None:
        self.state = PrimaryState.DISCONNECTED
        self.timing = timing
        self._server = address.encode() if isinstance(address, Address) else server_address(address)
        self._client = client_address()
        self._proposal = Lengths(information_bytes, information_bytes)
        self._lengths = Lengths()
        self._deframer = Deframer()
        self._octet_at = self._sent_at = self._command_at = SimTime(0)
        self._tries = 0
        self._last = self._last_information = b""
        self._last_is_poll = False
        self._receive_next = self._send_next = 0
        self._assembled = self._pending = b""

    @property
    def is_connected(self) -> bool:
        """Whether the mode is set, as far as this end knows."""
        return self.state in (_READY, _AWAITING, _PAUSING)

    @property
    def deadline(self) -> SimTime | None:
        """When `timeout` must be called, None where no time-out runs."""
        timing, in_frame, sent_at = self.timing, self._deframer.is_waiting, self._sent_at
        due = None
        if self.state is _PAUSING:
            due = sent_at + timing.pause_ns
        elif self.state is not _READY and self.state is not _DISCONNECTED:
            # Noise does not count: a line with steady noise would be waited for without end.
            since = max(sent_at, self._octet_at) if in_frame else sent_at
            latest = sent_at + max(timing.response_ns, timing.patience_ns)
            due = min(since + timing.response_ns, latest)
        if in_frame:
            octet_due = self._octet_at + timing.inter_octet_ns
            due = octet_due if due is None else min(due, octet_due)
        return None if due is None else SimTime(due)

    def connect(self, now: SimTime) -> list[PrimaryEvent]:
        """Set the mode: `Connected` or `Failed` follows."""
        assert self.state is _DISCONNECTED, "already connected, or about to be"
        return self._step(PrimaryInput.CONNECT, b"", now)

    def transmit(self, information: bytes, now: SimTime) -> list[PrimaryEvent]:
        """Send one command of 1 byte or more: an `Indication` with its answer or `Failed` follows.

        Only when connected and no other command is under way.
        """
        assert self.state is _READY, "not connected, or a command is under way"
        assert information, "a command has at least a header"
        self._pending = information
        self._command_at = now
        return self._step(_TRANSMIT, b"", now)

    def disconnect(self, now: SimTime) -> list[PrimaryEvent]:
        """End the connection: `Disconnected` follows, whether or not the fob still answers."""
        return self._step(PrimaryInput.DISCONNECT, b"", now)

    def receive(self, data: bytes, now: SimTime) -> list[PrimaryEvent]:
        """Take bytes from the line."""
        events = self._give_up_frame(now) if self._deframer.is_waiting else []
        self._octet_at = now
        for found in self._deframer.feed(data):
            if type(found) is Frame:
                events += self._take(found, now)
        return events

    def timeout(self, now: SimTime) -> list[PrimaryEvent]:
        """Handle the time-outs that are due by `now`; without one nothing happens."""
        events = self._give_up_frame(now)
        due = self.deadline
        if due is None or now < due:
            return events
        if self.state is _PAUSING:
            over = now >= self._command_at + self.timing.patience_ns
            return events + self._step(
                PrimaryInput.IMPATIENT if over else PrimaryInput.PAUSED, b"", now
            )
        left = self._tries < self.timing.tries
        return events + self._step(PrimaryInput.LATE if left else PrimaryInput.EXHAUSTED, b"", now)

    def _give_up_frame(self, now: SimTime) -> list[PrimaryEvent]:
        events: list[PrimaryEvent] = []
        if self._deframer.is_waiting and now >= self._octet_at + self.timing.inter_octet_ns:
            for found in self._deframer.expire():
                if type(found) is Frame:
                    events += self._take(found, now)
        return events

    def _take(self, frame: Frame, now: SimTime) -> list[PrimaryEvent]:
        """Turn one valid frame into a `PrimaryInput` and carry it out."""
        if frame.destination != self._client or frame.source != self._server:
            return []
        kind, _, received, sent = CONTROLS[frame.control]
        what: PrimaryInput | None
        if kind is _I or kind is _RR or kind is _RNR:
            what = self._sort_numbered(frame, kind, received, sent)
        else:
            what = self._sort_unnumbered(frame, kind)
        return [] if what is None else self._step(what, frame.information, now)

    def _step(self, what: PrimaryInput, information: bytes, now: SimTime) -> list[PrimaryEvent]:
        step = TRANSITIONS.get((self.state, what))
        if step is None:
            return []
        effect, self.state = step
        if what not in _TRIED_AGAIN:
            self._tries = 0
        return self._EFFECTS[effect](self, information, now)

    def _sort_numbered(
        self, frame: Frame, kind: FrameKind, received: int, sent: int
    ) -> PrimaryInput | None:
        if kind is _RNR:
            return PrimaryInput.BUSY
        if received != self._send_next:
            missed = received == (self._send_next - 1) & 7
            return PrimaryInput.MISSED if kind is _RR and missed and self._last_is_poll else None
        if kind is _RR:
            return PrimaryInput.TAKEN if self._pending else PrimaryInput.NOTHING_YET
        if sent != self._receive_next or (frame.segmented and not frame.information):
            return None  # doubled or late; empty segments could go on for ever
        if len(self._assembled) + len(frame.information) > ANSWER_BYTES_MAX:
            return PrimaryInput.TOO_LONG
        return PrimaryInput.SEGMENT if frame.segmented else _ANSWER

    def _sort_unnumbered(self, frame: Frame, kind: FrameKind) -> PrimaryInput | None:
        if kind is FrameKind.UA:
            connecting = self.state is PrimaryState.CONNECTING
            malformed = connecting and Lengths.decode(frame.information) is None
            return PrimaryInput.UA_MALFORMED if malformed else PrimaryInput.UA
        return {FrameKind.DM: PrimaryInput.DM, FrameKind.FRMR: PrimaryInput.FRMR}.get(kind)

    def _send(self, control: int, now: SimTime, information: bytes = b"") -> list[PrimaryEvent]:
        """Send one frame and start its time-out; what is pending follows an I-frame."""
        kind = CONTROLS[control].kind
        self._last_is_poll = kind is _RR
        segmented = kind is _I and bool(self._pending)
        self._last = encode_fields(self._server, self._client, control, information, segmented)
        self._tries += 1
        self._sent_at = now
        return [Send(self._last)]

    def _resend(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        self._tries += 1
        self._sent_at = now
        return [Send(self._last)]

    def _poll(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        return self._send(control_byte(_RR, poll=True, received=self._receive_next), now)

    def _connect(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        return self._send(_SNRM_P, now, self._proposal.encode())

    def _open(self, information: bytes, _now: SimTime) -> list[PrimaryEvent]:
        said = Lengths.decode(information)
        assert said is not None, "a malformed UA is another input"
        self._lengths = self._proposal.meet(said)
        self._receive_next = self._send_next = 0
        self._assembled = self._pending = self._last_information = b""
        return [Connected()]

    def _send_segment(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        length = self._lengths.transmit
        segment, self._pending = self._pending[:length], self._pending[length:]
        self._last_information = segment
        control = POLL | self._receive_next << 5 | self._send_next << 1  # an I-frame, P set
        self._send_next = (self._send_next + 1) & 7
        return self._send(control, now, segment)

    def _repeat(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        self._send_next = (self._send_next - 1) & 7
        self._pending = self._last_information + self._pending
        return self._send_segment(b"", now)

    def _assemble(self, information: bytes, now: SimTime) -> list[PrimaryEvent]:
        self._receive_next = (self._receive_next + 1) & 7
        self._assembled += information
        return self._poll(b"", now)

    def _deliver(self, information: bytes, _now: SimTime) -> list[PrimaryEvent]:
        self._receive_next = (self._receive_next + 1) & 7
        information, self._assembled = self._assembled + information, b""
        self._pending = b""
        return [Indication(information)]

    def _pause(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        self._sent_at = now
        return []

    def _disconnect(self, _information: bytes, now: SimTime) -> list[PrimaryEvent]:
        return self._send(_DISC_P, now)

    def _finish(self, _information: bytes, _now: SimTime) -> list[PrimaryEvent]:
        return [Disconnected()]

    def _fail(self, information: bytes, _now: SimTime, *, failure: Failure) -> list[PrimaryEvent]:
        return [Failed(failure, information if failure is Failure.REJECTED else b"")]

    _EFFECTS: ClassVar[
        dict[PrimaryEffect, Callable[["Primary", bytes, SimTime], list[PrimaryEvent]]]
    ] = {
        PrimaryEffect.CONNECT: _connect,
        PrimaryEffect.OPEN: _open,
        PrimaryEffect.SEND: _send_segment,
        PrimaryEffect.RESEND: _resend,
        PrimaryEffect.REPEAT: _repeat,
        PrimaryEffect.POLL: _poll,
        PrimaryEffect.ASSEMBLE: _assemble,
        PrimaryEffect.DELIVER: _deliver,
        PrimaryEffect.PAUSE: _pause,
        PrimaryEffect.DISCONNECT: _disconnect,
        PrimaryEffect.FINISH: _finish,
        PrimaryEffect.FAIL_SILENT: partial(_fail, failure=Failure.SILENT),
        PrimaryEffect.FAIL_REFUSED: partial(_fail, failure=Failure.REFUSED),
        PrimaryEffect.FAIL_LOST: partial(_fail, failure=Failure.LOST),
        PrimaryEffect.FAIL_REJECTED: partial(_fail, failure=Failure.REJECTED),
        PrimaryEffect.FAIL_BUSY: partial(_fail, failure=Failure.BUSY),
        PrimaryEffect.FAIL_NONSENSE: partial(_fail, failure=Failure.NONSENSE),
    }
