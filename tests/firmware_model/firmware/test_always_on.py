"""The display that is always on: its steps, what it reserves of them, and what that costs."""

import pytest

from firmware_model.device import Device
from firmware_model.effects import Darkness, DarkReason, Face, FobEvent
from firmware_model.generators import totp
from firmware_model.inputs import CellInserted, CellRemoved, Charge, Reset, Temperature, Wake
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import SetStatus, StoreData
from firmware_model.wire.objects import Clock, ExpiryDate
from tests.firmware_model.fobs import (
    DAY_NS,
    SEED,
    START,
    after,
    changed,
    events,
    personalised,
    token_of,
)
from tests.firmware_model.wired import Wired

T0 = after(START, 600)
TODAY = START // DAY_NS
WEEK_NS = 7 * DAY_NS
NEAR_NS = 200 * NS_PER_SECOND
"""The fob's own midnight is this near to the true one: its crystal is off by parts in a million."""


def code_at(now: SimTime) -> str:
    return totp(SEED, now // NS_PER_SECOND, step_seconds=60)


def text_at(device: Device, now: SimTime) -> str:
    device.handle(Wake(), now)
    return device.face(now).text.strip()


def own_code(device: Device) -> str:
    """Return the code of the time the fob believes."""
    seconds = token_of(device).unix_seconds()
    assert seconds is not None
    return totp(SEED, seconds, step_seconds=60)


def wakes(device: Device, until: SimTime) -> list[SimTime]:
    found = []
    while (due := device.wake_at) is not None and due < until:
        found.append(due)
        device.handle(Wake(), due)
    return found


def given_a_cell_again(device: Device, now: SimTime) -> None:
    """Cut the supply for a second, then set the clock right."""
    device.handle(CellRemoved(), now)
    device.handle(CellInserted(), after(now, 1))
    assert text_at(device, after(now, 2)) == "CLoC"
    host = Wired(device, after(now, 3)).open()
    assert host.status(StoreData(Clock(now // NS_PER_SECOND + 3))) == 0x9000


def test_it_follows_the_steps_without_being_touched() -> None:
    device = personalised("sid-always")
    for minute in (0, 1, 59, 60, 61, 1500):
        now = after(T0, 60 * minute + 1)
        assert text_at(device, now) == code_at(now)


def test_it_wakes_at_its_first_midnight_then_once_a_week() -> None:
    device = personalised("sid-always")
    days = [(wake - START) / DAY_NS for wake in wakes(device, SimTime(START + 60 * DAY_NS))]
    first = 1 - START % DAY_NS / DAY_NS
    assert days == pytest.approx([first + 7 * week for week in range(9)], abs=NEAR_NS / DAY_NS)


def test_until_its_alarm_has_rung_it_shows_the_last_step_reserved() -> None:
    device = personalised("sid-always")
    for _ in range(9):  # an alarm may be late by a part of a microsecond
        due = device.wake_at
        assert due is not None
        device.handle(Reset(), SimTime(due - 1000 * NS_PER_SECOND))
        slot, due = token_of(device).first_slot(), device.wake_at
        assert slot is not None
        assert due is not None
        assert device.face(SimTime(due - 1)).text.strip() == slot.code(slot.factor - 1)
        device.handle(Wake(), due)


def test_steps_of_a_second_are_reserved_as_far_as_a_record_can_say() -> None:
    device = personalised(changed("sid-always", otp={"step_seconds": 1}))
    start = wakes(device, SimTime(START + DAY_NS))[-1]
    first, second = wakes(device, SimTime(start + 2 * DAY_NS))[:2]
    assert (second - first) / NS_PER_SECOND == pytest.approx(65_535, abs=5)


@pytest.mark.parametrize(("before", "after_it"), [(-60, 25), (80, 25), (25, -60)])
def test_a_change_of_temperature_lets_it_look_again_when_its_reservation_ends(
    before: int, after_it: int
) -> None:
    device = personalised("sid-always")
    device.handle(Temperature(before * 1000), T0)
    start = wakes(device, SimTime(START + 2 * DAY_NS))[-1]
    device.handle(Temperature(after_it * 1000), after(start, 1))
    slot = token_of(device).first_slot()
    assert slot is not None
    reserved = slot.factor
    now = SimTime(start + WEEK_NS - 400 * NS_PER_SECOND)
    while slot.factor == reserved:
        now = after(now, 1)
        text_at(device, now)
    seconds = token_of(device).unix_seconds()
    assert seconds is not None
    assert seconds // 60 == reserved, "never a step that is not reserved"


def test_the_last_day_ends_it_at_midnight_though_more_is_reserved() -> None:
    device = personalised("sid-always", expiry_days=TODAY + 10)
    over = SimTime((TODAY + 14) * DAY_NS)  # three days of grace
    assert text_at(device, SimTime(over - NEAR_NS)).isdigit()
    effects = device.handle(Wake(), SimTime(over + NEAR_NS))
    assert FobEvent.EXPIRED in events(effects)
    assert not device.face(SimTime(over + NEAR_NS)).text


def test_a_date_that_is_drawn_nearer_ends_it_on_that_day() -> None:
    device = personalised("sid-always", expiry_days=TODAY + 100)
    later = SimTime(START + 3 * DAY_NS)
    host = Wired(device, later).open()
    assert host.status(StoreData(ExpiryDate(TODAY + 1))) == 0x9000
    over = SimTime((TODAY + 5) * DAY_NS)
    assert text_at(device, SimTime(over - NEAR_NS)).isdigit()
    assert not text_at(device, SimTime(over + NEAR_NS))


def test_it_goes_dark_with_its_seed() -> None:
    device = personalised("sid-always")
    host = Wired(device, T0).open()
    assert host.status(SetStatus(LifeCycle.TERMINATED)) == 0x9000
    face = device.face(T0)
    assert face == Face(dark=Darkness(DarkReason.TERMINATED))


def test_a_clock_set_back_waits_until_the_time_it_has_shown() -> None:
    device = personalised("sid-always")
    host = Wired(device, T0).open()
    assert host.status(StoreData(Clock(T0 // NS_PER_SECOND - 600))) == 0x9000
    assert text_at(device, after(T0, 1)) == "CLoC"
    assert text_at(device, after(T0, 601)) == code_at(T0)


def test_a_clock_set_while_it_runs_gives_back_what_was_reserved() -> None:
    device = personalised("sid-always")
    now = SimTime(START + 20 * DAY_NS)
    host = Wired(device, now).open()
    assert host.status(StoreData(Clock(now // NS_PER_SECOND + 120))) == 0x9000
    assert text_at(device, after(now, 1)) == own_code(device)


def test_a_clock_set_to_what_it_says_leaves_what_is_reserved() -> None:
    device = personalised("sid-always")
    host = Wired(device, T0).open()
    for _ in range(2):
        assert host.status(StoreData(Clock(T0 // NS_PER_SECOND))) == 0x9000
        slot, seconds = token_of(device).first_slot(), token_of(device).unix_seconds()
        assert slot is not None
        assert seconds is not None
        assert slot.step_at(seconds) < slot.factor


@pytest.mark.parametrize(("days", "dark_days_max"), [(0, 1), (20, 7)])
def test_after_a_loss_of_supply_it_waits_until_nothing_reserved_may_have_been_shown(
    days: int, dark_days_max: int
) -> None:
    device = personalised("sid-always")
    now = SimTime(T0 + days * DAY_NS)
    device.handle(Wake(), now)
    slot = token_of(device).first_slot()
    assert slot is not None
    reserved = slot.factor
    given_a_cell_again(device, now)
    back = SimTime(reserved * 60 * NS_PER_SECOND)
    assert 0 < back - now <= dark_days_max * DAY_NS
    assert text_at(device, SimTime(back - NEAR_NS)) == "CLoC"
    assert text_at(device, after(back, 1)) == own_code(device)


def test_a_restart_goes_on_within_what_was_reserved() -> None:
    device = personalised("sid-always")
    now = SimTime(START + 20 * DAY_NS)
    device.handle(Wake(), now)
    slot = token_of(device).first_slot()
    assert slot is not None
    reserved = slot.factor
    restored = Device.restore(device.model, device.images())
    restored.handle(Reset(), after(now, 600))
    assert text_at(restored, after(now, 600)) == own_code(restored)
    again = token_of(restored).first_slot()
    assert again is not None
    assert again.factor == reserved


class TestCharge:
    def test_is_that_of_glass_and_of_a_code_a_minute(self) -> None:
        device = personalised("sid-always", now=START)
        battery = device._board.battery
        device.handle(Wake(), T0)
        before, days = battery.drawn_ac, 300
        later = SimTime(T0 + days * DAY_NS)
        device.handle(Wake(), later)
        average_na = (battery.drawn_ac - before) / (later - T0)
        # 1.2 µA asleep, 2 µA of glass, 60 ms of 0.5 mA a minute, 1 % a year of 209 mAh.
        assert average_na == pytest.approx(1_200 + 2_000 + 500 + 239, rel=0.03)

    def test_goes_on_over_a_restart_that_came_late(self) -> None:
        device = personalised("sid-always")
        device.handle(Wake(), T0)
        restored = Device.restore(device.model, device.images())
        later = SimTime(T0 + 30 * DAY_NS)
        device.handle(Wake(), later)
        restored.handle(Reset(), later)
        drawn, drawn_too = device._board.battery.drawn_ac, restored._board.battery.drawn_ac
        assert drawn_too == pytest.approx(drawn, rel=0.001)

    def test_that_no_longer_bears_the_processor_darkens_it_within_a_day(self) -> None:
        device = personalised("sid-always")
        device.handle(Charge(60), SimTime(START + 10 * DAY_NS))
        now, seconds = START, range(11 * SECONDS_PER_DAY, 400 * SECONDS_PER_DAY, 3600)
        could_at = START
        for second in seconds:
            now = after(START, second)
            told = events(device.handle(Wake(), now))
            if FobEvent.BROWNED_OUT in told:
                break
            if device._board.can_run(after_brown_out=False):
                could_at = now
        assert FobEvent.BROWNED_OUT in told
        assert now - could_at <= DAY_NS + 3600 * NS_PER_SECOND
        assert (dark := device.face(now).dark) is not None
        assert dark.reason is DarkReason.CELL_EMPTY
