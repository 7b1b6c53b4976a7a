"""What is left of a fob's life, and why it has expired, in `info` and `discover`."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from firmware_model import catalogue
from firmware_model.wire.codes import ErrorCode
from firmware_model.wire.objects import (
    BatteryReading,
    Condition,
    Counters,
    ErrorLogEntry,
    Estimator,
    LifeCycle,
    LifeCycleStatus,
)
from host_tools.client.fob_state import FobState
from keyfob.__main__ import status_of
from keyfob.cli import remaining
from keyfob.cli.fob_report import fob_json, fob_rows
from keyfob.testing.rack import Rack

NOW = Decimal(1_869_696_000)  # 2029-04-01
IN_USE = LifeCycleStatus(LifeCycle.SEALED, Condition.IN_USE)


def state(**changes: Any) -> FobState:
    values: dict[str, Any] = {
        "life_cycle": IN_USE,
        "serial_number": "ZZH600000001",
        "credential_id": "ZZH600000001",
        "model": "fob-h6",
        "chip_id": bytes(10),
        "firmware_version": "1.0",
        "manufacture_date": date(2028, 4, 1),
        "expiry_date": None,
        "battery": BatteryReading(50, 3000, Estimator.CHARGE_BUDGET),
        "clock": None,
        "counters": Counters(730, 1),
        "slots": (),
        "error_log": (),
        "self_test": None,
        "tries_left": 10,
    }
    return FobState(**values | changes)


def expired(**changes: Any) -> FobState:
    condition = Condition.IN_USE | Condition.EXPIRED
    return state(life_cycle=LifeCycleStatus(LifeCycle.SEALED, condition), **changes)


@pytest.mark.parametrize(
    ("model", "then"),
    [
        ("fob-t60", "it gives codes after that date too"),
        ("sid-always", "3 days later it stays dark"),
        ("soft-phone", "it shows “Expired”"),
    ],
)
def test_what_a_fob_does_after_its_expiry_date_is_told(model: str, then: str) -> None:
    assert remaining.after_expiry(catalogue.load(model)) == then


def test_days_are_counted_to_the_expiry_date_and_past_it() -> None:
    assert remaining.days_left(state(), NOW) is None
    assert remaining.days_left(state(expiry_date=date(2029, 4, 11)), NOW) == 10
    assert remaining.days_left(state(expiry_date=date(2029, 3, 31)), NOW) == -1


def test_presses_and_months_of_battery_go_by_the_models_data_sheet() -> None:
    model = catalogue.load("fob-h6")
    left = remaining.presses_left(state(), model)
    assert left == (model.life.presses - 730 if model.life.presses else None)
    assert remaining.presses_per_day(state(), NOW) == 2  # 730 presses in a year
    found = remaining.battery_months(state(), model, NOW)
    fresh = remaining.battery_months(
        state(battery=BatteryReading(100, 3000, Estimator.CHARGE_BUDGET)), model, NOW
    )
    assert found is not None
    assert fresh is not None
    assert abs(fresh[0] - 2 * found[0]) <= 1
    assert remaining.battery_months(state(model="theirs"), None, NOW) is None


@pytest.mark.parametrize(
    ("model", "fob", "reason"),
    [
        ("fob-t60", expired(model="fob-t60"), "its own clock says so"),
        ("fob-h6", state(), ""),
    ],
)
def test_the_reason_of_an_expiry_is_told(model: str, fob: FobState, reason: str) -> None:
    assert remaining.expired_because(fob, catalogue.load(model), NOW) == reason


def test_each_limit_of_a_model_is_a_reason() -> None:
    by_date = next(m for m in map(catalogue.load, catalogue.names()) if m.life.by_expiry_date)
    fob = expired(model=by_date.name, expiry_date=date(2029, 1, 1))
    assert remaining.expired_because(fob, by_date, NOW) == "its expiry date was 2029-01-01"
    by_presses = next(m for m in map(catalogue.load, catalogue.names()) if m.life.presses)
    fob = expired(model=by_presses.name, counters=Counters(by_presses.life.presses, 1))
    assert "presses are used up" in remaining.expired_because(fob, by_presses, NOW)
    by_years = next(m for m in map(catalogue.load, catalogue.names()) if m.life.years)
    fob = expired(model=by_years.name, manufacture_date=date(2010, 1, 1))
    assert f"it was made {by_years.life.years} years" in remaining.expired_because(
        fob, by_years, NOW
    )


def test_errors_are_told_in_words_and_a_clock_that_was_not_set_is_no_year() -> None:
    log = (
        ErrorLogEntry(ErrorCode.BROWN_OUT, 17),
        ErrorLogEntry(ErrorCode.AUTHENTICATION_FAILED, 1_869_600_000),
    )
    rows = [value for name, value in fob_rows(state(error_log=log), NOW) if name == "error"]
    assert rows == [
        "the voltage broke down under load, clock not set",
        "a host used wrong keys, 2029-03-30 21:20:00 UTC",
    ]
    found = fob_json(state(error_log=log), NOW)["error_log"]
    assert isinstance(found, list)
    assert [entry["unix_seconds"] for entry in found] == [None, 1_869_600_000]


@contextmanager
def line_of_three() -> Iterator[str]:
    with Rack.start(count=3, preset="low-battery", start="2029-04-01", model="fob-t60") as rack:
        yield rack[1].port


def test_a_line_is_asked_to_its_end_and_a_range_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with line_of_three() as port:
        assert status_of(["discover", "--port", port, "--wait", "20"]) == 0
        out, err = capsys.readouterr()
        assert [line.split()[0] for line in out.splitlines()] == ["1", "2", "3"]
        assert all("low battery" in line for line in out.splitlines())
        assert re.search(r"3 fobs at \S+, addresses 1-35 asked; --addresses RANGE asks", err)
        assert status_of(["info", "--port", port, "--address", "2-3", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert [each["address"] for each in found] == [2, 3]
        assert status_of(["info", "--port", port, "--address", "3,9"]) == 3
        out, err = capsys.readouterr()
        assert f"fob            address 3 at {port}" in out
        assert "address 9: keyfob discover lists them" in err
