"""`keyfob info`: what a fob tells about itself."""

from datetime import UTC, datetime
from decimal import Decimal

import click

from firmware_model.generators import OtpKind
from firmware_model.wire.objects import Condition, Estimator, SelfTestPart, SlotObject
from host_tools.client.clock import ClockName, true_time
from host_tools.client.fob_state import FobState, life_cycle_name, read_state
from host_tools.client.session import open_session
from keyfob.cli.options import address_option, bench_option, clock_option, json_option, port_option
from keyfob.cli.output import print_json, print_rows

TEXT_MAX_SECONDS = 253_402_300_799
"""The last second of the year 9999, beyond which there are no calendar dates."""

ESTIMATORS = {Estimator.CHARGE_BUDGET: "by charge", Estimator.LOADED_VOLTAGE: "by voltage"}


@click.command()
@port_option
@address_option
@clock_option
@bench_option
@json_option
def info(port: str, address: int, clock: ClockName, bench: str, *, as_json: bool) -> None:
    """Read a fob: identity, life-cycle, battery, clock, expiry, counters, slots.

    The clock's lag is told against this machine's time, or the bench's with --clock bench.
    """
    with open_session(port, address) as session:
        state = read_state(session)
    lag = _lag(state, true_time(clock, bench))
    if as_json:
        print_json(state_as_json(state, lag))
    else:
        print_rows(_rows(state, lag))


def state_as_json(state: FobState, lag_seconds: int | None) -> dict[str, object]:
    """Return `state` under the JSON names that all verbs share; unknown things are null."""
    battery, clock, counters, test = state.battery, state.clock, state.counters, state.self_test
    return {
        "serial_number": state.serial_number,
        "credential_id": state.credential_id,
        "model": state.model,
        "chip_id": state.chip_id,
        "firmware_version": state.firmware_version,
        "life_cycle": life_cycle_name(state.life_cycle),
        "expired": Condition.EXPIRED in state.life_cycle.condition,
        "low_battery": Condition.LOW_BATTERY in state.life_cycle.condition,
        "manufacture_date": state.manufacture_date and state.manufacture_date.isoformat(),
        "expiry_date": state.expiry_date and state.expiry_date.isoformat(),
        "battery": battery
        and {
            "percent": battery.percent,
            "loaded_millivolts": battery.loaded_millivolts,
            "estimator": battery.estimator.name.lower(),
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
            {"error": entry.code.name.lower(), "unix_seconds": entry.unix_seconds}
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


def _rows(state: FobState, lag: int | None) -> list[tuple[str, str]]:
    rows = [
        ("serial number", state.serial_number or "none yet"),
        ("Credential ID", state.credential_id or "none yet"),
        ("model", state.model or ""),
        ("life-cycle", _life_cycle(state)),
        ("battery", _battery(state)),
        ("clock", _clock(state, lag)),
        ("made", state.manufacture_date.isoformat() if state.manufacture_date else ""),
        ("expiry date", state.expiry_date.isoformat() if state.expiry_date else "none"),
        ("counters", _counters(state)),
    ]
    rows += [(f"slot {slot.slot}", _slot(slot)) for slot in state.slots]
    rows += [
        ("chip ID", state.chip_id.hex() if state.chip_id else ""),
        ("firmware", state.firmware_version or ""),
        ("self-test", _self_test(state)),
        ("tries left", "" if state.tries_left is None else f"{state.tries_left} with wrong keys"),
    ]
    rows += [
        ("error", f"{entry.code.name.lower().replace('_', ' ')}, {_instant(entry.unix_seconds)}")
        for entry in state.error_log
    ]
    return rows


def _life_cycle(state: FobState) -> str:
    words = [life_cycle_name(state.life_cycle)]
    for condition, word in ((Condition.EXPIRED, "expired"), (Condition.LOW_BATTERY, "low battery")):
        if condition in state.life_cycle.condition:
            words.append(word)
    return ", ".join(words)


def _battery(state: FobState) -> str:
    battery = state.battery
    if battery is None:
        return ""
    volts = battery.loaded_millivolts / 1000
    return f"{battery.percent} % ({ESTIMATORS[battery.estimator]}), {volts:.3f} V under load"


def _clock(state: FobState, lag: int | None) -> str:
    clock = state.clock
    if clock is None:
        return "none"
    if not clock.valid:
        return f"not set (it reads {_instant(clock.unix_seconds)})"
    # The fob tells whole seconds: one more or less is no news.
    how = f"{abs(lag)} s {'slow' if lag > 0 else 'fast'}" if lag and abs(lag) > 1 else "right"
    return f"{_instant(clock.unix_seconds)}, {how}"


def _counters(state: FobState) -> str:
    counters = state.counters
    if counters is None:
        return ""
    presses, boots = counters.presses, counters.boots
    return f"{presses} press{'es' * (presses != 1)}, {boots} boot{'s' * (boots != 1)}"


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
    """Return by how many seconds the fob is behind; its clock tells whole seconds only."""
    if state.clock is None or not state.clock.valid:
        return None
    return int(now) - state.clock.unix_seconds


def _instant(unix_seconds: int) -> str:
    if unix_seconds > TEXT_MAX_SECONDS:
        return f"{unix_seconds} s since 1970"
    return f"{datetime.fromtimestamp(unix_seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
