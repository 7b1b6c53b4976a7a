"""From contact edges to gestures: debounce, short press, long press, as one table.

All transitions of the button machine are in this file.
"""

from enum import IntEnum, auto, unique


@unique
class State(IntEnum):
    """Where the finger is, as far as the firmware knows."""

    UP = auto()
    CLOSING = auto()
    DOWN = auto()
    OPENING = auto()
    HELD = auto()
    LETTING_GO = auto()


@unique
class Signal(IntEnum):
    """What the pins and timers tell."""

    EDGE = auto()
    SAMPLED_CLOSED = auto()
    SAMPLED_OPEN = auto()
    HOLD_TIME_OVER = auto()


@unique
class Gesture(IntEnum):
    """What the finger meant."""

    PUSH = auto()
    """The button went down."""
    RELEASE = auto()
    """It came up again before the long-press time."""
    HOLD = auto()
    """It is still down after the long-press time."""


# An absent pair means: nothing changes. An edge only counts where no debounce is running; the
# long-press time only where the button is down.
TRANSITIONS: dict[tuple[State, Signal], tuple[State, Gesture | None]] = {
    (State.UP, Signal.EDGE): (State.CLOSING, None),
    (State.CLOSING, Signal.SAMPLED_CLOSED): (State.DOWN, Gesture.PUSH),
    (State.CLOSING, Signal.SAMPLED_OPEN): (State.UP, None),
    (State.DOWN, Signal.EDGE): (State.OPENING, None),
    (State.DOWN, Signal.HOLD_TIME_OVER): (State.HELD, Gesture.HOLD),
    (State.OPENING, Signal.SAMPLED_OPEN): (State.UP, Gesture.RELEASE),
    (State.OPENING, Signal.SAMPLED_CLOSED): (State.DOWN, None),
    (State.HELD, Signal.EDGE): (State.LETTING_GO, None),
    (State.LETTING_GO, Signal.SAMPLED_OPEN): (State.UP, None),
    (State.LETTING_GO, Signal.SAMPLED_CLOSED): (State.HELD, None),
}

SETTLING = frozenset({State.CLOSING, State.OPENING, State.LETTING_GO})
"""The states in which a debounce is running."""


def step(state: State, signal: Signal) -> tuple[State, Gesture | None]:
    """Return the next state and the gesture it completes, if any."""
    return TRANSITIONS.get((state, signal), (state, None))
