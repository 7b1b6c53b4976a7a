"""All inputs of a fob: everything that `Device.handle` takes."""

from dataclasses import dataclass, field
from enum import Enum, unique

from firmware_model.hardware.thermal import Course

DEFAULT_BAUD_RATE = 115_200
"""Bits a second on a line where nobody has set another rate."""


@dataclass(frozen=True, slots=True)
class Wake:
    """It is the instant in `wake_at`, or a later one."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The firmware starts again from flash; supply and RTC went on (the emulator restarted)."""


@dataclass(slots=True, unsafe_hash=True)
class ContactMoved:
    """The contact `number` (from 0) is pushed down (`closed`) or let go."""

    closed: bool
    number: int = 0


@dataclass(slots=True, unsafe_hash=True)
class Receive:
    """Bytes arrive at the UART.

    `pace` is how many times faster the fob's time runs than the sender's (1 or more); the line's
    time-outs are stretched by it. `baud_rate` is the line's, in bits
    a second (1 or more): the UART draws its current for as long as bytes take, 8N1.
    """

    data: bytes
    pace: int = 1
    baud_rate: int = DEFAULT_BAUD_RATE


@dataclass(frozen=True, slots=True)
class LineSignals:
    """The host sets the modem lines of the serial port (RS-232, RFC 2217).

    `data_terminal_ready` falls when a host hangs up. `breaking` is a BREAK that goes on.
    `baud_rate` is what the host has set its end to, in bits a second (1 or more).
    """

    data_terminal_ready: bool = True
    breaking: bool = False
    baud_rate: int = DEFAULT_BAUD_RATE


@dataclass(frozen=True, slots=True)
class Temperature:
    """The surroundings take a new temperature, in thousandths of a degree Celsius."""

    millicelsius: int


@dataclass(frozen=True, slots=True)
class TemperatureCourse:
    """The surroundings take a temperature that changes with the time of day, or by a table."""

    course: Course


@dataclass(frozen=True, slots=True)
class Charge:
    """The bench sets what is left in the coin cell, in thousandths of its capacity (0..1000)."""

    permille: int


@dataclass(frozen=True, slots=True)
class CellRemoved:
    """The supply is cut: firmware and RTC stop at once; flash stays. An armed cut is forgotten."""


@dataclass(frozen=True, slots=True)
class CellInserted:
    """The supply is back: the firmware boots, the RTC starts from nothing."""


@dataclass(frozen=True, slots=True)
class CutArmed:
    """Arm a power cut inside a coming flash operation.

    `operation` counts flash operations from now (1 = the next; 0 forgets a cut armed before);
    `permille` says how far into that operation the supply fails (0..1000).
    """

    operation: int
    permille: int


@dataclass(frozen=True, slots=True)
class ButtonStuck:
    """The key sticks, or is freed: while it sticks, its contact stays closed without a finger."""

    stuck: bool


@dataclass(frozen=True, slots=True)
class SegmentsBroken:
    """From now on exactly these segments never light.

    Pairs of (position from 0, segment 0..6 = a..g); () mends the display.
    """

    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class CycleCutArmed:
    """Arm a power cut when the processor has run `cycles` of its clock from now (0 disarms)."""

    cycles: int


@dataclass(frozen=True, slots=True)
class CrystalHalted:
    """The crystal stops, or swings again: the RTC's count stands meanwhile, and no alarm comes."""

    halted: bool


@dataclass(frozen=True, slots=True)
class FlashFlipped:
    """The bits of `mask` (1..255) in one byte of a flash page change by themselves."""

    page: int
    offset: int
    mask: int


@dataclass(frozen=True, slots=True)
class FlashWorn:
    """A flash page has come to its end: from the next erase on its bytes stay down, one by one."""

    page: int


BoardDamage = CutArmed | CycleCutArmed | SegmentsBroken | CrystalHalted | FlashFlipped | FlashWorn


@dataclass(frozen=True, slots=True)
class ClockShifted:
    """The time the fob believes in jumps by so many nanoseconds, forward (+) or back (-).

    As a wrong setting does; nothing happens to a fob without a time.
    """

    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Installed:
    """The app is installed afresh on the device `device_id` (1 to 64 printable ASCII characters).

    This and the three below are for soft tokens; a fob ignores them.
    """

    device_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The app's data is copied to another device, as a backup does."""

    device_id: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The user types the IDs from the bank's letter and the start password into the app.

    `random` is 32 bytes of the device's own random source, fresh each time.
    """

    service_id: str
    user_id: str
    start_password: str = field(repr=False)
    random: bytes = field(repr=False)


@unique
class AppTap(Enum):
    """The entries of the app's menu."""

    EXTEND = "extend"
    STOP = "stop"
    DELETE = "delete"
    LOGIN = "direct login"


@dataclass(frozen=True, slots=True)
class Tapped:
    """The user taps an entry of the app's menu."""

    tap: AppTap


AppInput = Installed | Moved | Typed | Tapped

Input = (
    Wake
    | Reset
    | ContactMoved
    | Receive
    | LineSignals
    | Temperature
    | TemperatureCourse
    | Charge
    | CellRemoved
    | CellInserted
    | BoardDamage
    | ButtonStuck
    | ClockShifted
    | AppInput
)
