"""Arbitrary bytes: `transact` never raises and always answers with at least a status word."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from firmware_model.firmware.applications import Applications
from firmware_model.firmware.applications.context import tries_left
from firmware_model.wire.apdu import Command, decode_response
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import (
    ISSUER_SECURITY_DOMAIN_AID,
    TOKEN_AID,
    Instruction,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import READABLE, STORABLE
from tests.firmware_model.firmware.applications.rig import (
    Fob,
    hotp_credential,
    identity,
    totp_credential,
)

BYTE = st.integers(0, 255)
TAGS = st.sampled_from([*READABLE, *STORABLE, 0x66, 0xE0, 0xC1, 0x9F7F])
CLASSES = st.sampled_from([0x00, 0x80, 0x04, 0x84]) | BYTE
INSTRUCTIONS = st.sampled_from([int(code) for code in Instruction]) | BYTE
LENGTHS = st.none() | st.integers(1, 256) | st.integers(257, 65_536)
DATA = st.binary(max_size=64) | st.binary(max_size=300)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Commands that look like ours more often than not."""
    p1, p2 = draw(TAGS.map(lambda tag: divmod(tag, 256)) | st.tuples(BYTE, BYTE))
    return Command(
        draw(CLASSES), draw(INSTRUCTIONS), p1, p2, draw(DATA), draw(LENGTHS), draw(st.booleans())
    )


@st.composite
def writes(draw: st.DrawFn) -> Command:
    """STORE DATA of every object, in every shape that decodes and many that do not."""
    tag = draw(st.sampled_from(sorted(STORABLE)))
    value = draw(
        st.binary(max_size=20)
        | st.tuples(st.integers(0, 2**64 - 1), BYTE).map(
            lambda pair: pair[0].to_bytes(8, "big") + bytes((pair[1],))
        )
        | st.integers(0, 2**32 - 1).map(lambda day: day.to_bytes(4, "big"))
    )
    p1 = draw(st.sampled_from([0x90, 0xB0]) | BYTE)
    data = tag.to_bytes(2, "big") + bytes((len(value),)) + value
    return Command(0x80, Instruction.STORE_DATA, p1, 0, data)


@settings(max_examples=300)
@given(st.binary(max_size=40) | commands().map(Command.encode))
def test_any_bytes_get_a_status_word(raw: bytes) -> None:
    fob = Fob()
    for _ in range(2):
        response = decode_response(fob.applications.transact(raw))
        assert response is not None
        assert 0x6100 <= response.status <= 0x9000


class AnyConversation(RuleBasedStateMachine):
    """A host that does anything in any order, in clear and inside channels."""

    def __init__(self) -> None:
        super().__init__()
        self.fob = Fob("fob-t60", slots=2)
        self.host = self.fob.open()

    @rule(raw=st.binary(max_size=40))
    def noise(self, raw: bytes) -> None:
        self.answered(self.fob.applications.transact(raw))

    @rule(command=commands() | writes())
    def in_clear(self, command: Command) -> None:
        self.answered(self.fob.applications.transact(command.encode()))

    @rule(command=commands() | writes())
    def in_the_channel(self, command: Command) -> None:
        plain = Command(
            command.cla & 0x80, command.ins, command.p1, command.p2, command.data, command.ne
        )
        wrapped = self.host.channel.wrap(plain)
        self.answered(self.fob.applications.transact(wrapped.encode()))

    @rule(
        level=st.sampled_from(list(SecurityLevel)),
        aid=st.sampled_from([TOKEN_AID, ISSUER_SECURITY_DOMAIN_AID]),
    )
    def open_again(self, level: SecurityLevel, aid: bytes) -> None:
        token = self.fob.token
        if token.life_cycle is not LifeCycle.TERMINATED and tries_left(token):
            self.host = self.fob.open(level, aid=aid)

    @rule(command=st.sampled_from([identity(), hotp_credential(), totp_credential(2)]))
    def write_well(self, command: StoreData) -> None:
        self.in_the_channel(command.command())

    @rule(life_cycle=st.sampled_from([LifeCycle.PERSONALISED, LifeCycle.SEALED, LifeCycle.LOCKED]))
    def move_on(self, life_cycle: LifeCycle) -> None:
        self.in_the_channel(SetStatus(life_cycle).command())

    @rule(seconds=st.integers(0, 10**6))
    def wait(self, seconds: int) -> None:
        self.fob.advance(seconds)

    @rule()
    def reconnect(self) -> None:
        self.fob.applications.reset()

    @rule()
    def boot(self) -> None:
        self.fob.boot()

    @invariant()
    def every_object_can_be_read(self) -> None:
        # By another set of applications over the same token, to leave the channel alone.
        onlooker = Applications(self.fob.token)
        onlooker.transact(Select(TOKEN_AID).command().encode())
        for tag in READABLE:
            response = decode_response(onlooker.transact(b"\x00\xca" + tag.to_bytes(2, "big")))
            assert response is not None
            assert response.status in (0x9000, 0x6A88, 0x6985)

    @staticmethod
    def answered(raw: bytes) -> None:
        response = decode_response(raw)
        assert response is not None
        assert 0x6100 <= response.status <= 0x9000
        assert b"12345678901234567890" not in raw


AnyConversation.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestAnyConversation = AnyConversation.TestCase
