"""A fob's state for people and for programs: identity, what is left of its life, its errors."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby

from firmware_model.catalogue import Model
from firmware_model.generators import OtpKind
from firmware_model.wire.codes import ErrorCode
from firmware_model.wire.objects import Condition, Estimator, SelfTestPart, SlotObject
from host_tools.client.fob_state import FobState, life_cycle_name
from keyfob.cli.remaining import (
    after_expiry,
    battery_months,
    days_left,
    expired_because,
    model_of,
    presses_left,
)

TEXT_MAX_SECONDS = 253_402_300_799
"""The last second of the year 9999, beyond which there are no calendar dates."""

ESTIMATORS = {Estimator.CHARGE_BUDGET: "by charge", Estimator.LOADED_VOLTAGE: "by voltage"}

CLOCK_SET_SECONDS = 946_684_800
"""The year 2000: a clock that reads less has counted from 0 since its cell was put in."""

ERRORS = {
    ErrorCode.SELF_TEST_FAILED: "self-test failed",
    ErrorCode.BROWN_OUT: "the voltage broke down under load",
    ErrorCode.CLOCK_LOST: "the clock was lost: no supply",
    ErrorCode.FLASH_REPAIRED: "flash repaired after a power cut",
    ErrorCode.FLASH_WORN: "flash worn out",
    ErrorCode.AUTHENTICATION_FAILED: "a host used wrong keys",
    ErrorCode.AUTHENTICATION_BLOCKED: "too many wrong keys: secure commands blocked",
    ErrorCode.ZEROISED: "seeds and keys erased",
}


def fob_json(state: FobState, now: Decimal) -> dict[str, object]:
    """Return `state` under the JSON names that all verbs share; unknown things are null.

    `now` is true time in seconds since 1970.
    """
    model, lag_seconds = model_of(state), _lag(state, now)
    lasts = battery_months(state, model, now)
    battery, clock, counters, test = state.battery, state.clock, state.counters, state.self_test
    return {
        "serial_number": state.serial_number,
        "credential_id": state.credential_id,
        "model": state.model,
        "chip_id": state.chip_id,
        "firmware_version": state.firmware_version,
        "life_cycle": life_cycle_name(state.life_cycle),
        "expired": Condition.EXPIRED in state.life_cycle.condition,
        "expired_because": expired_because(state, model, now) or None,
        "low_battery": Condition.LOW_BATTERY in state.life_cycle.condition,
        "manufacture_date": state.manufacture_date and state.manufacture_date.isoformat(),
        "expiry_date": state.expiry_date and state.expiry_date.isoformat(),
        "days_left": days_left(state, now),
        "presses_left": presses_left(state, model),
        "battery": battery
        and {
            "percent": battery.percent,
            "loaded_millivolts": battery.loaded_millivolts,
            "estimator": battery.estimator.name.lower(),
            "months_left": lasts and lasts[0],
        },
        "clock": clock
        and {
            "valid": clock.valid,
            "unix_seconds": clock.unix_seconds,
            "lag_seconds": lag_seconds,
        },
        "counters": counters and {"presses": counters.presses, "boots": counters.boots},
        "slots": [_slot_as_json(slot) for slot in state.slots],
        "self_test": test and {"performed": test.performed, "failed": _parts(test.failed)},
        "tries_left": state.tries_left,
        "error_log": [
            {"error": entry.code.name.lower(), "unix_seconds": _when(entry.unix_seconds)}
            for entry in state.error_log
        ],
    }


def _slot_as_json(slot: SlotObject) -> dict[str, object]:
    return {
        "slot": slot.slot,
        "kind": slot.kind and slot.kind.name.lower(),
        "algorithm": slot.algorithm and slot.algorithm.name.lower(),
        "digits": slot.digits,
        "counter": slot.counter,
        "step_seconds": slot.step_seconds,
        "t0_seconds": slot.t0_seconds,
        "seed_check": slot.seed_check,
    }


def fob_rows(state: FobState, now: Decimal) -> list[tuple[str, str]]:
    """Return `state` as names and values, for people; `now` as for `fob_json`."""
    model, lag = model_of(state), _lag(state, now)
    rows = [
        ("serial number", state.serial_number or "none yet"),
        ("Credential ID", state.credential_id or "none yet"),
        ("model", state.model or ""),
        ("life-cycle", _life_cycle(state, expired_because(state, model, now))),
        ("battery", _battery(state, battery_months(state, model, now))),
        ("clock", _clock(state, lag)),
        ("made", state.manufacture_date.isoformat() if state.manufacture_date else ""),
        ("expiry date", _expiry(state, model, now)),
        ("counters", _counters(state, presses_left(state, model))),
    ]
    rows += _slots(state.slots)
    rows += [
        ("chip ID", state.chip_id.hex() if state.chip_id else ""),
        ("firmware", state.firmware_version or ""),
        ("self-test", _self_test(state)),
        ("tries left", "" if state.tries_left is None else f"{state.tries_left} with wrong keys"),
    ]
    rows += [
        ("error", f"{ERRORS[entry.code]}, {_instant(entry.unix_seconds)}")
        for entry in state.error_log
    ]
    return rows


def _life_cycle(state: FobState, because: str) -> str:
    words = [life_cycle_name(state.life_cycle)]
    if because:
        words.append(f"expired: {because}")
    if Condition.LOW_BATTERY in state.life_cycle.condition:
        words.append("low battery")
    return ", ".join(words)


def _expiry(state: FobState, model: Model | None, now: Decimal) -> str:
    left = days_left(state, now)
    if left is None:
        return "none"
    then = f"; {after_expiry(model)}" if model is not None else ""
    if left < 0:
        ends = model is not None and model.life.by_expiry_date
        ago = f"{state.expiry_date}, {-left} day{'s' * (left != -1)} ago"
        return ago if ends else ago + then  # an ended fob's life-cycle says why
    return f"{state.expiry_date}, {left} day{'s' * (left != 1)} left{then}"


def _battery(state: FobState, lasts: tuple[int, float] | None) -> str:
    battery = state.battery
    if battery is None:
        return ""
    volts = battery.loaded_millivolts / 1000
    how = f"{battery.percent} % ({ESTIMATORS[battery.estimator]}), {volts:.3f} V under load"
    if lasts is None:
        return how
    months, presses = lasts
    left = f"about {months} month{'s' * (months != 1)} left"
    return f"{how}; {left} at {presses:.1f} presses a day"


def _clock(state: FobState, lag: int | None) -> str:
    clock = state.clock
    if clock is None:
        return "none"
    if not clock.valid:
        return "not set"
    # The fob gives whole seconds: one more or less is not reported.
    how = f"{abs(lag)} s {'slow' if lag > 0 else 'fast'}" if lag and abs(lag) > 1 else "right"
    return f"{_instant(clock.unix_seconds)}, {how}"


def _counters(state: FobState, left: int | None) -> str:
    counters = state.counters
    if counters is None:
        return ""
    presses, boots = counters.presses, counters.boots
    limit = "" if left is None else f" ({left:,} left)"
    return f"{presses:,} press{'es' * (presses != 1)}{limit}, {boots} boot{'s' * (boots != 1)}"


def _slots(slots: tuple[SlotObject, ...]) -> list[tuple[str, str]]:
    """Return a row for each slot; empty ones that follow each other share one."""
    rows: list[tuple[str, str]] = []
    for is_present, group in groupby(slots, key=lambda slot: slot.is_present):
        numbers = list(group)
        if is_present or len(numbers) == 1:
            rows += [(f"slot {slot.slot}", _slot(slot)) for slot in numbers]
        else:
            rows.append((f"slots {numbers[0].slot}-{numbers[-1].slot}", "empty"))
    return rows


def _slot(slot: SlotObject) -> str:
    if slot.kind is None or slot.algorithm is None:
        return "empty"
    moves = (
        f"counter {slot.counter}" if slot.kind is OtpKind.HOTP else f"step {slot.step_seconds} s"
    )
    check = slot.seed_check.hex() if slot.seed_check else ""
    return (
        f"{slot.kind.name} {slot.algorithm.title}, {slot.digits} digits, {moves},"
        f" check value {check}"
    )


def _self_test(state: FobState) -> str:
    if state.self_test is None:
        return ""
    failed = _parts(state.self_test.failed)
    return f"failed: {', '.join(failed)}" if failed else "passed"


def _parts(mask: int) -> list[str]:
    return [part.name.lower() for part in SelfTestPart if mask >> part & 1]


def _lag(state: FobState, now: Decimal) -> int | None:
    """Return by how many seconds the fob is behind; its clock gives whole seconds only."""
    if state.clock is None or not state.clock.valid:
        return None
    return int(now) - state.clock.unix_seconds


def _when(unix_seconds: int) -> int | None:
    """Return an instant of the fob's clock; None while that clock was not set."""
    return None if unix_seconds < CLOCK_SET_SECONDS else unix_seconds


def _instant(unix_seconds: int) -> str:
    if unix_seconds < CLOCK_SET_SECONDS:
        return "clock not set"
    if unix_seconds > TEXT_MAX_SECONDS:
        return f"{unix_seconds} s since 1970"
    return f"{datetime.fromtimestamp(unix_seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
