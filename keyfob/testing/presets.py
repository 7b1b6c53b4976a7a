"""Presets: fobs that begin in the middle of a life, brought there as a real one would be.

A preset fob was made some time ago, provisioned over its own wire with the test seed of RFC 4226
Appendix D (or of RFC 6238 Appendix B for the longer hashes), pressed, and has aged since: all
of it through the device's door, before the rack's own doors open (BENCH §12).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, partial

from emulator.settings import FobPlan
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.errors import BadInput, KeyfobError
from firmware_model.expectation import expect
from firmware_model.identity import Day
from firmware_model.inputs import Charge, ContactMoved, Input, Temperature, Wake
from firmware_model.label import expiry_of
from firmware_model.units import (
    NS_PER_MS,
    NS_PER_SECOND,
    SECONDS_PER_DAY,
    SECONDS_PER_YEAR,
    SimTime,
)
from firmware_model.wire.objects import LifeCycle
from firmware_model.wire.scp03_keys import KeySet
from host_tools.client.keys import TEST_KEYS, FobKeys
from host_tools.client.session import TokenSession
from keyfob.testing.cable import Cable

HOUR_NS = 3600 * NS_PER_SECOND
DAY_NS = SECONDS_PER_DAY * NS_PER_SECOND
PRESSES_PER_DAY = 2
"""How often a fob with a long life behind it was pressed."""
EXPIRED_PRESSES_PER_DAY = 12
"""How often one was that has used up its codes, before its cell."""
DAYS_MAX = 20 * 365
CHECKED_DAYS = 10
LAST_DAYS = 60
"""How long a dead fob has been so."""
SPREAD_PERCENT = 112
"""How much longer than a typical cell the best of its kind lasts, in percent."""
LOW_PERMILLE = 40
"""Where a fob without any battery notice of its own is left: faint, and near its end."""

PRESS_NS = 200 * NS_PER_MS
BETWEEN_PRESSES_NS = 90 * NS_PER_SECOND
"""Longer than any display stays on."""


class PresetLife:
    """A device with its own course of time, from `start` on and to end at `until`."""

    def __init__(
        self,
        device: Device,
        serial_number: str,
        start: SimTime,
        until: SimTime,
        keys: FobKeys = TEST_KEYS,
    ) -> None:
        self.keys = keys
        self.cable = Cable(device, start)
        self.until = until
        self.device = device
        self.model = device.model
        self.serial_number = serial_number

    def pass_time(self, nanoseconds: int) -> None:
        """Let `nanoseconds` pass."""
        self.cable.now = SimTime(self.cable.now + nanoseconds)
        self.device.handle(Wake(), self.cable.now)

    def happen(self, given: Input) -> None:
        """Let `given` happen now."""
        self.device.handle(given, self.cable.now)

    def use(self, until: SimTime, every_ns: int) -> None:
        """Press every `every_ns` up to `until`, without a look; stop once the fob is dead."""
        while self.cable.now + every_ns < until and self.device.gauges(self.cable.now).running:
            self.happen(ContactMoved(closed=True))
            self.pass_time(PRESS_NS)
            self.happen(ContactMoved(closed=False))
            self.pass_time(every_ns - PRESS_NS)

    def press(self, nanoseconds: int = PRESS_NS) -> str:
        """Press, look half a second later, wait until it is dark again; return what was seen."""
        self.happen(ContactMoved(closed=True))
        self.pass_time(nanoseconds)
        self.happen(ContactMoved(closed=False))
        self.pass_time(NS_PER_SECOND // 2)
        seen = self.device.face(self.cable.now).text
        self.pass_time(BETWEEN_PRESSES_NS)
        return seen


@dataclass(frozen=True, slots=True)
class Preset:
    """One beginning: how old such a fob of a model is, and what it has lived through."""

    age_ns: Callable[[Model], int]
    live: Callable[[PresetLife], None]


def apply(plan: FobPlan, name: str | None, changes: Mapping[str, str]) -> FobPlan:
    """Return `plan` with the beginning that the preset `name` and `changes` ask for.

    Args:
        plan: of a new fob.
        name: a key of `PRESETS`; None is `blank`.
        changes: keys of `SETTERS` and what to set them to.

    Raises:
        BadInput: no such preset or key, a value out of range, or the model cannot be so.
    """
    if name is None and not changes:
        return plan
    preset = PRESETS.get(name or "blank")
    if preset is None:
        raise BadInput(f"no preset {name!r}: expected one of {', '.join(PRESETS)}")
    inputs = tuple(_change(key, text) for key, text in changes.items())
    return replace(
        plan,
        age_ns=preset.age_ns(plan.source.model) + HOUR_NS,
        prepare=partial(_prepare, preset, inputs),
    )


def _prepare(
    preset: Preset,
    inputs: tuple[Input, ...],
    device: Device,
    serial_number: str,
    now: SimTime,
    key_set: KeySet,
) -> None:
    start = SimTime(now - preset.age_ns(device.model) - HOUR_NS)
    keys = FobKeys("the transport keys", key_set.version, key_set.keys)
    life = PresetLife(device, serial_number, start, now, keys)
    try:
        preset.live(life)
    except KeyfobError as error:
        raise BadInput(f"a {device.model.name} cannot begin like that: {error}") from None
    life.pass_time(max(0, now - life.cable.now))
    for given in inputs:
        life.happen(given)


# What the presets live through ----------------------------------------------------------------


def _blank(life: PresetLife) -> None:
    """As it left the assembly line."""


def _personalise(life: PresetLife, *, seal: bool, expiry: date | None = None) -> None:
    # Here, because most fobs begin blank, and every `keyfob run` would wait for the seed formats.
    from host_tools.provisioning.load import provision
    from host_tools.seeds.generation import published_seed, record_for

    seed = published_seed(life.model.otp.algorithm)
    record = record_for(life.model, life.serial_number, seed, expiry or _expiry_date(life))
    with TokenSession(life.cable.link()) as session:
        provision(session, record, life.keys, life.cable.seconds, seal=seal)


def _personalised(life: PresetLife) -> None:
    _personalise(life, seal=False)


def _sealed(life: PresetLife) -> None:
    _personalise(life, seal=True)


def _expiry_date(life: PresetLife) -> date | None:
    """Return the date that the fob's model gives one made now."""
    made = _date_of(life.cable.now)
    expiry = expiry_of(life.model, Day(made.year, made.month, made.day))
    return None if expiry is None else date(expiry.year, expiry.month, expiry.day)


def _in_use(life: PresetLife, expiry: date | None = None) -> None:
    _personalise(life, seal=True, expiry=expiry)
    if life.model.security.sealed:
        life.press((life.model.button.long_ms + 500) * NS_PER_MS)
    life.press()


def _low_battery(life: PresetLife) -> None:
    days = days_to_notice(life.model)
    if days is None:  # none is shown: the date must not come before the cell is low
        _in_use(life, _date_of(life.until) + timedelta(days=365))
        life.use(life.until, DAY_NS // PRESSES_PER_DAY)
        _drain(life, LOW_PERMILLE)
        return
    _in_use(life)
    life.use(life.until, DAY_NS // PRESSES_PER_DAY)
    if not life.device.gauges(life.cable.now).running:  # the weakest of cells ends before the books
        _drain(life, LOW_PERMILLE)


def _expired(life: PresetLife) -> None:
    limits = life.model.life
    if limits.by_expiry_date:
        _in_use(life, _date_of(life.until) - timedelta(days=limits.grace_days + 2))
    elif limits.years or limits.presses:
        _in_use(life)
        per_day = (
            EXPIRED_PRESSES_PER_DAY if limits.presses and not limits.years else PRESSES_PER_DAY
        )
        life.use(life.until, DAY_NS // per_day)
        life.press()  # the fob says that it is over, and notes it
    else:
        raise BadInput(f"a {life.model.name} never expires: its model has no limit")


def _locked(life: PresetLife) -> None:
    _in_use(life)
    with TokenSession(life.cable.link()) as session:
        session.select()
        session.open_channel(life.keys)
        session.set_life_cycle(LifeCycle.LOCKED)


def _dead(life: PresetLife) -> None:
    _in_use(life)
    life.use(SimTime(life.until - LAST_DAYS * DAY_NS), DAY_NS // PRESSES_PER_DAY)
    if life.device.gauges(life.cable.now).running:
        _drain(life, 0)  # the best of cells, or one that nothing draws on: it ends within days


def _drain(life: PresetLife, permille: int) -> None:
    full_mv = life.device.gauges(life.cable.now).open_mv
    life.happen(Charge(permille))
    if life.device.gauges(life.cable.now).open_mv == full_mv:
        raise BadInput(f"a {life.model.name} has no cell that could be empty")


def _young(model: Model) -> int:  # noqa: ARG001 - every age is a model's
    return 0


def _date_of(instant: SimTime) -> date:
    return datetime.fromtimestamp(instant // NS_PER_SECOND, UTC).date()


def _low_age(model: Model) -> int:
    if model.app is not None:
        return 0
    days = days_to_notice(model)
    if days is None:
        days = expect(model, PRESSES_PER_DAY).cell_days * 9 // 10
        if model.life.years:
            days = min(days, model.life.years * 365 - 60)
    return (days + 1) * DAY_NS


def _dead_age(model: Model) -> int:
    if model.app is not None:
        return 0
    return expect(model, PRESSES_PER_DAY).cell_days * SPREAD_PERCENT // 100 * DAY_NS


def _expired_age(model: Model) -> int:
    limits = model.life
    if limits.by_expiry_date:
        years_ns = model.identity.valid_years * SECONDS_PER_YEAR * NS_PER_SECOND
        return years_ns + (limits.grace_days + 2) * DAY_NS if model.app is None else 60 * DAY_NS
    if limits.years:
        return (limits.years * SECONDS_PER_YEAR + 30 * SECONDS_PER_DAY) * NS_PER_SECOND
    return (limits.presses // EXPIRED_PRESSES_PER_DAY + 2) * DAY_NS


@cache
def days_to_notice(model: Model) -> int | None:
    """Return after how many days a fob of `model` first shows a battery notice.

    Tried out on one that is pressed `PRESSES_PER_DAY` times; None where it shows none before its
    cell ends, or in 20 years.
    """
    start = SimTime(SECONDS_PER_YEAR * NS_PER_SECOND)
    if not any(notice.about_supply for notice in model.notices):
        return None
    trial = Device.manufacture(model, chip_id=bytes(10), random_seed=0, now=start)
    life = PresetLife(trial, "TRIAL", start, start)
    _in_use(life)
    for day in range(1, DAYS_MAX):
        life.use(SimTime(start + day * DAY_NS), DAY_NS // PRESSES_PER_DAY)
        if not trial.gauges(life.cable.now).running or _is_past_its_years(model, day):
            return None
        if day % CHECKED_DAYS == 0 and _shows_notice(life):
            return day
    return None


def _is_past_its_years(model: Model, day: int) -> bool:
    return bool(model.life.years) and day > model.life.years * 365


def _shows_notice(life: PresetLife) -> bool:
    seen = life.press().strip()
    return bool(seen) and seen != life.model.life.end_text and not seen.replace(" ", "").isdigit()


PRESETS = {
    "blank": Preset(_young, _blank),
    "personalised": Preset(_young, _personalised),
    "sealed": Preset(_young, _sealed),
    "in-use": Preset(_young, _in_use),
    "low-battery": Preset(_low_age, _low_battery),
    "expired": Preset(_expired_age, _expired),
    "locked": Preset(_young, _locked),
    "dead": Preset(_dead_age, _dead),
}

# What can be set ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setter:
    """One value: its range in `unit`, and the input that sets it in thousandths."""

    low: int
    high: int
    unit: str
    make: Callable[[int], Input]


def _permille(thousandths_of_percent: int) -> Input:
    return Charge(thousandths_of_percent // 100)


SETTERS = {
    "battery.charge": Setter(0, 100, "%", _permille),
    "temperature": Setter(-60, 120, "°C", Temperature),
}


def _change(key: str, text: str) -> Input:
    setter = SETTERS.get(key)
    if setter is None:
        raise BadInput(f"nothing called {key!r} can be set: expected one of {', '.join(SETTERS)}")
    try:
        value = Decimal(text.strip().removesuffix(setter.unit).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_nan() or not setter.low <= value <= setter.high:
        raise BadInput(
            f"{key} = {text!r}: {setter.low} to {setter.high} {setter.unit} was expected"
        )
    return setter.make(int(value * 1000))
