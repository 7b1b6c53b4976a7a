"""The modes of the display, and what a touch or a time-out does in each: one table.

All transitions between modes are decided here; `mode_machine.py` carries the actions out.
"""

from enum import IntEnum, auto, unique


@unique
class Mode(IntEnum):
    """What the display shows."""

    DARK = auto()
    BUSY = auto()
    """A code is being computed; its moving factor is already durable."""
    NOTICE = auto()
    """A notice, before the code."""
    CODE = auto()
    ALWAYS = auto()
    """The display that never goes off shows the current code."""
    PAGE = auto()
    """One of the pages behind a long press."""
    MESSAGE = auto()
    """A text instead of a code: end of life, no clock."""
    ASKING = auto()
    """A text that asks for a press, which a host's command waits for."""
    FAILED = auto()
    """The error screen after a failed self-test; only a restart leads out."""


@unique
class Touch(IntEnum):
    """What changes the mode."""

    PRESS = auto()
    HOLD = auto()
    TIME_OVER = auto()


@unique
class Action(IntEnum):
    """What is to be done."""

    BEGIN_CODE = auto()
    """Take the next moving factor, make it durable, compute."""
    REVEAL_CODE = auto()
    """Show the notice that is due, else the code."""
    SHOW_CODE = auto()
    PRESS_AGAIN = auto()
    """A press while a code is shown: do what the model prescribes."""
    END_PICTURE = auto()
    """Switch the display off: the time of what it shows is over."""
    PRESS_LONG = auto()
    """A long press: wake a sealed fob, else open the pages."""
    SHOW_NEXT_PAGE = auto()
    RESERVE_STEPS = auto()
    """The always-on display reserves its next steps."""
    CONFIRM = auto()
    """Let the command that asked go on."""
    GIVE_UP = auto()
    """Nobody pressed: the command that asked is refused."""


DARK, BUSY, NOTICE = Mode.DARK, Mode.BUSY, Mode.NOTICE
CODE, ALWAYS, PAGE = Mode.CODE, Mode.ALWAYS, Mode.PAGE
MESSAGE, ASKING, FAILED = Mode.MESSAGE, Mode.ASKING, Mode.FAILED
PRESS, HOLD, TIME_OVER = Touch.PRESS, Touch.HOLD, Touch.TIME_OVER
"""Names of their own: a press reads them, and through its class a member costs five calls."""

# An absent pair means: nothing happens.
TABLE: dict[tuple[Mode, Touch], Action] = {
    (Mode.DARK, Touch.PRESS): Action.BEGIN_CODE,
    (Mode.DARK, Touch.HOLD): Action.PRESS_LONG,
    (Mode.BUSY, Touch.TIME_OVER): Action.REVEAL_CODE,
    (Mode.NOTICE, Touch.TIME_OVER): Action.SHOW_CODE,
    (Mode.NOTICE, Touch.PRESS): Action.SHOW_CODE,
    (Mode.CODE, Touch.TIME_OVER): Action.END_PICTURE,
    (Mode.CODE, Touch.PRESS): Action.PRESS_AGAIN,
    (Mode.CODE, Touch.HOLD): Action.PRESS_LONG,
    (Mode.ALWAYS, Touch.TIME_OVER): Action.RESERVE_STEPS,
    (Mode.ALWAYS, Touch.HOLD): Action.PRESS_LONG,
    (Mode.PAGE, Touch.PRESS): Action.SHOW_NEXT_PAGE,
    (Mode.PAGE, Touch.TIME_OVER): Action.END_PICTURE,
    (Mode.MESSAGE, Touch.PRESS): Action.BEGIN_CODE,
    (Mode.MESSAGE, Touch.HOLD): Action.PRESS_LONG,
    (Mode.MESSAGE, Touch.TIME_OVER): Action.END_PICTURE,
    (Mode.ASKING, Touch.PRESS): Action.CONFIRM,
    (Mode.ASKING, Touch.TIME_OVER): Action.GIVE_UP,
}
