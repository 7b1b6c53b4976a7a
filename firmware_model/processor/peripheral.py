"""What every peripheral has: registers by role, an interrupt, and an instant of its own."""

from typing import ClassVar, Protocol

from firmware_model.hardware.pins import Pins


class ChipServices(Protocol):
    """What peripherals need of the chip around them."""

    pins: Pins
    page_bytes: int
    pages: int
    word_bytes: int
    program_us: int
    erase_us: int
    clock_khz: int
    cause: int

    @property
    def cycles(self) -> int:
        """The count of processor cycles now."""

    @property
    def rtc_ns(self) -> int:
        """What the RTC counts now."""

    def cycles_at(self, rtc_ns: int) -> int:
        """Return the first count of cycles at which the RTC has reached `rtc_ns`."""

    def stall(self, cycles: int) -> int:
        """Let the processor stand still for so many cycles; return the count afterwards."""

    def feed_watchdog(self) -> None:
        """The program says that it is well."""

    def send_waiting_bytes(self) -> None:
        """Let the UART send what it holds, before something else becomes visible."""


class Peripheral:
    """One peripheral: registers by role, and when it next does something by itself.

    `raised` is set where its interrupt is to become pending; the chip clears it. `due_at` is the
    count of cycles at which `on_due` is to be called, None for never.
    """

    ROLES: ClassVar[dict[str, str]] = {}
    """Its roles, and whether a program may read ("r") or write ("w") them."""

    IS_TIMED: ClassVar = False
    """Whether it ever has something due."""

    def __init__(self, services: ChipServices) -> None:
        self.services = services
        self.raised = False
        self.due_at: int | None = None

    def read(self, role: str, word: int) -> int:  # noqa: ARG002 - kinds differ
        """Return what is read of the register of that role, of its `word`-th word."""
        return 0

    def write(self, role: str, word: int, value: int) -> None:
        """Take what is written."""

    def on_due(self) -> None:
        """The count of cycles has reached `due_at`."""
