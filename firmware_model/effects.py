"""What a fob does to the world: everything `Device.handle` returns, in order."""

from dataclasses import dataclass, field
from enum import Enum, unique

from firmware_model.units import SimTime


@unique
class DarkReason(Enum):
    """Why a display shows nothing."""

    # Of the board.
    NO_CELL = "no cell"
    DEVICE_OFF = "device off"
    """The device on which a soft token runs has no power."""
    CELL_EMPTY = "cell empty"
    TOO_HOT = "too hot"
    """The whole glass is black."""
    TOO_COLD = "too cold"
    """Too faint to read: the picture takes its time in the cold."""
    CELL_LOW = "cell low"
    """Too faint to read: the supply is too low for the glass."""
    NOTHING_DRIVEN = "nothing driven"
    """The program says no reason."""
    # Of a state that lasts.
    NOT_INSTALLED = "not installed"
    NOT_ACTIVATED = "not activated"
    TERMINATED = "terminated"
    NO_SEED = "no seed"
    SEALED = "sealed"
    EXPIRED = "expired"
    # Of what happened last.
    COMPUTING = "computing"
    NOT_PRESSED = "not pressed"
    """No code was ever asked for."""
    RESTARTED = "restarted"
    """Nobody has pressed since the program started."""
    CODE_OVER = "code over"
    """The time for which a code is shown was over."""
    STEP_ENDED = "step ended"
    """The time step of the code ended."""
    MESSAGE_OVER = "message over"
    """The time for which a text or a page is shown was over, or the last page was paged on."""
    SWITCHED_OFF = "switched off"
    """A press while a code was shown switched it off."""
    STARTED_OVER = "started over"
    """The host or the user changed what the display depended on."""


@dataclass(frozen=True, slots=True)
class Darkness:
    """Why a display shows nothing, and since when (None: not known, or there is no instant)."""

    reason: DarkReason
    since: SimTime | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """What an eye sees on the display.

    `text` is one character a digit position, blanks included, "" when dark; `segments` has one
    bit pattern a position (bit 0 = a .. bit 6 = g); `bars` counts the lit step bars; `icons` names
    the lit icons; `contrast_percent` is 0 when dark. `dark` says why nothing can be read, and is
    None while something can.
    """

    text: str = ""
    segments: tuple[int, ...] = ()
    bars: int = 0
    icons: tuple[str, ...] = ()
    contrast_percent: int = 0
    dark: Darkness | None = None


@dataclass(frozen=True, slots=True)
class Gauges:
    """What the bench's meters read on a fob.

    `charge_permille` is what is truly left in the cell (0..1000), `open_mv` and `loaded_mv` its
    voltage idle and under the test load; `clock_unix` is the second the fob believes it is, None
    while its clock is not set; `clock_lag_ns` is what its crystal lost (+) or gained (-) since
    it was made; `erases` counts page erases.
    """

    charge_permille: int
    open_mv: int
    loaded_mv: int
    millicelsius: int
    running: bool
    clock_unix: int | None
    clock_lag_ns: int
    presses: int
    erases: tuple[int, ...]


@dataclass(slots=True, unsafe_hash=True)
class Persist:
    """Keep `image` under `key` so that it outlives any crash, before any later effect happens."""

    key: str
    image: bytes = field(repr=False)


@dataclass(slots=True, unsafe_hash=True)
class Transmit:
    """Bytes leave the UART."""

    data: bytes = field(repr=False)


@dataclass(slots=True, unsafe_hash=True)
class Shown:
    """The program drove the display with `text` ("" switched it off).

    `Device.face` says what can be read. `moving_factor` is the counter or step of a code, None for
    anything else; no display shows it: it is here so that the promise can be tested on moving
    factors (codes collide by chance).
    """

    text: str = field(repr=False)
    moving_factor: int | None = None


@unique
class FobEvent(Enum):
    """What happens to a fob, for traces and life plots."""

    BOOTED = "booted"
    PRESSED = "pressed"
    LOW_BATTERY = "low battery"
    EXPIRY_NOTICE = "expiry notice"
    EXPIRED = "expired"
    DIED = "died"
    BROWNED_OUT = "browned out"
    POWER_LOST = "power lost"
    SELF_TEST_FAILED = "self-test failed"
    ZEROISED = "zeroised"
    ACTIVATED = "activated"
    PRESS_IGNORED = "press ignored"
    """The program saw the press and did nothing: within the repeat guard, or still computing."""
    PROGRAM_RESET = "program reset"
    """The chip started the program afresh: it locked up, never slept, or asked for it."""
    PROGRAM_STOPPED = "program stopped"
    """Such a reset did not help, time and again: the chip stays in reset."""


@dataclass(slots=True, unsafe_hash=True)
class Happened:
    """An event of the fob, worth a line in a trace."""

    event: FobEvent


Effect = Persist | Transmit | Shown | Happened
