"""Whatever a fob answers, the host's link, session and decoders raise nothing but `KeyfobError`,
hold one frame and one answer at most, and what they decode is encoded into the same bytes again.

Inputs tried under coverage guidance: 357,000 by 2026-11-22, no finding.
"""

from collections.abc import Callable
from typing import Any

from firmware_model.errors import KeyfobError
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire import activation, tlv
from firmware_model.wire.apdu import Response, decode_command, decode_response, describe_status
from firmware_model.wire.card import KeyInformation, ProductionLifeCycle, SequenceCounter
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.hdlc import (
    CONTROLS,
    FRAME_BYTES_MAX,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from firmware_model.wire.messages import ChannelOffer, FciTemplate, decode_message
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.objects import READABLE, STORABLE
from firmware_model.wire.primary import (
    ANSWER_BYTES_MAX,
    Primary,
    PrimaryEvent,
    PrimaryTiming,
)
from firmware_model.wire.primary_table import PrimaryState
from firmware_model.wire.scp03 import CardChannel, HostChannel, WrongResponseError
from firmware_model.wire.scp03_keys import TEST_KEYS, decode_key_data, unwrap_under_dek
from host_tools.client.fob_state import read_state
from host_tools.client.keys import TEST_KEYS as TEST_FOB_KEYS
from host_tools.client.link import Link
from host_tools.client.ports import Port
from host_tools.client.session import TokenSession
from host_tools.sniff import Listener
from tests.fuzz.script import Script

AT_ONCE = PrimaryTiming(inter_octet_ns=0, response_ns=0, pause_ns=0, patience_ns=0, tries=2)
ACTS_MAX = 40
COMMAND = b"\x00\xca\xdf\x20\x00"


def one_input(data: bytes) -> None:
    """Give one input to the part of the host that its first byte names."""
    _PARTS[data[0] % len(_PARTS) if data else 0](data[1:])


def _decoders(data: bytes) -> None:
    for decode in _DECODERS:
        found = decode(data)
        if found is not None and hasattr(found, "encode"):
            again = decode(found.encode())
            assert again == found, f"{decode} does not come back"
    command = decode_command(data)
    if command is not None:
        decode_message(command)
    response = decode_response(data)
    if response is not None:
        assert response.encode() == data
        describe_status(response.status)
    for item in tlv.decode_all(data) or []:
        tlv.encode(*item)
    tlv.find(data, 0x6F, 0xA5, 0x9F65)
    decode_key_data(data, TEST_KEYS.dek)
    unwrap_under_dek(TEST_KEYS.dek, data)


_DECODERS: list[Callable[[bytes], Any]] = [
    kind.decode
    for kind in (
        *READABLE.values(), *STORABLE.values(), ChannelOffer, FciTemplate, Lengths,
        KeyInformation, SequenceCounter, ProductionLifeCycle,
        activation.Request, activation.AppStatus, activation.HandedCode, activation.Challenge,
        activation.Proof,
        activation.Confirmation,
        activation.ActivationReceipt,
        activation.ActivationRefusal,
        activation.Grant,
    )
]  # fmt: skip


def _primary(data: bytes) -> None:
    """Play the fob to a primary, step by step, in our own time."""
    script = Script(data)
    primary = Primary(1, information_bytes=1 + script.byte())
    now = SimTime(0)
    for _ in range(ACTS_MAX):
        if script.is_over:
            break
        now = SimTime(now + script.byte() * NS_PER_SECOND // 64)
        act, parameter = divmod(script.byte(), 4)[::-1]
        events: list[PrimaryEvent] = []
        if act == 0:
            events = primary.receive(script.piece(), now)
        elif act == 1:
            control = script.byte()
            events = primary.receive(_from_fob(control, script.piece(), bool(parameter & 1)), now)
        elif act == 2:
            events = primary.receive(_fitting_answer(primary, script.piece(), parameter), now)
        else:
            events = primary.timeout(now)
        if primary.state is PrimaryState.DISCONNECTED:
            events += primary.connect(now)
        elif primary.state is PrimaryState.READY:
            events += primary.transmit(COMMAND * (1 + parameter), now)
        for event in events:
            if isinstance(event, Send):
                (frame,) = Deframer().feed(event.data)
                assert isinstance(frame, Frame), "no good frame is sent"
            elif isinstance(event, Indication):
                assert len(event.information) <= ANSWER_BYTES_MAX
        assert len(primary._deframer._held) <= FRAME_BYTES_MAX + 1
        assert len(primary._assembled) <= ANSWER_BYTES_MAX


def _from_fob(control: int, information: bytes = b"", segmented: bool = False) -> bytes:
    return encode(Frame(client_address(), server_address(1), control, information, segmented))


def _fitting_answer(primary: Primary, piece: bytes, parameter: int) -> bytes:
    """Return the frame that the primary waits for."""
    if primary.state.name in ("CONNECTING", "DISCONNECTING"):
        return _from_fob(control_byte(FrameKind.UA, poll=True), piece)
    kind = (FrameKind.I, FrameKind.RR, FrameKind.RNR)[parameter % 3]
    control = control_byte(kind, poll=True, received=primary._send_next, sent=primary._receive_next)
    return _from_fob(control, piece, bool(parameter & 4))


class Fake:
    """A port's inside that answers as the script says: in good frames, or not at all."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._answers: list[bytes] = []
        self._sent = self._received = 0

    def write(self, data: bytes) -> None:
        for frame in Deframer().feed(data):
            assert isinstance(frame, Frame), "the host sends good frames"
            self._answers.append(self._answer(frame))

    def _answer(self, frame: Frame) -> bytes:
        kind = CONTROLS[frame.control].kind
        if self._script.is_over:
            return b""
        if self._script.byte() & 7 == 7:
            return self._script.piece()
        if kind is not FrameKind.I and kind is not FrameKind.RR:
            self._sent = self._received = 0
            return _from_fob(control_byte(FrameKind.UA, poll=True))
        self._received = (self._received + (kind is FrameKind.I)) & 7
        control = control_byte(FrameKind.I, poll=True, received=self._received, sent=self._sent)
        self._sent = (self._sent + 1) & 7
        return _from_fob(control, self._script.piece() or b"\x90\x00", False)

    def read(self, within_seconds: float) -> bytes:
        return self._answers.pop(0) if self._answers else b""

    def drop_input(self) -> None:
        self._answers.clear()

    def close(self) -> None:
        """There is nothing to close."""


def _session(data: bytes) -> None:
    """Let a whole session run against a fob that says what the script says."""
    session = TokenSession(Link(Port("fuzz", Fake(Script(data))), 1, AT_ONCE))
    for act in (
        session.link.connect,
        session.select,
        lambda: read_state(session),
        lambda: session.open_channel(TEST_FOB_KEYS),
        session.close,
    ):
        try:
            act()
        except KeyfobError as error:
            assert str(error)  # noqa: PT017 - any of them will do


def _channel(data: bytes) -> None:
    """Give answers to a host that has opened a channel."""
    script = Script(data)
    card = CardChannel()
    offer = card.offer(TEST_KEYS, 1, b"", bytes(8), bytes(10))
    host = HostChannel(TEST_KEYS, bytes(8), offer)
    host.external_authenticate()
    while not script.is_over:
        status = int.from_bytes(script.take(2), "big")
        try:
            host.unwrap(Response(script.piece(), status))
        except WrongResponseError:
            return


def _listener(data: bytes) -> None:
    """Let a listener between host and fob explain what is no talk at all."""
    script = Script(data)
    listener = Listener()
    for _ in range(ACTS_MAX):
        if script.is_over:
            break
        from_host, kind = divmod(script.byte(), 2)
        piece = script.piece()
        if kind:
            control = script.byte()
            ends = (server_address(1), client_address())[:: 1 if from_host & 1 else -1]
            piece = encode(Frame(ends[0], ends[1], control, piece, bool(from_host & 2)))
        for heard in listener.feed(piece, from_host=bool(from_host & 1)):
            assert str(heard).isprintable()


_PARTS = [_decoders, _primary, _session, _channel, _listener]
