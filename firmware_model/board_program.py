"""A program as the device runs it: what the factory writes, interrupts, and what it may answer.

Ours is `firmware.program.Program`; any other that follows `BoardProgram` runs on the same board
(ARCHITECTURE §2.1). Only the interrupts are required: a program that knows nothing of OTP keeps the
other methods as they are here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from firmware_model.effects import DarkReason
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import KeySet


@dataclass(frozen=True, slots=True)
class FactoryRecord:
    """What is written into one unit when it is made: chip ID (10 bytes), instant, transport keys.

    `key_set` None means the public test keys; a soft token has none. Address, `alone` and serial
    number are for programs that cannot be told later.
    """

    chip_id: bytes
    made_at: SimTime
    key_set: KeySet | None = None
    address: int = 1
    alone: bool = True
    serial_number: str = ""


class ProcessorReading(NamedTuple):
    """The registers of a processor by name, and where its program stands: function and line."""

    registers: tuple[tuple[str, int], ...]
    place: str


class ProgramReport(NamedTuple):
    """What a program says of itself when asked; a program that says nothing leaves the defaults.

    `unix_ns` is the time it believes, None while it has none; `presses` how many codes it was
    asked for; `dark_reason` why its display is off; `device_id` the device that a soft token
    is on; `guarded_until_ns` the RTC reading before which it ignores a press;
    `notes` what went wrong within the program, in words; `failure` why it was last reset or
    stopped; `read_processor` reads the processor that it runs on, None where no instructions are
    simulated.
    """

    unix_ns: int | None = None
    presses: int = 0
    dark_reason: DarkReason = DarkReason.NOTHING_DRIVEN
    device_id: str = ""
    guarded_until_ns: int = 0
    notes: tuple[str, ...] = ()
    failure: str = ""
    read_processor: Callable[[], ProcessorReading] | None = None


class BoardProgram(Protocol):
    """A program that runs on a board. Each method runs to its end, then the processor sleeps."""

    __slots__ = ()

    # Interrupts ---------------------------------------------------------------------------------

    def boot(self) -> None:
        """The processor starts; the program is fresh, and flash is as it was."""

    def on_contact(self, number: int) -> None:
        """Contact `number` moved, and may still bounce."""

    def on_alarm(self) -> None:
        """The RTC reached the alarm, which is off now."""

    def on_bytes(self, data: bytes, pace: int) -> None:
        """Bytes came in at the UART, from a sender whose time runs `pace` times slower."""

    def on_signals(self, signals: LineSignals) -> None:
        """The host moved the modem lines of the serial port."""

    # Optional -----------------------------------------------------------------------------------

    def write_factory_record(self, record: FactoryRecord) -> None:
        """Write into flash what the factory writes, before the first `boot`."""

    def report(self) -> ProgramReport:
        """Return what the program knows of itself; reads nothing that costs charge."""
        return ProgramReport()

    def picture_at(self, rtc_ns: int) -> bytes | None:  # noqa: ARG002 - the protocol's signature
        """Return the display memory as it is at that RTC reading, without having driven it.

        For pictures that change by themselves: they cost nothing until somebody looks. None
        where what was driven stands.
        """
        return None

    def picture_changes_at(self, rtc_ns: int) -> int | None:  # noqa: ARG002 - as above
        """Return the next RTC reading at which the text of `picture_at` is another, or None."""
        return None

    def shift_clock(self, nanoseconds: int) -> None:
        """Somebody moved the time the program believes in."""

    def on_app(self, act: AppInput) -> None:
        """The user of a soft token did something at his device."""


ProgramFactory = Callable[[Pins, ProgramObserver], BoardProgram]
"""Makes a fresh program for a board; called at every restart."""
