"""Any maker's firmware image as a program on the board, behind the pins (docs/FIRMWARE.md §2).

Time that the program computes is time of the board: it runs in slices, and the RTC's alarm lets
it go on where a slice ended. So a loop that waits for a contact sees it move, and the cell pays
for every cycle.
"""

from collections import Counter
from functools import partial

from firmware_model.board_program import (
    BoardProgram,
    FactoryRecord,
    ProcessorReading,
    ProgramFactory,
    ProgramReport,
)
from firmware_model.datasheet.parts import FlashPart, Mcu
from firmware_model.effects import FobEvent
from firmware_model.factory_record import write_factory_record
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.processor.chip import Chip
from firmware_model.processor.exceptions import FaultRecord
from firmware_model.processor.image import FirmwareImage, program_memory
from firmware_model.processor.microcontroller import Microcontroller
from firmware_model.processor.translation import Function
from firmware_model.units import NS_PER_MS

SLICE_MS = 4
"""How far a program runs at a time: so late it can see a contact move while it computes."""

NOTES_MAX = 8
XPSR, SP = 3, 13
"""Of the special register (ARM DDI 0419, B5.1.1), and of the stack pointer."""


class ImageFirmware:
    """An image for a chip, ready to run on any number of boards, which share its code.

    Args:
        image: what a linker made.
        chip: the microcontroller that it is for.
        strict: whether touching a register that the chip does not have is a fault.

    Raises:
        BadInput: the image does not fit the chip.
    """

    def __init__(self, image: FirmwareImage, chip: Chip, *, strict: bool = False) -> None:
        self.image = image
        self.chip = chip
        self.strict = strict
        self.content = program_memory(image, chip)
        self.blocks: dict[int, Function] = {}

    def factory(self, mcu: Mcu, flash: FlashPart) -> ProgramFactory:
        """Return what makes this program on a board with these parts."""
        return partial(ImageProgram, firmware=self, mcu=mcu, flash=flash)


class ImageProgram(BoardProgram):
    """One image on one board, from a start of the supply on."""

    __slots__ = (
        "_chip",
        "_failure",
        "_faults_told",
        "_firmware",
        "_flash",
        "_mcu",
        "_observer",
        "_pins",
        "_resets_told",
    )

    def __init__(
        self,
        pins: Pins,
        observer: ProgramObserver,
        *,
        firmware: ImageFirmware,
        mcu: Mcu,
        flash: FlashPart,
    ) -> None:
        self._pins = pins
        self._observer = observer
        self._firmware = firmware
        self._mcu = mcu
        self._flash = flash
        self._chip: Microcontroller | None = None
        self._resets_told = 0
        self._failure = ""
        self._faults_told = 0

    def write_factory_record(self, record: FactoryRecord) -> None:
        """Write what the factory knows into the last bytes of the data flash."""
        write_factory_record(record, self._pins, self._flash)

    def boot(self) -> None:
        """The supply is there: the chip starts from its vectors."""
        firmware = self._firmware
        self._chip = Microcontroller(
            firmware.chip,
            self._pins,
            firmware.content,
            firmware.blocks,
            clock_khz=self._mcu.clock_khz,
            flash=self._flash,
            strict=firmware.strict,
        )
        self._resets_told = self._faults_told = 0
        self._observer.on_event(FobEvent.BOOTED)
        self._run()

    def on_contact(self, number: int) -> None:
        """A contact moved: the GPIO's interrupt."""
        if self._chip is not None:
            self._chip.on_contact(number)
            self._run()

    def on_alarm(self) -> None:
        """The instant has come at which the chip goes on, or is woken by a counter."""
        self._run()

    def on_bytes(self, data: bytes, pace: int) -> None:  # noqa: ARG002 - the protocol's signature
        """Bytes came in: the UART's interrupt."""
        if self._chip is not None:
            self._chip.on_bytes(data)
            self._run()

    def on_signals(self, signals: LineSignals) -> None:
        """The modem lines moved: the UART's interrupt."""
        if self._chip is not None:
            self._chip.on_signals(
                ready=signals.data_terminal_ready,
                breaking=signals.breaking,
            )
            self._run()

    def shift_clock(self, nanoseconds: int) -> None:
        """Nothing: what an image believes of the time stands somewhere in its memory."""

    def on_app(self, act: AppInput) -> None:
        """Nothing: a chip has no apps."""

    def report(self) -> ProgramReport:
        """Return what is known of any program: what it did wrong, and where it stands."""
        read = None if self._chip is None else partial(self._read_processor, self._chip)
        return ProgramReport(notes=self.notes(), failure=self._failure, read_processor=read)

    def _read_processor(self, chip: Microcontroller) -> ProcessorReading:
        core = chip.core
        names = (*(f"r{number}" for number in range(13)), "sp", "lr")
        registers = (
            *zip(names, core.r, strict=True),
            ("pc", core.pc),
            ("xpsr", core.read_special(XPSR, core.r[SP])),
        )
        return ProcessorReading(registers, self._firmware.image.place(core.pc))

    def notes(self) -> tuple[str, ...]:
        """Return what the program did wrong, in words: faults, resets, unknown registers."""
        chip = self._chip
        if chip is None:
            return ()
        told = [self._fault_in_words(fault) for fault in chip.core.faults[:NOTES_MAX]]
        told += [f"reset: {why}" for why in chip.resets[:NOTES_MAX]]
        unknown = Counter(chip.bus.unknown).most_common(NOTES_MAX)
        told += [f"unknown register: {name}, {count} times" for name, count in unknown]
        if chip.halted:
            told.append(f"stopped: {chip.halted}")
        return tuple(told)

    def _fault_in_words(self, fault: FaultRecord) -> str:
        return f"fault in {self._firmware.image.place(fault.address)}: {fault.reason}"

    def _reset_in_words(self, chip: Microcontroller, why: str) -> str:
        """Return why the chip was reset: the first fault since the reset before, if one came."""
        faults = chip.core.faults[self._faults_told :]
        self._faults_told = len(chip.core.faults)
        return self._fault_in_words(faults[0]) if faults else why

    def _run(self) -> None:
        chip = self._chip
        if chip is None:
            return
        slice_cycles = SLICE_MS * NS_PER_MS * self._mcu.clock_khz // NS_PER_MS
        self._pins.set_alarm(chip.run(self._pins.rtc_ns, slice_cycles))
        while self._resets_told < len(chip.resets):
            self._failure = self._reset_in_words(chip, chip.resets[self._resets_told])
            self._resets_told += 1
            self._observer.on_event(FobEvent.PROGRAM_RESET)
            if chip.halted and self._resets_told == len(chip.resets):
                self._observer.on_event(FobEvent.PROGRAM_STOPPED)
