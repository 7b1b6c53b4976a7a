"""The pins: all that a program may use of the board, and what it may report to an observer.

A program gets `Pins` and a `ProgramObserver` and nothing else of the hardware (ARCHITECTURE §2.1).
Time does not pass inside an interrupt. When it returns, the processor sleeps until the next one.
"""

from enum import Enum, unique
from typing import Protocol

from firmware_model.effects import FobEvent


@unique
class ResetCause(Enum):
    """Why the processor started."""

    POWER_ON = "power on"
    """The supply came on, or the board was restarted."""
    BROWN_OUT = "brown-out"
    """The supply fell below what the processor needs while it ran."""


class FlashPins(Protocol):
    """The flash of the chip, by page number and byte offset (NVM §1)."""

    def program(self, page: int, offset: int, data: bytes) -> None:
        """Program `data`, whole words at a multiple of the word; bits only fall from 1 to 0."""

    def erase(self, page: int) -> None:
        """Set every bit of a page, and wear it once."""

    def read(self, page: int, offset: int, length: int) -> bytes:
        """Return `length` bytes; bits that a cut left undecided read at random."""


class Pins(Protocol):
    """What a chip has: contacts, RTC, display memory, flash, UART, ADC, reset cause, cycles."""

    @property
    def flash(self) -> FlashPins:
        """The flash of the chip."""

    @property
    def rtc_ns(self) -> int:
        """What the RTC counts, in nanoseconds of its own crystal since it last started."""

    def rtc_kept(self) -> bool:
        """Return whether the RTC has run without a break since `keep_rtc`."""

    def keep_rtc(self) -> None:
        """Set the RTC's oscillator flag, which a stop of the RTC clears."""

    def set_alarm(self, reading_ns: int | None) -> None:
        """Ask for `on_alarm` when the RTC reads `reading_ns`; None switches the alarm off."""

    def contact_closed(self, number: int = 0) -> bool:
        """Return whether contact `number` (from 0) reads closed; a contact bounces."""

    def drive(self, memory: bytes, *, upkeep_ppm: int | None = None) -> None:
        """Write the display memory, whose bits the glass maps to segments (`display.Glass`).

        Memory beyond `memory` is zero. The display is on from then on, whatever the bits;
        `b""` switches it off. `upkeep_ppm` is given for a picture without a time-out:
        how many millionths of the time the processor runs to keep it up to date (0: none).
        """

    def transmit(self, data: bytes) -> None:
        """Send bytes from the UART."""

    def measure_mv(self) -> int:
        """Return the cell's voltage under the test load, by the ADC; it costs that charge.

        A cell that does not bear the load resets the processor: the call does not return.
        """

    def take_reset_cause(self) -> ResetCause:
        """Return why the processor started; reading clears it to `POWER_ON`."""

    @property
    def supply_cycles(self) -> int | None:
        """How many cycles from now the supply fails; None where nobody has armed that."""

    def spend_cycles(self, count: int) -> None:
        """Let the processor run `count` cycles of its clock (`Mcu.clock_khz`), which costs charge.

        Where a cut was armed at one of them, the call does not return.

        Neither the RTC nor any deadline moves: a program that computes for long and lets time
        pass asks for an alarm at the end of it, as ours does.
        """


class ProgramObserver(Protocol):
    """What a program may report for traces; nothing on the board depends on it."""

    def on_event(self, event: FobEvent) -> None:
        """Take note of `event`."""

    def on_picture(self, text: str, moving_factor: int | None) -> None:
        """Take note of the meaning of the next `drive`, which follows at once: its text.

        `moving_factor` is the counter or step of a code, None for anything else.
        """
