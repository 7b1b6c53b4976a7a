"""What a fob does to the world: everything `Device.handle` returns, in order."""

from dataclasses import dataclass, field
from enum import Enum, unique


@dataclass(frozen=True, slots=True)
class Face:
    """What an eye sees on the display.

    `text` is one character a digit position, blanks included, "" when dark; `segments` has one
    bit pattern a position (bit 0 = a .. bit 6 = g); `bars` counts the lit step bars; `icons` names
    the lit icons; `contrast_percent` is 0 when dark. `dark_because` says in words why nothing is
    shown, and is "" while something is.
    """

    text: str = ""
    segments: tuple[int, ...] = ()
    bars: int = 0
    icons: tuple[str, ...] = ()
    contrast_percent: int = 0
    dark_because: str = ""


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


@dataclass(frozen=True, slots=True)
class Persist:
    """Keep `image` under `key` so that it outlives any crash, before any later effect happens."""

    key: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Transmit:
    """Bytes leave the UART."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """The firmware put `text` on the display ("" switched it off); `Device.face` says what is seen.

    `moving_factor` is the counter or step behind a code, None for anything else. No eye sees
    it: it is there so that the promise can be tested on moving factors (codes collide by chance).
    """

    text: str = field(repr=False)
    moving_factor: int | None = None


@unique
class FobEvent(Enum):
    """What can befall a fob, for traces and life plots."""

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


@dataclass(frozen=True, slots=True)
class Happened:
    """Something worth a line in a trace befell the fob."""

    event: FobEvent


Effect = Persist | Transmit | Shown | Happened
