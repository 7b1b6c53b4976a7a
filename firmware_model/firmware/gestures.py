"""From contact edges to gestures: debounce, short press, long press, as one table.

All transitions of the button machine are in this file.
"""

from enum import IntEnum, auto, unique


@unique
class GestureState(IntEnum):
    """Where the finger is, as far as the firmware knows."""

    UP = auto()
    CLOSING = auto()
    DOWN = auto()
    OPENING = auto()
    HELD = auto()
    LETTING_GO = auto()


@unique
class Signal(IntEnum):
    """What pins and timers report."""

    EDGE = auto()
    SAMPLED_CLOSED = auto()
    SAMPLED_OPEN = auto()
    HOLD_TIME_OVER = auto()


@unique
class Gesture(IntEnum):
    """What a finger did."""

    PUSH = auto()
    """The button went down."""
    RELEASE = auto()
    """It came up again before the long-press time."""
    HOLD = auto()
    """It is still down after the long-press time."""


# An absent pair means: nothing changes. An edge only counts where no debounce is running; the
# long-press time only where the button is down.
TRANSITIONS: dict[tuple[GestureState, Signal], tuple[GestureState, Gesture | None]] = {
    (GestureState.UP, Signal.EDGE): (GestureState.CLOSING, None),
    (GestureState.CLOSING, Signal.SAMPLED_CLOSED): (GestureState.DOWN, Gesture.PUSH),
    (GestureState.CLOSING, Signal.SAMPLED_OPEN): (GestureState.UP, None),
    (GestureState.DOWN, Signal.EDGE): (GestureState.OPENING, None),
    (GestureState.DOWN, Signal.HOLD_TIME_OVER): (GestureState.HELD, Gesture.HOLD),
    (GestureState.OPENING, Signal.SAMPLED_OPEN): (GestureState.UP, Gesture.RELEASE),
    (GestureState.OPENING, Signal.SAMPLED_CLOSED): (GestureState.DOWN, None),
    (GestureState.HELD, Signal.EDGE): (GestureState.LETTING_GO, None),
    (GestureState.LETTING_GO, Signal.SAMPLED_OPEN): (GestureState.UP, None),
    (GestureState.LETTING_GO, Signal.SAMPLED_CLOSED): (GestureState.HELD, None),
}

EDGE, HOLD_TIME_OVER = Signal.EDGE, Signal.HOLD_TIME_OVER
SAMPLED_CLOSED, SAMPLED_OPEN = Signal.SAMPLED_CLOSED, Signal.SAMPLED_OPEN
PUSH, RELEASE, HOLD = Gesture.PUSH, Gesture.RELEASE, Gesture.HOLD
"""Names of their own: a press reads them, and through its class a member costs five calls."""

SETTLING = frozenset({GestureState.CLOSING, GestureState.OPENING, GestureState.LETTING_GO})
"""The states in which a debounce is running."""
