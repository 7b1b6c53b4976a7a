"""The token's own state: who it is, where it stands in its life, what time it believes.

Everything here lies in flash; a change is durable when its method returns. Refusals are values.
"""

import struct

from firmware_model.firmware import lifecycle
from firmware_model.firmware.journal import Journal, Mounted
from firmware_model.firmware.memory import Key
from firmware_model.firmware.slots import (
    Slot,
    erase_slot,
    load_slot,
    store_credential,
    store_factor,
)
from firmware_model.generators import Kind
from firmware_model.hardware.board import Board
from firmware_model.hardware.curves import interpolate
from firmware_model.catalogue import Model
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle
from firmware_model.wire.objects import Credential, ErrorLogEntry, Identity

FIRMWARE_VERSION = "1.0.0"
KEPT_AFTER_WIPE = (Key.CHIP, Key.LIFE_CYCLE, Key.IDENTITY, Key.BOOTS, Key.ERROR_LOG)
ERRORS_KEPT = 8
_CHIP = struct.Struct(">10sI")
_NAS_PER_UAH = 3_600 * 1_000


class Token:
    """The token behind the commands and the screens. `mount` brings it up from flash."""

    __slots__ = (
        "boots",
        "chip_id",
        "clock_offset_ns",
        "condition",
        "errors",
        "expiry_days",
        "identity",
        "journal",
        "life_cycle",
        "made_days",
        "model",
        "pins",
        "slots",
    )

    def __init__(self, pins: Board, model: Model) -> None:
        self.pins = pins
        self.model = model
        self.journal = Journal(pins)
        self._forget()

    def _forget(self) -> None:
        self.life_cycle = LifeCycle.TERMINATED
        self.condition = Condition.NONE
        self.identity: Identity | None = None
        self.slots: list[Slot | None] = [None] * self.model.otp.slots
        self.clock_offset_ns: int | None = None
        self.boots = 0
        self.chip_id = bytes(10)
        self.made_days = 0
        self.expiry_days: int | None = None
        self.errors: tuple[ErrorLogEntry, ...] = ()

    def manufacture(self, chip_id: bytes, made_days: int) -> None:
        """Leave the factory: a chip ID and the day of manufacture, nothing else."""
        self.journal.format({Key.CHIP: _CHIP.pack(chip_id, made_days)})

    def mount(self) -> bool:
        """Read flash; return False when it holds nothing that can be trusted.

        A zeroisation that a cut interrupted is carried through first.
        """
        self._forget()
        if self.journal.mount() is not Mounted.GOOD:
            return False
        get = self.journal.get
        self.chip_id, self.made_days = _CHIP.unpack(get(Key.CHIP) or bytes(_CHIP.size))
        status = get(Key.LIFE_CYCLE)
        self.life_cycle = LifeCycle(status[0]) if status else LifeCycle.BLANK
        self.condition = Condition(status[1]) if status else Condition.NONE
        if self.life_cycle is LifeCycle.TERMINATED and not self.journal.is_wiped(KEPT_AFTER_WIPE):
            self.journal.wipe(KEPT_AFTER_WIPE)
        if entry := get(Key.IDENTITY):
            self.identity = Identity.decode(entry)
            self.expiry_days = self.identity.expiry_days if self.identity else None
        if entry := get(Key.EXPIRY):
            self.expiry_days = int.from_bytes(entry, "big")
        if (entry := get(Key.CLOCK)) and self.pins.rtc_kept():
            self.clock_offset_ns = int.from_bytes(entry, "big", signed=True)
        self.slots = [load_slot(self.journal, n + 1) for n in range(self.model.otp.slots)]
        log = get(Key.ERROR_LOG) or b""
        size = ErrorLogEntry.LAYOUT.sizeof()
        parts = [ErrorLogEntry.decode(log[at : at + size]) for at in range(0, len(log), size)]
        self.errors = tuple(part for part in parts if part is not None)
        self.boots = int.from_bytes(get(Key.BOOTS) or b"", "big") + 1
        self.journal.put(Key.BOOTS, self.boots.to_bytes(4, "big"))
        return True

    # Time ---------------------------------------------------------------------------------------

    def unix_ns(self) -> int | None:
        """Return the time the fob believes, in nanoseconds since 1970; None while it has none."""
        return None if self.clock_offset_ns is None else self.pins.rtc_ns() + self.clock_offset_ns

    def unix_seconds(self) -> int | None:
        """Return the second the fob believes it is, None while it has no time."""
        nanoseconds = self.unix_ns()
        return None if nanoseconds is None else nanoseconds // NS_PER_SECOND

    def set_clock(self, unix_seconds: int) -> None:
        """Set the clock. What a TOTP slot has shown stays behind it: it never shows less.

        A model may wipe its seeds when the clock is set.
        """
        before = self.unix_seconds()
        for slot in self.present_slots():
            if self.model.security.clock_set_wipes_seed:
                erase_slot(self.journal, slot.number)
                self.slots[slot.number - 1] = None
            elif slot.kind is Kind.TOTP and slot.ahead:
                shown = slot.factor if before is None else slot.step_at(before)
                store_factor(self.journal, slot, min(shown, slot.factor), press=0)
        offset = unix_seconds * NS_PER_SECOND - self.pins.rtc_ns()
        self.journal.put(Key.CLOCK, offset.to_bytes(12, "big", signed=True))
        self.clock_offset_ns = offset
        self.pins.keep_rtc()

    def today(self) -> int | None:
        """Return the day the fob believes it is, counted from 1970, or None."""
        seconds = self.unix_seconds()
        return None if seconds is None else seconds // SECONDS_PER_DAY

    # Life ---------------------------------------------------------------------------------------

    @property
    def is_sealed(self) -> bool:
        """Whether the display is to stay dark until the first long press."""
        return self.life_cycle is LifeCycle.SEALED and not self.condition & Condition.IN_USE

    def advance(self, life_cycle: LifeCycle) -> bool:
        """Go to another life-cycle state if the table permits; TERMINATED zeroises."""
        if not lifecycle.permits(self.life_cycle, life_cycle):
            return False
        condition = self.condition
        if life_cycle is LifeCycle.SEALED and not self.model.security.sealed:
            condition |= Condition.IN_USE  # a model without a sealed state is in use at once
        self._store_status(life_cycle, condition)
        if life_cycle is LifeCycle.TERMINATED:
            self.journal.wipe(KEPT_AFTER_WIPE)
            self.slots = [None] * self.model.otp.slots
            self.clock_offset_ns = None
            self.log(ErrorCode.ZEROISED)
        return True

    def mark(self, condition: Condition, *, on: bool = True) -> None:
        """Set or clear a durable condition."""
        wanted = self.condition | condition if on else self.condition & ~condition
        if wanted != self.condition:
            self._store_status(self.life_cycle, wanted)

    def _store_status(self, life_cycle: LifeCycle, condition: Condition) -> None:
        self.journal.put(Key.LIFE_CYCLE, bytes((life_cycle, condition)))
        self.life_cycle, self.condition = life_cycle, condition

    def store_identity(self, identity: Identity) -> None:
        """Take the name and dates written at personalisation."""
        self.journal.put(Key.IDENTITY, identity.encode())
        self.identity, self.expiry_days = identity, identity.expiry_days

    def extend(self, expiry_days: int) -> None:
        """Take a new expiry date; a fob that had expired by date lives again."""
        self.journal.put(Key.EXPIRY, expiry_days.to_bytes(4, "big"))
        self.expiry_days = expiry_days
        self.mark(Condition.EXPIRED, on=self.is_over())

    def is_over(self) -> bool:
        """Return whether any limit of the model's `life` table is reached."""
        life, today = self.model.life, self.today()
        if life.presses and self.presses >= life.presses:
            return True
        if today is None:
            return False
        if life.years and today - self.made_days >= life.years * 36525 // 100:
            return True
        return (
            life.by_expiry_date
            and self.expiry_days is not None
            and today > self.expiry_days + life.grace_days
        )

    # Credentials --------------------------------------------------------------------------------

    def load(self, credential: Credential, seed: bytes) -> None:
        """Store a credential with its unwrapped seed."""
        self.slots[credential.slot - 1] = store_credential(
            self.journal,
            credential.slot,
            kind=credential.kind,
            algorithm=credential.algorithm,
            digits=credential.digits,
            step_seconds=credential.step_seconds or self.model.otp.step_seconds,
            t0_seconds=credential.t0_seconds or 0,
            counter=credential.counter or 0,
            seed=seed,
        )

    def present_slots(self) -> list[Slot]:
        """Return the slots that hold a credential, by number."""
        return [slot for slot in self.slots if slot is not None]

    @property
    def presses(self) -> int:
        """How many codes were ever asked for."""
        return sum(slot.presses for slot in self.slots if slot is not None)

    # Health -------------------------------------------------------------------------------------

    def battery_percent(self, loaded_mv: int) -> int:
        """Estimate what is left in the cell, 0..100, as the model's estimator does.

        The budget counts time and presses; the loaded voltage has the last word where it is lower,
        for no bookkeeping sees a bad cell.
        """
        battery = self.model.battery
        by_voltage = interpolate(battery.voltage_percent, loaded_mv)
        if battery.estimator == "voltage":
            return by_voltage
        age_s = self.pins.rtc_ns() // NS_PER_SECOND
        today = self.today()
        if today is not None:
            age_s = max(age_s, (today - self.made_days) * SECONDS_PER_DAY)
        used = age_s * battery.sleep_na + self.presses * battery.press_nas
        budget = battery.budget_uah * _NAS_PER_UAH
        return min(by_voltage, max(0, 100 - used * 100 // budget))

    def months_left(self, loaded_mv: int) -> int:
        """Estimate how many months of the present use are left."""
        age_s = max(1, self.pins.rtc_ns() // NS_PER_SECOND)
        battery = self.model.battery
        per_month = (
            30 * SECONDS_PER_DAY * (battery.sleep_na + self.presses * battery.press_nas // age_s)
        )
        left = battery.budget_uah * _NAS_PER_UAH * self.battery_percent(loaded_mv) // 100
        return left // per_month

    def log(self, code: ErrorCode) -> None:
        """Add an entry to the error log, dropping the oldest of more than eight."""
        entry = ErrorLogEntry(code, max(0, self.unix_seconds() or 0))
        self.errors = (*self.errors, entry)[-ERRORS_KEPT:]
        self.journal.put(Key.ERROR_LOG, b"".join(each.encode() for each in self.errors))
