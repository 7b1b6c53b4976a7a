"""A maker's core in a shared library as a program on the board, behind the pins (FIRMWARE §7).

Each interrupt is one message to the process that runs the libraries; the answer is what the core
did, in order, and that is then done on the pins. The core asks in the midst of a call for what only
the board knows: the cell's voltage, and flash that it has not read since it wrote it.
"""

import weakref
from contextlib import suppress
from dataclasses import dataclass

from emulator.firmware.library_process import LibraryCrash, LibraryProcess
from emulator.firmware.library_worker import (
    ACT,
    ALARM,
    ASK_PAGE,
    ASK_VOLTAGE,
    BOOT,
    BYTES,
    CONTACT,
    DONE,
    ERASE,
    PAGES,
    PROGRAM,
    REQUEST,
    SET_ALARM,
    SHOW,
    TRANSMIT,
)
from firmware_model.board_program import BoardProgram, FactoryRecord, ProgramFactory, ProgramReport
from firmware_model.catalogue import Model
from firmware_model.effects import FobEvent
from firmware_model.errors import BadInput
from firmware_model.factory_record import write_factory_record
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.units import NS_PER_SECOND

RTC_HZ = 32_768
WORD_BYTES = 4
ALARMS_MAX = 20_000
"""So many alarms without a rest between them, and the core is stopped: it never sleeps."""
REST_COUNTS = 32
"""What counts as a rest: about a millisecond."""
NOTES_MAX = 8
GIVEN_UP = bytes((0xFF,))
LAST = bytes((DONE,))


@dataclass(frozen=True, slots=True)
class LibraryFirmware:
    """A library, ready to run on any number of boards; `path` is its file."""

    path: str

    def factory(self, model: Model, process: LibraryProcess) -> ProgramFactory:
        """Return what makes this program on one board of `model`.

        Raises:
            BadInput: it cannot be loaded, or the board's flash is not for it.
        """
        if model.flash.word_bytes != WORD_BYTES:
            raise BadInput(
                f"{model.name}: words of {model.flash.word_bytes} bytes in its flash: a library"
                f" programs words of {WORD_BYTES} (flash_program of keyfob_hal.h)"
            )
        place = _LibraryPlace(self.path, model, process)

        def make(pins: Pins, observer: ProgramObserver) -> BoardProgram:
            return LibraryProgram(pins, observer, place)

        return make


class _LibraryPlace:
    """What one board's programs have at hand, restart by restart: the process, and their slot."""

    def __init__(self, path: str, model: Model, process: LibraryProcess) -> None:
        self.path = path
        self.process = process
        self.flash = model.flash
        self.contact_count = model.contact.count
        self.call_cycles = model.mcu.clock_khz
        """What a call costs of the cell: a millisecond of the processor."""
        self.library = process.load(path)
        self.slot = process.take_slot(self.library)
        weakref.finalize(self, process.release_slot, self.library, self.slot)

    def reload(self) -> None:
        """Load the library again where its process was started anew."""
        self.library = self.process.load(self.path)


class LibraryProgram(BoardProgram):
    """One core on one board, from a start of the supply on."""

    __slots__ = (
        "_alarms",
        "_epoch",
        "_failure",
        "_notes",
        "_observer",
        "_pins",
        "_place",
        "_rested_at",
        "_stopped",
    )

    def __init__(self, pins: Pins, observer: ProgramObserver, place: _LibraryPlace) -> None:
        self._pins = pins
        self._observer = observer
        self._place = place
        self._stopped = False
        self._failure = ""
        self._epoch = 0
        self._alarms = 0
        self._rested_at = 0
        self._notes: list[str] = []

    def write_factory_record(self, record: FactoryRecord) -> None:
        """Write what the factory knows into the last bytes of the data flash."""
        write_factory_record(record, self._pins, self._place.flash)

    def boot(self) -> None:
        """The supply is there: the core gets a context of zeros."""
        place = self._place
        self._observer.on_event(FobEvent.BOOTED)
        try:
            place.reload()
        except (BadInput, LibraryCrash) as error:
            self._stop(str(error))
            return
        self._epoch = place.process.epoch
        self._call(BOOT)

    def on_contact(self, number: int) -> None:
        """A contact moved."""
        self._call(CONTACT, number)

    def on_alarm(self) -> None:
        """The alarm's instant has come."""
        count = self._count
        self._alarms = self._alarms + 1 if count - self._rested_at < REST_COUNTS else 0
        self._rested_at = count
        if self._alarms > ALARMS_MAX:
            self._stop(f"never sleeps: {ALARMS_MAX:,} alarms with no millisecond between two")
            return
        self._call(ALARM)

    def on_bytes(self, data: bytes, pace: int) -> None:  # noqa: ARG002 - the protocol's signature
        """Bytes came in at the UART."""
        self._call(BYTES, payload=data)

    def on_signals(self, signals: LineSignals) -> None:
        """Nothing: keyfob_hal.h has no modem lines."""

    def shift_clock(self, nanoseconds: int) -> None:
        """Nothing: what a core believes of the time stands somewhere in its context."""

    def on_app(self, act: AppInput) -> None:
        """Nothing: a chip has no apps."""

    def report(self) -> ProgramReport:
        """Return what is known of any program: what it did wrong."""
        return ProgramReport(notes=tuple(self._notes), failure=self._failure)

    @property
    def _count(self) -> int:
        return self._pins.rtc_ns * RTC_HZ // NS_PER_SECOND

    def _call(self, kind: int, argument: int = 0, payload: bytes = b"") -> None:
        """Let the core handle one interrupt."""
        if self._stopped:
            return
        place, pins = self._place, self._pins
        if place.process.epoch != self._epoch:
            self._stop("its context was lost with the process that runs the libraries")
            return
        contacts = 0
        for number in range(place.contact_count):
            contacts |= pins.contact_closed(number) << number
        flash = place.flash
        message = REQUEST.pack(
            kind,
            place.library,
            place.slot,
            flash.page_bytes,
            self._count,
            contacts,
            pins.rtc_kept(),
            argument,
        )
        message += PAGES.pack(flash.pages) + payload
        try:
            self._converse(message)
        except LibraryCrash as crash:
            self._stop(str(crash))
            return
        pins.spend_cycles(place.call_cycles)

    def _converse(self, message: bytes) -> None:
        process = self._place.process
        kind, argument, acts = process.ask(message)
        while kind != DONE:
            try:
                self._do(acts)
                reply = self._answer(kind, argument)
            except BaseException:  # the supply has failed: the core comes to its end for nothing
                with suppress(LibraryCrash):
                    process.ask(GIVEN_UP)
                raise
            kind, argument, acts = process.ask(reply)
        self._do(acts)

    def _answer(self, kind: int, argument: int) -> bytes:
        if kind == ASK_VOLTAGE:
            return LAST + self._pins.measure_mv().to_bytes(4, "little")
        assert kind == ASK_PAGE, "the worker asks for a voltage or a page"
        return LAST + self._pins.flash.read(argument, 0, self._place.flash.page_bytes)

    def _do(self, acts: bytes) -> None:
        """Do on the pins what the core did, in its order."""
        pins, at = self._pins, 0
        while at < len(acts):
            kind, number, size = ACT.unpack_from(acts, at)
            at += ACT.size
            data = acts[at : at + size]
            at += size
            if kind == SET_ALARM:
                self._set_alarm(number)
            elif kind == SHOW:
                pins.drive(data.rstrip(b"\0") or b"\0" if data else b"")
            elif kind == TRANSMIT:
                pins.transmit(data)
            else:
                self._write_flash(kind, number, data)

    def _set_alarm(self, count: int) -> None:
        """Set the alarm; one that has been already comes at the next count."""
        if not count:
            self._pins.set_alarm(None)
            return
        count = max(count, self._count + 1)
        self._pins.set_alarm(-(-count * NS_PER_SECOND // RTC_HZ))

    def _write_flash(self, kind: int, address: int, data: bytes) -> None:
        flash = self._place.flash
        page, offset = divmod(address, flash.page_bytes)
        if page >= flash.pages or (kind == PROGRAM and offset % WORD_BYTES):
            what = "programs" if kind == PROGRAM else "erases"
            self._note(f"{what} flash at {address:#x}: not a word of its {flash.pages} pages")
        elif kind == PROGRAM:
            self._pins.flash.program(page, offset, data)
        else:
            assert kind == ERASE, "an act of the worker's list"
            self._pins.flash.erase(page)

    def _note(self, text: str) -> None:
        if len(self._notes) < NOTES_MAX and text not in self._notes:
            self._notes.append(text)

    def _stop(self, why: str) -> None:
        """Leave the chip in reset until its supply comes again."""
        self._stopped = True
        self._failure = f"the library {why}"
        self._notes.append(f"stopped: {self._failure}")
        self._pins.set_alarm(None)
        self._pins.drive(b"")
        self._observer.on_event(FobEvent.PROGRAM_STOPPED)
