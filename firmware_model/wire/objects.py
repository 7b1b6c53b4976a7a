"""The data objects of the token application, each declared once: WIRE §5.

GET DATA reads them by tag, STORE DATA writes some of them. Every number is unsigned and
big-endian. Unused bits of a flag byte are zero.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import ClassVar, Self

import construct as cs

from firmware_model.generators import DIGITS, Hash, OtpKind
from firmware_model.wire import tlv
from firmware_model.wire.codes import Condition as Condition
from firmware_model.wire.codes import ErrorCode as ErrorCode
from firmware_model.wire.codes import Estimator as Estimator
from firmware_model.wire.codes import LifeCycle as LifeCycle
from firmware_model.wire.codes import SelfTestPart as SelfTestPart
from firmware_model.wire.codes import Tag as Tag
from firmware_model.wire.declared import Fixed, Template, code_of, octets_of, text_of
from firmware_model.wire.direct import checked

CHIP_ID_BYTES = 10
SEED_BYTES_MAX = 128
SEED_CHECK_BYTES = 3
SLOTS_MAX = 100
PERCENT_MAX = 100
ERROR_LOG_MAX = 16


@dataclass(frozen=True, slots=True)
class SerialNumber(Fixed):
    """The serial number as printed on the case: 1 to 64 ASCII characters."""

    TAG: ClassVar = Tag.SERIAL_NUMBER
    LAYOUT: ClassVar = cs.Struct("text" / text_of(64))
    text: str


@dataclass(frozen=True, slots=True)
class CredentialId(Fixed):
    """The Credential ID as printed on the case: 1 to 64 ASCII characters, in practice 12."""

    TAG: ClassVar = Tag.CREDENTIAL_ID
    LAYOUT: ClassVar = cs.Struct("text" / text_of(64))
    text: str


@dataclass(frozen=True, slots=True)
class ModelName(Fixed):
    """The model's name: 1 to 64 ASCII characters."""

    TAG: ClassVar = Tag.MODEL_NAME
    LAYOUT: ClassVar = cs.Struct("text" / text_of(64))
    text: str


@dataclass(frozen=True, slots=True)
class ChipId(Fixed):
    """The 10-byte number fixed at manufacture; also SCP03's key diversification data."""

    TAG: ClassVar = Tag.CHIP_ID
    LAYOUT: ClassVar = cs.Struct("number" / cs.Bytes(CHIP_ID_BYTES))
    number: bytes


@dataclass(frozen=True, slots=True)
class FirmwareVersion(Fixed):
    """The firmware's version as text, such as `1.0.0`: 1 to 16 ASCII characters."""

    TAG: ClassVar = Tag.FIRMWARE_VERSION
    LAYOUT: ClassVar = cs.Struct("text" / text_of(16))
    text: str


@dataclass(frozen=True, slots=True)
class LifeCycleStatus(Fixed):
    """Where the fob stands in its life."""

    TAG: ClassVar = Tag.LIFE_CYCLE
    LAYOUT: ClassVar = cs.Struct(
        "life_cycle" / code_of(LifeCycle), "condition" / code_of(Condition)
    )
    life_cycle: LifeCycle
    condition: Condition = Condition.NONE


@dataclass(frozen=True, slots=True)
class ManufactureDate(Fixed):
    """The day the fob was made, in days since 1970-01-01 (UTC)."""

    TAG: ClassVar = Tag.MANUFACTURE_DATE
    LAYOUT: ClassVar = cs.Struct("days_since_1970" / cs.Int32ub)
    days_since_1970: int


@dataclass(frozen=True, slots=True)
class ExpiryDate(Fixed):
    """The last day the fob may be used, in days since 1970-01-01 (UTC)."""

    TAG: ClassVar = Tag.EXPIRY_DATE
    LAYOUT: ClassVar = cs.Struct("days_since_1970" / cs.Int32ub)
    days_since_1970: int


@dataclass(frozen=True, slots=True)
class BatteryReading(Fixed):
    """What is left in the cell as the fob estimates it (0..100), and its voltage under load."""

    TAG: ClassVar = Tag.BATTERY
    LAYOUT: ClassVar = cs.Struct(
        "percent" / checked(cs.Int8ub, lambda percent: percent <= PERCENT_MAX),
        "loaded_millivolts" / cs.Int16ub,
        "estimator" / code_of(Estimator),
    )
    percent: int
    loaded_millivolts: int
    estimator: Estimator


@dataclass(frozen=True, slots=True)
class Clock(Fixed):
    """The fob's own clock, in seconds since 1970.

    `valid` is False when it was never set or lost its supply. Storing sets the clock, and is
    refused unless `valid` is True.
    """

    TAG: ClassVar = Tag.CLOCK
    LAYOUT: ClassVar = cs.Struct("unix_seconds" / cs.Int64ub, "valid" / cs.Flag)
    unix_seconds: int
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Counters(Fixed):
    """How often the button was pressed and the firmware booted, since manufacture."""

    TAG: ClassVar = Tag.COUNTERS
    LAYOUT: ClassVar = cs.Struct("presses" / cs.Int32ub, "boots" / cs.Int32ub)
    presses: int
    boots: int


@dataclass(frozen=True, slots=True)
class SelfTestResult(Fixed):
    """Which parts of the self-test ran and which of these failed; bits by `SelfTestPart`."""

    TAG: ClassVar = Tag.SELF_TEST
    LAYOUT: ClassVar = cs.Struct("performed" / cs.Int16ub, "failed" / cs.Int16ub)
    performed: int
    failed: int


@dataclass(frozen=True, slots=True)
class TriesLeft(Fixed):
    """How many failed SCP03 authentications are left before secure commands are blocked."""

    TAG: ClassVar = Tag.TRIES_LEFT
    LAYOUT: ClassVar = cs.Struct("count" / cs.Int8ub)
    count: int


@dataclass(frozen=True, slots=True)
class ErrorLogEntry(Fixed):
    """One thing that went wrong, at an instant of the fob's own clock."""

    LAYOUT: ClassVar = cs.Struct("code" / code_of(ErrorCode), "unix_seconds" / cs.Int64ub)
    code: ErrorCode
    unix_seconds: int


@dataclass(frozen=True, slots=True)
class ErrorLog:
    """The latest entries, oldest first: 0 to 16 of them, one after the other."""

    TAG: ClassVar = Tag.ERROR_LOG
    entries: tuple[ErrorLogEntry, ...] = ()

    def encode(self) -> bytes:
        """Return the value as bytes."""
        return b"".join(entry.encode() for entry in self.entries)

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the log in `value`, or None."""
        size = ErrorLogEntry.LAYOUT.sizeof()
        if len(value) % size or len(value) > size * ERROR_LOG_MAX:
            return None
        parts = [ErrorLogEntry.decode(value[at : at + size]) for at in range(0, len(value), size)]
        entries = tuple(entry for entry in parts if entry is not None)
        return cls(entries) if len(entries) == len(parts) else None


_SLOT_NUMBER = checked(cs.Int8ub, lambda number: 1 <= number <= SLOTS_MAX)
_DIGITS = checked(cs.Int8ub, lambda digits: digits in DIGITS)
_STEP_SECONDS = checked(cs.Int32ub, lambda seconds: seconds > 0)
_SEED_CHECK = octets_of(SEED_CHECK_BYTES, SEED_CHECK_BYTES)

_CREDENTIAL_MEMBERS: dict[int, tuple[str, cs.Construct]] = {
    0x80: ("slot", _SLOT_NUMBER),
    0x81: ("kind", code_of(OtpKind)),
    0x82: ("algorithm", code_of(Hash)),
    0x83: ("digits", _DIGITS),
    0x84: ("step_seconds", _STEP_SECONDS),
    0x85: ("t0_seconds", cs.Int64ub),
    0x86: ("counter", cs.Int64ub),
    0x88: ("seed_check", _SEED_CHECK),
}


@dataclass(frozen=True, slots=True)
class SlotObject(Template):
    """What one slot (1..100) holds; an empty one has nothing but its number.

    `counter` is the next moving factor of an HOTP slot. A TOTP slot has `step_seconds` and
    `t0_seconds` instead. The seed itself is never in it.
    """

    TAG: ClassVar = 0xE1
    MEMBERS: ClassVar = _CREDENTIAL_MEMBERS
    slot: int
    kind: OtpKind | None = None
    algorithm: Hash | None = None
    digits: int | None = None
    step_seconds: int | None = None
    t0_seconds: int | None = None
    counter: int | None = None
    seed_check: bytes | None = None

    def __post_init__(self) -> None:
        rest = (self.algorithm, self.digits, self.seed_check)
        if self.kind is None:
            good = (*rest, self.step_seconds, self.t0_seconds, self.counter) == (None,) * 6
        else:
            good = None not in rest and _has_moving_factor(self)
        if not good:
            raise ValueError("a slot is either empty or full, by its kind")

    @property
    def is_present(self) -> bool:
        """Whether a credential is in the slot."""
        return self.kind is not None


@dataclass(frozen=True, slots=True)
class Slots:
    """Every slot the model has, by number: one template E1 each."""

    TAG: ClassVar = Tag.SLOTS
    slots: tuple[SlotObject, ...] = ()

    def encode(self) -> bytes:
        """Return the value as bytes."""
        return tlv.encode_all([(SlotObject.TAG, slot.encode()) for slot in self.slots])

    @classmethod
    def decode(cls, value: bytes) -> Self | None:
        """Return the slots in `value`, or None."""
        items = tlv.decode_all(value)
        if items is None or len(items) > SLOTS_MAX:
            return None
        slots = [SlotObject.decode(raw) if tag == SlotObject.TAG else None for tag, raw in items]
        found = tuple(slot for slot in slots if slot is not None)
        return cls(found) if len(found) == len(items) else None


@dataclass(frozen=True, slots=True)
class CredentialObject(Template):
    """A credential on its way into a slot. Write only.

    HOTP needs `counter`, TOTP `step_seconds` and `t0_seconds`; the others stay None.
    `wrapped_seed` is one length byte (the seed's, 1..128) and the seed under the DEK, see
    `scp03.wrap_under_dek`; `seed_check` is `seed_check_value(seed)`.
    """

    TAG: ClassVar = Tag.CREDENTIAL
    MEMBERS: ClassVar = _CREDENTIAL_MEMBERS | {
        0x87: ("wrapped_seed", octets_of(17, 1 + SEED_BYTES_MAX)),
    }
    slot: int
    kind: OtpKind
    algorithm: Hash
    digits: int
    wrapped_seed: bytes = field(repr=False)
    seed_check: bytes
    step_seconds: int | None = None
    t0_seconds: int | None = None
    counter: int | None = None

    def __post_init__(self) -> None:
        if not _has_moving_factor(self):
            raise ValueError("HOTP needs a counter; TOTP a step and T0, and nothing else")


@dataclass(frozen=True, slots=True)
class Identity(Template):
    """Who the fob is, written once at personalisation; without `expiry_days` it never expires.

    Both dates are days since 1970-01-01 (UTC).
    """

    TAG: ClassVar = Tag.IDENTITY
    MEMBERS: ClassVar = {
        0x80: ("serial_number", text_of(64)),
        0x81: ("credential_id", text_of(64)),
        0x82: ("manufacture_days", cs.Int32ub),
        0x83: ("expiry_days", cs.Int32ub),
    }
    serial_number: str
    credential_id: str
    manufacture_days: int
    expiry_days: int | None = None


def seed_check_value(seed: bytes) -> bytes:
    """Return the 3 bytes by which both ends agree on a seed: HMAC-SHA-256(seed, "KCV")[:3].

    No standard has one. The HMAC-SHA-1 habit would give away a code (WIRE §5.4).
    """
    return hmac.digest(seed, b"KCV", hashlib.sha256)[:SEED_CHECK_BYTES]


def _has_moving_factor(held: SlotObject | CredentialObject) -> bool:
    """Return whether exactly the fields that `held.kind` moves by are there."""
    timed = (held.step_seconds is None, held.t0_seconds is None)
    if held.kind is OtpKind.HOTP:
        return held.counter is not None and timed == (True, True)
    return held.counter is None and timed == (False, False)


ReadObject = (
    SerialNumber
    | CredentialId
    | ModelName
    | ChipId
    | FirmwareVersion
    | LifeCycleStatus
    | ManufactureDate
    | ExpiryDate
    | BatteryReading
    | Clock
    | Counters
    | Slots
    | ErrorLog
    | SelfTestResult
    | TriesLeft
)
"""What GET DATA returns."""

StoredObject = CredentialObject | Identity | Clock | ExpiryDate
"""What STORE DATA takes."""

READABLE: dict[int, type[ReadObject]] = {kind.TAG: kind for kind in ReadObject.__args__}
STORABLE: dict[int, type[StoredObject]] = {kind.TAG: kind for kind in StoredObject.__args__}
