"""What passes between a host and its fobs, in words: frames, and the APDUs in them. No I/O."""

from dataclasses import dataclass, field
from enum import Enum, unique

from firmware_model.wire.apdu import Command, Response, decode_command, decode_response
from firmware_model.wire.hdlc import (
    CONTROLS,
    UPPER_ADDRESS,
    Address,
    Control,
    Damaged,
    Deframer,
    Frame,
    FrameKind,
    encode,
)
from firmware_model.wire.messages import ExternalAuthenticate, GetResponse, SecurityLevel, Select
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.primary import ANSWER_BYTES_MAX
from host_tools.sniff.descriptions import describe_command, describe_response

FOBS_MAX = 1024
"""How many fobs are remembered at once; a line of noise must not fill the memory."""

REJECTIONS = (
    (0b0001, "it does not know the control field"),
    (0b0010, "no information was allowed"),
    (0b0100, "the information was too long"),
    (0b1000, "N(R) cannot be"),
)
BYTES_LEFT = 0x61


@unique
class Layer(Enum):
    """Where something was heard."""

    LINE = "line"
    FRAME = "frame"
    APDU = "apdu"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """One thing that passed: in words without secrets, and as it was (with them)."""

    from_host: bool
    layer: Layer
    words: str
    raw: bytes = field(repr=False)
    address: int | None = None

    def __str__(self) -> str:
        return self.words


class _Conversation:
    """What is remembered of one fob."""

    __slots__ = ("answer", "asked", "last", "level", "offered", "parts")

    def __init__(self) -> None:
        self.last = {True: b"", False: b""}
        self.parts = {True: b"", False: b""}
        self.begin()

    def begin(self) -> None:
        """Start anew: a connection ends channel, selection and whatever was under way."""
        self.level = self.offered = SecurityLevel.NONE
        self.asked: Command | None = None
        self.answer = b""
        self.parts = {True: b"", False: b""}


class Listener:
    """Takes the bytes of both directions and tells what they mean."""

    def __init__(self) -> None:
        self._deframers = {True: Deframer(), False: Deframer()}
        self._fobs: dict[int, _Conversation] = {}

    def feed(self, data: bytes, *, from_host: bool) -> list[Sniffed]:
        """Take bytes that passed and return what they were, in order; never raises for them.

        No bytes stand for a pause: a frame that has begun will not end any more.
        """
        heard: list[Sniffed] = []
        deframer = self._deframers[from_host]
        for found in deframer.feed(data) if data else deframer.expire():
            if isinstance(found, Damaged):
                words = f"no frame: {found.damage.value}"
                heard.append(Sniffed(from_host, Layer.LINE, words, b""))
            else:
                heard += self._frame(found, from_host)
        return heard

    def _frame(self, frame: Frame, from_host: bool) -> list[Sniffed]:
        raw = encode(frame)
        server = Address.decode(frame.destination if from_host else frame.source)
        whom = _whom(server)
        talk = self._conversation(server.lower)
        control = CONTROLS[frame.control]
        again = control.kind is FrameKind.I and raw == talk.last[from_host]
        words = f"{whom}{_describe_frame(frame, control)}{', again' * again}"
        heard = [Sniffed(from_host, Layer.FRAME, words, raw, server.lower)]
        if control.kind in (FrameKind.SNRM, FrameKind.DISC):
            talk.begin()
        if control.kind is FrameKind.I:
            talk.last[from_host] = raw
            whole = b"" if again else _assembled(talk, frame, from_host)
            if whole:
                apdu = _command(talk, whole) if from_host else _response(talk, whole)
                heard.append(Sniffed(from_host, Layer.APDU, f"{whom}{apdu}", whole, server.lower))
        return heard

    def _conversation(self, address: int) -> _Conversation:
        if address not in self._fobs and len(self._fobs) >= FOBS_MAX:
            del self._fobs[next(iter(self._fobs))]
        return self._fobs.setdefault(address, _Conversation())


def _whom(server: Address) -> str:
    if server.width == 1 or server.is_calling:
        return "whoever is there: "
    if server.is_for_all:
        return "all: "
    if server.upper != UPPER_ADDRESS:
        return f"{server.upper}/{server.lower}: "
    return f"fob {server.lower}: "


def _describe_frame(frame: Frame, control: Control) -> str:
    kind, poll, received, sent = control
    size = len(frame.information)
    if kind is FrameKind.I:
        more = ", more follows" if frame.segmented else ""
        words = f"I-frame {sent}, expects {received}, {size} byte{'s' * (size != 1)}{more}"
    elif kind in (FrameKind.RR, FrameKind.RNR):
        words = f"{'ready' if kind is FrameKind.RR else 'busy'} ({kind.name}), expects {received}"
    elif kind in (FrameKind.SNRM, FrameKind.UA):
        words = (
            f"{'connect' if kind is FrameKind.SNRM else 'agreed'} ({kind.name}){_lengths(frame)}"
        )
    elif kind is FrameKind.FRMR:
        reason = frame.information[2] if size > 2 else 0
        why = " and ".join(text for bit, text in REJECTIONS if reason & bit) or "for no reason"
        words = f"rejected (FRMR): {why}"
    elif kind is FrameKind.UNKNOWN:
        words = f"a frame outside the profile, control field {frame.control:02X}"
    else:
        words = {
            FrameKind.DISC: "disconnect (DISC)",
            FrameKind.DM: "not connected (DM)",
            FrameKind.UI: f"unnumbered information (UI), {size} bytes",
        }[kind]
    return words if poll else f"{words}, no answer wanted"


def _lengths(frame: Frame) -> str:
    if not frame.information:
        return ""
    said = Lengths.decode(frame.information)
    if said is None:
        return ", parameters that make no sense"
    return f", sends up to {said.transmit} and takes up to {said.receive} bytes a frame"


def _assembled(talk: _Conversation, frame: Frame, from_host: bool) -> bytes:
    """Return the whole message that ends with this frame, b"" while there is more to come."""
    whole = (talk.parts[from_host] + frame.information)[: ANSWER_BYTES_MAX + 1]
    talk.parts[from_host] = whole if frame.segmented else b""
    return b"" if frame.segmented else whole


def _command(talk: _Conversation, raw: bytes) -> str:
    command = decode_command(raw)
    if command is None:
        talk.asked = None
        return f"no command APDU, {len(raw)} bytes"
    if command.ins != GetResponse.INS:
        talk.asked, talk.answer = command, b""
    if command.ins == ExternalAuthenticate.INS:
        # The level counts from the fob's 9000 on.
        known = command.p1 in list(SecurityLevel)
        talk.offered = SecurityLevel(command.p1) if known else SecurityLevel.NONE
    return describe_command(command, talk.level)


def _response(talk: _Conversation, raw: bytes) -> str:
    response = decode_response(raw)
    if response is None:
        return f"no response APDU, {len(raw)} bytes"
    talk.answer = (talk.answer + response.data)[:ANSWER_BYTES_MAX]
    if response.status >> 8 == BYTES_LEFT:
        size = len(response.data)
        return f"{size} byte{'s' * (size != 1)} of the answer, and more to fetch"
    whole, talk.answer = Response(talk.answer, response.status), b""
    level = talk.level
    if talk.asked is not None and response.is_ok:
        if talk.asked.ins == ExternalAuthenticate.INS:
            talk.level = talk.offered
        elif talk.asked.ins == Select.INS:
            talk.level = SecurityLevel.NONE
    return describe_response(whole, talk.asked, level)
