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
from firmware_model.inputs import Charge, Input, Temperature
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
from host_tools.client.keys import FobKeys
from host_tools.client.session import TokenSession
from keyfob.testing.preset_life import DAY_NS, PresetLife

HOUR_NS = 3600 * NS_PER_SECOND
PRESS_EVERY_NS = DAY_NS // 2 + 7 * NS_PER_SECOND
"""How often a fob with a long life behind it was pressed: at any second of a time step."""
EXPIRED_PRESS_EVERY_NS = DAY_NS // 12 + 7 * NS_PER_SECOND
"""How often one was that has used up its codes, before its cell."""
PRESSES_PER_DAY = 2
EXPIRED_PRESSES_PER_DAY = 12
DAYS_MAX = 20 * 365
CLOSE_DAYS = 5
"""How exactly the first day of a notice is looked for."""
LAST_DAYS = 60
"""How long a dead fob has been so."""
SPREAD_PERCENT = 112
"""How much longer than a typical cell the best of its kind lasts, in percent."""
LOW_PERMILLE = 40
"""The least charge of a fob that is low on battery, and that of one without any notice of it."""


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
        raise BadInput(f"unknown preset {name!r}; known: {', '.join(PRESETS)}")
    if plan.firmware is not None:
        preset = FOREIGN_PRESETS.get(name or "blank")
        if preset is None:
            raise BadInput(
                f"preset {name} is not possible with a firmware of your own: its state is brought"
                f" about by our program's commands; expected one of {', '.join(FOREIGN_PRESETS)}"
            )
    _require_possible(name or "blank", plan.source.model)
    inputs = tuple(_change(key, text) for key, text in changes.items())
    return replace(
        plan,
        age_ns=preset.age_ns(plan.source.model) + HOUR_NS,
        prepare=partial(_prepare, preset, inputs),
    )


def _require_possible(name: str, model: Model) -> None:
    """Raise BadInput where a fob of `model` never comes into that state."""
    if name in ("low-battery", "dead") and model.app is not None:
        raise BadInput(
            f"preset {name} is not possible for the soft token {model.name}: it has no cell"
        )
    limits = model.life
    if name == "expired" and not (limits.by_expiry_date or limits.years or limits.presses):
        raise BadInput(
            f"preset expired is not possible for a {model.name}: nothing ends it at its expiry"
            " date, which is only printed on its back; it gives codes until its cell is empty."
            " Take the preset dead, or a model whose [life] table has a limit"
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
        raise BadInput(f"cannot prepare a {device.model.name}: {error}") from None
    life.pass_time(max(0, now - life.cable.now))
    for given in inputs:
        life.take_input(given)


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
    if days_to_notice(life.model) is not None:
        _in_use(life)
        life.use(life.until, PRESS_EVERY_NS, LOW_PERMILLE)
        return
    # No notice is shown: the date must not come before the cell is low.
    _in_use(life, _date_of(life.until) + timedelta(days=365))
    life.use(life.until, PRESS_EVERY_NS, LOW_PERMILLE)
    _drain(life, LOW_PERMILLE)


def _expired(life: PresetLife) -> None:
    limits = life.model.life
    if limits.by_expiry_date:
        _in_use(life, _date_of(life.until) - timedelta(days=limits.grace_days + 2))
        return
    _in_use(life)
    life.use(life.until, PRESS_EVERY_NS if limits.years else EXPIRED_PRESS_EVERY_NS)
    life.press()  # the fob says that it is over, and notes it


def _locked(life: PresetLife) -> None:
    _in_use(life)
    with TokenSession(life.cable.link()) as session:
        session.select()
        session.open_channel(life.keys)
        session.set_life_cycle(LifeCycle.LOCKED)


def _dead(life: PresetLife) -> None:
    _in_use(life)
    life.use(SimTime(life.until - LAST_DAYS * DAY_NS), PRESS_EVERY_NS)
    if life.running:
        _drain(life, 0)  # the best of cells, or one that nothing draws on: it ends within days


def _drain(life: PresetLife, permille: int) -> None:
    full_mv = life.open_mv
    life.take_input(Charge(permille))
    if life.open_mv == full_mv:
        raise BadInput(f"a {life.model.name} has no cell that runs empty")


def _young(model: Model) -> int:  # noqa: ARG001 - every age is a model's
    return 0


def _date_of(instant: SimTime) -> date:
    return datetime.fromtimestamp(instant // NS_PER_SECOND, UTC).date()


def _low_age(model: Model) -> int:
    days = days_to_notice(model)
    if days is None:
        days = expect(model, PRESSES_PER_DAY).cell_days * 9 // 10
        if model.life.years:
            days = min(days, model.life.years * 365 - 60)
    return (days + 1) * DAY_NS


def _dead_age(model: Model) -> int:
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

    Tried out on fobs that are pressed every `PRESS_EVERY_NS`, to `CLOSE_DAYS`; None where none
    is shown before the cell or the model's years end, or in 20 years.
    """
    if not any(notice.about_supply for notice in model.notices):
        return None
    early, late = 1, model.life.years * 365 or DAYS_MAX
    if not _is_low_after(model, late):
        return None
    while late - early > CLOSE_DAYS:
        day = (early + late) // 2
        early, late = (early, day) if _is_low_after(model, day) else (day, late)
    trial = _trial(model, late)
    return late if trial.running and _shows_notice(trial) else None


def _is_low_after(model: Model, days: int) -> bool:
    """Return whether a fob of that age shows a battery notice, or is dead already."""
    trial = _trial(model, days)
    return not trial.running or _shows_notice(trial)


def _trial(model: Model, days: int) -> PresetLife:
    start = SimTime(SECONDS_PER_YEAR * NS_PER_SECOND)
    device = Device.manufacture(model, chip_id=bytes(10), random_seed=0, now=start)
    trial = PresetLife(device, "TRIAL", start, SimTime(start + days * DAY_NS))
    _in_use(trial)
    trial.use(trial.until, PRESS_EVERY_NS)
    return trial


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


def _pressed(life: PresetLife) -> None:
    life.pass_time(NS_PER_SECOND)  # it boots
    life.press()


def _grown_old(life: PresetLife, permille: int) -> None:
    _pressed(life)
    life.pass_time(max(0, life.until - life.cable.now))
    _drain(life, permille)


def _old(model: Model) -> int:
    return expect(model, PRESSES_PER_DAY).cell_days * 9 // 10 * DAY_NS


FOREIGN_PRESETS = {
    "blank": PRESETS["blank"],
    "in-use": Preset(_young, _pressed),
    "low-battery": Preset(_old, partial(_grown_old, permille=LOW_PERMILLE)),
    "dead": Preset(_old, partial(_grown_old, permille=0)),
}
"""What needs no command of our program: pressed once, and then the cell as old as it says."""

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
        raise BadInput(f"unknown setting {key!r}; known: {', '.join(SETTERS)}")
    try:
        value = Decimal(text.strip().removesuffix(setter.unit).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_nan() or not setter.low <= value <= setter.high:
        raise BadInput(
            f"invalid {key} {text!r}: expected {setter.low} to {setter.high} {setter.unit}"
        )
    return setter.make(int(value * 1000))
