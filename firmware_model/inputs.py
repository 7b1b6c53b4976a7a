"""What the world can do to a fob: everything `Device.handle` takes."""

from dataclasses import dataclass


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


Input = (
    Wake | Reset | Contact | Receive | Temperature | Charge | CellRemoved | CellInserted | CutArmed
)
