"""What GET DATA reads from the token application: each object from the token's state (WIRE §5)."""

from collections.abc import Callable

from firmware_model.firmware import screens
from firmware_model.firmware import slots as held
from firmware_model.firmware.applications.context import CommandContext, tries_left
from firmware_model.firmware.token import FIRMWARE_VERSION, Token
from firmware_model.generators import COUNTER_MAX, OtpKind
from firmware_model.wire.codes import Condition, Estimator, Tag
from firmware_model.wire.objects import (
    BatteryReading,
    ChipId,
    Clock,
    Counters,
    CredentialId,
    ErrorLog,
    ExpiryDate,
    FirmwareVersion,
    LifeCycleStatus,
    ManufactureDate,
    ModelName,
    ReadObject,
    SerialNumber,
    SlotObject,
    Slots,
    TriesLeft,
)


def _serial_number(context: CommandContext) -> SerialNumber | None:
    identity = context.token.identity
    return SerialNumber(identity.serial_number) if identity else None


def _credential_id(context: CommandContext) -> CredentialId | None:
    identity = context.token.identity
    return CredentialId(identity.credential_id) if identity else None


def _life_cycle(context: CommandContext) -> LifeCycleStatus:
    token = context.token
    condition = token.condition
    if token.is_over():  # it may be so before a press makes it durable
        condition |= Condition.EXPIRED
    if _is_supply_low(token):
        condition |= Condition.LOW_BATTERY
    return LifeCycleStatus(token.life_cycle, condition)


def _is_supply_low(token: Token) -> bool:
    """Whether a notice of the model's that looks at the supply is due."""
    notices = [notice for notice in token.model.notices if notice.quantity.startswith("battery_")]
    if not notices:
        return False
    loaded_mv = token.pins.measure_mv()
    return any(
        (screens.quantity_of(token, notice, loaded_mv) or 0) < notice.below for notice in notices
    )


def _manufacture_date(context: CommandContext) -> ManufactureDate:
    identity = context.token.identity
    days = identity.manufacture_days if identity else context.token.made_days
    return ManufactureDate(days)


def _expiry_date(context: CommandContext) -> ExpiryDate | None:
    days = context.token.expiry_days
    return None if days is None else ExpiryDate(days)


def _battery(context: CommandContext) -> BatteryReading | None:
    token = context.token
    if token.model.app is not None:  # it runs on its device's supply
        return None
    loaded_mv = token.pins.measure_mv()
    by_voltage = token.model.battery.estimator == "voltage"
    estimator = Estimator.LOADED_VOLTAGE if by_voltage else Estimator.CHARGE_BUDGET
    return BatteryReading(token.battery_percent(loaded_mv), loaded_mv, estimator)


def _clock(context: CommandContext) -> Clock:
    seconds = context.token.unix_seconds()
    return Clock(0, valid=False) if seconds is None else Clock(seconds)


def _slots(context: CommandContext) -> Slots:
    return Slots(tuple(_slot(n + 1, slot) for n, slot in enumerate(context.token.slots)))


def _slot(number: int, slot: held.Slot | None) -> SlotObject:
    if slot is None:
        return SlotObject(number)
    timed = slot.kind is OtpKind.TOTP
    return SlotObject(
        slot=number,
        kind=slot.kind,
        algorithm=slot.algorithm,
        digits=slot.digits,
        step_seconds=slot.step_seconds if timed else None,
        t0_seconds=slot.t0_seconds if timed else None,
        # An exhausted slot has no next moving factor: the last one stands for it.
        counter=None if timed else min(slot.factor, COUNTER_MAX),
        seed_check=slot.seed_check,
    )


READINGS: dict[int, Callable[[CommandContext], ReadObject | None]] = {
    Tag.SERIAL_NUMBER: _serial_number,
    Tag.CREDENTIAL_ID: _credential_id,
    Tag.MODEL_NAME: lambda context: ModelName(context.token.model.name),
    Tag.CHIP_ID: lambda context: ChipId(context.token.chip_id),
    Tag.FIRMWARE_VERSION: lambda _: FirmwareVersion(FIRMWARE_VERSION),
    Tag.LIFE_CYCLE: _life_cycle,
    Tag.MANUFACTURE_DATE: _manufacture_date,
    Tag.EXPIRY_DATE: _expiry_date,
    Tag.BATTERY: _battery,
    Tag.CLOCK: _clock,
    Tag.COUNTERS: lambda context: Counters(context.token.presses, context.token.boots),
    Tag.ERROR_LOG: lambda context: ErrorLog(context.token.errors),
    Tag.SELF_TEST: lambda context: context.self_test,
    Tag.TRIES_LEFT: lambda context: TriesLeft(tries_left(context.token)),
    Tag.SLOTS: _slots,
}
"""How each object is read, by its tag; None where the fob does not have it."""
