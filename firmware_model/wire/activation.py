"""What a soft token and its bank say to each other: requests, activation, the code handed over.

WIRE §9. The bank's host polls `Request`; an activation is two GENERAL AUTHENTICATE commands
(ISO/IEC 7816-4) that carry SRP-6a. Both ends use these declarations.
"""

import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import ClassVar, Self, TypeVar

import construct as cs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from firmware_model.generators import DIGITS, Hash
from firmware_model.wire import tlv
from firmware_model.wire.apdu import NE_MAX, Command, StatusWord
from firmware_model.wire.declared import Fixed, Template, code_of, octets_of, text_of
from firmware_model.wire.direct import ASCII, checked
from firmware_model.wire.messages import CLA_ISO, Instruction
from firmware_model.wire.scp03_keys import KeySet
from firmware_model.wire.srp import PROOF_BYTES, PUBLIC_BYTES, SALT_BYTES

ACTIVATION_AID = bytes.fromhex("F04B4559464F4202")
DYNAMIC_AUTHENTICATION = 0x7C
"""The template of GENERAL AUTHENTICATE's data (ISO/IEC 7816-4, dynamic authentication data)."""

ID_CHARACTERS_MAX = 32
DEVICE_ID_CHARACTERS_MAX = 64
KEY_VERSION = 1
"""Of the SCP03 key set that an activation leaves in the token."""

Said = TypeVar("Said", bound=Template)

_NONCE = bytes(12)  # the key seals this one message only
_ID = re.compile(rf"[A-Za-z0-9-]{{1,{ID_CHARACTERS_MAX}}}")
_ID_TEXT = checked(ASCII, lambda text: is_id(text))


def is_id(text: str) -> bool:
    """Return whether `text` may be a service or user ID: 1 to 32 letters, digits, hyphens."""
    return _ID.fullmatch(text) is not None


@unique
class ActivationTag(IntEnum):
    """Where the activation application's objects are found."""

    CODE = 0xDF41
    REQUEST = 0xFF40
    STATUS = 0xFF42


@unique
class Wish(IntEnum):
    """What the user asked the app for."""

    ACTIVATION = 1
    EXTENSION = 2
    LOGIN = 3


@unique
class AppStanding(IntEnum):
    """How things stand in the app."""

    NOT_ACTIVATED = 0
    ACTIVATED = 1
    STOPPED = 2
    WRONG_DEVICE = 3


@dataclass(frozen=True, slots=True)
class Request(Template):
    """What the user asked for at the phone, and has not got yet.

    `unix_seconds` is the phone's clock when he did. An activation has the two IDs and the
    client's `public` number; the others have the token's `serial_number`.
    """

    TAG: ClassVar = ActivationTag.REQUEST
    MEMBERS: ClassVar = {
        0x80: ("wish", code_of(Wish)),
        0x81: ("device_id", text_of(DEVICE_ID_CHARACTERS_MAX)),
        0x82: ("unix_seconds", cs.Int64ub),
        0x83: ("service_id", _ID_TEXT),
        0x84: ("user_id", _ID_TEXT),
        0x85: ("public", octets_of(PUBLIC_BYTES, PUBLIC_BYTES)),
        0x86: ("serial_number", text_of(64)),
    }
    wish: Wish
    device_id: str
    unix_seconds: int
    service_id: str | None = None
    user_id: str | None = None
    public: bytes | None = None
    serial_number: str | None = None

    def __post_init__(self) -> None:
        parts = (self.service_id, self.user_id, self.public)
        if self.wish is Wish.ACTIVATION:
            good = None not in parts and self.serial_number is None
        else:
            good = parts == (None, None, None) and self.serial_number is not None
        if not good:
            raise ValueError("an activation names IDs and a public number, others a serial number")

    @property
    def identity(self) -> str:
        """The user's name in SRP: service ID, a slash, user ID."""
        return identity_of(self.service_id or "", self.user_id or "")


@dataclass(frozen=True, slots=True)
class AppStatus(Template):
    """How things stand, and on which device the app runs."""

    TAG: ClassVar = ActivationTag.STATUS
    MEMBERS: ClassVar = {
        0x80: ("standing", code_of(AppStanding)),
        0x81: ("device_id", text_of(DEVICE_ID_CHARACTERS_MAX)),
    }
    standing: AppStanding
    device_id: str


@dataclass(frozen=True, slots=True)
class HandedCode(Fixed):
    """The code that "Direct login" hands over, in decimal digits. Read in a channel, once."""

    TAG: ClassVar = ActivationTag.CODE
    LAYOUT: ClassVar = cs.Struct("code" / text_of(10))
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge(Template):
    """The host's first message: the salt and the server's public number."""

    MEMBERS: ClassVar = {
        0x80: ("salt", octets_of(SALT_BYTES, SALT_BYTES)),
        0x81: ("public", octets_of(PUBLIC_BYTES, PUBLIC_BYTES)),
    }
    salt: bytes
    public: bytes


@dataclass(frozen=True, slots=True)
class Proof(Template):
    """The token's answer to a challenge: SRP's M1."""

    MEMBERS: ClassVar = {0x82: ("proof", octets_of(PROOF_BYTES, PROOF_BYTES))}
    proof: bytes


@dataclass(frozen=True, slots=True)
class Confirmation(Template):
    """The host's second message: SRP's M2, and the `Grant` sealed under the agreed key."""

    MEMBERS: ClassVar = {
        0x83: ("proof", octets_of(PROOF_BYTES, PROOF_BYTES)),
        0x84: ("sealed", octets_of(17, 512)),
    }
    proof: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class ActivationReceipt(Template):
    """The token's answer to a confirmation: it has everything, durably."""

    MEMBERS: ClassVar = {0x85: ("receipt", octets_of(PROOF_BYTES, PROOF_BYTES))}
    receipt: bytes


@dataclass(frozen=True, slots=True)
class ActivationRefusal(Template):
    """The host's no, in place of either of its messages; it says nothing of the reason."""

    MEMBERS: ClassVar = {0x86: ("refused", checked(cs.Flag, lambda refused: refused))}
    refused: bool


Turn = Challenge | Confirmation | ActivationRefusal
"""What the host may say."""


@dataclass(frozen=True, slots=True)
class GeneralAuthenticate:
    """GENERAL AUTHENTICATE, a turn: the answer is a `Proof`, an `ActivationReceipt` or nothing."""

    INS: ClassVar = Instruction.GENERAL_AUTHENTICATE
    turn: Turn

    def command(self) -> Command:
        """Return the command; raises ValueError where a field is out of its range."""
        return Command(CLA_ISO, self.INS, 0x00, 0x00, enveloped(self.turn), ne=NE_MAX)

    @classmethod
    def decode(cls, command: Command) -> Self | StatusWord:
        """Return the message in `command`, or why not."""
        if command.p1p2 != 0:
            return StatusWord.INCORRECT_P1_P2
        data = command.data
        turn = (
            opened(Challenge, data) or opened(Confirmation, data) or opened(ActivationRefusal, data)
        )
        return StatusWord.WRONG_DATA if turn is None else cls(turn)


def enveloped(turn: Turn | Proof | ActivationReceipt) -> bytes:
    """Return a turn of either end in its template."""
    return tlv.encode(DYNAMIC_AUTHENTICATION, turn.encode())


def opened(kind: type[Said], data: bytes) -> Said | None:
    """Return the turn of that kind in `data`, None where there is none."""
    item = tlv.decode_one(data)
    return kind.decode(item[1]) if item and item[0] == DYNAMIC_AUTHENTICATION else None


@dataclass(frozen=True, slots=True)
class Grant(Template):
    """The bank's grant: the token's identity, and how its codes are made.

    Days count from 1970-01-01 (UTC); without `expiry_days` it never expires. `unix_seconds` is
    the bank's clock.
    """

    MEMBERS: ClassVar = {
        0x80: ("serial_number", text_of(64)),
        0x81: ("credential_id", text_of(64)),
        0x82: ("issue_days", cs.Int32ub),
        0x83: ("expiry_days", cs.Int32ub),
        0x84: ("algorithm", code_of(Hash)),
        0x85: ("digits", checked(cs.Int8ub, lambda digits: digits in DIGITS)),
        0x86: ("step_seconds", cs.Int32ub),  # 0 = the code counts presses
        0x87: ("unix_seconds", cs.Int64ub),
    }
    serial_number: str
    credential_id: str
    issue_days: int
    algorithm: Hash
    digits: int
    step_seconds: int
    unix_seconds: int
    expiry_days: int | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything both ends derive from the agreed key (WIRE §9.4); nothing of it is ever sent.

    Only `receipt` goes over the line, from the token, when it has stored the rest.
    """

    key_set: KeySet = field(repr=False)
    receipt: bytes = field(repr=False)
    _seed: bytes = field(repr=False)
    _sealing: bytes = field(repr=False)

    def seed(self, algorithm: Hash) -> bytes:
        """Return the OTP seed: as long as the hash's output (RFC 6238 §5.1)."""
        return self._seed[: algorithm.output_bytes]

    def seal(self, grant: Grant) -> bytes:
        """Return the grant under AES-256-GCM."""
        return AESGCM(self._sealing).encrypt(_NONCE, grant.encode(), None)

    def open(self, sealed: bytes) -> Grant | None:
        """Return the grant, None where it was not sealed with this key, or was changed."""
        try:
            return Grant.decode(AESGCM(self._sealing).decrypt(_NONCE, sealed, None))
        except InvalidTag:
            return None


def secrets_of(key: bytes, request: Request, challenge: Challenge) -> Secrets:
    """Derive everything from SRP's `key` and what was said in clear (HKDF, RFC 5869)."""
    said = hashlib.sha256(request.encode() + challenge.encode()).digest()

    def derived(label: bytes, length: int) -> bytes:
        return HKDF(SHA256(), length, said, b"keyfob activation " + label).derive(key)

    return Secrets(
        KeySet(KEY_VERSION, derived(b"ENC", 16), derived(b"MAC", 16), derived(b"DEK", 16)),
        derived(b"receipt", PROOF_BYTES),
        derived(b"seed", 64),
        derived(b"seal", 32),
    )


def identity_of(service_id: str, user_id: str) -> str:
    """Return SRP's name of a user."""
    return f"{service_id}/{user_id}"
