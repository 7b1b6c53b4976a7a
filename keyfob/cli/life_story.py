"""The story of one simulated life: a fob pressed day by day, through the device's own door."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from emulator.firmware.files import FirmwareSource
from emulator.firmware.programs import RackPrograms
from firmware_model.board_program import ProgramFactory
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent, Happened, Shown
from firmware_model.hardware.thermal import Course
from firmware_model.inputs import ClockShifted, ContactMoved, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from host_tools.client.keys import TEST_KEYS
from host_tools.client.session import TokenSession
from host_tools.provisioning.load import provision
from host_tools.seeds.generation import published_seed, record_for
from keyfob.testing.cable import Cable

MADE = datetime(2026, 1, 1, 6, tzinfo=UTC)
"""When every life begins, so that the same dice tell the same story."""

PRESSES_PER_DAY_MAX = 500
EXPIRY_YEARS = 3
"""The expiry date of a fob whose model lives by one: that long after its manufacture."""

SAMPLE_DAYS = 7
DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
BREAKFAST_NS = DAY_NS // 24
WAKING_NS = DAY_NS * 5 // 8
"""People press in fifteen hours of the day, from an hour after its beginning at 06:00."""

SETTLED_NS = 60 * NS_PER_SECOND
"""By then a fob is provisioned, on its first day."""

HELD_NS = 200 * NS_PER_MS
TOLD = {
    FobEvent.LOW_BATTERY: "low battery",
    FobEvent.EXPIRY_NOTICE: "expiry notice",
    FobEvent.EXPIRED: "expired",
    FobEvent.BROWNED_OUT: "cell too weak for a code",
    FobEvent.DIED: "died",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the bench's meters read in the morning of a day, before its first press.

    `codes` counts those that presses brought; `clock_error_seconds` is how far the fob's clock is
    ahead (+) or behind (-), None while it has no time.
    """

    day: int
    charge_permille: int
    loaded_mv: int
    clock_error_seconds: float | None
    codes: int


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of the fob that occurred for the first time, on a day of its life."""

    day: int
    what: str


@dataclass(frozen=True, slots=True)
class Story:
    """A whole life, or as much of it as was asked for."""

    model: Model
    presses_per_day: int
    days: int
    dice: int
    samples: tuple[Sample, ...]
    happenings: tuple[Happening, ...]
    notes: tuple[str, ...] = ()
    """What went wrong within a firmware of the user's own."""

    @property
    def codes(self) -> int:
        """How many codes it gave."""
        return self.samples[-1].codes

    def day_of(self, what: str) -> int | None:
        """Return the day on which `what` happened, None if it did not."""
        return next((each.day for each in self.happenings if each.what == what), None)


def date_of(day: int) -> date:
    """Return the date of a day of the story."""
    return (MADE + timedelta(days=day)).date()


def live(
    model: Model,
    *,
    presses_per_day: int,
    course: Course,
    days: int,
    dice: int,
    clock_offset_seconds: int = 0,
    firmware: FirmwareSource | None = None,
) -> Story:
    """Provision a fob of `model` over its own line, then press it for `days` or until it dies.

    Args:
        model: any.
        presses_per_day: 0..500, evenly over fifteen hours from 07:00 UTC.
        course: the temperature around it.
        days: 1 or more.
        dice: how its cell, crystal and flash differ from its twins'.
        clock_offset_seconds: by how much its clock is set wrong at first, ahead (+) or behind.
        firmware: the program on its board, which nobody provisions; None for our own.
    """
    with RackPrograms() as programs:
        make_program = programs.factory(firmware, model)
        life = _Life(model, course, dice, clock_offset_seconds, make_program)
        return life.run(presses_per_day, days)


class _Life:
    def __init__(
        self,
        model: Model,
        course: Course,
        dice: int,
        offset_seconds: int,
        make_program: ProgramFactory | None,
    ) -> None:
        self.start = SimTime(int(MADE.timestamp()) * NS_PER_SECOND)
        self.dice = dice
        self.device = Device.manufacture(
            model,
            chip_id=bytes(10),
            random_seed=dice,
            now=self.start,
            course=course,
            make_program=make_program,
        )
        self._is_ours = make_program is None
        self.happenings: dict[str, int] = {}
        self.codes = 0
        self.dead = False
        self._counts = model.screen.until != "always"
        if not self._is_ours:
            return
        now = self._provision(Cable(self.device, self.start))
        self._give(ClockShifted(offset_seconds * NS_PER_SECOND), now)
        if model.security.sealed:
            self._press(now, model.button.long_ms * NS_PER_MS + NS_PER_SECOND)

    def run(self, presses_per_day: int, days: int) -> Story:
        samples: list[Sample] = []
        for day in range(days + 1):
            if day % SAMPLE_DAYS == 0 or day == days or self.dead:
                samples.append(self._sample(day, SimTime(self.start + day * DAY_NS + SETTLED_NS)))
            if self.dead or day == days:
                break
            for instant in self._presses(day, presses_per_day):
                self._press(instant, HELD_NS)
        last_day = self.happenings.get(TOLD[FobEvent.DIED], samples[-1].day)
        return Story(
            self.device.model,
            presses_per_day,
            last_day,
            self.dice,
            tuple(samples),
            tuple(Happening(day, what) for what, day in self.happenings.items()),
            self.device.program_notes,
        )

    def _provision(self, cable: Cable) -> SimTime:
        model = self.device.model
        expiry = date_of(EXPIRY_YEARS * 1461 // 4) if model.life.by_expiry_date else None
        serial_number = model.identity.serial_prefix.ljust(12, "0")
        record = record_for(model, serial_number, published_seed(model.otp.algorithm), expiry)
        with TokenSession(cable.link()) as session:
            provision(session, record, TEST_KEYS, cable.seconds, seal=True)
        return SimTime(cable.now + NS_PER_SECOND)

    def _presses(self, day: int, count: int) -> Iterator[SimTime]:
        first = self.start + day * DAY_NS + BREAKFAST_NS
        return (SimTime(first + number * WAKING_NS // count) for number in range(count))

    def _press(self, instant: SimTime, held_ns: int) -> None:
        self._give(ContactMoved(closed=True), instant)
        self._give(ContactMoved(closed=False), SimTime(instant + held_ns))

    def _sample(self, day: int, morning: SimTime) -> Sample:
        self._give(Wake(), morning)
        read = self.device.gauges(morning)
        error = None if read.clock_unix is None else -read.clock_lag_ns / 1e9
        return Sample(day, read.charge_permille, read.loaded_mv, error, self.codes)

    def _give(self, given: ClockShifted | ContactMoved | Wake, now: SimTime) -> None:
        for effect in self.device.handle(given, now):
            self._note(effect, now)

    def _is_code(self, picture: Shown) -> bool:
        if self._is_ours:
            return picture.moving_factor is not None
        return picture.text.isdigit() and len(picture.text) == self.device.model.otp.digits

    def _note(self, effect: Effect, now: SimTime) -> None:
        if isinstance(effect, Shown) and self._is_code(effect):
            self.codes += self._counts
        elif isinstance(effect, Happened) and effect.event in TOLD:
            self.happenings.setdefault(TOLD[effect.event], (now - self.start) // DAY_NS)
            self.dead = self.dead or effect.event is FobEvent.DIED
