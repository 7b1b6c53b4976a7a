"""One fob on the line, as the station talks to it: typed steps, faults with their cause."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from firmware_model.errors import BadAnswer, BadInput, Refused
from firmware_model.generators import OtpKind, time_step
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.card import CardTag, KeyInformation
from firmware_model.wire.messages import ISSUER_SECURITY_DOMAIN_AID, GetData
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
from host_tools.client.session import TokenSession
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


class Conversation:
    """What can be asked of and done to the fob behind `session`, its token application selected.

    `life_cycle` and `chip_id` are what it told last. Raises, from every method: FobFault, or as
    `TokenSession`.
    """

    def __init__(self, session: TokenSession, keys: KeyPlan) -> None:
        self._session = session
        self._keys = keys
        self._open: FobKeys | None = None
        self._has_clock = True
        self._clock_is_kept = False
        self._model: tuple[str, str] | None = None
        session.select()
        self.life_cycle = self.read_life_cycle()
        chip = session.get(ChipId)
        if chip is None:
            raise BadAnswer(f"{session.link}: the fob does not report its chip ID")
        self.chip_id = chip.number

    def read_life_cycle(self) -> LifeCycle:
        """Ask where the fob stands in its life."""
        status = self._session.get(LifeCycleStatus)
        if status is None:
            raise BadAnswer(f"{self._session.link}: the fob does not report its life-cycle")
        self.life_cycle = status.life_cycle
        return status.life_cycle

    def serial_number(self) -> str | None:
        """Return the serial number that the fob tells, None while it has none."""
        told = self._session.get(SerialNumber)
        return told.text if told else None

    def model_and_firmware(self) -> tuple[str, str]:
        """Return the names of model and firmware version."""
        if self._model is None:
            model, firmware = self._session.get(ModelName), self._session.get(FirmwareVersion)
            self._model = (model.text if model else ""), (firmware.text if firmware else "")
        return self._model

    # Keys -----------------------------------------------------------------------------------------

    def prove_keys(self) -> None:
        """Open a channel under the keys the fob should have; nothing in it is changed.

        Where these are the transport keys, the issuer security domain is left selected, so that
        `put_keys` goes through this very channel.
        """
        session = self._session
        session.select(ISSUER_SECURITY_DOMAIN_AID)
        told = GetData(CardTag.KEY_INFORMATION).command()
        information = KeyInformation.decode(session.send(told, "to report its key version"))
        if information is None:
            raise BadAnswer(f"{session.link}: the fob does not report its key version")
        keys = self._keys.of_version(information.version)
        if keys is None:
            raise self._wrong_keys(f"its key set has version {information.version}")
        if keys.version == self._keys.final.version:
            self.open_final()
        else:
            self._open_channel(keys)

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

    def _open_channel(self, keys: FobKeys) -> None:
        try:
            chip_id = self._session.open_channel(keys)
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
            check_fits(record, self.model_and_firmware()[0])
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
        """Set the fob's clock where it has one that is not set, or is off."""
        reading = self._read_clock(now)
        if reading is not None and not (reading.took <= LAG_SECONDS_MAX and reading.agrees()):
            self._write_clock(now)

    def check_clock(self, now: Callable[[], Decimal]) -> None:
        """Make sure that the clock just set still agrees: else one of the two jumped."""
        reading = self._read_clock(now)
        if reading is not None and not reading.agrees():
            message = f"after setting, the fob's clock is {reading.lag} s behind: a clock jumped"
            raise FobFault(FailureCause.CLOCK_JUMPED, message)
        self._clock_is_kept = True

    def keep_clock(self, record: SeedRecord, now: Callable[[], Decimal]) -> None:
        """Set the clock of a loaded fob again where it stopped, or is off by half a time step.

        Its supply was cut, or the station's clock was wrong when it was set. Less is drift, which
        a server follows. Neither happens while a fob stays connected: it is asked once.
        """
        if self._clock_is_kept:
            return
        reading = self._read_clock(now)
        lag_seconds_max = max(record.step_seconds // 2, LAG_SECONDS_MAX)
        if reading is not None and not reading.agrees(lag_seconds_max):
            self._write_clock(now)
            if not self.holds(record):  # some models wipe their seed when their clock is set
                message = "its clock was wrong, and setting it wiped the seed"
                raise FobFault(FailureCause.CLOCK_LOST, message)
        self._clock_is_kept = True

    def load(self, record: SeedRecord) -> None:
        """Write the seed and compare the check values; one that is in already may stay."""
        self.open_final()
        try:
            with _fitting():
                self._session.load_credential(SLOT, record)
        except Refused:
            if not self.holds(record):
                raise
        else:
            self.refuse_other_seed(record)

    def holds(self, record: SeedRecord) -> bool:
        """Say whether the fob tells the seed's check value."""
        return self.slot().seed_check == seed_check_value(record.seed)

    def refuse_other_seed(self, record: SeedRecord) -> None:
        """Make sure that the fob holds the seed of `record`."""
        if not self.holds(record):
            raise FobFault(FailureCause.OTHER_SEED, "the fob's check value is not the seed's")

    def slot(self) -> SlotObject:
        """Return what the fob tells of its slot 1."""
        held = self._session.get(Slots)
        for slot in held.slots if held else ():
            if slot.slot == SLOT:
                return slot
        raise BadAnswer(f"{self._session.link}: the fob does not report what its slot holds")

    def newest_factor(self, record: SeedRecord) -> int | None:
        """Return the moving factor of the newest code it can have shown, None where it has none."""
        if record.kind is OtpKind.HOTP:
            return (self.slot().counter or 0) - 1
        clock = self._clock()
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

    def _read_clock(self, now: Callable[[], Decimal]) -> "_ClockReading | None":
        before = now()
        clock = self._clock()
        return None if clock is None else _ClockReading(clock, before, now())

    def _clock(self) -> Clock | None:
        """Read its clock; a fob without one is asked once."""
        clock = self._session.get(Clock) if self._has_clock else None
        self._has_clock = clock is not None
        return clock


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
