"""Why a display is dark, and since when; presses that the program ignores."""

import pytest

from firmware_model.device import Device
from firmware_model.effects import Darkness, DarkReason, Effect, FobEvent
from firmware_model.inputs import CellInserted, CellRemoved, ContactMoved, Reset, Wake
from firmware_model.units import NS_PER_MS, SimTime
from firmware_model.wire.codes import LifeCycle
from tests.firmware_model.fobs import START, after, events, factors, personalised, press, token_of

T0 = after(START, 600)  # a whole minute


def dark(device: Device, now: SimTime) -> Darkness | None:
    device.handle(Wake(), now)
    return device.face(now).dark


def near(one: SimTime | None, other: SimTime) -> bool:
    """Whether both are the same instant, but for what a crystal makes of ten minutes."""
    return one is not None and abs(one - other) < 20 * NS_PER_MS


def reason_near(device: Device, now: SimTime, reason: DarkReason, since: SimTime) -> bool:
    found = dark(device, now)
    return found is not None and found.reason is reason and near(found.since, since)


def test_nobody_has_pressed_yet_only_then() -> None:
    device = personalised("fob-t60")
    assert dark(device, T0) == Darkness(DarkReason.NOT_PRESSED)
    press(device, T0)
    assert dark(device, after(T0, 1)) is None


def test_the_step_of_the_code_ended() -> None:
    device = personalised("fob-t60")
    press(device, after(T0, 10))
    assert reason_near(device, after(T0, 300), DarkReason.STEP_ENDED, after(T0, 60))


def test_the_time_of_the_code_is_over() -> None:
    device = personalised("fob-h6")
    press(device, T0)
    code_s = device.model.screen.code_ms / 1000
    lit_at = after(T0, (device.model.button.debounce_ms + device.model.mcu.compute_ms) / 1000)
    assert reason_near(device, after(T0, 300), DarkReason.CODE_OVER, after(lit_at, code_s))


def test_a_second_press_switched_it_off() -> None:
    device = personalised("fob-t30")
    press(device, T0)
    press(device, after(T0, 5))
    off_at = after(T0, 5 + device.model.button.debounce_ms / 1000)
    assert reason_near(device, after(T0, 7), DarkReason.SWITCHED_OFF, off_at)


def test_a_message_and_the_last_page_are_over() -> None:
    device = personalised("fob-t60")
    device.handle(CellRemoved(), T0)
    device.handle(CellInserted(), after(T0, 1))
    press(device, after(T0, 2))  # no clock
    found = dark(device, after(T0, 300))
    assert found is not None
    assert found.reason is DarkReason.MESSAGE_OVER
    menu = personalised("go7-menu")
    press(menu, T0, 7)
    found = dark(menu, after(T0, 300))
    assert found is not None
    assert found.reason is DarkReason.MESSAGE_OVER


def test_a_restart_is_told_with_its_instant_until_the_next_press() -> None:
    device = personalised("fob-h6")
    press(device, T0)
    device.handle(Reset(), after(T0, 2))
    assert dark(device, after(T0, 3)) == Darkness(DarkReason.RESTARTED, after(T0, 2))
    press(device, after(T0, 5))
    found = dark(device, after(T0, 300))
    assert found is not None
    assert found.reason is DarkReason.CODE_OVER


def test_a_change_over_the_line_switches_a_code_off() -> None:
    device = personalised("fob-t60")
    press(device, T0)
    token = token_of(device)

    def act() -> None:
        token.set_clock(T0 // 10**9 + 5)
        device._program.modes.start_over()  # type: ignore[attr-defined]

    device._run(act)
    assert dark(device, after(T0, 1)) == Darkness(DarkReason.STARTED_OVER, after(T0, 0.45))


def test_what_lasts_comes_before_what_happened_last() -> None:
    device = personalised("fob-h6")
    press(device, T0)
    device._run(lambda: token_of(device).advance(LifeCycle.TERMINATED))  # type: ignore[arg-type]
    assert dark(device, after(T0, 300)) == Darkness(DarkReason.TERMINATED)


@pytest.mark.parametrize("model", ["fob-h6", "fob-t30", "go7-menu"])
def test_a_press_within_the_guard_is_ignored_and_reported(model: str) -> None:
    device = personalised(model)
    assert device.guarded_until(T0) == T0
    touch(device, T0, 0.05)
    again = touch(device, after(T0, 0.15), 0.05)
    assert events(again) == [FobEvent.PRESSED, FobEvent.PRESS_IGNORED]
    until = device.guarded_until(after(T0, 0.3))
    assert after(T0, 0.3) < until < after(T0, 0.4)
    assert FobEvent.PRESS_IGNORED not in events(touch(device, until, 0.05))


def touch(device: Device, now: SimTime, held_seconds: float) -> list[Effect]:
    """Press and let go, and come back 50 ms after that."""
    effects = device.handle(ContactMoved(closed=True), now)
    effects += device.handle(ContactMoved(closed=False), after(now, held_seconds))
    return effects + device.handle(Wake(), after(now, held_seconds + 0.05))


def test_who_waits_for_the_guard_gets_every_press() -> None:
    device, now = personalised("fob-h6"), T0
    seen = []
    for _ in range(5):
        now = device.guarded_until(now)
        effects = press(device, now, 0.2)
        assert FobEvent.PRESS_IGNORED not in events(effects)
        seen += factors(effects)
        now = after(now, 0.45)
    assert seen == [0, 1, 2, 3, 4]
