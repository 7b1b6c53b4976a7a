"""The button machine: every state with every signal."""

import pytest

from firmware_model.firmware.gestures import (
    SETTLING,
    TRANSITIONS,
    Gesture,
    GestureState,
    Signal,
)

UP, CLOSING, DOWN, OPENING, HELD, LETTING_GO = GestureState
E, SC, SO, HT = Signal
EXPECTED = {
    # state: edge, sampled closed, sampled open, hold time over
    UP: ((CLOSING, None), (UP, None), (UP, None), (UP, None)),
    CLOSING: ((CLOSING, None), (DOWN, Gesture.PUSH), (UP, None), (CLOSING, None)),
    DOWN: ((OPENING, None), (DOWN, None), (DOWN, None), (HELD, Gesture.HOLD)),
    OPENING: ((OPENING, None), (DOWN, None), (UP, Gesture.RELEASE), (OPENING, None)),
    HELD: ((LETTING_GO, None), (HELD, None), (HELD, None), (HELD, None)),
    LETTING_GO: ((LETTING_GO, None), (HELD, None), (UP, None), (LETTING_GO, None)),
}


@pytest.mark.parametrize("state", GestureState)
@pytest.mark.parametrize("signal", Signal)
def test_every_state_with_every_signal(state: GestureState, signal: Signal) -> None:
    step = TRANSITIONS.get((state, signal), (state, None))
    assert step == EXPECTED[state][signal.value - 1]


def test_a_long_press_gives_no_release() -> None:
    state, gestures = GestureState.UP, []
    for signal in (E, SC, HT, E, SO):
        state, gesture = TRANSITIONS.get((state, signal), (state, None))
        gestures.append(gesture)
    assert [g for g in gestures if g] == [Gesture.PUSH, Gesture.HOLD]
    assert state is GestureState.UP


def test_every_settling_state_leaves_by_a_sample_either_way() -> None:
    for state in SETTLING:
        assert (state, Signal.SAMPLED_CLOSED) in TRANSITIONS
        assert (state, Signal.SAMPLED_OPEN) in TRANSITIONS
