"""The fob that is checked: its line, its keys, and how to bring it where a check needs it."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

from firmware_model.generators import Hash, OtpKind
from firmware_model.wire.apdu import Command, Response, decode_response
from firmware_model.wire.messages import (
    CHALLENGE_BYTES,
    TOKEN_AID,
    ChannelOffer,
    GetData,
    InitializeUpdate,
    Message,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import (
    Clock,
    CredentialObject,
    Identity,
    LifeCycle,
    LifeCycleStatus,
    ReadObject,
    Slots,
    StoredObject,
    seed_check_value,
)
from firmware_model.wire.scp03 import HostChannel, WrongCardCryptogramError
from firmware_model.wire.scp03_keys import KeySet, wrap_under_dek
from host_tools.check.findings import Disagreement, Unfit, expect_status
from host_tools.check.talk import Talk
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.link import Link
from host_tools.client.ports import Port

SERIAL_NUMBER = "ZZCK00000001"
"""What a blank fob is called once a check has given it a name; ZZ is no manufacturer."""

SEED = b"12345678901234567890"
"""The published test seed of RFC 4226 Appendix D."""

MANUFACTURED_DAYS = 20_000

Readable = TypeVar("Readable", bound=ReadObject)

_COURSE = (LifeCycle.BLANK, LifeCycle.PERSONALISED, LifeCycle.SEALED, LifeCycle.LOCKED)


class Subject:
    """A fob on an open port. Every connection begins anew, so checks do not lean on each other.

    `keys` open its channel; a check that replaces them says so here.
    """

    def __init__(self, port: Port, address: int = 1, keys: FobKeys = TEST_KEYS) -> None:
        self.port = port
        self.address = address
        self.keys = keys

    def talk(self) -> Talk:
        """Return a host that speaks frame by frame, not yet connected."""
        self.port.drop_input()
        return Talk(self.port, self.address)

    def host(self, aid: bytes | None = TOKEN_AID) -> "CheckConnection":
        """Connect, and select `aid` (None: nothing)."""
        self.port.drop_input()
        link = Link(self.port, self.address)
        link.connect()
        host = CheckConnection(link)
        if aid is not None:
            expect_status(host.clear(Select(aid)).status, 0x9000, "SELECT")
        return host

    def secured(
        self, level: SecurityLevel = SecurityLevel.ALL, aid: bytes = TOKEN_AID
    ) -> "SecuredHost":
        """Connect, select `aid` and open a channel.

        Raises:
            Unfit: the fob has other keys, or none of its tries left.
        """
        host = self.host(aid)
        key_set, channel = self.begin(host, level, aid)
        expect_status(
            host.clear(channel.external_authenticate()).status, 0x9000, "EXTERNAL AUTHENTICATE"
        )
        return SecuredHost(host.link, channel, key_set)

    def begin(
        self,
        host: "CheckConnection",
        level: SecurityLevel = SecurityLevel.ALL,
        aid: bytes = TOKEN_AID,
    ) -> tuple[KeySet, HostChannel]:
        """Send INITIALIZE UPDATE and compute what follows; nothing is authenticated yet.

        The challenge must be the one its sequence counter foretells.
        """
        challenge = os.urandom(CHALLENGE_BYTES)
        answer = host.clear(InitializeUpdate(0, challenge))
        _require_open(answer)
        expect_status(answer.status, 0x9000, "INITIALIZE UPDATE")
        offer = ChannelOffer.decode(answer.data)
        if offer is None:
            raise Disagreement("the answer to INITIALIZE UPDATE is not as WIRE §7.2 says")
        key_set = self.keys.for_chip(offer.diversification_data)
        try:
            HostChannel(key_set, challenge, offer, level)
        except (ValueError, WrongCardCryptogramError):
            raise Unfit(f"the fob has other keys than {self.keys.source}") from None
        try:
            return key_set, HostChannel(key_set, challenge, offer, level, aid)
        except WrongCardCryptogramError as error:
            raise Disagreement(str(error)) from None

    def life_cycle(self) -> LifeCycle:
        """Return the state the fob is in."""
        return self.host().read(LifeCycleStatus).life_cycle

    def must_live(self) -> None:
        """See to it that the fob has not come to its end.

        Raises:
            Unfit: it is terminated.
        """
        if self.life_cycle() is LifeCycle.TERMINATED:
            raise Unfit("the fob is terminated")

    def must_open(self) -> None:
        """See to it that the fob still opens channels.

        Raises:
            Unfit: it is terminated, has no tries left, or does not trust itself.
        """
        _require_open(self.host().clear(InitializeUpdate(0, bytes(CHALLENGE_BYTES))))

    def bring(self, wanted: LifeCycle) -> None:
        """Let the fob live on until it is in the state `wanted`, a blank one with name and seed.

        Raises:
            Unfit: it is past that state already.
        """
        while (state := self.life_cycle()) is not wanted:
            if state is LifeCycle.LOCKED and wanted is LifeCycle.SEALED:
                self.secured().done(SetStatus(LifeCycle.SEALED))
            elif state not in _COURSE or _COURSE.index(state) > _COURSE.index(wanted):
                raise Unfit(f"the fob is {state.name.lower()}, and no longer {wanted.name.lower()}")
            else:
                self._move_on(state)

    def _move_on(self, state: LifeCycle) -> None:
        host = self.secured()
        if state is LifeCycle.BLANK:
            host.store(Clock(int(time.time())))
            host.store(Identity(SERIAL_NUMBER, SERIAL_NUMBER, MANUFACTURED_DAYS))
            host.store(host.credential())
        host.done(SetStatus(_COURSE[_COURSE.index(state) + 1]))


def _require_open(answer: Response) -> None:
    if answer.status in (0x6983, 0x6985):
        raise Unfit(f"the fob opens no channel any more ({answer.status:04X})")


class CheckConnection:
    """One connection to the fob, speaking APDUs in clear."""

    def __init__(self, link: Link) -> None:
        self.link = link

    def clear(self, command: Command | Message | str) -> Response:
        """Send a command as it is, given as hex digits too, and return the whole answer."""
        if isinstance(command, str):
            raw = bytes.fromhex(command)
        else:
            raw = (command if isinstance(command, Command) else command.command()).encode()
        answer = decode_response(self.link.transceive(raw))
        if answer is None:
            raise Disagreement("an answer without a status word")
        return answer

    def send(self, command: Command | Message) -> Response:
        """Send a command as a host would here."""
        return self.clear(command)

    def read(self, kind: type[Readable]) -> Readable:
        """Read an object that must be there."""
        answer = self.send(GetData(kind.TAG))
        expect_status(answer.status, 0x9000, f"GET DATA {kind.TAG:04X}")
        found = kind.decode(answer.data)
        if found is None:
            raise Disagreement(f"object {kind.TAG:04X} is not laid out as WIRE §5 says")
        return found  # type: ignore[return-value]  # `decode` of a member gives that member

    def refuses(self, command: Command | Message, status: int, what: str) -> None:
        """See to it that the fob refuses `command` with `status`."""
        expect_status(self.send(command).status, status, what)


class SecuredHost(CheckConnection):
    """A connection with an open channel; `keys` are the static keys it was opened with."""

    def __init__(self, link: Link, channel: HostChannel, keys: KeySet) -> None:
        super().__init__(link)
        self.channel = channel
        self.keys = keys

    def send(self, command: Command | Message) -> Response:
        """Send a command through the channel and return the answer in clear."""
        plain = command if isinstance(command, Command) else command.command()
        return self.channel.unwrap(self.clear(self.channel.wrap(plain)))

    def done(self, command: Command | Message) -> None:
        """Send a command that must succeed."""
        name = type(command).__name__
        expect_status(self.send(command).status, 0x9000, name)

    def store(self, content: StoredObject) -> None:
        """Store an object that the fob must take."""
        name = type(content).__name__
        expect_status(self.send(StoreData(content)).status, 0x9000, f"STORE DATA of the {name}")

    def credential(
        self, slot: int = 1, wrap: Callable[[bytes, bytes], bytes] = wrap_under_dek
    ) -> CredentialObject:
        """Return a credential with the published test seed, wrapped for this fob."""
        return CredentialObject(
            slot=slot,
            kind=OtpKind.HOTP,
            algorithm=Hash.SHA1,
            digits=6,
            wrapped_seed=wrap(self.keys.dek, SEED),
            seed_check=seed_check_value(SEED),
            counter=0,
        )

    def slot_count(self) -> int:
        """Return how many slots the model has."""
        return len(self.read(Slots).slots)
