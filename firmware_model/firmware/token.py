"""The token's own state: who it is, where it stands in its life, what time it believes.

Everything here lies in flash; a change is durable when its method returns. Refusals are values.
"""

import hmac
import struct

from firmware_model.catalogue import Model
from firmware_model.effects import FobEvent
from firmware_model.firmware import error_log, lifecycle
from firmware_model.firmware.estimator import Estimate
from firmware_model.firmware.installation import Installation, finish_deletion
from firmware_model.firmware.journal import Journal, Mounted
from firmware_model.firmware.keys import key_set_entry
from firmware_model.firmware.memory import Key
from firmware_model.firmware.profiles import Profiles
from firmware_model.firmware.slots import (
    Slot,
    erase_slot,
    load_slot,
    store_credential,
    store_factor,
)
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle
from firmware_model.wire.objects import CredentialObject, ErrorLogEntry, Identity
from firmware_model.wire.scp03_keys import KeySet

FIRMWARE_VERSION = "1.0.0"
KEPT_AFTER_WIPE = (Key.CHIP, Key.LIFE_CYCLE, Key.IDENTITY, Key.BOOTS, Key.ERROR_LOG)
_CHIP = struct.Struct(">10sI")
_NS_PER_DAY = SECONDS_PER_DAY * NS_PER_SECOND


class Token:
    """The token behind the commands and the screens. `mount` brings it up from flash.

    `is_low`: its cell was found low. `is_sealed`: the display is to stay dark until the first long
    press. `stays_dark`: a press shows nothing, for that reason or because it is terminated.
    `last_day` is the last day (from 1970) on which it gives codes, None where no date ends it.
    """

    __slots__ = (
        "_draws",
        "_retired_presses",
        "boots",
        "chip_id",
        "clock_offset_ns",
        "condition",
        "errors",
        "estimate",
        "expiry_days",
        "identity",
        "is_low",
        "is_sealed",
        "journal",
        "last_day",
        "life_cycle",
        "made_days",
        "model",
        "observer",
        "pins",
        "profiles",
        "slots",
        "stays_dark",
    )

    def __init__(self, pins: Pins, observer: ProgramObserver, model: Model) -> None:
        self.pins = pins
        self.observer = observer
        self.model = model
        flash = model.flash
        banks = (0, flash.pages // 2)
        self.journal = Journal(pins.flash, banks, flash.page_bytes, flash.word_bytes)
        self._draws = 0
        self.estimate = Estimate(model.battery)
        is_molto2 = model.card is not None and "molto2" in model.card.applications
        self.profiles = Profiles(self.journal) if is_molto2 else None
        self._forget()

    def _forget(self) -> None:
        self._take_status(LifeCycle.TERMINATED, Condition.NONE)
        self.identity: Identity | None = None
        self.slots: list[Slot | None] = [None] * self.model.otp.slots
        self.clock_offset_ns: int | None = None
        self.boots = 0
        self.chip_id = bytes(10)
        self.made_days = 0
        self.expiry_days: int | None = None
        self.last_day: int | None = None
        self.errors: tuple[ErrorLogEntry, ...] = ()
        self._retired_presses = 0

    def manufacture(self, chip_id: bytes, made_days: int, key_set: KeySet | None = None) -> None:
        """Leave the factory: a chip ID and the day of manufacture, and transport keys if any."""
        entries: dict[int, bytes] = {Key.CHIP: _CHIP.pack(chip_id, made_days)}
        if key_set is not None:
            entries[Key.KEY_SET] = key_set_entry(key_set)
        self.journal.format(entries)

    def install_soft(self, chip_id: bytes, unix_ns: int) -> None:
        """Install a soft token on a device with that chip ID, and take the device's time."""
        offset_ns = unix_ns - self.pins.rtc_ns
        self.journal.format(
            {
                Key.CHIP: _CHIP.pack(chip_id, unix_ns // (SECONDS_PER_DAY * NS_PER_SECOND)),
                Key.CLOCK: offset_ns.to_bytes(12, "big", signed=True),
                Key.APP: Installation(chip_id.hex().upper()).encode(),
            }
        )
        self.pins.keep_rtc()

    def mount(self) -> bool:
        """Read flash and count the boot; return False when nothing there can be trusted.

        A zeroisation that a cut interrupted is carried through first.
        """
        self._forget()
        mounted = self.journal.mount()
        if mounted not in (Mounted.GOOD, Mounted.MENDED):
            return False
        get = self.journal.get
        self.reload()
        if self.life_cycle is LifeCycle.TERMINATED and not self.journal.is_wiped(
            self._kept_after_wipe
        ):
            self._zeroise()
            self.reload()
        if self.model.app is not None:
            finish_deletion(self.journal)
        self.boots = int.from_bytes(get(Key.BOOTS) or b"", "big") + 1
        self.journal.put(Key.BOOTS, self.boots.to_bytes(4, "big"))
        if mounted is Mounted.MENDED:
            self.log(ErrorCode.FLASH_REPAIRED)
        self._resume_clock()
        return True

    def reload(self) -> None:
        """Take what flash holds of everything but the clock and the count of boots."""
        get = self.journal.get
        self.chip_id, self.made_days = _CHIP.unpack(get(Key.CHIP) or bytes(_CHIP.size))
        status = get(Key.LIFE_CYCLE) or bytes((LifeCycle.BLANK, Condition.NONE))
        self._take_status(LifeCycle(status[0]), Condition(status[1]))
        self.errors = error_log.entries_in(get(Key.ERROR_LOG) or b"")
        self.identity = Identity.decode(get(Key.IDENTITY) or b"")
        self.expiry_days = self.identity.expiry_days if self.identity else None
        if entry := get(Key.EXPIRY):
            self.expiry_days = int.from_bytes(entry, "big")
        self._settle_last_day()
        self._retired_presses = int.from_bytes(get(Key.PRESSES) or b"", "big")
        self.slots = [load_slot(self.journal, n + 1) for n in range(self.model.otp.slots)]

    def display_inputs(self) -> tuple[object, ...]:
        """Return what the display depends on: where it differs, the display must start over."""
        return (
            self.life_cycle,
            self.condition,
            self.clock_offset_ns,
            self.expiry_days,
            *self.slots,
        )

    def draw_challenge(self, key: bytes, byte_count: int) -> bytes:
        """Return bytes that were never drawn before and that nobody without `key` foretells.

        A board has no dice for its program: they come from the count of boots, which is durable,
        and of draws since.
        """
        self._draws += 1
        count = self.boots.to_bytes(4, "big") + self._draws.to_bytes(4, "big")
        return hmac.digest(key, b"challenge" + self.chip_id + count, "sha256")[:byte_count]

    # Time ---------------------------------------------------------------------------------------

    def unix_ns(self) -> int | None:
        """Return the time the fob believes, in nanoseconds since 1970; None while it has none."""
        return None if self.clock_offset_ns is None else self.pins.rtc_ns + self.clock_offset_ns

    def unix_seconds(self) -> int | None:
        """Return the second the fob believes it is, None while it has no time."""
        nanoseconds = self.unix_ns()
        return None if nanoseconds is None else nanoseconds // NS_PER_SECOND

    def set_clock(self, unix_seconds: int) -> None:
        """Set the clock. What a TOTP slot has shown stays behind it: it never shows less.

        A model may wipe its seeds when the clock is set.
        """
        if self.model.security.clock_set_wipes_seed and self.present_slots():
            self._wipe_slots()
        self._keep_clock(unix_seconds * NS_PER_SECOND - self.pins.rtc_ns)

    def shift_clock(self, nanoseconds: int) -> None:
        """Let the time the fob believes in jump; without a time nothing happens."""
        if self.clock_offset_ns is not None:
            self._keep_clock(self.clock_offset_ns + nanoseconds)

    def today(self) -> int | None:
        """Return the day the fob believes it is, counted from 1970, or None."""
        seconds = self.unix_seconds()
        return None if seconds is None else seconds // SECONDS_PER_DAY

    def _keep_clock(self, offset_ns: int) -> None:
        if offset_ns == self.clock_offset_ns:  # an always-on display goes on with what it reserved
            return
        before = self.unix_seconds()
        for slot in self.present_slots():
            if slot.is_timed and slot.ahead:
                shown = slot.factor if before is None else slot.step_at(before)
                store_factor(self.journal, slot, min(shown, slot.factor), press=0)
        self.journal.put(Key.CLOCK, offset_ns.to_bytes(12, "big", signed=True))
        self.clock_offset_ns = offset_ns
        self.pins.keep_rtc()

    def _resume_clock(self) -> None:
        """Take up the time again where the RTC went on; else forget it, once."""
        entry = self.journal.get(Key.CLOCK)
        if not entry:
            return
        if self.pins.rtc_kept():
            self.clock_offset_ns = int.from_bytes(entry, "big", signed=True)
        else:
            self.journal.put(Key.CLOCK, b"")
            self.log(ErrorCode.CLOCK_LOST)

    # Life ---------------------------------------------------------------------------------------

    def advance(self, life_cycle: LifeCycle) -> bool:
        """Go to another life-cycle state if the table permits; TERMINATED zeroises."""
        if not lifecycle.permits(self.life_cycle, life_cycle):
            return False
        condition = self.condition
        if life_cycle is LifeCycle.SEALED and not self.model.security.sealed:
            condition |= Condition.IN_USE  # a model without a sealed state is in use at once
        self._store_status(life_cycle, condition)
        if life_cycle is LifeCycle.TERMINATED:
            self._zeroise()
        return True

    def mark(self, condition: Condition, *, on: bool = True) -> bool:
        """Set or clear a durable condition; return whether that changed anything."""
        if bool(int(self.condition) & int(condition)) == on:
            return False
        self._store_status(self.life_cycle, self.condition ^ condition)
        return True

    def _store_status(self, life_cycle: LifeCycle, condition: Condition) -> None:
        self.journal.put(Key.LIFE_CYCLE, bytes((life_cycle, condition)))
        self._take_status(life_cycle, condition)

    def _take_status(self, life_cycle: LifeCycle, condition: Condition) -> None:
        self.life_cycle, self.condition = life_cycle, condition
        closed = life_cycle in (LifeCycle.SEALED, LifeCycle.LOCKED)
        self.is_low = Condition.LOW_BATTERY in condition
        self.is_sealed = closed and not condition & Condition.IN_USE
        self.stays_dark = self.is_sealed or life_cycle is LifeCycle.TERMINATED

    @property
    def _kept_after_wipe(self) -> tuple[Key, ...]:
        """What is no secret; the device of an app, and the device's clock, are not the token's."""
        of_a_device = (Key.APP, Key.CLOCK) if self.model.app else ()
        return KEPT_AFTER_WIPE + of_a_device

    def _zeroise(self) -> None:
        """Overwrite every secret in both banks; the decision itself is already durable."""
        self.journal.wipe(self._kept_after_wipe)
        self.slots = [None] * self.model.otp.slots
        if self.model.app is None:
            self.clock_offset_ns = None
        if all(entry.code is not ErrorCode.ZEROISED for entry in self.errors):
            self.log(ErrorCode.ZEROISED)
            self.observer.on_event(FobEvent.ZEROISED)

    def store_identity(self, identity: Identity) -> None:
        """Take the name and dates written at personalisation."""
        self.journal.put(Key.IDENTITY, identity.encode())
        self.identity, self.expiry_days = identity, identity.expiry_days
        self._settle_last_day()

    def extend(self, expiry_days: int) -> None:
        """Take a new expiry date; a fob that had expired by date lives again."""
        self.journal.put(Key.EXPIRY, expiry_days.to_bytes(4, "big"))
        self.expiry_days = expiry_days
        self._settle_last_day()
        self.mark(Condition.EXPIRED, on=self.is_over())

    def _settle_last_day(self) -> None:
        life, ends = self.model.life, []
        if life.years:
            ends.append(self.made_days + life.years * 36525 // 100 - 1)
        if life.by_expiry_date and self.expiry_days is not None:
            ends.append(self.expiry_days + life.grace_days)
        self.last_day = min(ends, default=None)

    def is_over(self) -> bool:
        """Return whether any limit of the model's `life` table is reached."""
        limit, last_day = self.model.life.presses, self.last_day
        if limit and self.presses >= limit:
            return True
        return last_day is not None and (today := self.today()) is not None and today > last_day

    def expire(self) -> str:
        """Note durably that its life is over; return what it says from now on."""
        if self.mark(Condition.EXPIRED):
            self.observer.on_event(FobEvent.EXPIRED)
        return self.model.life.end_text

    # Credentials --------------------------------------------------------------------------------

    def load(self, credential: CredentialObject, seed: bytes) -> None:
        """Store a credential with its unwrapped seed."""
        self.retire_presses(credential.slot)
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

    def first_slot(self) -> Slot | None:
        """Return the slot whose codes the display shows: the selected profile's, or the first."""
        if self.profiles is not None:
            return self.profiles.shown(self.slots)
        for slot in self.slots:
            if slot is not None:
                return slot
        return None

    @property
    def presses(self) -> int:
        """How many codes were ever asked for."""
        total = self._retired_presses
        for slot in self.slots:
            if slot is not None:
                total += slot.presses
        return total

    def retire_presses(self, number: int) -> None:
        """Keep the count of presses of slot `number`, whose credential is about to go.

        A cut may count them twice.
        """
        slot = self.slots[number - 1]
        if slot is not None and slot.presses:
            total = min(self._retired_presses + slot.presses, 0xFFFF_FFFF)
            self.journal.put(Key.PRESSES, total.to_bytes(4, "big"))
            self._retired_presses, slot.presses = total, 0

    def _wipe_slots(self) -> None:
        """Empty every slot and overwrite what lay there."""
        for slot in self.present_slots():
            self.retire_presses(slot.number)
            erase_slot(self.journal, slot.number)
        self.slots = [None] * self.model.otp.slots
        self.journal.wipe(tuple(key for key, value in self.journal.entries.items() if value))

    # Health -------------------------------------------------------------------------------------

    def battery_percent(self, loaded_mv: int) -> int:
        """Return what it believes is left in the cell, in percent, measured at `loaded_mv`."""
        return self.estimate.percent(self.age_s(), self.presses, loaded_mv)

    def age_s(self) -> int:
        """Return how old it believes to be in seconds: by the RTC's count, or by its date."""
        rtc_ns, offset_ns = self.pins.rtc_ns, self.clock_offset_ns
        age_s = rtc_ns // NS_PER_SECOND
        if offset_ns is None:
            return age_s
        today = (rtc_ns + offset_ns) // _NS_PER_DAY
        return max(age_s, (today - self.made_days) * SECONDS_PER_DAY)

    def log(self, code: ErrorCode) -> None:
        """Add an entry to the error log, dropping the oldest of more than eight."""
        self.journal.put(Key.ERROR_LOG, self._add_error(code))

    def log_worn_flash(self) -> None:
        """Add worn flash to the error log, once.

        The entry lasts until the next restart where the active bank has no room for it.
        """
        if all(entry.code is not ErrorCode.FLASH_WORN for entry in self.errors):
            self.journal.put_without_turning(Key.ERROR_LOG, self._add_error(ErrorCode.FLASH_WORN))

    def _add_error(self, code: ErrorCode) -> bytes:
        """Add an entry to the log; return the log as it is stored."""
        entry = ErrorLogEntry(code, max(0, self.unix_seconds() or 0))
        self.errors, stored = error_log.with_entry(self.errors, entry)
        return stored
