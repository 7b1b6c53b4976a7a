"""What the world can do to a fob: everything `Device.handle` takes."""

from dataclasses import dataclass

from firmware_model.hardware.thermal import Course


@dataclass(frozen=True, slots=True)
class Wake:
    """The instant the device asked for in `wake_at` has come, or a later one."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The firmware starts again from flash; supply and RTC went on (the emulator restarted)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The finger: the button's contact is pushed down (`closed`) or let go."""

    closed: bool


@dataclass(frozen=True, slots=True)
class Receive:
    """Bytes arrive at the UART."""

    data: bytes


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
    """The supply is cut: firmware and RTC stop at once; flash stays."""


@dataclass(frozen=True, slots=True)
class CellInserted:
    """The supply is back: the firmware boots, the RTC starts from nothing."""


@dataclass(frozen=True, slots=True)
class CutArmed:
    """Arm a power cut inside a coming flash operation.

    `operation` counts flash operations from now (1 = the next); `permille` says how far into
    that operation the supply fails (0..1000).
    """

    operation: int
    permille: int


@dataclass(frozen=True, slots=True)
class ButtonStuck:
    """The key sticks: its contact stays closed whatever the finger does, until it is freed."""

    stuck: bool


@dataclass(frozen=True, slots=True)
class SegmentsBroken:
    """From now on exactly these segments never light.

    Pairs of (position from 0, segment 0..6 = a..g); () mends the display.
    """

    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ClockShifted:
    """The time the fob believes in jumps by so many nanoseconds, forward (+) or back (-).

    As though somebody had set it wrong; nothing happens to a fob without the time.
    """

    nanoseconds: int


Input = (
    Wake
    | Reset
    | Contact
    | Receive
    | Temperature
    | TemperatureCourse
    | Charge
    | CellRemoved
    | CellInserted
    | CutArmed
    | ButtonStuck
    | SegmentsBroken
    | ClockShifted
)
