"""A chip on a board's pins: processor, memory, peripherals, and the time that cycles take."""

from firmware_model.datasheet.parts import FlashPart
from firmware_model.hardware.pins import Pins
from firmware_model.processor.chip import Chip
from firmware_model.processor.core import ASLEEP, Core
from firmware_model.processor.exceptions import FIRST_INTERRUPT, CoreStop
from firmware_model.processor.memory import Memory
from firmware_model.processor.path_reader import CYCLES_MAX
from firmware_model.processor.peripherals import (
    CAUSE_LOCK_UP,
    CAUSE_SOFTWARE,
    CAUSE_WATCHDOG,
    KINDS,
    FlashPeripheral,
    GpioPeripheral,
    UartPeripheral,
    cause_of,
)
from firmware_model.processor.register_bus import RegisterBus
from firmware_model.processor.translation import Function

NS_PER_MS = 1_000_000
RESETS_MAX = 3
"""So many resets for a fault without any sleep between them, and the chip stays in reset."""


class Microcontroller:
    """One chip, from the moment the supply comes.

    Cycles and the RTC run together from then on. `halted` says why the chip stays in reset, ""
    while it does not; `resets` tells each reset of its own, in words.

    Args:
        chip: what it is.
        pins: the board's.
        content: its program memory.
        blocks: code already translated; many chips with one image share it.
        clock_khz: how fast the processor runs.
        flash: the data flash: its pages and words, and how long operations take.
        strict: whether touching a register that the chip does not have is a fault.
    """

    def __init__(
        self,
        chip: Chip,
        pins: Pins,
        content: bytes,
        blocks: dict[int, Function],
        *,
        clock_khz: int,
        flash: FlashPart,
        strict: bool,
    ) -> None:
        self.pins = pins
        self.clock_khz = clock_khz
        self.page_bytes = flash.page_bytes
        self.pages = flash.pages
        self.word_bytes = flash.word_bytes
        self.program_us = flash.program_us
        self.erase_us = flash.erase_us
        self.cause = cause_of(pins.take_reset_cause())
        self.halted = ""
        self.resets: list[str] = []
        self._chip = chip
        self._started_ns = pins.rtc_ns
        self._resets_in_a_row = 0
        self._fed_at = 0
        self._stalled = False
        self._make_peripherals()
        self.bus = RegisterBus(
            chip,
            self._peripherals,
            pins.flash,
            page_bytes=flash.page_bytes,
            pages=flash.pages,
            strict=strict,
        )
        alias = 0 if chip.program_start == 0 else chip.program_start
        memory = Memory(
            {chip.program_start: content}, chip.ram_start, chip.ram_size, self.bus, alias=alias
        )
        self.core = Core(memory, blocks)
        self.bus.on_write = self.core.stop_soon
        self.bus.before_flash_read = self._finish_flash

    def _make_peripherals(self) -> None:
        made = {block.name: KINDS[block.kind](self) for block in self._chip.blocks}
        self._peripherals = made
        every = tuple(made.values())
        self._timed = tuple(each for each in every if each.IS_TIMED)
        self._contacts = tuple(each for each in every if isinstance(each, GpioPeripheral))
        self._uarts = tuple(each for each in every if isinstance(each, UartPeripheral))
        self._flashes = tuple(each for each in every if isinstance(each, FlashPeripheral))
        self._interrupts = [
            (made[block.name], FIRST_INTERRUPT + block.interrupt)
            for block in self._chip.blocks
            if block.interrupt is not None
        ]

    # What peripherals need (`ChipServices`) -----------------------------------------------------

    @property
    def cycles(self) -> int:
        """The count of processor cycles since the supply came."""
        return self.core.cycles

    @property
    def rtc_ns(self) -> int:
        """What the RTC counts at this cycle."""
        return self._started_ns + self.core.cycles * NS_PER_MS // self.clock_khz

    def cycles_at(self, rtc_ns: int) -> int:
        """Return the first count of cycles at which the RTC has reached `rtc_ns`."""
        return -(-(rtc_ns - self._started_ns) * self.clock_khz // NS_PER_MS)

    def stall(self, cycles: int) -> int:
        """Let the processor stand still for so many cycles; return the count afterwards."""
        self._stalled = True
        self.core.cycles += cycles
        self.core.stop_soon()
        return self.core.cycles

    def feed_watchdog(self) -> None:
        """Start the watchdog's time afresh; it counts the cycles that are not slept."""
        self._fed_at = self.core.cycles - self.core.slept

    def send_waiting_bytes(self) -> None:
        """Let the UARTs send what they hold."""
        for uart in self._uarts:
            uart.send()

    # What the program's board tells it ----------------------------------------------------------

    def on_contact(self, number: int) -> None:
        """A contact moved."""
        for gpio in self._contacts:
            gpio.on_contact(number)
        self._raise_interrupts()

    def on_bytes(self, data: bytes) -> None:
        """Bytes came in at the UART."""
        for uart in self._uarts:
            uart.on_bytes(data)
        self._raise_interrupts()

    def on_signals(self, *, ready: bool, breaking: bool) -> None:
        """The host moved its modem lines."""
        for uart in self._uarts:
            uart.on_signals(ready=ready, breaking=breaking)
        self._raise_interrupts()

    def _finish_flash(self) -> None:
        for flash in self._flashes:
            flash.finish()

    # Running ------------------------------------------------------------------------------------

    def run(self, now_ns: int, slice_cycles: int) -> int | None:
        """Run from the RTC's reading `now_ns` on, for so many cycles or until the chip sleeps.

        Returns the RTC reading at which it wants to run again, None for never by itself. Where it
        has run beyond `now_ns` already, it only says when its time comes.
        """
        core = self.core
        if self.halted:
            return None
        here = self.cycles_at(now_ns)
        if core.cycles > here:
            return self._next_ns()
        if core.asleep:
            core.slept += here - core.cycles
            core.cycles = here
        start, slept = core.cycles, core.slept
        until = core.cycles + slice_cycles
        fails_at = self._supply_fails_at()
        if fails_at is not None:
            until = min(until, fails_at)
        while not self.halted:
            due = self._do_what_is_due()
            if core.cycles >= until:
                break
            self._stalled = False
            end = until if due is None else min(until, due)
            if fails_at is None:
                stop = core.run(end)
            elif core.cycles < fails_at - CYCLES_MAX:
                stop = core.run(min(end, fails_at - CYCLES_MAX))
            else:
                stop = core.run(end, exactly=True)
            if stop is ASLEEP and not self._stalled:
                self._resets_in_a_row = 0
                self.feed_watchdog()
                break
            if stop is CoreStop.LOCKED_UP:
                self._reset_for(CAUSE_LOCK_UP, core.faults[-1].reason)
            elif stop is CoreStop.RESET:
                self._reset_for(CAUSE_SOFTWARE, "the program asked for it")
            if core.cycles - core.slept - self._fed_at > self._chip.watchdog_ms * self.clock_khz:
                self._reset_for(CAUSE_WATCHDOG, "it has not slept or fed the watchdog in time")
            self._raise_interrupts()
            if self._stalled:  # what it stands still for happens then, and others see time pass
                break
        self.send_waiting_bytes()
        self.pins.spend_cycles(core.cycles - start - (core.slept - slept))
        return self._next_ns()

    def _supply_fails_at(self) -> int | None:
        """Return the count of cycles at which the supply fails, None where no cut was armed."""
        cycles = self.pins.supply_cycles
        return None if cycles is None else self.core.cycles + cycles

    def _next_ns(self) -> int | None:
        core = self.core
        if self.halted:
            return None
        if not core.asleep or core.exceptions.wakes():
            return self._ns_reaching(core.cycles)
        due = _earlier(self._due_at(), core.system.due_at)
        return None if due is None else self._ns_reaching(max(due, core.cycles))

    def _ns_reaching(self, cycles: int) -> int:
        """Return the first RTC reading at which that count of cycles has come."""
        return self._started_ns - (-cycles * NS_PER_MS // self.clock_khz)

    def _due_at(self) -> int | None:
        """Return the first count of cycles at which a peripheral does something by itself."""
        first = None
        for peripheral in self._timed:
            due = peripheral.due_at
            if due is not None and (first is None or due < first):
                first = due
        return first

    def _do_what_is_due(self) -> int | None:
        """Let peripherals do what is due; return the count of cycles at which the next one is."""
        due = self._due_at()
        while due is not None and due <= self.core.cycles:
            for peripheral in self._timed:
                if peripheral.due_at == due:
                    peripheral.on_due()
            self._raise_interrupts()
            due = self._due_at()
        return due

    def _raise_interrupts(self) -> None:
        for peripheral, number in self._interrupts:
            if peripheral.raised:
                peripheral.raised = False
                self.core.pend(number)

    def _reset_for(self, cause: int, why: str) -> None:
        """Reset the chip, or leave it in reset where that has not helped."""
        self.resets.append(why)
        self._resets_in_a_row += 1
        if self._resets_in_a_row > RESETS_MAX:
            self.halted = f"{RESETS_MAX} resets in a row did not help: {why}"
            self.core.stopped = CoreStop.LOCKED_UP
            return
        self.send_waiting_bytes()
        self.pins.drive(b"")
        self.cause = cause
        self._make_peripherals()
        self.bus.connect(self._peripherals)
        self.core.reset()
        self.feed_watchdog()


def _earlier(one: int | None, other: int | None) -> int | None:
    """Return the earlier of two counts of cycles, where there are any."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
