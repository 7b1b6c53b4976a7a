"""Whatever bytes come, a fob raises nothing, sends whole good frames only and never more of them
than it was polled, gives away no seed, holds at most one frame and one message, and is there.

Inputs tried under coverage guidance: 244,000 by 2026-11-22, no finding.
"""

from collections.abc import Callable
from functools import cache

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Transmit
from firmware_model.generators import Hash, OtpKind
from firmware_model.inputs import ContactMoved, Input, Receive, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, later, seconds
from firmware_model.wire.apdu import Command, decode_response
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.hdlc import (
    CONTROLS,
    FRAME_BYTES_MAX,
    Damaged,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    encode,
    server_address,
)
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    ChannelOffer,
    InitializeUpdate,
    Message,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import CredentialObject, Identity, seed_check_value
from firmware_model.wire.scp03 import HostChannel, WrongCardCryptogramError, WrongResponseError
from firmware_model.wire.scp03_keys import TEST_KEYS, wrap_under_dek
from firmware_model.wire.secondary import MESSAGE_BYTES_MAX, Secondary
from tests.firmware_model.fobs import program_of
from tests.fuzz.script import Script

SEED = b"12345678901234567890"  # RFC 4226 Appendix D
CHIP_ID = bytes(range(10))
BORN = seconds(1_800_000_000)
AN_HOUR_LATER = seconds(1_800_003_600)
CHALLENGE = bytes(8)
ACTS_MAX = 40
SNRM, POLLED_I = 0x93, 0x10
POLL = 0x10
PAUSE_NS = 499 * NS_PER_MS


class World:
    """One fob, and a host that knows the rules and may break them."""

    def __init__(self, device: Device, now: SimTime) -> None:
        self.device = device
        self.now = now
        self.heard = bytearray()
        self.polls = 0
        self.sent = self.received = 0
        self.channel: HostChannel | None = None
        self._deframer = Deframer()
        self._asked = Deframer()
        self._octet_at = now
        self.give(Reset())  # as after every restart of the emulator

    def give(self, given: Input, after_ns: int = NS_PER_MS) -> list[Frame]:
        """Let time pass and give the fob something; return the frames it sends."""
        self.now = SimTime(later(self.now, after_ns))
        if self._asked.is_waiting and self.now - self._octet_at > PAUSE_NS:
            # The fob gives up an unfinished frame; on the stroke, by its crystal, it may not.
            self.polls += 1 + sum(map(_is_poll, self._asked.expire()))
        if isinstance(given, Receive):
            self._octet_at = self.now
            self.polls += sum(map(_is_poll, self._asked.feed(given.data)))
        effects = self.device.handle(given, self.now)
        data = b"".join(effect.data for effect in effects if isinstance(effect, Transmit))
        self.heard += data
        found = self._deframer.feed(data)
        frames = [frame for frame in found if isinstance(frame, Frame)]
        assert len(frames) == len(found), f"the fob sent no good frame: {found}"
        assert not self._deframer.is_waiting, "the fob sent a part of a frame"
        self.polls -= len(frames)
        assert self.polls >= 0, "the fob spoke without being spoken to"
        return frames

    def frame(self, control: int, information: bytes = b"", *, segmented: bool = False) -> bytes:
        """Send a good frame and return the information field of the answer."""
        raw = encode(Frame(server_address(1), client_address(), control, information, segmented))
        frames = self.give(Receive(raw))
        for answer in frames:
            if CONTROLS[answer.control].kind is FrameKind.I:
                self.received = (CONTROLS[answer.control].sent + 1) & 7
        return frames[0].information if frames else b""

    def connect(self) -> None:
        self.sent = self.received = 0
        self.frame(SNRM)

    def send(self, apdu: bytes, *, segmented: bool = False) -> bytes:
        """Send an I-frame with the right numbers; return its answer, or its first segment."""
        control = self.received << 5 | POLLED_I | self.sent << 1
        self.sent = (self.sent + 1) & 7
        return self.frame(control, apdu, segmented=segmented)

    def open(self, aid: bytes, level: SecurityLevel) -> None:
        """Select an application and open a channel to it, if the fob lets us."""
        self.channel = None
        self.send(Select(aid).command().encode())
        answer = decode_response(self.send(InitializeUpdate(0, CHALLENGE).command().encode()))
        offer = ChannelOffer.decode(answer.data) if answer else None
        if offer is None:
            return
        try:
            channel = HostChannel(TEST_KEYS, CHALLENGE, offer, level)
        except WrongCardCryptogramError:
            return  # an act before has changed the keys
        if self.send(channel.external_authenticate().encode()) == b"\x90\x00":
            self.channel = channel

    def secured(self, command: Command) -> bytes:
        """Send a command through the channel, and see to it that the answer is the fob's."""
        if self.channel is None:
            return self.send(command.encode())
        raw = self.send(self.channel.wrap(command).encode())
        answer = decode_response(raw)
        if answer is not None and answer.status == 0x9000:
            try:
                self.channel.unwrap(answer)
            except WrongResponseError:
                self.channel = None  # it was over, or this is the first segment only
        return raw

    def check(self) -> None:
        """Hold the fob against the sentence above."""
        link = program_of(self.device).line._link
        if link is not None:
            assert isinstance(link, Secondary)
            assert len(link._deframer._held) <= FRAME_BYTES_MAX + 1, "more than one frame is held"
            assert len(link._assembled) <= MESSAGE_BYTES_MAX, "more than one message is held"
        assert SEED not in self.heard, "a seed was sent"
        self.give(Wake(), 2 * NS_PER_SECOND)
        self.connect()
        assert self.frame(SNRM) == b"", "the fob is not there any more"
        selected = self.send(Select(TOKEN_AID).command().encode())
        assert selected.endswith(b"\x90\x00"), "its application does not answer"


def one_input(data: bytes) -> None:
    """Act out one input on a fresh fob, blank or personalised, and check the invariant."""
    script = Script(data)
    world = World(_fob(script.byte() & 3), AN_HOUR_LATER)
    world.connect()
    for _ in range(ACTS_MAX):
        if script.is_over:
            break
        act, parameter = divmod(script.byte(), len(_ACTS))[::-1]
        _ACTS[act](world, script, parameter)
    world.check()


def _is_poll(found: Frame | Damaged) -> bool:
    return isinstance(found, Frame) and bool(found.control & POLL)


def _noise(world: World, script: Script, _parameter: int) -> None:
    world.give(Receive(script.piece()))


def _any_frame(world: World, script: Script, parameter: int) -> None:
    world.frame(script.byte(), script.piece(), segmented=bool(parameter & 1))


def _command(world: World, script: Script, parameter: int) -> None:
    world.send(script.piece() or b"\0", segmented=parameter & 7 == 7)


def _connect(world: World, script: Script, parameter: int) -> None:
    world.connect() if parameter & 1 else world.frame(SNRM, script.piece())


def _open(world: World, _script: Script, parameter: int) -> None:
    level = list(SecurityLevel)[parameter % len(SecurityLevel)]
    world.open((TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID)[parameter // 6 & 1], level)


def _secured(world: World, script: Script, parameter: int) -> None:
    cla, ins, p1, p2 = script.take(4).ljust(4, b"\0")
    ne = (None, 256, script.byte() + 1, 65_536)[parameter & 3]
    world.secured(Command(cla & 0x80, ins, p1, p2, script.piece(), ne))


def _wait(world: World, script: Script, parameter: int) -> None:
    world.give(Wake(), (script.byte() + 1) * (NS_PER_MS, NS_PER_SECOND)[parameter & 1])


def _press(world: World, _script: Script, parameter: int) -> None:
    world.give(ContactMoved(closed=True))
    world.give(ContactMoved(closed=False), (100, 3000)[parameter & 1] * NS_PER_MS)


_ACTS: list[Callable[[World, Script, int], None]] = [
    _noise, _any_frame, _command, _connect, _open, _secured, _wait, _press,
]  # fmt: skip
"""An act is the remainder of its byte by their number, its parameter the quotient."""


def _fob(state: int) -> Device:
    return Device.restore(catalogue.load("fob-h6"), _images(state))


@cache
def _images(state: int) -> dict[str, bytes]:
    """Return a fob's flash: blank, personalised, locked or terminated."""
    model = catalogue.load("fob-h6")
    device = Device.manufacture(model, chip_id=CHIP_ID, random_seed=1, now=BORN)
    if not state:
        return device.images()
    world = World(device, BORN)
    world.connect()
    world.open(TOKEN_AID, SecurityLevel.ALL)
    credential = CredentialObject(
        slot=1,
        kind=OtpKind.HOTP,
        algorithm=Hash.SHA1,
        digits=6,
        wrapped_seed=wrap_under_dek(TEST_KEYS.dek, SEED),
        seed_check=seed_check_value(SEED),
        counter=0,
    )
    steps = {
        1: [LifeCycle.PERSONALISED],
        2: [LifeCycle.PERSONALISED, LifeCycle.SEALED, LifeCycle.LOCKED],
        3: [LifeCycle.TERMINATED],
    }[state]
    commands: list[Message] = [
        StoreData(Identity("ZZH600000001", "ZZH600000001", 20_000)),
        StoreData(credential),
    ]
    for message in [*commands, *map(SetStatus, steps)]:
        assert world.secured(message.command()).endswith(b"\x90\x00")
    return device.images()
