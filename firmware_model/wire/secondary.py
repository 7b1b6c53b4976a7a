"""The fob's end of the link: an HDLC secondary in normal response mode (WIRE §2).

Bytes in, values out. It sends only when polled; a polled I-frame gets exactly one I-frame
with F set. A frame that was answered is answered again from memory and never executed twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.hdlc import (
    CONTROLS,
    INFORMATION_BYTES_MAX,
    POLL,
    UPPER_ADDRESS,
    Address,
    Deframer,
    Frame,
    FrameKind,
    control_byte,
    encode_fields,
)
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.secondary_table import (
    TRANSITIONS,
    SecondaryEffect,
    SecondaryInput,
    SecondaryState,
)

MESSAGE_BYTES_MAX = 4096
"""The longest command put together from segments; a longer one is rejected with FRMR."""


SecondaryEvent = Send | Indication | Connected | Disconnected


@dataclass(frozen=True, slots=True)
class SecondaryTiming:
    """Time-outs in nanoseconds; the ranges are those of IEC 62056-46 §6.4.4.

    `inter_octet_ns`: the longest pause inside a frame (20 to 6000 ms). `inactivity_ns`: the
    longest silence before the connection counts as lost, 0 for never.
    """

    inter_octet_ns: int = 500 * NS_PER_MS
    inactivity_ns: int = 120 * NS_PER_SECOND

    def stretched(self, factor: int) -> "SecondaryTiming":
        """Return these time-outs for a peer whose time runs `factor` (1 or more) times slower."""
        return SecondaryTiming(self.inter_octet_ns * factor, self.inactivity_ns * factor)


DEFAULT_TIMING = SecondaryTiming()

# Members of enumerations that every frame meets: a name here is found ten times as fast.
_I, _RR, _RNR, _SNRM = FrameKind.I, FrameKind.RR, FrameKind.RNR, FrameKind.SNRM
_DISCONNECTED = SecondaryState.DISCONNECTED
_COMMAND, _ANSWERED = SecondaryInput.COMMAND, SecondaryInput.ANSWERED
_DEFAULT_LENGTHS = Lengths()
_INVALID_CONTROL, _TOO_LONG, _INVALID_N_R = 0b0001, 0b0100, 0b1000
"""The bits W, Y and Z of FRMR's information field (ISO/IEC 13239 §5.5.3.4)."""


class Secondary:
    """One fob on a line.

    `address` is its lower address (1..16381). `alone` says that no other fob is on the line:
    then the calling address and the 1-byte form reach it too. `information_bytes` is the
    longest information field it takes and sends (1..2030); the primary may ask for less.

    Everything takes `now`, which never goes back. Call `timeout` at `deadline` (None: no time-out
    runs), or later.
    """

    __slots__ = (
        "_assembled",
        "_client",
        "_deframer",
        "_frame_at",
        "_lengths",
        "_octet_at",
        "_own",
        "_pending",
        "_poll_open",
        "_receive_next",
        "_rejection",
        "_send_next",
        "_unacknowledged",
        "address",
        "alone",
        "deadline",
        "information_bytes",
        "state",
        "timing",
    )

    def __init__(
        self,
        address: int,
        *,
        alone: bool = False,
        information_bytes: int = INFORMATION_BYTES_MAX,
        timing: SecondaryTiming = DEFAULT_TIMING,
    ) -> None:
        self.address = address
        self.alone = alone
        self.information_bytes = information_bytes
        self.timing = timing
        self.state = SecondaryState.DISCONNECTED
        self._deframer = Deframer()
        self._octet_at = self._frame_at = SimTime(0)
        self._own = self._client = b""
        self._lengths = _DEFAULT_LENGTHS
        self._poll_open = False
        self._rejection = b""
        self.deadline: SimTime | None = None
        self._forget()

    def _set_deadline(self) -> None:
        due = None
        if self.state is not _DISCONNECTED and self.timing.inactivity_ns:
            due = self._frame_at + self.timing.inactivity_ns
        if self._deframer.is_waiting:
            octet_due = self._octet_at + self.timing.inter_octet_ns
            due = octet_due if due is None else min(due, octet_due)
        self.deadline = None if due is None else SimTime(due)

    def stretch(self, factor: int) -> None:
        """Make the time-outs `factor` (1 or more) times the usual, for a slower peer."""
        self.timing = DEFAULT_TIMING.stretched(factor)
        self._set_deadline()

    def receive(self, data: bytes, now: SimTime) -> list[SecondaryEvent]:
        """Take bytes from the line."""
        due = self.deadline
        events = [] if due is None or now < due else self.timeout(now)
        self._octet_at = now
        for found in self._deframer.feed(data):
            if type(found) is Frame:
                events += self._take(found, now)
        self._set_deadline()
        return events

    def respond(self, information: bytes, now: SimTime) -> list[SecondaryEvent]:
        """Answer the command of the last `Indication`; 1 byte or more, at once or later.

        An answer that comes after a new connection has begun is dropped.
        """
        assert information, "an answer has at least a status word"
        due = self.deadline
        events = [] if due is None or now < due else self.timeout(now)
        return events + self._step(_ANSWERED, information)

    def timeout(self, now: SimTime) -> list[SecondaryEvent]:
        """Handle the time-outs that are due by `now`; without one nothing happens."""
        events: list[SecondaryEvent] = []
        if self.deadline is None or now < self.deadline:
            return events
        if self._deframer.is_waiting and now >= self._octet_at + self.timing.inter_octet_ns:
            for found in self._deframer.expire():
                if type(found) is Frame:
                    events += self._take(found, self._octet_at)
        inactivity_ns = self.timing.inactivity_ns
        if inactivity_ns and now >= self._frame_at + inactivity_ns:
            events += self._step(SecondaryInput.SILENCE, b"")
        self._set_deadline()
        return events

    def _take(self, frame: Frame, now: SimTime) -> list[SecondaryEvent]:
        """Turn one valid frame into a `SecondaryInput` and carry it out."""
        if frame.destination != self._own and not self._is_mine(frame.destination):
            return []
        kind, poll, received, sent = CONTROLS[frame.control]
        if kind is _SNRM:
            self._client = frame.source
        elif frame.source != self._client and self.state is not _DISCONNECTED:
            return []
        what: SecondaryInput | None
        if kind is _I or kind is _RR or kind is _RNR:
            what = self._sort_numbered(frame, kind, received, sent)
        else:
            what = self._sort_unnumbered(frame, kind)
        if what is None:
            return []
        self._own, self._client = frame.destination, frame.source
        self._frame_at = now
        self._poll_open = self._poll_open or poll
        return self._step(what, frame.information)

    def _step(self, what: SecondaryInput, information: bytes) -> list[SecondaryEvent]:
        step = TRANSITIONS.get((self.state, what))
        if step is None:
            return []
        effect, self.state = step
        return self._EFFECTS[effect](self, information)

    def _is_mine(self, destination: bytes) -> bool:
        called = Address.decode(destination)
        if called.upper != UPPER_ADDRESS or called.is_for_all:
            return False
        if called.width == 1 or called.is_calling:
            return self.alone
        return called.lower == self.address

    def _sort_numbered(
        self, frame: Frame, kind: FrameKind, received: int, sent: int
    ) -> SecondaryInput:
        missed = self._unacknowledged and received == (self._send_next - 1) & 7
        if received != self._send_next and not missed:
            return self._refuse(SecondaryInput.BAD_ACKNOWLEDGEMENT, frame, _INVALID_N_R)
        if kind is _RNR:
            return SecondaryInput.HELD
        if kind is _RR or (missed and sent == self._receive_next):
            return SecondaryInput.MISSED if missed else SecondaryInput.POLLED
        if sent != self._receive_next:
            again = sent == (self._receive_next - 1) & 7
            return SecondaryInput.DUPLICATE if again else SecondaryInput.OUT_OF_SEQUENCE
        length = len(frame.information)
        if length > self._lengths.receive or len(self._assembled) + length > MESSAGE_BYTES_MAX:
            return self._refuse(SecondaryInput.TOO_LONG, frame, _TOO_LONG)
        return SecondaryInput.SEGMENT if frame.segmented else _COMMAND

    def _sort_unnumbered(self, frame: Frame, kind: FrameKind) -> SecondaryInput | None:
        if kind is _SNRM:
            good = Lengths.decode(frame.information) is not None
            return SecondaryInput.SNRM if good else SecondaryInput.SNRM_MALFORMED
        if kind is FrameKind.UNKNOWN:
            return self._refuse(SecondaryInput.UNKNOWN, frame, _INVALID_CONTROL)
        return SecondaryInput.DISC if kind is FrameKind.DISC else None

    def _refuse(self, what: SecondaryInput, frame: Frame, reason: int) -> SecondaryInput:
        """Keep the information field of FRMR (ISO/IEC 13239 §5.5.3.4) and return `what`."""
        if self.state is not SecondaryState.REJECTED:
            sequence = self._receive_next << 5 | self._send_next << 1
            self._rejection = bytes((frame.control, sequence, reason))
        return what

    def _forget(self) -> None:
        """Start all that belongs to one connection anew."""
        self._receive_next = self._send_next = 0
        self._assembled = self._pending = self._unacknowledged = b""

    def _reply(self, kind: FrameKind, information: bytes = b"") -> list[SecondaryEvent]:
        """Answer an open poll with one frame, F set; say nothing without a poll."""
        if not self._poll_open:
            return []
        self._poll_open = False
        supervisory = kind is _RR or kind is _RNR
        control = control_byte(kind, poll=True, received=self._receive_next if supervisory else 0)
        return [Send(encode_fields(self._client, self._own, control, information))]

    def _connect(self, information: bytes) -> list[SecondaryEvent]:
        said = Lengths.decode(information)
        assert said is not None, "a malformed SNRM is another input"
        ours = Lengths(self.information_bytes, self.information_bytes)
        self._lengths = ours.meet(said)
        self._forget()
        return [
            Connected(),
            *self._reply(FrameKind.UA, self._lengths.encode() if information else b""),
        ]

    def _acknowledge(self, _information: bytes) -> list[SecondaryEvent]:
        """Answer UA to a DISC that changes nothing."""
        return self._reply(FrameKind.UA)

    def _disconnect(self, _information: bytes) -> list[SecondaryEvent]:
        self._forget()
        return [Disconnected(), *self._reply(FrameKind.UA)]

    def _deny(self, _information: bytes) -> list[SecondaryEvent]:
        return self._reply(FrameKind.DM)

    def _drop(self, _information: bytes) -> list[SecondaryEvent]:
        self._forget()
        return [Disconnected(), *self._reply(FrameKind.DM)]

    def _lose(self, _information: bytes) -> list[SecondaryEvent]:
        self._forget()
        self._poll_open = False
        return [Disconnected()]

    def _execute(self, information: bytes) -> list[SecondaryEvent]:
        self._accept()
        information, self._assembled = self._assembled + information, b""
        return [Indication(information)]

    def _assemble(self, information: bytes) -> list[SecondaryEvent]:
        self._accept()
        self._assembled += information
        return self._reply(FrameKind.RR)

    def _accept(self) -> None:
        """Count an I-frame; it acknowledges the answer before and ends what was left of it."""
        self._receive_next = (self._receive_next + 1) & 7
        self._unacknowledged = self._pending = b""

    def _repeat(self, _information: bytes) -> list[SecondaryEvent]:
        """Send the last I-frame again, from memory."""
        if not self._unacknowledged:
            return self._go_on(b"")
        if not self._poll_open:
            return []
        self._poll_open = False
        return [Send(self._unacknowledged)]

    def _ready(self, _information: bytes) -> list[SecondaryEvent]:
        return self._reply(FrameKind.RR)

    def _busy(self, _information: bytes) -> list[SecondaryEvent]:
        return self._reply(FrameKind.RNR)

    def _go_on(self, _information: bytes) -> list[SecondaryEvent]:
        """Send the next segment of an answer, or RR where all of it has arrived."""
        self._unacknowledged = b""
        return self._send_segment() if self._pending else self._reply(FrameKind.RR)

    def _answer(self, information: bytes) -> list[SecondaryEvent]:
        self._pending = information
        return self._send_segment()

    def _send_segment(self) -> list[SecondaryEvent]:
        if not self._poll_open:
            return []
        self._poll_open = False
        length = self._lengths.transmit
        segment, self._pending = self._pending[:length], self._pending[length:]
        control = POLL | self._receive_next << 5 | self._send_next << 1  # an I-frame, F set
        self._send_next = (self._send_next + 1) & 7
        raw = encode_fields(self._client, self._own, control, segment, bool(self._pending))
        self._unacknowledged = raw
        return [Send(raw)]

    def _reject(self, _information: bytes) -> list[SecondaryEvent]:
        return self._reply(FrameKind.FRMR, self._rejection)

    _EFFECTS: ClassVar[
        dict[SecondaryEffect, Callable[["Secondary", bytes], list[SecondaryEvent]]]
    ] = {
        SecondaryEffect.CONNECT: _connect,
        SecondaryEffect.ACKNOWLEDGE: _acknowledge,
        SecondaryEffect.DISCONNECT: _disconnect,
        SecondaryEffect.DENY: _deny,
        SecondaryEffect.DROP: _drop,
        SecondaryEffect.LOSE: _lose,
        SecondaryEffect.EXECUTE: _execute,
        SecondaryEffect.ASSEMBLE: _assemble,
        SecondaryEffect.REPEAT: _repeat,
        SecondaryEffect.READY: _ready,
        SecondaryEffect.BUSY: _busy,
        SecondaryEffect.GO_ON: _go_on,
        SecondaryEffect.ANSWER: _answer,
        SecondaryEffect.REJECT: _reject,
    }
