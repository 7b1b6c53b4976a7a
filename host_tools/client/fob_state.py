"""What a fob tells about itself to anybody who asks, as one value."""

from dataclasses import dataclass
from datetime import date, timedelta

from firmware_model.errors import BadAnswer
from firmware_model.wire.objects import (
    BatteryReading,
    ChipId,
    Clock,
    Condition,
    Counters,
    CredentialId,
    ErrorLog,
    ErrorLogEntry,
    ExpiryDate,
    FirmwareVersion,
    LifeCycle,
    LifeCycleStatus,
    ManufactureDate,
    ModelName,
    ReadObject,
    SelfTestResult,
    SerialNumber,
    SlotObject,
    Slots,
    TriesLeft,
)
from host_tools.client.session import TokenSession

_OBJECTS: tuple[type[ReadObject], ...] = (
    LifeCycleStatus,
    SerialNumber,
    CredentialId,
    ModelName,
    ChipId,
    FirmwareVersion,
    ManufactureDate,
    ExpiryDate,
    Slots,
    ErrorLog,
    TriesLeft,
    Clock,
    Counters,
    SelfTestResult,
    BatteryReading,
)

EPOCH = date(1970, 1, 1)
DAYS_MAX = (date.max - EPOCH).days


@dataclass(frozen=True, slots=True, kw_only=True)
class FobState:
    """The open objects of WIRE §5; None where the fob has nothing under that tag.

    The dates are UTC days; `expiry_date` is the last day of use.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     print(rack[1].state().serial_number, rack[1].state().tries_left)
        ZZH600000001 10
    """

    life_cycle: LifeCycleStatus
    serial_number: str | None
    credential_id: str | None
    model: str | None
    chip_id: bytes | None
    firmware_version: str | None
    manufacture_date: date | None
    expiry_date: date | None
    battery: BatteryReading | None
    clock: Clock | None
    counters: Counters | None
    slots: tuple[SlotObject, ...]
    error_log: tuple[ErrorLogEntry, ...]
    self_test: SelfTestResult | None
    tries_left: int | None


def read_state(session: TokenSession) -> FobState:
    """Read everything that a fob tells without a secure channel.

    Raises:
        KeyfobError: the fob does not answer, or not as WIRE §5 says.

    Example:
        >>> with keyfob.Rack.start() as rack, rack[1].session() as session:
        ...     print(keyfob.read_state(session).model)
        fob-h6
    """
    found = session.get_all(*_OBJECTS)
    life_cycle = found.get(LifeCycleStatus)
    if life_cycle is None:
        raise BadAnswer("the fob does not tell its life-cycle: this is no keyfob token application")
    serial_number = found.get(SerialNumber)
    credential_id = found.get(CredentialId)
    model = found.get(ModelName)
    chip_id = found.get(ChipId)
    firmware_version = found.get(FirmwareVersion)
    manufactured = found.get(ManufactureDate)
    expires = found.get(ExpiryDate)
    slots = found.get(Slots)
    error_log = found.get(ErrorLog)
    tries_left = found.get(TriesLeft)
    return FobState(
        life_cycle=life_cycle,
        serial_number=serial_number.text if serial_number else None,
        credential_id=credential_id.text if credential_id else None,
        model=model.text if model else None,
        chip_id=chip_id.number if chip_id else None,
        firmware_version=firmware_version.text if firmware_version else None,
        manufacture_date=day(manufactured.days_since_1970) if manufactured else None,
        expiry_date=day(expires.days_since_1970) if expires else None,
        battery=found.get(BatteryReading),
        clock=found.get(Clock),
        counters=found.get(Counters),
        slots=slots.slots if slots else (),
        error_log=error_log.entries if error_log else (),
        self_test=found.get(SelfTestResult),
        tries_left=tries_left.count if tries_left else None,
    )


def life_cycle_name(status: LifeCycleStatus) -> str:
    """Return the state's name: blank, personalised, sealed, in use, locked or terminated."""
    if status.life_cycle is LifeCycle.SEALED and Condition.IN_USE in status.condition:
        return "in use"
    return status.life_cycle.name.lower()


def day(days_since_1970: int) -> date:
    """Return the UTC day; one beyond the calendar's end becomes its last day."""
    return EPOCH + timedelta(days=min(days_since_1970, DAYS_MAX))
