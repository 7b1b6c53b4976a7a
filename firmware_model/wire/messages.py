"""The commands of both applications, each declared once: WIRE §4 and §6.

The host writes `Message.command()`, the fob reads it with `decode(command)`, which returns
the message or the status word to refuse it with. The objects are in `objects.py`.
"""

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import ClassVar, Self

import construct as cs

from firmware_model.wire import tlv
from firmware_model.wire.apdu import SECURE_MESSAGING, SHORT_NE_MAX, Command, StatusWord
from firmware_model.wire.codes import LifeCycle, Tag
from firmware_model.wire.declared import Fixed
from firmware_model.wire.objects import STORABLE, StoredObject

TOKEN_AID = bytes.fromhex("F04B4559464F4201")
ISSUER_SECURITY_DOMAIN_AID = bytes.fromhex("A000000151000000")

CLA_ISO = 0x00
CLA_GLOBALPLATFORM = 0x80
CHALLENGE_BYTES = 8
MAC_BYTES = 8

STORE_LAST_BLOCK = 0x80
STORE_SEED_ENCRYPTED = 0x20  # of bits 7 and 6: encrypted as the application says
STORE_BER_TLV = 0x10  # of bits 5 and 4: the data's structure
STATUS_OF_CARD = 0x80

TAG_LIST = 0x5C
CURRENT_FILE = 0x3FFF  # P1 P2 of GET DATA's odd instruction
TAGS_MAX = 32
"""The most tags of one list: more than there are objects."""


@unique
class Instruction(IntEnum):
    """Every instruction byte the fob knows. Retired numbers stay."""

    INITIALIZE_UPDATE = 0x50
    EXTERNAL_AUTHENTICATE = 0x82
    GENERAL_AUTHENTICATE = 0x87
    SELECT = 0xA4
    GET_RESPONSE = 0xC0
    GET_DATA = 0xCA
    GET_DATA_LIST = 0xCB
    PUT_KEY = 0xD8
    STORE_DATA = 0xE2
    SET_STATUS = 0xF0


@unique
class SecurityLevel(IntEnum):
    """How a channel protects what it carries (Amendment D Table 7-5)."""

    NONE = 0x00
    C_MAC = 0x01
    C_MAC_C_ENC = 0x03
    C_MAC_R_MAC = 0x11
    C_MAC_C_ENC_R_MAC = 0x13
    ALL = 0x33

    @property
    def encrypts_commands(self) -> bool:
        """Whether command data is encrypted."""
        return bool(self & 0x02)

    @property
    def authenticates_responses(self) -> bool:
        """Whether responses carry an R-MAC."""
        return bool(self & 0x10)

    @property
    def encrypts_responses(self) -> bool:
        """Whether response data is encrypted."""
        return bool(self & 0x20)


_LEVELS = {int(level): level for level in SecurityLevel}


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT by name, first or only occurrence (ISO/IEC 7816-4 §11.2.2); answer: `FciTemplate`."""

    INS: ClassVar = Instruction.SELECT
    aid: bytes

    def command(self) -> Command:
        """Return the command."""
        return Command(CLA_ISO, self.INS, 0x04, 0x00, self.aid, SHORT_NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        if command.p1p2 != 0x0400:
            return StatusWord.INCORRECT_P1_P2
        return cls(command.data)


@dataclass(slots=True, unsafe_hash=True)
class GetData:
    """GET DATA: the object under `tag`; with class 80 whole, with class 00 its value alone."""

    INS: ClassVar = Instruction.GET_DATA
    tag: int
    whole: bool = False

    def command(self) -> Command:
        """Return the command."""
        cla = CLA_GLOBALPLATFORM if self.whole else CLA_ISO
        return Command(cla, self.INS, self.tag >> 8, self.tag & 0xFF, ne=SHORT_NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not; secure messaging changes nothing."""
        return cls(command.p1 << 8 | command.p2, bool(command.cla & CLA_GLOBALPLATFORM))


@dataclass(frozen=True, slots=True)
class GetDataList:
    """GET DATA of a tag list (ISO/IEC 7816-4, its odd instruction): whole objects, as asked for.

    What the fob does not have is left out. `tags` are 1 to 32.
    """

    INS: ClassVar = Instruction.GET_DATA_LIST
    tags: tuple[int, ...]

    def command(self) -> Command:
        """Return the command."""
        data = tlv.encode(TAG_LIST, b"".join(map(tlv.encode_tag, self.tags)))
        p1, p2 = divmod(CURRENT_FILE, 0x100)
        return Command(CLA_ISO, self.INS, p1, p2, data, SHORT_NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not; either class asks for whole objects."""
        if command.p1p2 != CURRENT_FILE:
            return StatusWord.INCORRECT_P1_P2
        tag, listed = tlv.decode_one(command.data) or (0, b"")
        tags = tlv.decode_tags(listed)
        if tag != TAG_LIST or not tags or len(tags) > TAGS_MAX:
            return StatusWord.WRONG_DATA
        return cls(tuple(tags))


@dataclass(frozen=True, slots=True)
class StoreData:
    """STORE DATA: one object in BER-TLV, in one block (Card Specification 2.3.1 §11.11).

    A credential says in P1 that its seed is encrypted: B0. Everything else goes with 90.
    """

    INS: ClassVar = Instruction.STORE_DATA
    content: StoredObject

    def command(self) -> Command:
        """Return the command; raises ValueError where a field is out of its range."""
        p1 = STORE_LAST_BLOCK | STORE_BER_TLV | _encryption_of(self.content.TAG)
        data = tlv.encode(self.content.TAG, self.content.encode())
        return Command(CLA_GLOBALPLATFORM, self.INS, p1, 0x00, data)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        if not command.p1 & STORE_LAST_BLOCK or command.p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        item = tlv.decode_one(command.data)
        if item is None:
            return StatusWord.WRONG_DATA
        tag, value = item
        if tag not in STORABLE:
            return StatusWord.REFERENCED_DATA_NOT_FOUND
        # Bit 1 tells ISO case 4 from case 3; either is taken.
        wanted = STORE_LAST_BLOCK | STORE_BER_TLV | _encryption_of(tag)
        if command.p1 & ~0x01 != wanted:
            return StatusWord.INCORRECT_P1_P2
        content = STORABLE[tag].decode(value)
        return StatusWord.WRONG_DATA if content is None else cls(content)


@dataclass(frozen=True, slots=True)
class SetStatus:
    """SET STATUS of the card (Card Specification 2.3.1 §11.10): the next life-cycle state.

    LOCKED locks, SEALED unlocks again, TERMINATED zeroises for good.
    """

    INS: ClassVar = Instruction.SET_STATUS
    life_cycle: LifeCycle

    def command(self) -> Command:
        """Return the command."""
        return Command(CLA_GLOBALPLATFORM, self.INS, STATUS_OF_CARD, self.life_cycle)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not; its data field is ignored (§11.10.2.3)."""
        try:
            life_cycle = LifeCycle(command.p2)
        except ValueError:
            return StatusWord.INCORRECT_P1_P2
        return cls(life_cycle) if command.p1 == STATUS_OF_CARD else StatusWord.INCORRECT_P1_P2


@dataclass(frozen=True, slots=True)
class PutKey:
    """PUT KEY of a whole set of three (Amendment D §7.2); `key_data` is `scp03`'s to read.

    `replaced_version` is the set to replace, 0 to add one.
    """

    INS: ClassVar = Instruction.PUT_KEY
    replaced_version: int
    key_data: bytes

    def command(self) -> Command:
        """Return the command."""
        p1 = self.replaced_version
        return Command(CLA_GLOBALPLATFORM, self.INS, p1, 0x81, self.key_data, SHORT_NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        if command.p2 != 0x81 or (command.p1 & 0x80 and command.p1 != 0xFF):
            return StatusWord.INCORRECT_P1_P2
        return cls(command.p1, command.data)


@dataclass(frozen=True, slots=True)
class InitializeUpdate:
    """INITIALIZE UPDATE (Amendment D §7.1.1); answer: `ChannelOffer`. Version 0 = default set."""

    INS: ClassVar = Instruction.INITIALIZE_UPDATE
    key_version: int
    host_challenge: bytes

    def command(self) -> Command:
        """Return the command."""
        p1, data = self.key_version, self.host_challenge
        return Command(CLA_GLOBALPLATFORM, self.INS, p1, 0x00, data, SHORT_NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        if command.p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        if len(command.data) != CHALLENGE_BYTES:
            return StatusWord.WRONG_LENGTH
        return cls(command.p1, command.data)


@dataclass(frozen=True, slots=True)
class ExternalAuthenticate:
    """EXTERNAL AUTHENTICATE (Amendment D §7.1.2), always with a C-MAC behind its cryptogram."""

    INS: ClassVar = Instruction.EXTERNAL_AUTHENTICATE
    level: SecurityLevel
    host_cryptogram: bytes
    mac: bytes

    def command(self) -> Command:
        """Return the command."""
        cla = CLA_GLOBALPLATFORM | SECURE_MESSAGING
        return Command(cla, self.INS, self.level, 0x00, self.host_cryptogram + self.mac)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        level = _LEVELS.get(command.p1)
        if level is None or command.p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        if len(command.data) != CHALLENGE_BYTES + MAC_BYTES:
            return StatusWord.WRONG_LENGTH
        return cls(level, command.data[:CHALLENGE_BYTES], command.data[CHALLENGE_BYTES:])


@dataclass(frozen=True, slots=True)
class GetResponse:
    """GET RESPONSE: up to `ne` (1..256) more bytes of the answer before."""

    INS: ClassVar = Instruction.GET_RESPONSE
    ne: int = SHORT_NE_MAX

    def command(self) -> Command:
        """Return the command."""
        return Command(CLA_ISO, self.INS, 0x00, 0x00, ne=self.ne)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not; without Le it asks for all there is."""
        if command.p1p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        return cls(command.ne or SHORT_NE_MAX)


Message = (
    Select
    | GetData
    | GetDataList
    | StoreData
    | SetStatus
    | PutKey
    | InitializeUpdate
    | ExternalAuthenticate
    | GetResponse
)

MESSAGES: dict[int, type[Message]] = {kind.INS: kind for kind in Message.__args__}


def decode_message(command: Command) -> Message | StatusWord:
    """Return what `command` asks for, or the status word that refuses it."""
    kind = MESSAGES.get(command.ins)
    return StatusWord.INSTRUCTION_NOT_SUPPORTED if kind is None else kind.decode(command)


@dataclass(frozen=True, slots=True)
class ChannelOffer(Fixed):
    """The fob's answer to INITIALIZE UPDATE, with the pseudo-random challenge's counter."""

    LAYOUT: ClassVar = cs.Struct(
        "diversification_data" / cs.Bytes(10),
        "key_version" / cs.Int8ub,
        "protocol" / cs.Int8ub,
        "protocol_options" / cs.Int8ub,
        "card_challenge" / cs.Bytes(CHALLENGE_BYTES),
        "card_cryptogram" / cs.Bytes(CHALLENGE_BYTES),
        "sequence_counter" / cs.Int24ub,
    )
    diversification_data: bytes
    key_version: int
    card_challenge: bytes
    card_cryptogram: bytes
    sequence_counter: int
    protocol: int = 0x03
    protocol_options: int = 0x70


@dataclass(frozen=True, slots=True)
class FciTemplate:
    """The answer to SELECT (Card Specification 2.3.1 §11.9.3.1): name and greatest data length."""

    aid: bytes
    data_bytes_max: int

    def encode(self) -> bytes:
        """Return the whole object, tag 6F."""
        limit = tlv.encode(0x9F65, self.data_bytes_max.to_bytes(2, "big"))
        return tlv.encode(0x6F, tlv.encode(0x84, self.aid) + tlv.encode(0xA5, limit))

    @classmethod
    def decode(cls, raw: bytes) -> Self | None:
        """Return the template in `raw`; other members of other makers' fobs are skipped."""
        members = dict(tlv.decode_all(tlv.find(raw, 0x6F) or b"") or ())
        aid = members.get(0x84)
        if aid is None:
            return None
        limit = tlv.find(members.get(0xA5, b""), 0x9F65)
        return cls(aid, int.from_bytes(limit or b"\xff", "big"))


def _encryption_of(tag: int) -> int:
    return STORE_SEED_ENCRYPTED if tag == Tag.CREDENTIAL else 0
