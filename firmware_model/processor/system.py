"""The system control space: SysTick, interrupts, sleep and reset (ARM DDI 0419, B3.2-4)."""

from typing import Protocol

from firmware_model.processor.exceptions import (
    FIRST_INTERRUPT,
    INTERRUPTS_MAX,
    NMI,
    PENDSV,
    SVCALL,
    SYSTICK,
    ExceptionState,
)
from firmware_model.processor.memory import Abort

SYSTICK_MAX = 0xFF_FFFF
CPUID = 0x410C_C601
"""What a Cortex-M0+ r0p1 says of itself."""

RESET_KEY = 0x05FA
_ALL = (1 << INTERRUPTS_MAX) - 1

CSR, RVR, CVR, CALIB = 0xE000_E010, 0xE000_E014, 0xE000_E018, 0xE000_E01C
ISER, ICER, ISPR, ICPR, IPR = 0xE000_E100, 0xE000_E180, 0xE000_E200, 0xE000_E280, 0xE000_E400
CPUID_AT, ICSR, VTOR, AIRCR, SCR, CCR = range(0xE000_ED00, 0xE000_ED18, 4)
SHPR2, SHPR3 = 0xE000_ED1C, 0xE000_ED20


class Processor(Protocol):
    """What the system control space needs of its core."""

    cycles: int
    limit: int
    exceptions: ExceptionState

    def pend(self, number: int) -> None:
        """Make an exception pending."""

    def request_reset(self) -> None:
        """Stop, since the program asked for a reset."""


class SystemRegisters:
    """The registers from 0xE000E000 on; SysTick counts the core's cycles whenever `count` asks."""

    def __init__(self, core: Processor) -> None:
        self._core = core
        self.reset()

    def reset(self) -> None:
        """Set everything as after a reset."""
        self.vectors = 0
        self.sleep_on_exit = False
        self.send_event_on_pend = False
        self._sleep_deep = 0
        self._control = 0
        self._reload = 0
        self.zero_at: int | None = None
        """The count of cycles at which SysTick reaches 0 next; None while it is off or empty."""
        self._value = 0
        self._wrapped = False

    @property
    def due_at(self) -> int | None:
        """The count of cycles at which SysTick becomes pending by itself; None for never."""
        return self.zero_at if self._control & 2 else None

    def count(self) -> None:
        """Let SysTick come to the core's count of cycles."""
        while self.zero_at is not None and self._core.cycles >= self.zero_at:
            self._wrapped = True
            if self._control & 2:
                self._core.pend(SYSTICK)
            if not self._reload:
                self.zero_at = None
                break
            missed = (self._core.cycles - self.zero_at) // (self._reload + 1)
            self.zero_at += (missed + 1) * (self._reload + 1)

    def read(self, address: int, size: int) -> int:
        """Return a register; words only."""
        word = address & ~3
        value = self._read_word(word)
        return value >> 8 * (address & 3) & (1 << 8 * size) - 1

    def write(self, address: int, size: int, value: int) -> None:
        """Take a register; words only."""
        if size != 4:
            raise Abort(f"{size} bytes written at {address:#010x}: words only")
        self._core.limit = 0  # it may be that an exception can be served now
        exceptions = self._core.exceptions
        match address:
            case 0xE000_E010:
                self._set_control(value & 7)
            case 0xE000_E014:
                self._reload = value & SYSTICK_MAX
            case 0xE000_E018:
                self._wrapped = False
                self._value = 0
                if self._control & 1:
                    self.zero_at = self._core.cycles + self._reload + 1 if self._reload else None
            case 0xE000_E100:
                exceptions.enabled |= _numbers(value)
            case 0xE000_E180:
                exceptions.enabled -= _numbers(value)
            case 0xE000_E200:
                for number in sorted(_numbers(value)):
                    self._core.pend(number)
            case 0xE000_E280:
                exceptions.pending -= _numbers(value)
            case 0xE000_ED04:
                self._set_pending(value)
            case 0xE000_ED08:
                self.vectors = value & 0xFFFF_FF00
            case 0xE000_ED0C:
                if value >> 16 == RESET_KEY and value & 4:
                    self._core.request_reset()
            case 0xE000_ED10:
                self.sleep_on_exit = bool(value & 2)
                self._sleep_deep = value & 4
                self.send_event_on_pend = bool(value & 16)
            case 0xE000_ED1C:
                exceptions.set_priority(SVCALL, value >> 24)
            case 0xE000_ED20:
                exceptions.set_priority(PENDSV, value >> 16 & 255)
                exceptions.set_priority(SYSTICK, value >> 24)
            case _ if 0 <= address - IPR < INTERRUPTS_MAX:
                for place in range(4):
                    number = FIRST_INTERRUPT + address - IPR + place
                    exceptions.set_priority(number, value >> 8 * place & 255)

    def _read_word(self, address: int) -> int:
        exceptions = self._core.exceptions
        match address:
            case 0xE000_E010:
                self.count()
                value = self._control | self._wrapped << 16
                self._wrapped = False
                return value
            case 0xE000_E014:
                return self._reload
            case 0xE000_E018:
                self.count()
                if self.zero_at is None:
                    return self._value
                return min(self.zero_at - self._core.cycles, self._reload)
            case 0xE000_E01C:
                return 0xC000_0000
            case 0xE000_E100 | 0xE000_E180:
                return _bits(exceptions.enabled)
            case 0xE000_E200 | 0xE000_E280:
                return _bits(exceptions.pending)
            case 0xE000_ED00:
                return CPUID
            case 0xE000_ED04:
                return self._pending_word()
            case 0xE000_ED08:
                return self.vectors
            case 0xE000_ED0C:
                return 0xFA05_0000
            case 0xE000_ED10:
                return self.sleep_on_exit << 1 | self._sleep_deep | self.send_event_on_pend << 4
            case 0xE000_ED14:
                return 0x208
            case 0xE000_ED1C:
                return exceptions.priority(SVCALL) << 24
            case 0xE000_ED20:
                return exceptions.priority(PENDSV) << 16 | exceptions.priority(SYSTICK) << 24
            case _ if 0 <= address - IPR < INTERRUPTS_MAX:
                first = FIRST_INTERRUPT + address - IPR
                return sum(exceptions.priority(first + place) << 8 * place for place in range(4))
        return 0

    def _set_control(self, value: int) -> None:
        self.count()
        was_on = self._control & 1
        if value & 1 and not was_on:
            left = self._value or self._reload + 1
            self.zero_at = self._core.cycles + left if self._reload else None
        elif not value & 1 and was_on and self.zero_at is not None:
            self._value = min(self.zero_at - self._core.cycles, self._reload)
            self.zero_at = None
        self._control = value

    def _set_pending(self, value: int) -> None:
        pending = self._core.exceptions.pending
        if value >> 31:
            self._core.pend(NMI)
        for number, on, off in ((PENDSV, 28, 27), (SYSTICK, 26, 25)):
            if value >> on & 1:
                self._core.pend(number)
            elif value >> off & 1:
                pending.discard(number)

    def _pending_word(self) -> int:
        exceptions = self._core.exceptions
        pending = exceptions.pending
        active = exceptions.active[-1] if exceptions.active else 0
        highest = exceptions.highest_pending() or 0
        interrupts = any(number >= FIRST_INTERRUPT for number in pending)
        return (
            active
            | highest << 12
            | interrupts << 22
            | (SYSTICK in pending) << 26
            | (PENDSV in pending) << 28
            | (NMI in pending) << 31
        )


def _numbers(word: int) -> set[int]:
    return {FIRST_INTERRUPT + bit for bit in range(INTERRUPTS_MAX) if word >> bit & 1}


def _bits(numbers: set[int]) -> int:
    return sum(1 << n - FIRST_INTERRUPT for n in numbers if n >= FIRST_INTERRUPT) & _ALL
