"""What a fob promises of its link: WIRE §2."""

from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.hdlc import (
    SERVER_MAX_SHORT,
    UPPER_ADDRESS,
    Address,
    Frame,
    FrameKind,
    control_byte,
    encode,
)
from firmware_model.wire.messages import (
    CHALLENGE_BYTES,
    TOKEN_AID,
    InitializeUpdate,
    Select,
)
from firmware_model.wire.negotiation import Lengths
from host_tools.check.declared import Area
from host_tools.check.findings import Disagreement, Unfit, expect, expect_status, require
from host_tools.check.subject import Subject
from host_tools.check.talk import Talk

LINK = Area("link")

SELECT_TOKEN = Select(TOKEN_AID).command().encode()
CARD_RECOGNITION = bytes.fromhex("00 CA 00 66 00")
SEQUENCE_COUNTER = bytes.fromhex("00 CA 00 C1 00")
OFFER = InitializeUpdate(0, bytes(CHALLENGE_BYTES)).command().encode()
SHORT_FIELD = 16
UPPER_OF_NOBODY = 17
ALL_STATIONS = {2: 0x7F, 4: 0x3FFF}


def _expect_kind(talk: Talk, raw: bytes, kind: FrameKind, what: str) -> Frame:
    answer = talk.exchange(raw)
    expect(talk.kind_of(answer).name, kind.name, what)
    return answer


def _spoilt(raw: bytes, at: int) -> bytes:
    at %= len(raw)
    return raw[:at] + bytes((raw[at] ^ 0x01,)) + raw[at + 1 :]


@LINK.check("WIRE §2.3")
def connecting_without_parameters(fob: Subject) -> None:
    """SNRM without parameters is answered by UA without."""
    expect(fob.talk().connect().information, b"", "the information field of UA")


@LINK.check("WIRE §2.3")
def connecting_with_parameters(fob: Subject) -> None:
    """SNRM with parameters is answered by UA with the smaller length of each direction."""
    for proposal in (Lengths(64, 32), Lengths(2030, 2030)):
        said = Lengths.decode(fob.talk().connect(proposal.encode()).information)
        if said is None:
            raise Disagreement("the parameters of UA make no sense")
        require(said.transmit <= proposal.receive, "the fob would send more than we take")
        require(said.receive <= proposal.transmit, "the fob expects more than we send")


@LINK.check("WIRE §2.3")
def a_malformed_snrm(fob: Subject) -> None:
    """SNRM with parameters that make no sense is answered by DM."""
    talk = fob.talk()
    raw = talk.frame(FrameKind.SNRM, information=bytes.fromhex("81 80 05 05"))
    _expect_kind(talk, raw, FrameKind.DM, "the answer to a malformed SNRM")


@LINK.check("WIRE §2.2")
def both_forms_of_address(fob: Subject) -> None:
    """Addresses of 2 and 4 bytes are understood, and answered in the form of the question."""
    for width in (2, 4):
        if width == 2 and fob.address > SERVER_MAX_SHORT:
            continue
        talk = fob.talk()
        talk.server = Address(UPPER_ADDRESS, fob.address, width).encode()
        talk.connect()
        expect_status(talk.command(SELECT_TOKEN).status, 0x9000, "SELECT")


@LINK.check("WIRE §2.2")
def other_stations(fob: Subject) -> None:
    """What is addressed to another upper address, or to all stations, is met with silence."""
    talk = fob.talk()
    talk.server = Address(UPPER_OF_NOBODY, 1, 2).encode()
    talk.write(talk.frame(FrameKind.SNRM))
    for width, lower in ALL_STATIONS.items():
        talk.server = Address(UPPER_ADDRESS, lower, width).encode()
        talk.write(talk.frame(FrameKind.SNRM))
    talk.expect_silence("after SNRM to others")


@LINK.check("WIRE §2.2")
def another_client(fob: Subject) -> None:
    """A connected fob hears no other client until that one sends SNRM."""
    talk, other = fob.talk(), fob.talk()
    talk.connect()
    other.client = Address(0x11).encode()
    other.write(other.frame(FrameKind.RR))
    other.expect_silence("after RR of another client")
    other.connect()
    expect_status(other.command(SELECT_TOKEN).status, 0x9000, "SELECT of the other client")


@LINK.check("WIRE §2.3")
def disconnecting(fob: Subject) -> None:
    """DISC is answered by UA, also when disconnected; all else that is polled then by DM."""
    talk = fob.talk()
    talk.connect()
    for _ in range(2):
        _expect_kind(talk, talk.frame(FrameKind.DISC), FrameKind.UA, "the answer to DISC")
    for kind in (FrameKind.I, FrameKind.RR, FrameKind.RNR):
        raw = talk.frame(kind, information=SELECT_TOKEN if kind is FrameKind.I else b"")
        _expect_kind(talk, raw, FrameKind.DM, f"the answer to {kind.name} when disconnected")


@LINK.check("WIRE §2.3")
def connecting_again(fob: Subject) -> None:
    """SNRM ends the selection: the issuer security domain is selected after it."""
    talk = fob.talk()
    talk.connect()
    _require_issuer_first(talk)
    talk.command(SELECT_TOKEN)
    talk.connect()
    expect_status(talk.command(CARD_RECOGNITION).status, 0x9000, "GET DATA 0066 after SNRM")


@LINK.check("WIRE §2.1")
def wrong_check_sequences(fob: Subject) -> None:
    """Frames with a wrong header or frame check sequence are met with silence, the next is not."""
    talk = fob.talk()
    talk.connect()
    good = talk.frame(FrameKind.I, information=SELECT_TOKEN)
    header_check = 1 + 2 + len(talk.server) + len(talk.client) + 1
    for at in (header_check, header_check + 1, -3, -2, header_check + 4):
        talk.write(_spoilt(good, at))
    talk.expect_silence("after spoilt frames")
    expect_status(talk.command(SELECT_TOKEN).status, 0x9000, "SELECT after them")


@LINK.check("WIRE §2.1")
def noise_and_flags(fob: Subject) -> None:
    """Noise, floods of flags, halves of frames and shared flags hide no good frame behind them."""
    talk = fob.talk()
    talk.connect()
    ready = talk.frame(FrameKind.RR)
    noise = b"\x00\xff\x55" + b"\x7e" * 300 + ready[:5] + b"\x7e\xa0\x02\x7e\x10\x7e"
    _expect_kind(talk, noise + ready, FrameKind.RR, "the answer to RR behind noise")
    talk.write(ready[:-1] + ready)  # the closing flag of the one opens the other
    for _ in range(2):
        _expect_kind(talk, b"", FrameKind.RR, "the answers to two frames that share a flag")


@LINK.check("WIRE §2.4")
def a_frame_that_comes_again(fob: Subject) -> None:
    """An I-frame that comes again is answered again from memory and not carried out twice."""
    fob.must_open()
    talk = fob.talk()
    talk.connect()
    _require_issuer_first(talk)
    before = int.from_bytes(talk.command(SEQUENCE_COUNTER).data, "big")
    raw = talk.information(OFFER)
    first = talk.exchange(raw)
    for _ in range(3):
        again = talk.exchange(raw)
        require(again == first, "the answer to the same frame is another one")
    status = talk.rest(first).status
    expect_status(status, 0x9000, "INITIALIZE UPDATE")
    after = int.from_bytes(talk.command(SEQUENCE_COUNTER).data, "big")
    expect(after - before, 1, "how often a command that came four times was carried out")


@LINK.check("WIRE §2.4")
def an_answer_that_was_lost(fob: Subject) -> None:
    """N(R) that says our last frame was lost brings it again."""
    talk = fob.talk()
    talk.connect()
    first = talk.exchange(talk.information(SELECT_TOKEN))
    again = talk.exchange(talk.frame(FrameKind.RR))
    require(again == first, "another frame comes instead of the one that was lost")
    talk.answered(again)
    _expect_kind(
        talk, talk.frame(FrameKind.RR), FrameKind.RR, "the answer to RR when all has arrived"
    )


@LINK.check("WIRE §2.4")
def frames_out_of_sequence(fob: Subject) -> None:
    """An I-frame out of sequence gets RR and is not carried out."""
    talk = fob.talk()
    talk.connect()
    _require_issuer_first(talk)
    talk.connect()
    raw = talk.frame(FrameKind.I, information=SELECT_TOKEN, sent=3)
    answer = _expect_kind(talk, raw, FrameKind.RR, "the answer to an I-frame out of sequence")
    expect(answer.control >> 5, 0, "N(R) of that answer")
    expect_status(talk.command(CARD_RECOGNITION).status, 0x9000, "GET DATA 0066")


@LINK.check("WIRE §2.4")
def numbers_that_wrap(fob: Subject) -> None:
    """Sequence numbers count modulo 8."""
    talk = fob.talk()
    talk.connect()
    for _ in range(18):
        expect_status(talk.command(SELECT_TOKEN).status, 0x9000, "SELECT")


@LINK.check("WIRE §2.4")
def commands_in_segments(fob: Subject) -> None:
    """A command comes in segments, each acknowledged with RR, and its answer goes in segments."""
    talk = fob.talk()
    talk.connect(Lengths(SHORT_FIELD, SHORT_FIELD).encode())
    for at in range(0, len(SELECT_TOKEN) - 4, 4):
        raw = talk.information(SELECT_TOKEN[at : at + 4], segmented=True)
        answer = _expect_kind(talk, raw, FrameKind.RR, "the answer to a segment")
        expect(answer.control >> 5, talk.sent, "N(R) of that answer")
    tail = SELECT_TOKEN[-(len(SELECT_TOKEN) % 4 or 4) :]
    first = talk.exchange(talk.information(tail))
    require(len(first.information) <= SHORT_FIELD, "a segment is longer than agreed")
    require(first.segmented, "an answer longer than agreed comes unsegmented")
    response = talk.rest(first)
    expect_status(response.status, 0x9000, "SELECT in segments")
    require(TOKEN_AID in response.data, "the segments of the answer do not add up")


@LINK.check("WIRE §2.4")
def frames_without_poll(fob: Subject) -> None:
    """Without P a fob says nothing; the next poll fetches the answer."""
    talk = fob.talk()
    talk.connect()
    talk.write(talk.information(SELECT_TOKEN, poll=False))
    talk.expect_silence("after an I-frame without P")
    expect_status(
        talk.rest(talk.exchange(talk.frame(FrameKind.RR))).status, 0x9000, "SELECT, polled later"
    )


def _expect_rejection(talk: Talk, raw: bytes, control: int, reason: int, what: str) -> None:
    answer = _expect_kind(talk, raw, FrameKind.FRMR, f"the answer to {what}")
    expect(len(answer.information), 3, "the length of FRMR's information field")
    expect(answer.information[0], control, "the control field in FRMR")
    expect(answer.information[2], reason, "the reason in FRMR (0000 Z Y X W)")
    again = talk.exchange(talk.frame(FrameKind.RR))
    expect(talk.kind_of(again).name, "FRMR", "the answer to RR after FRMR")
    talk.connect()
    expect_status(talk.command(SELECT_TOKEN).status, 0x9000, "SELECT after a new connection")


@LINK.check("WIRE §2.4")
def rejecting_unknown_frames(fob: Subject) -> None:
    """A control field outside the profile is rejected with FRMR, W set, until SNRM."""
    talk = fob.talk()
    talk.connect()
    reject = control_byte(FrameKind.RR, poll=True) | 0b1000  # REJ, which the profile leaves out
    raw = encode(Frame(talk.server, talk.client, reject))
    _expect_rejection(talk, raw, reject, 0b0001, "REJ")


@LINK.check("WIRE §2.4")
def rejecting_long_frames(fob: Subject) -> None:
    """An information field longer than agreed is rejected with FRMR, Y set, until SNRM."""
    talk = fob.talk()
    talk.connect(Lengths(SHORT_FIELD, SHORT_FIELD).encode())
    raw = talk.frame(FrameKind.I, information=bytes(SHORT_FIELD + 1))
    _expect_rejection(talk, raw, control_byte(FrameKind.I, poll=True), 0b0100, "a long field")


@LINK.check("WIRE §2.4")
def rejecting_impossible_numbers(fob: Subject) -> None:
    """N(R) of a frame that was never sent is rejected with FRMR, Z set, until SNRM."""
    talk = fob.talk()
    talk.connect()
    raw = talk.frame(FrameKind.RR, received=5)
    _expect_rejection(
        talk, raw, control_byte(FrameKind.RR, poll=True, received=5), 0b1000, "a wrong N(R)"
    )


def _require_issuer_first(talk: Talk) -> None:
    """Raise Unfit where another application is there before a SELECT, as Molto2's (WIRE §13)."""
    if talk.command(CARD_RECOGNITION).status == StatusWord.CLASS_NOT_SUPPORTED:
        raise Unfit("another application than the issuer's answers before a SELECT")
