"""A real token on a real board, and a host that speaks SCP03 to it."""

from dataclasses import dataclass, replace

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.effects import FobEvent
from firmware_model.firmware import selftest
from firmware_model.firmware.applications import Applications
from firmware_model.firmware.token import Token
from firmware_model.generators import Hash, OtpKind
from firmware_model.hardware.assembly import assemble
from firmware_model.hardware.kit import Parts
from firmware_model.hardware.thermal import ROOM
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, later, seconds
from firmware_model.wire.apdu import Command, Response, decode_response
from firmware_model.wire.messages import (
    TOKEN_AID,
    ChannelOffer,
    InitializeUpdate,
    Message,
    SecurityLevel,
    Select,
    StoreData,
)
from firmware_model.wire.objects import CredentialObject, Identity, seed_check_value
from firmware_model.wire.scp03 import HostChannel
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet, wrap_under_dek

SEED = b"12345678901234567890"  # RFC 4226 appendix D
NOW = 1_700_000_000  # 2023-11-14T22:13:20Z
TODAY = NOW // SECONDS_PER_DAY
CHIP_ID = bytes.fromhex("00 01 02 03 04 05 06 07 08 09")
HOST_CHALLENGE = bytes.fromhex("11 22 33 44 55 66 77 88")


class SilentObserver:
    """Takes note of nothing."""

    def on_event(self, event: FobEvent) -> None: ...

    def on_picture(self, text: str, moving_factor: int | None) -> None: ...


SILENT = SilentObserver()


class Fob:
    """One fob whose serial line is a method call."""

    def __init__(self, model: str | Model = "fob-h6", slots: int | None = 1) -> None:
        shelf = catalogue.load(model) if isinstance(model, str) else model
        self.model = shelf
        if slots is not None:
            self.model = replace(shelf, otp=replace(shelf.otp, slots=slots))
        kit = Parts(
            self.model.cell,
            self.model.crystal,
            self.model.mcu,
            self.model.flash,
            self.model.contact,
            self.model.display,
        )
        self.board = assemble(kit, 1, seconds(NOW), ROOM)
        Token(self.board, SILENT, self.model).manufacture(CHIP_ID, TODAY)
        self.boot()

    def boot(self) -> None:
        """Start from flash: whatever stood in memory only is gone."""
        self.token = Token(self.board, SILENT, self.model)
        good = self.token.mount()
        self.applications = Applications(self.token)
        self.applications.self_test = selftest.run(flash_is_good=good)

    def advance(self, count: float) -> None:
        """Let true time go on by `count` seconds."""
        self.board.at(later(self.board.now, int(count * NS_PER_SECOND)))

    def hex(self, command: str) -> str:
        """Send a command and return the answer, both as spaced hex digits."""
        return self.applications.transact(bytes.fromhex(command)).hex(" ").upper()

    def send(self, command: Command | Message) -> Response:
        """Send a command in clear."""
        apdu = command if isinstance(command, Command) else command.command()
        response = decode_response(self.applications.transact(apdu.encode()))
        assert response is not None
        return response

    def status(self, command: Command | Message) -> int:
        """Send a command in clear and return the status word."""
        return self.send(command).status

    def open(
        self,
        level: SecurityLevel = SecurityLevel.ALL,
        keys: KeySet = TEST_KEYS,
        aid: bytes = TOKEN_AID,
    ) -> "Host":
        """Select an application and open a channel to it."""
        assert self.send(Select(aid)).is_ok
        host = self.begin(level, keys, aid)
        assert self.status(host.channel.external_authenticate()) == 0x9000
        return host

    def begin(
        self,
        level: SecurityLevel = SecurityLevel.ALL,
        keys: KeySet = TEST_KEYS,
        aid: bytes | None = None,
    ) -> "Host":
        """Send INITIALIZE UPDATE only; with `aid`, the host foretells the challenge."""
        answer = self.send(InitializeUpdate(keys.version, HOST_CHALLENGE))
        assert answer.is_ok
        offer = ChannelOffer.decode(answer.data)
        assert offer is not None
        return Host(self, HostChannel(keys, HOST_CHALLENGE, offer, level, aid))

    def fail_authentication(self) -> int:
        """Begin a channel and finish it with a wrong cryptogram; return the status word."""
        host = self.begin()
        wrong = host.channel.external_authenticate()
        garbled = bytes(byte ^ 1 for byte in wrong.data)
        return self.status(Command(wrong.cla, wrong.ins, wrong.p1, wrong.p2, garbled))


@dataclass
class Host:
    """The other end of an open channel."""

    fob: Fob
    channel: HostChannel

    def send(self, command: Command | Message) -> Response:
        """Send a command through the channel."""
        plain = command if isinstance(command, Command) else command.command()
        return self.channel.unwrap(self.fob.send(self.channel.wrap(plain)))

    def status(self, command: Command | Message) -> int:
        """Send a command through the channel and return the status word."""
        return self.send(command).status


def hotp_credential(
    slot: int = 1, seed: bytes = SEED, dek: bytes = TEST_KEYS.dek, digits: int = 6
) -> StoreData:
    """Return the command that loads a press-counted credential."""
    return StoreData(
        CredentialObject(
            slot=slot,
            kind=OtpKind.HOTP,
            algorithm=Hash.SHA1,
            digits=digits,
            wrapped_seed=wrap_under_dek(dek, seed),
            seed_check=seed_check_value(seed),
            counter=0,
        )
    )


def totp_credential(slot: int = 1, t0_seconds: int = 0) -> StoreData:
    """Return the command that loads a time-based credential."""
    return StoreData(
        CredentialObject(
            slot=slot,
            kind=OtpKind.TOTP,
            algorithm=Hash.SHA256,
            digits=6,
            wrapped_seed=wrap_under_dek(TEST_KEYS.dek, SEED),
            seed_check=seed_check_value(SEED),
            step_seconds=60,
            t0_seconds=t0_seconds,
        )
    )


def identity(expiry_days: int | None = TODAY + 1000) -> StoreData:
    """Return the command that names the fob."""
    return StoreData(Identity("ZZH600000001", "ZZH600000001", TODAY, expiry_days))
