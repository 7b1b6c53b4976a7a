"""The program itself: interrupts in, pins out. Boot, button, modes, screens, serial line.

It is driven by its interrupts, and keeps nothing in RAM that it could not do without after a reset.
"""

from collections.abc import Callable
from typing import ClassVar

from firmware_model.catalogue import Model
from firmware_model.datasheet.program import Notice
from firmware_model.effects import FobEvent, Happened
from firmware_model.firmware import always_on, modes, screens, selftest
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
from firmware_model.hardware.board import Board
from firmware_model.inputs import AppInput, LineSignals
from firmware_model.units import NS_PER_MS
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle
from firmware_model.wire.objects import SelfTestResult

FLASH_WORN_SCREEN = 2


class Program:
    """The firmware of one fob, running.

    `address` is the fob's HDLC address on its line, `alone` whether no other fob hangs on it;
    `mode` is what the display is at, `slot` the credential whose code it shows; `app` is what a
    soft token has beside the token, None in a fob.
    """

    __slots__ = (
        "_finger",
        "_loaded_mv",
        "_page",
        "_shown",
        "_timers",
        "app",
        "line",
        "mode",
        "model",
        "pins",
        "self_test",
        "slot",
        "token",
    )

    def __init__(self, pins: Board, model: Model, address: int, *, alone: bool) -> None:
        self.pins = pins
        self.model = model
        self.token = Token(pins, model)
        self.app = SoftApp(self.token, model.app) if model.app else None
        self.line = UartLine(self.token, self.app, address, alone=alone)
        self.self_test = SelfTestResult(0, 0)
        self.mode = Mode.DARK
        self._timers = Timers(pins)
        self._finger = Finger(pins, self._timers, model.button)
        self.slot: Slot | None = None
        self._shown = 0
        self._page = 0
        self._loaded_mv = 0

    # Interrupts ---------------------------------------------------------------------------------

    def boot(self) -> None:
        """Start from flash: self-test first, then whatever the display has to say unasked."""
        try:
            good = self._mount()
            self.self_test = self.line.self_test = selftest.run(flash_is_good=good)
            self.pins.compute(self.model.mcu.compute_ms)
            self._tell(FobEvent.BOOTED)
            if good and self.pins.take_brown_out():
                self.token.log(ErrorCode.BROWN_OUT)
            if self.self_test.failed:
                self._tell(FobEvent.SELF_TEST_FAILED)
                if good:
                    self.token.log(ErrorCode.SELF_TEST_FAILED)
                self._fail(self.self_test.failed.bit_length())
            self._wake_always_on()
        except WornOut:
            self._fail(FLASH_WORN_SCREEN)
        self._timers.arm()

    def _mount(self) -> bool:
        """Bring the token up; return whether its flash can be trusted, for reading and writing."""
        try:
            return self.token.mount()
        except WornOut:
            return False

    def on_edge(self) -> None:
        """The contact's pin changed."""
        self._finger.edge()
        self._timers.arm()

    def on_alarm(self) -> None:
        """The RTC reached the alarm: a timer is due. Where two are, the alarm rings again."""
        try:
            if (timer := self._timers.take_due()) is not None:
                self._RINGS[timer](self)
        except WornOut:
            self._fail(FLASH_WORN_SCREEN)
        self._timers.arm()

    def on_signals(self, signals: LineSignals) -> None:
        """The host moved the modem lines of the serial port."""
        self.line.take_signals(signals)
        self._timers.start_at(Timer.LINE, self.line.deadline_ns)
        self._timers.arm()

    def on_bytes(self, data: bytes, pace: int = 1) -> None:
        """Bytes came in at the UART, from a sender whose time runs `pace` times slower."""
        app = self.app
        if app is not None and not app.installed:
            return
        try:
            footing = self.token.footing()
            self.line.receive(data, self.pins, pace)
            self._timers.start_at(Timer.LINE, self.line.deadline_ns)
            if self.token.footing() != footing:
                self._start_over()
                if app is not None:
                    app.withdraw()
            self._speak()
        except WornOut:
            self._fail(FLASH_WORN_SCREEN)
        self._timers.arm()

    def on_clock_shift(self, nanoseconds: int) -> None:
        """Somebody moved the time the fob believes in."""
        try:
            self.token.shift_clock(nanoseconds)
            self._start_over()
        except WornOut:
            self._fail(FLASH_WORN_SCREEN)
        self._timers.arm()

    def on_app(self, act: AppInput) -> None:
        """The user of a soft token did something at his device; a fob has no such thing."""
        if self.app is None:
            return
        try:
            self.app.take(act)
            self._start_over()
            self._speak()
        except WornOut:
            self._fail(FLASH_WORN_SCREEN)
        self._timers.arm()

    # Modes --------------------------------------------------------------------------------------

    def _sample(self) -> None:
        holds_matter = bool(self.model.pages.show) or self.token.is_sealed
        self._touch(self._finger.sample(on_release=holds_matter))

    def _hold_over(self) -> None:
        self._touch(self._finger.hold_over())

    def _time_over(self) -> None:
        self._touch(Touch.TIME_OVER)

    def _line_silent(self) -> None:
        self.line.silent(self.pins)
        self._timers.start_at(Timer.LINE, self.line.deadline_ns)

    def _touch(self, touch: Touch | None) -> None:
        if touch is None:
            return
        action = modes.TABLE.get((self.mode, touch))
        if action is not None:
            self._ACTIONS[action](self)

    def _begin(self) -> None:
        """Choose what a press leads to: a code, a message, or nothing."""
        token = self.token
        if self.app is not None and (obstacle := self.app.obstacle()) is not None:
            self._message(obstacle)
            return
        slot = token.first_slot()
        if slot is None or token.is_sealed or token.life_cycle is LifeCycle.TERMINATED:
            return
        # First the cell must bear the test load: its last breath costs no code.
        self._loaded_mv = self.pins.measure_mv()
        obstacle = token.expire() if token.is_over() else self._take_factor(slot, press=1)
        if obstacle is not None:
            self._message(obstacle)
            return
        self.pins.compute(self.model.mcu.compute_ms)
        self.mode = Mode.BUSY
        self._timers.start(Timer.SCREEN, self.model.mcu.compute_ms * NS_PER_MS)

    def _take_factor(self, slot: Slot, *, press: int) -> str | None:
        """Make the next moving factor durable; return the message that stands in its way."""
        taken = take_factor(self.token, slot, press=press)
        if isinstance(taken, str):
            return taken
        self.slot, self._shown = slot, taken
        return None

    def _reveal(self) -> None:
        due = screens.notices_due(self.token, self._loaded_mv)
        low = any(notice.about_supply for notice in due)
        if self.token.mark(Condition.LOW_BATTERY, on=low) and low:
            self._tell(FobEvent.LOW_BATTERY)
        if not due:
            self._show_code()
            return
        if due[0].quantity == "days_to_expiry":
            self._tell(FobEvent.EXPIRY_NOTICE)
        self._show_notice(due[0])

    def _show_notice(self, notice: Notice) -> None:
        self.mode = Mode.NOTICE
        self.pins.show(screens.notice_text(self.token, notice, self._loaded_mv))
        self._timers.start(Timer.SCREEN, notice.show_ms * NS_PER_MS)

    def _show_code(self) -> None:
        slot = self.slot
        assert slot is not None, "a code is shown after it was begun"
        past = is_past(self.token, slot, self._shown)
        if past and (obstacle := self._take_factor(slot, press=0)) is not None:
            self._message(obstacle)
            return
        self.mode = Mode.CODE
        self.pins.show(slot.code(self._shown), moving_factor=self._shown)
        duration = self.model.screen.code_ms * NS_PER_MS
        if slot.kind is OtpKind.TOTP and self.model.screen.until == "step":
            duration = until_step(self.token, slot, self._shown + 1)
        self._timers.start(Timer.SCREEN, duration)

    def _again(self) -> None:
        match self.model.button.second_press:
            case "next":
                self._begin()
            case "off":
                self._go_dark()
            case "same":
                self._show_code()

    def _go_dark(self) -> None:
        self.mode = Mode.DARK
        self.slot = None
        self._timers.stop(Timer.SCREEN)
        self.pins.show("")
        self._wake_always_on()

    def _start_over(self) -> None:
        """What the display rests on has changed: show nothing that came from before."""
        if self.mode is Mode.DARK:
            self._wake_always_on()
        elif self.mode is not Mode.FAILED:
            self._go_dark()

    def _speak(self) -> None:
        """Show what the app has to say to its user, if anything."""
        app = self.app
        if app is not None and app.said is not None:
            said, app.said = app.said, None
            if self.mode is not Mode.FAILED:
                self._message(said)

    def _long(self) -> None:
        token = self.token
        if token.is_sealed and token.first_slot() is not None:
            token.mark(Condition.IN_USE)
            self._tell(FobEvent.ACTIVATED)
            self._wake_always_on()
            if self.mode is Mode.DARK:
                self._begin()
        elif self.app is not None and self.app.obstacle() is not None:
            self._begin()
        elif self.model.pages.show and not token.is_sealed:
            self._page = -1
            self._next_page()

    def _next_page(self) -> None:
        texts = screens.pages(self.token, self.pins.measure_mv())
        self._page += 1
        if self._page >= len(texts):
            self._go_dark()
            return
        self.mode = Mode.PAGE
        self.pins.show(texts[self._page])
        self._timers.start(Timer.SCREEN, self.model.pages.page_ms * NS_PER_MS)

    def _message(self, text: str) -> None:
        if not text:
            self._go_dark()
            return
        if self.app is not None and text == screens.NO_CLOCK:
            text = WRONG_CLOCK
        self.mode = Mode.MESSAGE
        self.pins.show(screens.lettered(self.token, text))
        self._timers.start(Timer.SCREEN, self.model.screen.code_ms * NS_PER_MS)

    # The display that is always on --------------------------------------------------------------

    def _wake_always_on(self) -> None:
        """Light the always-on display where the fob has what it needs."""
        if self.mode is Mode.DARK and (slot := always_on.slot_to_show(self.token)) is not None:
            self.slot, self.mode = slot, Mode.ALWAYS
            self._stand(always_on.stand(self.token, slot, settled=False))

    def _reserve(self) -> None:
        """Look again: the reserved steps have run out, or the last day has ended."""
        assert self.slot is not None, "an always-on display shows a slot"
        self._stand(always_on.stand(self.token, self.slot, settled=True))

    def _stand(self, stand: always_on.Stand) -> None:
        """Show a code that follows its steps by itself, or a text, until it is time to look."""
        slot, factor = self.slot, stand.factor
        if slot is None or factor is None:
            self.slot, self.mode = None, Mode.MESSAGE if stand.text else Mode.DARK
            self.pins.show(screens.lettered(self.token, stand.text), steady=True)
        else:
            busy_ppm = self.model.mcu.compute_ms * 1000 // slot.step_seconds
            self.pins.show(slot.code(factor), moving_factor=factor, steady=True, busy_ppm=busy_ppm)
        if stand.lasting_ns is None:
            self._timers.stop(Timer.SCREEN)
        else:
            self._timers.start(Timer.SCREEN, stand.lasting_ns)

    _RINGS: ClassVar[dict[Timer, Callable[["Program"], None]]] = {
        Timer.DEBOUNCE: _sample,
        Timer.HOLD: _hold_over,
        Timer.SCREEN: _time_over,
        Timer.LINE: _line_silent,
    }

    _ACTIONS: ClassVar[dict[Action, Callable[["Program"], None]]] = {
        Action.BEGIN: _begin,
        Action.REVEAL: _reveal,
        Action.SHOW_CODE: _show_code,
        Action.AGAIN: _again,
        Action.GO_DARK: _go_dark,
        Action.LONG: _long,
        Action.NEXT_PAGE: _next_page,
        Action.RESERVE: _reserve,
    }

    def _fail(self, screen: int) -> None:
        """Stop at an error screen; only a restart leads out."""
        self.mode = Mode.FAILED
        self.slot = None
        self._timers.stop(Timer.SCREEN)
        self.pins.show(screens.error(screen), steady=True)

    def _tell(self, event: FobEvent) -> None:
        self.pins.outbox.append(Happened(event))
