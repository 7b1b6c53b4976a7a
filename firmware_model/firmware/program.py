"""Our program: interrupts in, pins out. Boot, button, modes, screens, serial line.

It is driven by its interrupts, and keeps nothing in RAM that it could not do without after a reset.
"""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from firmware_model.board_program import BoardProgram, FactoryRecord, ProgramReport
from firmware_model.catalogue import Model
from firmware_model.datasheet.program import Notice
from firmware_model.effects import DarkReason, FobEvent
from firmware_model.firmware import always_on, modes, screens, selftest
from firmware_model.firmware.display import ProgramDisplay
from firmware_model.firmware.finger import Finger
from firmware_model.firmware.journal import WornOut
from firmware_model.firmware.line import UartLine
from firmware_model.firmware.modes import Action, Mode, Touch
from firmware_model.firmware.moving_factor import is_past, take_factor, until_step
from firmware_model.firmware.slots import Slot
from firmware_model.firmware.soft import WRONG_CLOCK, SoftApp
from firmware_model.firmware.timers import Timer, Timers
from firmware_model.firmware.token import Token
from firmware_model.generators import OtpKind
from firmware_model.hardware.pins import Pins, ProgramObserver, ResetCause
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SECONDS_PER_DAY
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle
from firmware_model.wire.objects import SelfTestResult

FLASH_WORN_SCREEN = 2


class Program(BoardProgram):
    """The firmware of one fob, running.

    `address` is the fob's HDLC address on its line, `alone` whether it is the only fob on it;
    `app` is what a soft token has beside the token, None in a fob.
    """

    __slots__ = (
        "_finger",
        "_loaded_mv",
        "_observer",
        "_page",
        "_shown",
        "_timers",
        "app",
        "display",
        "line",
        "model",
        "pins",
        "self_test",
        "token",
    )

    def __init__(
        self, pins: Pins, observer: ProgramObserver, model: Model, address: int, *, alone: bool
    ) -> None:
        self.pins = pins
        self._observer = observer
        self.model = model
        self.token = Token(pins, observer, model)
        self.app = SoftApp(self.token, model.app) if model.app else None
        self.line = UartLine(pins, self.token, self.app, address, alone=alone)
        self.self_test = SelfTestResult(0, 0)
        self.display = ProgramDisplay(pins, observer, self.token)
        self._timers = Timers(pins)
        self._finger = Finger(pins, observer, self._timers, model.button)
        self._shown = 0
        self._page = 0
        self._loaded_mv = 0

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
        self._compute()
        self._observer.on_event(FobEvent.BOOTED)
        if good and self.pins.take_reset_cause() is ResetCause.BROWN_OUT:
            self.token.log(ErrorCode.BROWN_OUT)
        if self.self_test.failed:
            self._observer.on_event(FobEvent.SELF_TEST_FAILED)
            if good:
                self.token.log(ErrorCode.SELF_TEST_FAILED)
            self._stop_at_error(self.self_test.failed.bit_length())
        self._light_always_on()

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
        if (timer := self._timers.take_due()) is not None:
            self._run(partial(self._TIMED[timer], self))
        else:
            self._timers.arm()

    def on_signals(self, signals: LineSignals) -> None:
        """The host moved the modem lines of the serial port."""
        self.line.take_signals(signals)
        self._timers.start_at(Timer.LINE, self.line.deadline_ns)
        self._timers.arm()

    def on_bytes(self, data: bytes, pace: int) -> None:
        """Bytes came in at the UART, from a sender whose time runs `pace` times slower."""
        if self.app is None or self.app.installed:
            self._run(partial(self._receive, data, pace))

    def _receive(self, data: bytes, pace: int) -> None:
        before = self.token.display_inputs()
        self.line.receive(data, pace)
        self._timers.start_at(Timer.LINE, self.line.deadline_ns)
        if self.token.display_inputs() != before:
            self._start_display_over()
            if self.app is not None:
                self.app.withdraw_request()
        self._show_app_text()

    def shift_clock(self, nanoseconds: int) -> None:
        """Shift the time that the fob believes."""
        self._run(partial(self.token.shift_clock, nanoseconds), self._start_display_over)

    def on_app(self, act: AppInput) -> None:
        """Take an act of a soft token's user at the device; a fob ignores it."""
        if self.app is not None:
            take = partial(self.app.take_input, act)
            self._run(take, self._start_display_over, self._show_app_text)

    def _run(self, *work: Callable[[], None]) -> None:
        """Do `work` in its order, then sleep until the next timer; stop where flash is worn."""
        try:
            for part in work:
                part()
        except WornOut:
            self.token.log_worn_flash()
            self._stop_at_error(FLASH_WORN_SCREEN)
        self._timers.arm()

    # Reports --------------------------------------------------------------------------------

    def report(self) -> ProgramReport:
        """Return what the program knows of itself."""
        return ProgramReport(
            unix_ns=self.token.unix_ns(),
            presses=self.token.presses,
            dark_reason=self.display.why_dark(self.app),
            device_id="" if self.app is None else self.app.device_id,
            guarded_until_ns=self._finger.guarded_until_ns,
        )

    def picture_at(self, rtc_ns: int) -> bytes | None:
        """Return the display memory with the code and the step bars of that RTC reading."""
        return self.display.picture_at(rtc_ns)

    def picture_changes_at(self, rtc_ns: int) -> int | None:
        """Return the RTC reading at which the always-on display goes on to its next step."""
        return self.display.picture_changes_at(rtc_ns)

    # Modes --------------------------------------------------------------------------------------

    def _sample_contact(self) -> None:
        holds_matter = bool(self.model.pages.show) or self.token.is_sealed
        self._touch(self._finger.sample(on_release=holds_matter))

    def _end_hold(self) -> None:
        self._touch(self._finger.end_hold())

    def _end_screen(self) -> None:
        self._touch(Touch.TIME_OVER)

    def _run_line(self) -> None:
        self.line.run_due()
        self._timers.start_at(Timer.LINE, self.line.deadline_ns)

    def _touch(self, touch: Touch | None) -> None:
        if touch is None:
            return
        action = modes.TABLE.get((self.display.mode, touch))
        if action is not None:
            self._ACTIONS[action](self)
        elif touch is Touch.PRESS and self.display.mode is Mode.BUSY:
            self._observer.on_event(FobEvent.PRESS_IGNORED)

    def _begin_code(self) -> None:
        """Choose what a press leads to: a code, a message, or nothing."""
        token = self.token
        if self.app is not None and (blocked := self.app.blocking_text()) is not None:
            self._show_message(blocked)
            return
        slot = token.first_slot()
        if slot is None or token.is_sealed or token.life_cycle is LifeCycle.TERMINATED:
            return
        # Measured before anything is stored: a cell too weak for the test load costs no code.
        self._loaded_mv = self.pins.measure_mv()
        blocked = token.expire() if token.is_over() else self._take_factor(slot, press=1)
        if blocked is not None:
            self._show_message(blocked)
            return
        self._compute()
        self.display.mode = Mode.BUSY
        self._timers.start(Timer.SCREEN, self.model.mcu.compute_ms * NS_PER_MS)

    def _take_factor(self, slot: Slot, *, press: int) -> str | None:
        """Make the next moving factor durable; return the text shown instead of a code, if any."""
        taken = take_factor(self.token, slot, press=press)
        if isinstance(taken, str):
            return taken
        self.display.slot, self._shown = slot, taken
        return None

    def _compute(self) -> None:
        mcu = self.model.mcu
        self.pins.spend_cycles(mcu.compute_ms * mcu.clock_khz)

    def _reveal_code(self) -> None:
        due = screens.notices_due(self.token, self._loaded_mv)
        low = any(notice.about_supply for notice in due)
        if self.token.mark(Condition.LOW_BATTERY, on=low) and low:
            self._observer.on_event(FobEvent.LOW_BATTERY)
        if not due:
            self._show_code()
            return
        if due[0].quantity == "days_to_expiry":
            self._observer.on_event(FobEvent.EXPIRY_NOTICE)
        self._show_notice(due[0])

    def _show_notice(self, notice: Notice) -> None:
        self.display.mode = Mode.NOTICE
        self.display.show(screens.notice_text(self.token, notice, self._loaded_mv))
        self._timers.start(Timer.SCREEN, notice.show_ms * NS_PER_MS)

    def _show_code(self) -> None:
        slot = self.display.slot
        assert slot is not None, "a code is shown after it was begun"
        past = is_past(self.token, slot, self._shown)
        if past and (blocked := self._take_factor(slot, press=0)) is not None:
            self._show_message(blocked)
            return
        self.display.mode = Mode.CODE
        self.display.show(slot.code(self._shown), moving_factor=self._shown)
        duration = self.model.screen.code_ms * NS_PER_MS
        if self._ends_with_step(slot):
            duration = until_step(self.token, slot, self._shown + 1)
        self._timers.start(Timer.SCREEN, duration)

    def _ends_with_step(self, slot: Slot) -> bool:
        return slot.kind is OtpKind.TOTP and self.model.screen.until == "step"

    def _press_again(self) -> None:
        match self.model.button.second_press:
            case "next":
                self._begin_code()
            case "off":
                self._switch_off(DarkReason.SWITCHED_OFF)
            case "same":
                self._show_code()

    def _end_picture(self) -> None:
        """The time of a code, a page or a message is over."""
        reason = DarkReason.MESSAGE_OVER
        if self.display.mode is Mode.CODE:
            by_step = self.display.slot is not None and self._ends_with_step(self.display.slot)
            reason = DarkReason.STEP_ENDED if by_step else DarkReason.CODE_OVER
        self._switch_off(reason)

    def _switch_off(self, reason: DarkReason) -> None:
        self._timers.stop(Timer.SCREEN)
        self.display.switch_off(reason)
        self._light_always_on()

    def _start_display_over(self) -> None:
        """What the display depends on has changed: show nothing that came from before."""
        if self.display.mode is Mode.DARK:
            self._light_always_on()
        elif self.display.mode is not Mode.FAILED:
            self._switch_off(DarkReason.STARTED_OVER)

    def _show_app_text(self) -> None:
        """Show the app's message for its user, if there is one."""
        app = self.app
        if app is not None and app.message is not None:
            message, app.message = app.message, None
            if self.display.mode is not Mode.FAILED:
                self._show_message(message)

    def _press_long(self) -> None:
        token = self.token
        if token.is_sealed and token.first_slot() is not None:
            token.mark(Condition.IN_USE)
            self._observer.on_event(FobEvent.ACTIVATED)
            self._light_always_on()
            if self.display.mode is Mode.DARK:
                self._begin_code()
        elif self.app is not None and self.app.blocking_text() is not None:
            self._begin_code()
        elif self.model.pages.show and not token.is_sealed:
            self._page = -1
            self._show_next_page()

    def _show_next_page(self) -> None:
        texts = screens.pages(self.token, self.pins.measure_mv())
        self._page += 1
        if self._page >= len(texts):
            self._switch_off(DarkReason.MESSAGE_OVER)
            return
        self.display.mode = Mode.PAGE
        self.display.show(texts[self._page])
        self._timers.start(Timer.SCREEN, self.model.pages.page_ms * NS_PER_MS)

    def _show_message(self, text: str) -> None:
        if not text:
            self._switch_off(DarkReason.STARTED_OVER)
            return
        if self.app is not None and text == screens.NO_CLOCK:
            text = WRONG_CLOCK
        self.display.mode = Mode.MESSAGE
        self.display.show(screens.fit_letters(self.token, text))
        self._timers.start(Timer.SCREEN, self.model.screen.code_ms * NS_PER_MS)

    # The display that is always on --------------------------------------------------------------

    def _light_always_on(self) -> None:
        """Light the always-on display where the fob has what it needs."""
        slot = always_on.slot_to_show(self.token)
        if self.display.mode is Mode.DARK and slot is not None:
            self.display.slot, self.display.mode = slot, Mode.ALWAYS
            self._show_lasting(always_on.lasting_picture(self.token, slot, settled=False))

    def _reserve_steps(self) -> None:
        """The reserved steps have run out, or the last day has ended: choose what follows."""
        assert self.display.slot is not None, "an always-on display shows a slot"
        self._show_lasting(always_on.lasting_picture(self.token, self.display.slot, settled=True))

    def _show_lasting(self, picture: always_on.LastingPicture) -> None:
        """Show a code that follows its steps by itself, or a text, for as long as it lasts."""
        slot, factor = self.display.slot, picture.factor
        if slot is None or factor is None:
            self.display.slot, self.display.mode = None, Mode.MESSAGE if picture.text else Mode.DARK
            self.display.show(screens.fit_letters(self.token, picture.text), upkeep_ppm=0)
        else:
            upkeep_ppm = self.model.mcu.compute_ms * 1000 // slot.step_seconds
            self.display.show(slot.code(factor), moving_factor=factor, upkeep_ppm=upkeep_ppm)
        if picture.lasting_ns is None:
            self._timers.stop(Timer.SCREEN)
        else:
            self._timers.start(Timer.SCREEN, picture.lasting_ns)

    _TIMED: ClassVar[dict[Timer, Callable[["Program"], None]]] = {
        Timer.DEBOUNCE: _sample_contact,
        Timer.HOLD: _end_hold,
        Timer.SCREEN: _end_screen,
        Timer.LINE: _run_line,
    }

    _ACTIONS: ClassVar[dict[Action, Callable[["Program"], None]]] = {
        Action.BEGIN_CODE: _begin_code,
        Action.REVEAL_CODE: _reveal_code,
        Action.SHOW_CODE: _show_code,
        Action.PRESS_AGAIN: _press_again,
        Action.END_PICTURE: _end_picture,
        Action.PRESS_LONG: _press_long,
        Action.SHOW_NEXT_PAGE: _show_next_page,
        Action.RESERVE_STEPS: _reserve_steps,
    }

    def _stop_at_error(self, screen: int) -> None:
        """Stop at an error screen; only a restart leads out."""
        self.display.mode = Mode.FAILED
        self.display.slot = None
        self._timers.stop(Timer.SCREEN)
        self.display.show(screens.error_text(screen), upkeep_ppm=0)
