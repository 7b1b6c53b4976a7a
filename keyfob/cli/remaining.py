"""What is left of a fob's life, and why it has expired: from its own objects and its data sheet."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.errors import BadInput
from firmware_model.expectation import expect
from firmware_model.wire.objects import Condition
from host_tools.client.fob_state import FobState

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
USUAL_PRESSES = 10
"""Presses a day that are assumed of a fob whose own use is not known."""

PRESSES_PER_DAY_MAX = 500


def model_of(state: FobState) -> Model | None:
    """Return the data sheet of a fob's model; None where the catalogue does not have it."""
    try:
        return None if state.model is None else catalogue.load(state.model)
    except BadInput:
        return None


def days_left(state: FobState, now: Decimal) -> int | None:
    """Return the days to the expiry date, negative after it; None without one."""
    return None if state.expiry_date is None else (state.expiry_date - _day(now)).days


def presses_left(state: FobState, model: Model | None) -> int | None:
    """Return how many presses its model still allows; None where there is no such limit."""
    if model is None or not model.life.presses or state.counters is None:
        return None
    return max(0, model.life.presses - state.counters.presses)


def battery_months(state: FobState, model: Model | None, now: Decimal) -> tuple[int, float] | None:
    """Return for how many months its cell will last, and at how many presses a day.

    The presses a day are its own so far where it is a month old, 10 before that. None where the
    fob has no cell, or its model is not known.
    """
    if model is None or model.app is not None or state.battery is None:
        return None
    presses = presses_per_day(state, now)
    cell_days = expect(model, max(1, round(presses))).cell_days
    return round(cell_days * state.battery.percent / 100 / DAYS_PER_MONTH), presses


def presses_per_day(state: FobState, now: Decimal) -> float:
    """Return the presses a day since manufacture, 10 for a fob that is not a month old."""
    made, counters = state.manufacture_date, state.counters
    age = (_day(now) - made).days if made else 0
    if counters is None or age < DAYS_PER_MONTH or not counters.presses:
        return USUAL_PRESSES
    return min(counters.presses / age, PRESSES_PER_DAY_MAX)


def expired_because(state: FobState, model: Model | None, now: Decimal) -> str:
    """Return why the fob has expired: its date, its presses or its years; "" if it has not."""
    if Condition.EXPIRED not in state.life_cycle.condition:
        return ""
    reasons, left = [], days_left(state, now)
    limits = None if model is None else model.life
    if left is not None and left < 0 and (limits is None or limits.by_expiry_date):
        reasons.append(f"its expiry date was {state.expiry_date}")
    if limits is not None and limits.presses and presses_left(state, model) == 0:
        reasons.append(f"its {limits.presses:,} presses are used up")
    made = state.manufacture_date
    if limits is not None and limits.years and made is not None:
        end = made + timedelta(days=limits.years * DAYS_PER_YEAR)
        if end <= _day(now):
            reasons.append(f"it was made {limits.years} years ago or more, on {made}")
    return " and ".join(reasons) or "its own clock says so"


def after_expiry(model: Model | None) -> str:
    """Return what a fob of `model` does after its expiry date; "" where that is not known."""
    if model is None:
        return ""
    if not model.life.by_expiry_date:
        return "it gives codes after that date too"
    shown = f"shows “{model.life.end_text}”" if model.life.end_text else "stays dark"
    grace = f"{model.life.grace_days} days later " if model.life.grace_days else ""
    return f"{grace}it {shown}"


def _day(now: Decimal) -> date:
    return datetime.fromtimestamp(int(now), UTC).date()
