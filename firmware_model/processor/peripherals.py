"""What stands behind a chip's registers: a small set of peripherals bound to the board's pins.

Each kind has roles, one for each register that it can have; `ROLES` says how a program may use
it. docs/FIRMWARE.md §3 tells what each does.
"""

from collections import deque
from typing import ClassVar

from firmware_model.hardware.pins import ResetCause
from firmware_model.processor.counters import RtcPeripheral, TimerPeripheral
from firmware_model.processor.peripheral import ChipServices, Peripheral

UART_BYTES_MAX = 4096
"""Bytes that wait to be read; what comes beyond them is lost, as on a chip."""
UART_OUT_MAX = 4096
FEED_KEY = 0xFEED
PROGRAM_WORD, ERASE_PAGE = 1, 2
CAUSE_POWER_ON, CAUSE_BROWN_OUT, CAUSE_WATCHDOG, CAUSE_SOFTWARE, CAUSE_LOCK_UP = 1, 2, 4, 8, 16


class GpioPeripheral(Peripheral):
    """The contacts: levels, and edges that raise the interrupt."""

    ROLES: ClassVar = {"level": "r", "edges": "rw", "enable": "rw"}

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._edges = 0
        self._enabled = 0
        self._used = 1

    def on_contact(self, number: int) -> None:
        """A contact moved."""
        self._edges |= 1 << number
        self._used |= 1 << number
        self.raised = bool(self._edges & self._enabled)

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return levels (a bit a contact that has ever moved, 1 = closed), edges or the mask."""
        if role == "edges":
            return self._edges
        if role == "enable":
            return self._enabled
        level = 0
        for number in range(self._used.bit_length()):
            level |= self.services.pins.contact_closed(number) << number
        return level

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Clear edges where 1 is written, or take the mask."""
        if role == "edges":
            self._edges &= ~value
        else:
            self._enabled = value
            self.raised = bool(self._edges & self._enabled)


class DisplayPeripheral(Peripheral):
    """The segment display: its memory, shown when a program says so."""

    ROLES: ClassVar = {"control": "rw", "memory": "rw"}

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._on = 0
        self._memory: dict[int, int] = {}

    def read(self, role: str, word: int) -> int:
        """Return whether it is on, or a word of its memory."""
        return self._on if role == "control" else self._memory.get(word, 0)

    def write(self, role: str, word: int, value: int) -> None:
        """Take a word of memory; control 1 shows the memory as it is now, 0 switches off."""
        if role == "memory":
            self._memory[word] = value
            return
        self.services.send_waiting_bytes()
        was_on, self._on = self._on, value & 1
        if self._on:
            words = max(self._memory, default=0) + 1
            memory = b"".join(self._memory.get(n, 0).to_bytes(4, "little") for n in range(words))
            self.services.pins.drive(memory.rstrip(b"\0") or b"\0")
        elif was_on:
            self.services.pins.drive(b"")


class FlashPeripheral(Peripheral):
    """Programs words and erases pages of the data flash; the processor stands still meanwhile."""

    ROLES: ClassVar = {
        "address": "rw",
        "command": "w",
        "status": "rw",
        "data": "rw",
        "page_bytes": "r",
        "pages": "r",
        "word_bytes": "r",
    }
    IS_TIMED: ClassVar = True

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._address = 0
        self._error = 0
        self._data = [0, 0, 0, 0]
        self._begun: tuple[int, int, int, bytes] | None = None

    def read(self, role: str, word: int) -> int:
        """Return a register, or the geometry of the flash."""
        self.finish()
        match role:
            case "address":
                return self._address
            case "status":
                return self._error << 1
            case "data":
                return self._data[word] if word < len(self._data) else 0
            case "page_bytes":
                return self.services.page_bytes
            case "pages":
                return self.services.pages
        return self.services.word_bytes

    def write(self, role: str, word: int, value: int) -> None:
        """Take an address within the data flash, data, or a command."""
        match role:
            case "address":
                self._address = value
            case "data" if word < len(self._data):
                self._data[word] = value
            case "status":
                self._error = 0
            case "command":
                self._command(value)

    def _command(self, value: int) -> None:
        services = self.services
        page, offset = divmod(self._address, services.page_bytes)
        aligned = not offset % services.word_bytes
        if page >= services.pages or not aligned or value not in (PROGRAM_WORD, ERASE_PAGE):
            self._error = 1
            return
        self.finish()
        data = b"".join(each.to_bytes(4, "little") for each in self._data)
        self._begun = (value, page, offset, data[: services.word_bytes])
        lasts_us = services.erase_us if value == ERASE_PAGE else services.program_us
        self.due_at = services.stall(lasts_us * services.clock_khz // 1000)

    def on_due(self) -> None:
        """The time that the operation takes is over."""
        self.finish()

    def finish(self) -> None:
        """Do what was begun; the supply may fail within it."""
        self.due_at = None
        if self._begun is None:
            return
        (command, page, offset, data), self._begun = self._begun, None
        self.services.send_waiting_bytes()
        if command == ERASE_PAGE:
            self.services.pins.flash.erase(page)
        else:
            self.services.pins.flash.program(page, offset, data)


class UartPeripheral(Peripheral):
    """The serial port: bytes in and out, and the host's modem lines."""

    ROLES: ClassVar = {"data": "rw", "status": "r", "control": "rw", "signals": "r"}

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._received: deque[int] = deque(maxlen=UART_BYTES_MAX)
        self._control = 0
        self._signals = 1
        self._out = bytearray()

    def on_bytes(self, data: bytes) -> None:
        """Bytes came in."""
        room = UART_BYTES_MAX - len(self._received)
        self._received.extend(data[:room])
        self.raised = bool(self._control & 1)

    def on_signals(self, *, ready: bool, breaking: bool) -> None:
        """The host moved its modem lines."""
        self._signals = int(ready) | int(breaking) << 1
        self.raised = bool(self._control & 2)

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the next byte (0 where there is none), or what there is to know."""
        match role:
            case "data":
                return self._received.popleft() if self._received else 0
            case "status":
                return int(bool(self._received)) | 2
            case "control":
                return self._control
        return self._signals

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Send a byte, or choose what raises the interrupt."""
        if role == "control":
            self._control = value & 3
            self.raised = bool(value & 1 and self._received)
            return
        self._out.append(value & 255)
        if len(self._out) >= UART_OUT_MAX:
            self.send()

    def send(self) -> None:
        """Send what was written."""
        if self._out:
            data, self._out = bytes(self._out), bytearray()
            self.services.pins.transmit(data)


class AdcPeripheral(Peripheral):
    """Measures the cell under the test load."""

    ROLES: ClassVar = {"control": "w", "value": "r"}

    def __init__(self, services: ChipServices) -> None:
        super().__init__(services)
        self._value = 0

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the last measurement in millivolts."""
        return self._value

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Measure, where 1 is written."""
        if value & 1:
            self._value = self.services.pins.measure_mv()


class ResetPeripheral(Peripheral):
    """Why the processor started, and the watchdog."""

    ROLES: ClassVar = {"cause": "rw", "feed": "w"}

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the causes: power on 1, brown-out 2, watchdog 4, software 8, lock-up 16."""
        return self.services.cause

    def write(self, role: str, word: int, value: int) -> None:  # noqa: ARG002
        """Clear causes, or feed the watchdog by its key."""
        if role == "cause":
            self.services.cause &= ~value
        elif value == FEED_KEY:
            self.services.feed_watchdog()


class PowerPeripheral(Peripheral):
    """The clock that the processor runs at."""

    ROLES: ClassVar = {"clock_khz": "r"}

    def read(self, role: str, word: int) -> int:  # noqa: ARG002
        """Return the cycles of a millisecond."""
        return self.services.clock_khz


class PlainPeripheral(Peripheral):
    """Registers that keep what is written: the chip keeps them, there is nothing to do."""


KINDS: dict[str, type[Peripheral]] = {
    "gpio": GpioPeripheral,
    "rtc": RtcPeripheral,
    "lcd": DisplayPeripheral,
    "flash": FlashPeripheral,
    "uart": UartPeripheral,
    "adc": AdcPeripheral,
    "timer": TimerPeripheral,
    "reset": ResetPeripheral,
    "power": PowerPeripheral,
    "plain": PlainPeripheral,
}
"""The kinds of block that a chip's TOML may name."""


def cause_of(cause: ResetCause) -> int:
    """Return the bit of the board's reset cause."""
    return CAUSE_BROWN_OUT if cause is ResetCause.BROWN_OUT else CAUSE_POWER_ON
