"""The token application, one typed method for each command (WIRE §4 to §7)."""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from firmware_model.errors import BadAnswer, BadInput, Refused
from firmware_model.generators import OtpKind
from firmware_model.wire.apdu import Command, Response, StatusWord, decode_response, describe_status
from firmware_model.wire.messages import (
    CHALLENGE_BYTES,
    TOKEN_AID,
    ChannelOffer,
    FciTemplate,
    GetData,
    GetDataList,
    InitializeUpdate,
    PutKey,
    SecurityLevel,
    Select,
    SetStatus,
    StoreData,
)
from firmware_model.wire.objects import (
    CredentialObject,
    LifeCycle,
    ReadObject,
    StoredObject,
    TriesLeft,
    seed_check_value,
)
from firmware_model.wire.scp03 import HostChannel, WrongCardCryptogramError, WrongResponseError
from firmware_model.wire.scp03_keys import KeySet, encode_key_data, wrap_under_dek
from firmware_model.wire.tlv import decode_all
from host_tools.client.closing import Closing
from host_tools.client.command_link import CommandLink
from host_tools.client.keys import FobKeys
from host_tools.client.link import open_command_link

if TYPE_CHECKING:  # whoever only reads a fob need not wait for the seed formats
    from host_tools.seeds.record import SeedRecord

Readable = TypeVar("Readable", bound=ReadObject)

_log = logging.getLogger("keyfob.session")

EXACT_LENGTH = 0x6C
ABSENT = (StatusWord.REFERENCED_DATA_NOT_FOUND, StatusWord.CONDITIONS_NOT_SATISFIED)
"""How a fob says that it does not have, or no longer tells, an object."""


def open_session(url: str, address: int = 1) -> "TokenSession":
    """Connect to the fob `address` at the port `url` and select its token application.

    Raises:
        KeyfobError: see `open_command_link`; or the fob has no token application.

    Example:
        >>> with keyfob.Rack.start() as rack, keyfob.open_session(rack[1].port) as session:
        ...     print(keyfob.read_state(session).serial_number)
        ZZH600000001
    """
    session = TokenSession(open_command_link(url, address))
    _log.info("connected to %s", session.link)
    try:
        session.select()
    except BaseException:
        session.abandon()
        raise
    return session


class TokenSession(Closing):
    """A conversation with one fob, in clear until `open_channel`.

    Raises, from every method:
        Refused: the fob answered with a status word that is no success.
        BadAnswer: its answer cannot be understood, or somebody changed it.
        NoAnswer, PortUnavailable: the line fails.

    Example:
        >>> with keyfob.Rack.start() as rack, rack[1].session() as session:
        ...     print(len(session.open_channel(keyfob.TEST_KEYS)), "bytes of chip ID")
        10 bytes of chip ID
    """

    def __init__(self, link: CommandLink) -> None:
        self.link = link
        self._channel: HostChannel | None = None
        self._keys: KeySet | None = None
        self._takes_lists = True

    def select(self, aid: bytes = TOKEN_AID) -> FciTemplate:
        """Select an application; a channel is over with that."""
        self._channel = self._keys = None
        data = self.send(Select(aid).command(), f"to select application {aid.hex().upper()}")
        template = FciTemplate.decode(data)
        if template is None:
            raise self._strange("its application's template")
        return template

    def get(self, kind: type[Readable]) -> Readable | None:
        """Read one object; None where the fob has none or tells it no longer."""
        response = self.exchange(GetData(kind.TAG).command())
        if not response.is_ok:
            if response.status in ABSENT:
                return None
            raise self._refused(response, f"to tell its {_in_words(kind.__name__)}")
        found = kind.decode(response.data)
        if found is None:
            raise self._strange(f"its {_in_words(kind.__name__)}")
        return found  # type: ignore[return-value]  # `decode` of a member gives that member

    def get_all(self, *kinds: type[ReadObject]) -> "FoundObjects":
        """Read several objects in one exchange.

        A fob that does not take lists (6D00) is asked for one after the other, from then on.
        """
        if self._takes_lists:
            command, wanted = _list_of(kinds)
            response = self.exchange(command)
            if response.status != StatusWord.INSTRUCTION_NOT_SUPPORTED:
                return self._listed(wanted, response)
            self._takes_lists = False
        found = {kind.TAG: self.get(kind) for kind in kinds}
        return FoundObjects({tag: value for tag, value in found.items() if value is not None})

    def open_channel(self, keys: FobKeys, level: SecurityLevel = SecurityLevel.ALL) -> bytes:
        """Open the SCP03 channel in which all that follows goes, and return the chip ID.

        Raises:
            BadInput: the fob has other keys; nothing was sent that counts as a try.
        """
        offered = self.ask_offer(keys.version, f"to open a channel under {keys.source}")
        return self.accept_offer(offered, keys, level)

    def ask_offer(self, key_version: int, doing: str) -> "AnsweredChallenge":
        """Ask for a channel, which ends the one before; the fob tells its keys' version.

        Args:
            key_version: of the keys that it should have, 0 for whichever it has.
            doing: for the message, as of `send`.
        """
        self._channel = self._keys = None
        challenge = os.urandom(CHALLENGE_BYTES)
        data = self.send(InitializeUpdate(key_version, challenge).command(), doing)
        offer = ChannelOffer.decode(data)
        if offer is None:
            raise self._strange("its channel offer")
        return AnsweredChallenge(challenge, offer)

    def accept_offer(
        self,
        offered: "AnsweredChallenge",
        keys: FobKeys,
        level: SecurityLevel = SecurityLevel.ALL,
    ) -> bytes:
        """Open the channel that was offered last, and return the chip ID; see `open_channel`."""
        challenge, offer = offered
        key_set = keys.for_chip(offer.diversification_data)
        try:
            channel = HostChannel(key_set, challenge, offer, level)
        except WrongCardCryptogramError:
            left = self.get(TriesLeft)
            tries = f", {left.count} are left" if left else ""
            raise BadInput(
                f"{self.link}: the fob has other keys than {keys.source}; no try was spent{tries}"
            ) from None
        except ValueError:
            raise BadInput(f"{keys.source} is no key set for this fob") from None
        self.send(channel.external_authenticate(), f"to accept {keys.source}")
        self._channel, self._keys = channel, key_set
        return offer.diversification_data

    def store(self, content: StoredObject) -> None:
        """Write one object, as WIRE §5 says when that is allowed.

        Raises:
            BadInput: a field does not fit into the object.
        """
        name = _in_words(type(content).__name__)
        try:
            command = StoreData(content).command()
        except ValueError as error:
            raise BadInput(f"the {name} does not fit into the fob: {error}") from None
        self.send(command, f"to take its {name}")

    def load_credential(self, slot: int, record: "SeedRecord") -> None:
        """Write the seed of `record` into `slot` (1..100), wrapped under the channel's DEK.

        Raises:
            BadInput: the record does not fit into a fob.
        """
        assert self._keys is not None, "a seed goes in inside a channel only"
        timed = record.kind is OtpKind.TOTP
        self.store(
            CredentialObject(
                slot=slot,
                kind=record.kind,
                algorithm=record.algorithm,
                digits=record.digits,
                wrapped_seed=wrap_under_dek(self._keys.dek, record.seed),
                seed_check=seed_check_value(record.seed),
                step_seconds=record.step_seconds if timed else None,
                t0_seconds=record.t0_seconds if timed else None,
                counter=None if timed else record.counter,
            )
        )

    def set_life_cycle(self, life_cycle: LifeCycle) -> None:
        """Move the fob on, lock it (LOCKED), unlock it (SEALED) or end it (TERMINATED)."""
        words = f"to become {life_cycle.name.lower()}"
        self.send(SetStatus(life_cycle).command(), words)

    def put_keys(self, new: KeySet) -> None:
        """Replace the key set of the open channel by `new`, and compare the check values."""
        assert self._keys is not None, "keys go in inside a channel only"
        data = encode_key_data(new, self._keys.dek)
        answer = self.send(PutKey(self._keys.version, data).command(), "to take new keys")
        if answer != new.check_values:
            raise BadAnswer(f"{self.link}: the fob's check values are not those of the new keys")

    def send(self, command: Command, doing: str) -> bytes:
        """Send a command of whatever kind and return the data of its answer.

        Args:
            command: in clear; it is secured here while a channel is open.
            doing: for the message, what the fob refused: "to select application ...".
        """
        return self._succeeded(self.exchange(command), doing)

    def exchange(self, command: Command) -> Response:
        """Send a command and return whatever the fob answers; secured while a channel is open.

        Outside a channel, an answer 6Cxx is followed by the same command with that length
        (ISO/IEC 7816-4 §5.6).
        """
        if self._channel is not None:
            response = self._exchange_in_clear(self._channel.wrap(command))
            try:
                return self._channel.unwrap(response)
            except WrongResponseError as error:
                self._channel = self._keys = None
                raise BadAnswer(f"{self.link}: {error}") from None
        response = self._exchange_in_clear(command)
        if response.status >> 8 == EXACT_LENGTH:
            ne = response.status & 0xFF or 256
            return self._exchange_in_clear(replace(command, ne=ne))
        return response

    def close(self) -> None:
        """End the conversation and close the port."""
        self.link.close()

    def abandon(self) -> None:
        """Close the port without a word."""
        self.link.abandon()

    def _exchange_in_clear(self, command: Command) -> Response:
        response = decode_response(self.link.transceive(command.encode()))
        if response is None:
            raise self._strange("an answer with a status word")
        # Never what they carry: it may be a key or a seed.
        _log.debug(
            "%s: %02X %02X, status %04X", self.link, command.cla, command.ins, response.status
        )
        return response

    def _listed(self, wanted: Mapping[int, type[ReadObject]], response: Response) -> "FoundObjects":
        if response.status in ABSENT:
            return FoundObjects({})
        data = self._succeeded(response, "to report several objects")
        items = decode_all(data)
        found: dict[int, ReadObject] = {}
        for tag, value in items or [(0, b"")]:
            if tag not in wanted:
                raise self._strange("what was asked for")
            read = wanted[tag].decode(value)
            if read is None:
                raise self._strange(f"its {_in_words(wanted[tag].__name__)}")
            found[tag] = read
        return FoundObjects(found)

    def _succeeded(self, response: Response, doing: str) -> bytes:
        if not response.is_ok:
            raise self._refused(response, doing)
        return response.data

    def _refused(self, response: Response, doing: str) -> Refused:
        told = describe_status(response.status)
        return Refused(f"{self.link}: the fob refused {doing}: {told}", response.status)

    def _strange(self, what: str) -> BadAnswer:
        return BadAnswer(f"{self.link}: the fob's answer is not {what}; is this a keyfob?")


class FoundObjects:
    """What `get_all` has read: objects by tag."""

    def __init__(self, found: Mapping[int, ReadObject]) -> None:
        self._found = found

    def get(self, kind: type[Readable]) -> Readable | None:
        """Return the object of that kind; None where the fob has none or tells it no longer."""
        return self._found.get(kind.TAG)  # type: ignore[return-value]  # as it was put in


class AnsweredChallenge(NamedTuple):
    """The host's challenge, and the channel that the fob offers in answer to it."""

    challenge: bytes
    offer: ChannelOffer


@cache
def _list_of(kinds: tuple[type[ReadObject], ...]) -> tuple[Command, dict[int, type[ReadObject]]]:
    """Return the command that asks for objects of these kinds, and the kinds by tag."""
    wanted: dict[int, type[ReadObject]] = {kind.TAG: kind for kind in kinds}
    return GetDataList(tuple(wanted)).command(), wanted


@cache
def _in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
