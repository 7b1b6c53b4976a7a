"""The one door: same inputs, same bytes; nothing raises; late calls and restarts change nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.device import Device
from firmware_model.effects import Darkness, DarkReason, Effect, FobEvent, Persist, Shown
from firmware_model.hardware.thermal import CAR, POCKET, Course
from firmware_model.inputs import (
    ButtonStuck,
    CellInserted,
    CellRemoved,
    Charge,
    ClockShifted,
    ContactMoved,
    CutArmed,
    Input,
    Receive,
    Reset,
    SegmentsBroken,
    Temperature,
    TemperatureCourse,
    Wake,
)
from firmware_model.units import NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import (
    DAY_NS,
    FOBS,
    START,
    after,
    built,
    events,
    factors,
    kept,
    personalised,
    press,
    shown,
    token_of,
)

STEADY = SimTime(START + 400 * NS_PER_SECOND)

INPUTS: st.SearchStrategy[Input] = st.one_of(
    st.just(Wake()),
    st.just(Reset()),
    st.builds(ContactMoved, st.booleans()),
    st.builds(ContactMoved, st.booleans()),
    st.builds(Receive, st.binary(max_size=40)),
    st.builds(Temperature, st.integers(-60_000, 120_000)),
    st.builds(TemperatureCourse, st.sampled_from([POCKET, CAR, Course(((1, -20_000), (7, 0)))])),
    st.builds(Charge, st.integers(0, 1000)),
    st.just(CellRemoved()),
    st.just(CellInserted()),
    st.builds(CutArmed, st.integers(1, 40), st.integers(0, 1000)),
    st.builds(ButtonStuck, st.booleans()),
    st.builds(SegmentsBroken, st.lists(st.tuples(st.integers(0, 7), st.integers(0, 6))).map(tuple)),
    st.builds(ClockShifted, st.integers(-(10**18), 10**18)),
)
PAUSES = st.one_of(
    st.integers(0, 5 * NS_PER_SECOND),
    st.integers(0, 4000 * NS_PER_SECOND),
    st.integers(0, 400 * DAY_NS),
)
LIVES = st.lists(st.tuples(PAUSES, INPUTS), max_size=40)


def live(device: Device, life: list[tuple[int, Input]]) -> list[list[Effect]]:
    now, results = STEADY, []
    for pause, given_input in life:
        now = SimTime(now + pause)
        results.append(device.handle(given_input, now))
        device.face(now)
        device.gauges(now)
        assert device.wake_at is None or device.wake_at > now or not results
    return results


@settings(max_examples=60)
@given(name=st.sampled_from(FOBS), life=LIVES)
def test_no_sequence_of_inputs_raises(name: str, life: list[tuple[int, Input]]) -> None:
    live(personalised(name), life)


@settings(max_examples=30)
@given(name=st.sampled_from(FOBS), life=LIVES)
def test_same_inputs_at_the_same_instants_give_the_same_effects(
    name: str, life: list[tuple[int, Input]]
) -> None:
    first, second = personalised(name), personalised(name)
    assert live(first, life) == live(second, life)
    assert first.images() == second.images()


@settings(max_examples=40)
@given(name=st.sampled_from(FOBS), life=LIVES)
def test_what_was_persisted_is_all_that_a_restart_needs(
    name: str, life: list[tuple[int, Input]]
) -> None:
    device = personalised(name)
    images = device.images()
    for effects in live(device, life):
        images = kept(images, effects)
    flash = {key: image for key, image in device.images().items() if key != "board"}
    assert {key: images[key] for key in flash} == flash
    Device.restore(device.model, images).handle(Reset(), SimTime(STEADY + sum(p for p, _ in life)))


@settings(max_examples=40)
@given(name=st.sampled_from(FOBS), pauses=st.lists(st.integers(0, 90 * NS_PER_SECOND)))
def test_a_late_call_gives_what_punctual_calls_give(name: str, pauses: list[int]) -> None:
    punctual, late = personalised(name), personalised(name)
    one: list[Effect] = []
    other: list[Effect] = []
    now = STEADY
    for number, pause in enumerate(pauses):
        now = SimTime(now + pause)
        while punctual.wake_at is not None and punctual.wake_at <= now:
            one += punctual.handle(Wake(), punctual.wake_at)
        contact = ContactMoved(closed=number % 2 == 0)
        one += punctual.handle(contact, now)
        other += late.handle(contact, now)
    assert [e for e in one if not isinstance(e, Persist)] == [
        e for e in other if not isinstance(e, Persist)
    ]


@pytest.mark.parametrize("name", FOBS)
def test_what_must_be_durable_comes_before_the_segments_light(name: str) -> None:
    effects = press(personalised(name), STEADY, 0.2)
    for number, effect in enumerate(effects):
        if isinstance(effect, Shown) and effect.moving_factor is not None:
            assert any(isinstance(before, Persist) for before in effects[:number])


@pytest.mark.parametrize("name", sorted(set(FOBS) - {"sid-always"}))
def test_an_idle_fob_does_not_wake_for_years(name: str) -> None:
    device = personalised(name)
    wake_at = device.wake_at
    assert wake_at is None or wake_at > STEADY + 365 * DAY_NS


def test_time_that_goes_back_is_our_own_fault() -> None:
    device = built("fob-h6")
    device.handle(Wake(), after(START, 1))
    with pytest.raises(AssertionError):
        device.handle(Wake(), START)


class TestRestart:
    def test_continues_the_counter_and_the_clock(self) -> None:
        device = personalised("fob-t60")
        images = kept(device.images(), press(device, STEADY))
        now = SimTime(STEADY + 3 * DAY_NS)
        again = Device.restore(device.model, images)
        again.handle(Reset(), now)
        assert factors(press(again, now)) == [now // NS_PER_SECOND // 60]

    def test_in_the_middle_of_a_press_costs_at_most_that_press(self) -> None:
        device = personalised("fob-h6")
        images = kept(device.images(), device.handle(ContactMoved(closed=True), STEADY))
        images = kept(images, device.handle(Wake(), after(STEADY, 0.03)))
        again = Device.restore(device.model, images)
        again.handle(Reset(), after(STEADY, 1))
        assert factors(press(again, after(STEADY, 2))) == [1]


class TestSupply:
    def test_a_cell_that_was_out_takes_the_time_with_it(self) -> None:
        device = personalised("fob-t60")
        device.handle(CellRemoved(), STEADY)
        assert device.face(STEADY).dark == Darkness(DarkReason.NO_CELL, STEADY)
        device.handle(CellInserted(), after(STEADY, 5))
        assert shown(press(device, after(STEADY, 6)))[:1] == ["CLoC"]
        assert device.gauges(after(STEADY, 9)).clock_unix is None

    def test_an_empty_cell_is_silent_and_dark(self) -> None:
        device = personalised("fob-h6")
        device.handle(Charge(0), STEADY)
        assert device.gauges(STEADY).charge_permille == 0
        assert factors(press(device, after(STEADY, 1))) == []
        dark = device.face(after(STEADY, 3)).dark
        assert dark is not None
        assert dark.reason is DarkReason.CELL_EMPTY

    def test_the_last_breath_costs_no_code(self) -> None:
        """Once the cell no longer bears the test load, a press resets and spends nothing."""
        device = personalised("fob-h6")
        now, last = STEADY, -1
        for permille in range(60, 0, -2):
            device.handle(Charge(permille), now)
            effects = press(device, after(now, 1))
            effects += device.handle(Wake(), after(now, 5))  # behind the low-battery notice
            now = after(now, 60)
            if not factors(effects):
                assert FobEvent.BROWNED_OUT in events(effects)
                break
            last = factors(effects)[0]
        else:
            pytest.fail("the cell never gave out")
        device.handle(Charge(1000), now)
        assert factors(press(device, after(now, 1))) == [last + 1]

    def test_a_cell_too_cold_for_the_load_gives_its_code_again_when_warm(self) -> None:
        device = personalised("fob-t60")
        device.handle(Charge(255), STEADY)
        device.handle(Temperature(-20_000), after(STEADY, 1))
        cold = press(device, after(STEADY, 2))
        assert FobEvent.BROWNED_OUT in events(cold)
        assert factors(cold) == []
        device.handle(Temperature(25_000), after(STEADY, 100))
        assert factors(press(device, after(STEADY, 200))) == [(STEADY // NS_PER_SECOND + 200) // 60]

    def test_heat_blackens_the_glass_until_it_has_cooled(self) -> None:
        device = personalised("fob-t60")
        press(device, STEADY)
        for celsius, text in ((70, True), (71, False), (120, False), (25, True)):
            device.handle(Temperature(celsius * 1000), after(STEADY, 1))
            face = device.face(after(STEADY, 1))
            assert bool(face.text) is text
            assert (face.dark == Darkness(DarkReason.TOO_HOT)) is not text

    def test_a_cell_too_cold_for_the_clock_loses_the_time(self) -> None:
        device = personalised("fob-t60")
        device.handle(Charge(220), STEADY)
        dying = device.handle(Temperature(-20_000), after(STEADY, 1))
        assert events(dying) == [FobEvent.DIED]
        device.handle(Temperature(25_000), after(STEADY, 100))
        assert shown(press(device, after(STEADY, 200))) == ["CLoC"]

    @pytest.mark.parametrize("name", FOBS)
    def test_a_fob_left_alone_dies_and_says_so_once(self, name: str) -> None:
        device = personalised(name)
        told: list[FobEvent] = []
        for year in range(1, 40):
            told += events(device.handle(Wake(), SimTime(STEADY + year * 365 * DAY_NS)))
        assert told.count(FobEvent.DIED) == 1
        assert device.wake_at is None

    def test_a_cell_taken_out_takes_an_armed_cut_with_it(self) -> None:
        """Else the fob would fail once more when somebody else has long put its cell back."""
        device = personalised("fob-h6")
        device.handle(CutArmed(1, 500), STEADY)
        device.handle(CellRemoved(), after(STEADY, 1))
        booting = device.handle(CellInserted(), after(STEADY, 2))
        pressed = press(device, after(STEADY, 3))
        assert FobEvent.POWER_LOST not in events(booting + pressed)
        assert factors(pressed) == [0]

    def test_a_cut_armed_while_the_cell_is_out_comes_in_the_boot(self) -> None:
        device = personalised("fob-h6")
        device.handle(CellRemoved(), STEADY)
        device.handle(CutArmed(1, 500), after(STEADY, 1))
        assert FobEvent.POWER_LOST in events(device.handle(CellInserted(), after(STEADY, 2)))


class TestFaults:
    def test_a_stuck_key_gives_one_code_and_the_display_still_goes_off(self) -> None:
        device = personalised("fob-h6")
        effects = device.handle(ButtonStuck(stuck=True), STEADY)
        effects += device.handle(Wake(), after(STEADY, 3600))
        assert factors(effects) == [0]
        assert not device.face(after(STEADY, 3600)).text
        assert factors(press(device, after(STEADY, 4000))) == []
        device.handle(ButtonStuck(stuck=False), after(STEADY, 5000))
        assert factors(press(device, after(STEADY, 6000))) == [1]

    def test_a_stuck_key_drains_the_cell_within_a_year(self) -> None:
        device = personalised("fob-h6")
        device.handle(ButtonStuck(stuck=True), STEADY)
        assert FobEvent.DIED in events(device.handle(Wake(), SimTime(STEADY + 365 * DAY_NS)))

    def test_a_dead_segment_is_missing_from_every_picture_even_after_a_restart(self) -> None:
        device = personalised("fob-h6")  # code of counter 0: 755224
        images = kept(device.images(), device.handle(SegmentsBroken(((0, 0),)), STEADY))
        press(device, after(STEADY, 1))
        assert device.face(after(STEADY, 2)).text == "155224"  # a 7 without its top
        again = Device.restore(device.model, images)
        again.handle(Reset(), after(STEADY, 3))
        press(again, after(STEADY, 4))
        assert again.face(after(STEADY, 5)).segments[0] == 0x06
        again.handle(SegmentsBroken(()), after(STEADY, 5))
        assert again.face(after(STEADY, 5)).segments[0] == 0x07

    def test_a_course_of_temperature_outlives_a_restart(self) -> None:
        device = personalised("fob-t60")
        images = kept(device.images(), device.handle(TemperatureCourse(POCKET), STEADY))
        again = Device.restore(device.model, images)
        again.handle(Reset(), after(STEADY, 1))
        now = SimTime(STEADY + 900 * DAY_NS)
        device.handle(Wake(), now)
        again.handle(Wake(), now)
        one, other = device.gauges(now), again.gauges(now)
        assert (one.clock_lag_ns, one.millicelsius) == (other.clock_lag_ns, other.millicelsius)

    def test_a_shifted_clock_never_shows_an_earlier_step(self) -> None:
        for name in ("fob-t60", "sid-always"):
            device = personalised(name)
            seen = factors(press(device, STEADY)) or [STEADY // NS_PER_SECOND // 60]
            device.handle(ClockShifted(-3600 * NS_PER_SECOND), after(STEADY, 5))
            assert not factors(press(device, after(STEADY, 6)))
            assert "CLoC" in device.face(after(STEADY, 7)).text
            later = factors(press(device, after(STEADY, 3700)))
            text = device.face(after(STEADY, 3702)).text
            assert later == [] or min(later) >= max(seen)
            assert text.strip().isdigit()

    def test_a_clock_that_is_ahead_shows_later_steps(self) -> None:
        device = personalised("fob-t60")
        device.handle(ClockShifted(180 * NS_PER_SECOND), STEADY)
        assert factors(press(device, STEADY)) == [STEADY // NS_PER_SECOND // 60 + 3]
        assert -181 * 10**9 < device.gauges(after(STEADY, 1)).clock_lag_ns < -179 * 10**9


def test_twins_differ_by_their_random_seed_only() -> None:
    one, same, other = (built("fob-h6", random_seed=seed) for seed in (1, 1, 2))
    assert one.images() == same.images()
    assert one.images()["board"] != other.images()["board"]


def test_the_trace_tells_what_befell_the_fob() -> None:
    device = personalised("fob-t30", activate=False)
    told: list[Any] = events(press(device, STEADY, 3))
    assert told == [FobEvent.PRESSED, FobEvent.ACTIVATED]
    assert not token_of(device).is_sealed
