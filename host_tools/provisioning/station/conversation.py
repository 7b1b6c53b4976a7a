"""One fob on the line, as the station talks to it: typed steps, faults with their cause."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from firmware_model.errors import BadAnswer, BadInput, Refused
from firmware_model.generators import OtpKind, time_step
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.messages import ISSUER_SECURITY_DOMAIN_AID
from firmware_model.wire.objects import (
    ChipId,
    Clock,
    FirmwareVersion,
    Identity,
    LifeCycle,
    LifeCycleStatus,
    ModelName,
    SerialNumber,
    SlotObject,
    Slots,
    TriesLeft,
    seed_check_value,
)
from host_tools.client.fob_state import EPOCH
from host_tools.client.keys import FobKeys
from host_tools.client.session import AnsweredChallenge, FoundObjects, TokenSession
from host_tools.provisioning.choice import check_fits
from host_tools.provisioning.load import SLOT
from host_tools.provisioning.station.desk import KeyPlan
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.states import FailureCause
from host_tools.seeds.record import SeedRecord

LAG_SECONDS_MAX = 2
"""The fob reports whole seconds; what an answer takes on a slow line comes on top of it."""

CLOCK_WRITES_MAX = 8
"""How often its clock is set where a lost frame held up the setting; then the line is too slow."""

SECONDS_PER_DAY = 86_400

ANY_VERSION = 0
"""Of INITIALIZE UPDATE: whichever key set the fob has."""


class Conversation:
    """What can be asked of and done to the fob behind `session`, its token application selected.

    `life_cycle` and `chip_id` are what it told last; `serial_number` (None while it has none),
    `model` and `firmware` what it told at first. Raises, from every method: FobFault, or as
    `TokenSession`.
    """

    def __init__(self, session: TokenSession, keys: KeyPlan) -> None:
        self._session = session
        self._keys = keys
        self._open: FobKeys | None = None
        self._clock_is_kept = False
        session.select()
        told = session.get_all(
            LifeCycleStatus, ChipId, SerialNumber, ModelName, FirmwareVersion, Clock
        )
        self.life_cycle = self._life_cycle_of(told)
        chip = told.get(ChipId)
        if chip is None:
            raise BadAnswer(f"{session.link}: the fob does not report its chip ID")
        self.chip_id = chip.number
        self.serial_number = _text_of(told.get(SerialNumber))
        self.model = _text_of(told.get(ModelName)) or ""
        self.firmware = _text_of(told.get(FirmwareVersion)) or ""
        self._has_clock = told.get(Clock) is not None

    def _life_cycle_of(self, told: FoundObjects) -> LifeCycle:
        status = told.get(LifeCycleStatus)
        if status is None:
            raise BadAnswer(f"{self._session.link}: the fob does not report its life-cycle")
        return status.life_cycle

    # Keys -----------------------------------------------------------------------------------------

    def prove_keys(self) -> None:
        """Open a channel under the keys the fob should have; nothing in it is changed.

        Where these are the transport keys, the issuer security domain is left selected, so that
        `put_keys` goes through this very channel.
        """
        session = self._session
        session.select(ISSUER_SECURITY_DOMAIN_AID)
        offered = session.ask_offer(ANY_VERSION, "to offer a channel")
        version = offered.offer.key_version
        keys = self._keys.of_version(version)
        if keys is None:
            raise self._wrong_keys(f"its key set has version {version}")
        if keys.version == self._keys.final.version:
            self.open_final()
        else:
            self._open_channel(keys, offered)

    def put_keys(self) -> None:
        """Replace transport keys by the fob's own, and open the channel under these.

        A fob that has them already is left as it is.
        """
        if self._open is None:
            self.prove_keys()
        device = self._keys.device
        if device is not None and self._open is not device:
            self._session.put_keys(device.for_chip(self.chip_id))
            self._open = None
        self.open_final()

    def open_final(self) -> None:
        """Open the channel under the keys with which the fob leaves, where it is not open yet."""
        if self._open is not self._keys.final:
            self._session.select()
            self._open_channel(self._keys.final)

    def _open_channel(self, keys: FobKeys, offered: AnsweredChallenge | None = None) -> None:
        try:
            if offered is None:
                chip_id = self._session.open_channel(keys)
            else:
                chip_id = self._session.accept_offer(offered, keys)
        except BadInput:
            raise self._wrong_keys(f"it has other keys than {keys.source}") from None
        except Refused as error:
            if error.status != StatusWord.REFERENCED_DATA_NOT_FOUND:
                raise
            raise self._wrong_keys(f"it has no keys of version {keys.version}") from None
        if chip_id != self.chip_id:
            raise FobFault(FailureCause.BAD_ANSWER, "the fob reported two different chip IDs")
        self._open = keys

    def _wrong_keys(self, why: str) -> FobFault:
        self._open = None
        self._session.select()
        left = self._session.get(TriesLeft)
        tries = f"; {left.count} tries left" if left else ""
        return FobFault(
            FailureCause.WRONG_KEYS, f"{why}: nothing was sent, no try was spent{tries}"
        )

    # Contents -------------------------------------------------------------------------------------

    def write_identity(self, record: SeedRecord, now: Decimal) -> None:
        """Write serial number, Credential ID and dates.

        Raises FobFault where codes or names do not fit this fob.
        """
        with _fitting():
            check_fits(record, self.model)
        self.open_final()
        made, expires = record.start_date, record.expiry_date
        identity = Identity(
            serial_number=record.serial_number,
            credential_id=record.credential_id,
            manufacture_days=(made - EPOCH).days if made else int(now) // SECONDS_PER_DAY,
            expiry_days=(expires - EPOCH).days if expires else None,
        )
        with _fitting():
            self._session.store(identity)

    def set_clock(self, now: Callable[[], Decimal]) -> None:
        """Set the fob's clock where it has one."""
        if self._has_clock:
            self._write_clock(now)

    def keep_clock(self, record: SeedRecord, now: Callable[[], Decimal]) -> None:
        """Set the clock of a loaded fob again where it stopped, or is off by half a time step.

        Its supply was cut, or the station's clock was wrong when it was set. Less is drift, which
        a server follows. Neither happens while a fob stays connected: it is asked once.
        """
        if self._clock_is_kept:
            return
        before = now()
        reading = _reading_of(self._session.get(Clock), before, now()) if self._has_clock else None
        lag_seconds_max = max(record.step_seconds // 2, LAG_SECONDS_MAX)
        if reading is not None and not reading.agrees(lag_seconds_max):
            self._write_clock(now)
            if not self.holds(record):  # some models wipe their seed when their clock is set
                message = "its clock was wrong, and setting it wiped the seed"
                raise FobFault(FailureCause.CLOCK_LOST, message)
        self._clock_is_kept = True

    def load(self, record: SeedRecord, now: Callable[[], Decimal]) -> None:
        """Write the seed, then compare check values and clocks; one that is in already may stay.

        A clock that was just set and does not agree has jumped, or the station's has.
        """
        self.open_final()
        refused: Refused | None = None
        try:
            with _fitting():
                self._session.load_credential(SLOT, record)
        except Refused as error:
            refused = error
        before = now()
        told = self._session.get_all(Slots, Clock)
        reading = _reading_of(told.get(Clock), before, now())
        if refused is not None and not _holds(self._slot_of(told), record):
            raise refused
        self._refuse_other_seed(told, record)
        if reading is not None and not reading.agrees():
            message = f"after setting, the fob's clock is {reading.lag} s behind: a clock jumped"
            raise FobFault(FailureCause.CLOCK_JUMPED, message)
        self._clock_is_kept = True

    def holds(self, record: SeedRecord) -> bool:
        """Say whether the fob tells the seed's check value."""
        return _holds(self.slot(), record)

    def refuse_other_seed(self, record: SeedRecord) -> None:
        """Make sure that the fob holds the seed of `record`."""
        self._refuse_other_seed(self._session.get_all(Slots), record)

    def refuse_unsealed(self, record: SeedRecord) -> None:
        """Make sure that it reports to be sealed, under this name and with this seed."""
        told = self._session.get_all(LifeCycleStatus, SerialNumber, Slots)
        self.life_cycle = self._life_cycle_of(told)
        if self.life_cycle is not LifeCycle.SEALED:
            raise FobFault(FailureCause.OUT_OF_STEP, "the fob does not report that it is sealed")
        if _text_of(told.get(SerialNumber)) != record.serial_number:
            raise FobFault(FailureCause.OUT_OF_STEP, "the sealed fob reports another serial number")
        self._refuse_other_seed(told, record)

    def slot(self) -> SlotObject:
        """Return what the fob tells of its slot 1."""
        return self._slot_of(self._session.get_all(Slots))

    def _refuse_other_seed(self, told: FoundObjects, record: SeedRecord) -> None:
        if not _holds(self._slot_of(told), record):
            raise FobFault(FailureCause.OTHER_SEED, "the fob's check value is not the seed's")

    def _slot_of(self, told: FoundObjects) -> SlotObject:
        held = told.get(Slots)
        for slot in held.slots if held else ():
            if slot.slot == SLOT:
                return slot
        raise BadAnswer(f"{self._session.link}: the fob does not report what its slot holds")

    def newest_factor(self, record: SeedRecord) -> int | None:
        """Return the moving factor of the newest code it can have shown, None where it has none."""
        if record.kind is OtpKind.HOTP:
            return (self.slot().counter or 0) - 1
        clock = self._session.get(Clock) if self._has_clock else None
        if clock is None or not clock.valid:
            return None
        return time_step(clock.unix_seconds, record.step_seconds, record.t0_seconds)

    def move_to(self, life_cycle: LifeCycle) -> None:
        """Move the fob on; that it did, its answer in the channel says."""
        self.open_final()
        self._session.set_life_cycle(life_cycle)
        self.life_cycle = life_cycle

    def _write_clock(self, now: Callable[[], Decimal]) -> None:
        """Set the clock; again where a lost frame held it up, since the fob may have got old time.

        A line that always takes longer than the clock may be off is too slow for it.
        """
        self.open_final()
        took = Decimal(0)
        for _ in range(CLOCK_WRITES_MAX):
            before = now()
            self._session.store(Clock(round(before)))
            took = now() - before
            if took <= LAG_SECONDS_MAX:
                return
        raise FobFault(
            FailureCause.SLOW_LINE,
            f"setting its clock took {took:.1f} s, {CLOCK_WRITES_MAX} times; at most"
            f" {LAG_SECONDS_MAX} s is precise enough",
        )


@contextmanager
def _fitting() -> Iterator[None]:
    """Name a record that cannot be put into any fob; it is no fault of the station's."""
    try:
        yield
    except BadInput as error:
        raise FobFault(FailureCause.REFUSED, str(error)) from None


@dataclass(frozen=True, slots=True)
class _ClockReading:
    """What the fob's clock was at some moment between two of true time."""

    clock: Clock
    before: Decimal
    after: Decimal

    @property
    def took(self) -> Decimal:
        """How many seconds the answer took."""
        return self.after - self.before

    @property
    def lag(self) -> int:
        """By how many seconds it was behind at least, negative where it was ahead."""
        seconds = self.clock.unix_seconds
        return int(self.before) - seconds if seconds < self.before else int(self.after) - seconds

    def agrees(self, lag_seconds_max: int = LAG_SECONDS_MAX) -> bool:
        """Say whether it was right within so many seconds, at some moment of the answer's way."""
        earliest, latest = int(self.before) - lag_seconds_max, int(self.after) + lag_seconds_max
        return self.clock.valid and earliest <= self.clock.unix_seconds <= latest


def _reading_of(clock: Clock | None, before: Decimal, after: Decimal) -> _ClockReading | None:
    """Return a clock that was read between `before` and `after`, None where there is none."""
    return None if clock is None else _ClockReading(clock, before, after)


def _holds(slot: SlotObject, record: SeedRecord) -> bool:
    return slot.seed_check == seed_check_value(record.seed)


def _text_of(told: SerialNumber | ModelName | FirmwareVersion | None) -> str | None:
    return told.text if told else None
