"""Our program: interrupts in, pins out. Boot, button, modes, screens, serial line.

It is driven by its interrupts, and keeps nothing in RAM that it could not do without after a reset.
"""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from firmware_model.board_program import BoardProgram, FactoryRecord, ProgramReport
from firmware_model.catalogue import Model
from firmware_model.effects import FobEvent
from firmware_model.firmware import modes, selftest
from firmware_model.firmware.finger import Finger
from firmware_model.firmware.journal import WornOut
from firmware_model.firmware.line import UartLine
from firmware_model.firmware.mode_machine import ModeMachine
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.timers import LINE, Timers
from firmware_model.firmware.token import Token
from firmware_model.hardware.pins import Pins, ProgramObserver, ResetCause
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY
from firmware_model.wire.codes import ErrorCode
from firmware_model.wire.fob_link import LinePlace
from firmware_model.wire.objects import SelfTestResult

FLASH_WORN_SCREEN = 2


class Program(BoardProgram):
    """The firmware of one fob, running.

    `place` is where it is on its line; `app` is what a soft token has beside the token, None in a
    fob.
    """

    __slots__ = (
        "_finger",
        "_has_pages",
        "_observer",
        "_timers",
        "app",
        "line",
        "model",
        "modes",
        "pins",
        "self_test",
        "token",
    )

    def __init__(
        self, pins: Pins, observer: ProgramObserver, model: Model, place: LinePlace
    ) -> None:
        self.pins = pins
        self._observer = observer
        self.model = model
        self._has_pages = bool(model.pages.show)
        self.token = Token(pins, observer, model)
        self.app = SoftApp(self.token, model.app) if model.app else None
        self.line = UartLine(pins, self.token, self.app, place)
        self.self_test = SelfTestResult(0, 0)
        self._timers = Timers(pins)
        self._finger = Finger(pins, observer, self._timers, model.button)
        self.modes = ModeMachine(pins, observer, self.token, self.app, self._timers, self._decide)

    def write_factory_record(self, record: FactoryRecord) -> None:
        """Write the chip ID, the day of manufacture and the transport keys; install a soft token.

        A soft token has no transport keys: it takes the time of its device instead.
        """
        if self.model.app is None:
            made_days = record.made_at // (SECONDS_PER_DAY * NS_PER_SECOND)
            self.token.manufacture(record.chip_id, made_days, record.key_set)
        else:
            assert record.key_set is None, "a soft token has no transport keys"
            self.token.install_soft(record.chip_id, record.made_at)

    # Interrupts ---------------------------------------------------------------------------------

    def boot(self) -> None:
        """Start from flash: self-test first, then what the display shows without a press."""
        self._run(self._start)

    def _start(self) -> None:
        good = self._mount()
        self.self_test = self.line.self_test = selftest.run(flash_is_good=good)
        self.modes.compute()
        self._observer.on_event(FobEvent.BOOTED)
        if good and self.pins.take_reset_cause() is ResetCause.BROWN_OUT:
            self.token.log(ErrorCode.BROWN_OUT)
        if self.self_test.failed:
            self._observer.on_event(FobEvent.SELF_TEST_FAILED)
            if good:
                self.token.log(ErrorCode.SELF_TEST_FAILED)
            self.modes.stop_at_error(self.self_test.failed.bit_length())
        self.modes.light_always_on()

    def _mount(self) -> bool:
        """Read the token from flash; return whether flash can be trusted, read and written."""
        try:
            return self.token.mount()
        except WornOut:
            self.token.log_worn_flash()
            return False

    def on_contact(self, number: int) -> None:  # noqa: ARG002 - the fobs of the catalogue have one
        """The contact's pin changed."""
        self._finger.take_edge()
        self._timers.arm()

    def on_alarm(self) -> None:
        """The RTC reached the alarm: a timer is due. Where two are, the alarm rings again."""
        timer = self._timers.take_due()
        try:
            if timer is not None:
                self._ON_TIMER[timer](self)
        except WornOut:
            self._stop_worn()
        self._timers.arm()

    def on_signals(self, signals: LineSignals) -> None:
        """The host moved the modem lines of the serial port."""
        self._run(partial(self._drive, partial(self.line.take_signals, signals)))

    def on_bytes(self, data: bytes, pace: int) -> None:
        """Bytes came in at the UART, from a sender whose time runs `pace` times slower."""
        if self.app is None or self.app.installed:
            self._run(partial(self._drive, partial(self.line.receive, data, pace)))

    def shift_clock(self, nanoseconds: int) -> None:
        """Shift the time that the fob believes."""
        self._run(partial(self.token.shift_clock, nanoseconds), self.modes.start_over)

    def on_app(self, act: AppInput) -> None:
        """Take an act of a soft token's user at the device; a fob ignores it."""
        if self.app is not None:
            take = partial(self.app.take_input, act)
            self._run(take, self.modes.start_over, self.modes.show_app_text)

    def _run(self, *work: Callable[[], None]) -> None:
        """Do `work` in its order, then sleep until the next timer; stop where flash is worn."""
        try:
            for part in work:
                part()
        except WornOut:
            self._stop_worn()
        self._timers.arm()

    def _stop_worn(self) -> None:
        self.token.log_worn_flash()
        self.modes.stop_at_error(FLASH_WORN_SCREEN)

    # Reports --------------------------------------------------------------------------------

    def report(self) -> ProgramReport:
        """Return what the program knows of itself."""
        return ProgramReport(
            unix_ns=self.token.unix_ns(),
            presses=self.token.presses,
            dark_reason=self.modes.display.why_dark(self.app),
            device_id="" if self.app is None else self.app.device_id,
            guarded_until_ns=self._finger.guarded_until_ns,
        )

    def picture_at(self, rtc_ns: int) -> bytes | None:
        """Return the display memory with the code and the step bars of that RTC reading."""
        return self.modes.display.picture_at(rtc_ns)

    def picture_changes_at(self, rtc_ns: int) -> int | None:
        """Return the RTC reading at which the always-on display goes on to its next step."""
        return self.modes.display.picture_changes_at(rtc_ns)

    # Modes --------------------------------------------------------------------------------------

    def _sample_contact(self) -> None:
        holds_matter = self._has_pages or self.token.is_sealed
        touch = self._finger.sample(on_release=holds_matter)
        if touch is not None:
            self.modes.take(touch)

    def _end_hold(self) -> None:
        if self._finger.end_hold():
            self.modes.take(modes.HOLD)

    def _end_screen(self) -> None:
        self.modes.take(modes.TIME_OVER)

    def _run_line(self) -> None:
        self._drive(self.line.run_due)

    def _decide(self, pressed: bool) -> None:
        """The user has answered what a command asked, or has let it pass."""
        self._drive(partial(self.line.decide, pressed=pressed))

    def _drive(self, work: Callable[[], None]) -> None:
        """Let the line work, then bring timers and display after it."""
        before = self.token.display_inputs()
        work()
        self._timers.start_at(LINE, self.line.deadline_ns)
        if self.token.display_inputs() != before:
            self.modes.start_over()
            if self.app is not None:
                self.app.withdraw_request()
        if self.app is not None:
            self.modes.show_app_text()
        if (question := self.line.question) is not self.modes.question:
            self.modes.follow_question(question)

    _ON_TIMER: ClassVar[tuple[Callable[["Program"], None], ...]] = (
        _sample_contact,
        _end_hold,
        _end_screen,
        _run_line,
    )
    """By the number of the timer that is due."""
