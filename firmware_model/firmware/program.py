"""The program itself: interrupts in, pins out. Boot, button, modes, timers, serial line.

It is driven by four interrupts, and keeps nothing in RAM that it could not do without after a reset.
"""

from enum import IntEnum, auto, unique

from firmware_model.catalogue import Model
from firmware_model.effects import Event, Happened
from firmware_model.firmware import gestures, modes, screens, selftest
from firmware_model.firmware.gestures import Gesture, Signal
from firmware_model.firmware.journal import WornOut
from firmware_model.firmware.modes import Action, Mode, Touch
from firmware_model.firmware.line import Line
from firmware_model.firmware.slots import EXHAUSTED, Slot, store_factor
from firmware_model.firmware.token import Token
from firmware_model.generators import Kind, step_start
from firmware_model.hardware.board import Board
from firmware_model.units import NS_PER_MS, NS_PER_SECOND
from firmware_model.wire.codes import Condition, ErrorCode, LifeCycle
from firmware_model.wire.objects import SelfTestResult

STEPS_RESERVED = 60
"""How many steps an always-on display makes durable at once, to spare the flash."""
FLASH_WORN_SCREEN = 2


@unique
class Timer(IntEnum):
    """What the one RTC alarm is shared by."""

    DEBOUNCE = auto()
    HOLD = auto()
    SCREEN = auto()
    LINE = auto()


class Program:
    """The firmware of one fob, running.

    `address` is the fob's HDLC address on its line, `alone` whether no other fob hangs on it.
    """

    __slots__ = (
        "_finger",
        "_guarded_until",
        "_low",
        "_page",
        "_shown",
        "_slot",
        "_timers",
        "events",
        "mode",
        "model",
        "pins",
        "line",
        "self_test",
        "token",
    )

    def __init__(self, pins: Board, model: Model, address: int, *, alone: bool) -> None:
        self.pins = pins
        self.model = model
        self.token = Token(pins, model)
        self.line = Line(self.token, address, alone=alone)
        self.self_test = SelfTestResult(0, 0)
        self.mode = Mode.DARK
        self._finger = gestures.State.UP
        self._guarded_until = 0
        self._timers: dict[Timer, int] = {}
        self._slot: Slot | None = None
        self._shown = 0
        self._page = 0
        self._low = False

    # Interrupts ---------------------------------------------------------------------------------

    def boot(self) -> None:
        """Start from flash: self-test first, then whatever the display has to say unasked."""
        good = self.token.mount()
        self.self_test = self.line.self_test = selftest.run(flash_is_good=good)
        self.pins.compute(self.model.mcu.compute_ms)
        self._tell(Event.BOOTED)
        if self.self_test.failed:
            self._tell(Event.SELF_TEST_FAILED)
            self.mode = Mode.FAILED
            self.pins.show(screens.error(self.self_test.failed.bit_length()), steady=True)
            return
        self._wake_always_on()
        self._arm()

    def on_edge(self) -> None:
        """The contact's pin changed."""
        self._signal(Signal.EDGE)
        self._arm()

    def on_alarm(self) -> None:
        """The RTC reached the alarm: run every timer that is due, earliest first."""
        now = self.pins.rtc_ns()
        due = sorted((at, timer.value, timer) for timer, at in self._timers.items() if at <= now)
        for _, _, timer in due:
            self._timers.pop(timer, None)
            self._fire(timer)
        self._arm()

    def on_bytes(self, data: bytes) -> None:
        """Bytes came in at the UART."""
        self._guard_flash(lambda: self.line.receive(data, self.pins))
        self._line_timer()
        self._wake_always_on()
        self._arm()

    # What an eye or a meter asks -----------------------------------------------------------------

    def current_text(self) -> str:
        """Return what the always-on display shows now, or what the latch holds."""
        if self.mode is not Mode.ALWAYS or self._slot is None:
            return self.pins.latch.text
        seconds = self.token.unix_seconds()
        assert seconds is not None, "an always-on display runs only with a clock"
        return self._slot.code(self._slot.step_at(seconds))

    def bars(self) -> int:
        """Return how many step bars stand now: all at a step's start, none at its end."""
        if self.mode not in (Mode.CODE, Mode.ALWAYS) or not self.model.screen.bars:
            return 0
        seconds = self.token.unix_seconds()
        if seconds is None or self._slot is None:
            return 0
        into = (seconds - self._slot.t0_seconds) % self._slot.step_seconds
        left = self._slot.step_seconds - into
        return -(-left * self.model.screen.bars // self._slot.step_seconds)

    def dark_because(self) -> str:
        """Return in words why nothing is shown."""
        token = self.token
        if token.life_cycle is LifeCycle.TERMINATED:
            return "the fob is terminated"
        if not token.present_slots():
            return "no seed is loaded"
        if token.is_sealed:
            return f"the fob is sealed: hold the button for {self.model.button.long_ms / 1000:g} s"
        if token.condition & Condition.EXPIRED:
            return "the fob has expired"
        if self.mode is Mode.BUSY:
            return "a code is being computed"
        return "nobody has pressed the button"

    # Button -------------------------------------------------------------------------------------

    def _signal(self, signal: Signal) -> None:
        before = self._finger
        self._finger, gesture = gestures.step(before, signal)
        if self._finger in gestures.SETTLING and before is not self._finger:
            self._start(Timer.DEBOUNCE, self.model.button.debounce_ms * NS_PER_MS)
        if gesture is None:
            return
        if gesture is Gesture.PUSH:
            self._start(Timer.HOLD, self.model.button.long_ms * NS_PER_MS)
            self._tell(Event.PRESSED)
        elif gesture is Gesture.RELEASE:
            self._timers.pop(Timer.HOLD, None)
        if gesture is Gesture.HOLD:
            self._touch(Touch.HOLD)
        elif gesture is (Gesture.RELEASE if self._long_presses_matter() else Gesture.PUSH):
            now = self.pins.rtc_ns()
            if now >= self._guarded_until:
                self._guarded_until = now + self.model.button.repeat_guard_ms * NS_PER_MS
                self._touch(Touch.PRESS)

    def _long_presses_matter(self) -> bool:
        """Whether a press can only be told from a hold when the finger comes up."""
        return bool(self.model.pages.show) or self.token.is_sealed

    # Modes --------------------------------------------------------------------------------------

    def _touch(self, touch: Touch) -> None:
        action = modes.TABLE.get((self.mode, touch))
        if action is not None:
            self._guard_flash(lambda: self._ACTIONS[action](self))

    def _begin(self) -> None:
        """Choose what a press leads to: a code, a message, or nothing."""
        token = self.token
        slot = next(iter(token.present_slots()), None)
        if slot is None or token.is_sealed or token.life_cycle is LifeCycle.TERMINATED:
            return
        if token.is_over():
            if not token.condition & Condition.EXPIRED:
                token.mark(Condition.EXPIRED)
                self._tell(Event.EXPIRED)
            self._message(self.model.life.end_text)
            return
        if slot.kind is Kind.HOTP:
            if slot.factor == EXHAUSTED:
                self._message(screens.NO_MORE)
                return
            factor = slot.factor
            store_factor(token.journal, slot, factor + 1, press=1)
        else:
            nanoseconds = token.unix_ns()
            ready = (nanoseconds or 0) + self.model.mcu.compute_ms * NS_PER_MS
            factor = slot.step_at(ready // NS_PER_SECOND)
            if nanoseconds is None or factor < max(0, slot.earliest_step):
                self._message(screens.NO_CLOCK)
                return
            store_factor(token.journal, slot, factor, press=1)
        self._slot, self._shown = slot, factor
        self.pins.compute(self.model.mcu.compute_ms)
        self.mode = Mode.BUSY
        self._start(Timer.SCREEN, self.model.mcu.compute_ms * NS_PER_MS)

    def _reveal(self) -> None:
        loaded_mv = self.pins.measure_mv()
        notice = screens.notice_due(self.token, loaded_mv)
        if notice is None:
            self._show_code()
            return
        if notice.quantity == "battery_percent" and not self._low:
            self._low = True
            self._tell(Event.LOW_BATTERY)
        elif notice.quantity == "days_to_expiry":
            self._tell(Event.EXPIRY_NOTICE)
        self.mode = Mode.NOTICE
        self.pins.show(screens.notice_text(self.token, notice, loaded_mv))
        self._start(Timer.SCREEN, notice.show_ms * NS_PER_MS)

    def _show_code(self) -> None:
        slot = self._slot
        assert slot is not None, "a code is shown after it was begun"
        self.mode = Mode.CODE
        self.pins.show(slot.code(self._shown), moving_factor=self._shown)
        duration = self.model.screen.code_ms * NS_PER_MS
        if slot.kind is Kind.TOTP and self.model.screen.until == "step":
            end = step_start(self._shown + 1, slot.step_seconds, slot.t0_seconds) * NS_PER_SECOND
            duration = max(0, end - (self.token.unix_ns() or 0))
        self._start(Timer.SCREEN, duration)

    def _again(self) -> None:
        match self.model.button.second_press:
            case "next":
                self._begin()
            case "off":
                self._go_dark()
            case "same":
                slot = self._slot
                stale = slot is not None and slot.kind is Kind.TOTP
                seconds = self.token.unix_seconds()
                if stale and slot and seconds and slot.step_at(seconds) != self._shown:
                    self._begin()
                else:
                    self._show_code()

    def _go_dark(self) -> None:
        self.mode = Mode.DARK
        self._slot = None
        self._timers.pop(Timer.SCREEN, None)
        self.pins.show("")
        self._wake_always_on()

    def _long(self) -> None:
        if self.token.is_sealed and self.token.present_slots():
            self.token.mark(Condition.IN_USE)
            self._tell(Event.ACTIVATED)
            self._begin()
            self._wake_always_on()
        elif self.model.pages.show and not self.token.is_sealed:
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
        self._start(Timer.SCREEN, self.model.pages.page_ms * NS_PER_MS)

    def _message(self, text: str) -> None:
        if not text:
            self._go_dark()
            return
        self.mode = Mode.MESSAGE
        self.pins.show(text)
        self._start(Timer.SCREEN, self.model.screen.code_ms * NS_PER_MS)

    def _reserve(self) -> None:
        """Make the next hour of steps durable before the always-on display reaches them."""
        token, slot = self.token, self._slot
        seconds = token.unix_seconds()
        over = token.is_over()
        if slot is None or seconds is None or over:
            if over and not token.condition & Condition.EXPIRED:
                token.mark(Condition.EXPIRED)
                self._tell(Event.EXPIRED)
            self._slot, self.mode = None, Mode.DARK
            self.pins.show("")
            return
        step = slot.step_at(seconds)
        if step + 1 > slot.factor or not slot.ahead:
            store_factor(token.journal, slot, step + STEPS_RESERVED, press=0, ahead=STEPS_RESERVED)
        self.pins.compute(self.model.mcu.compute_ms)
        self.pins.show(slot.code(step), moving_factor=step, steady=True)
        end = step_start(slot.factor, slot.step_seconds, slot.t0_seconds) * NS_PER_SECOND
        self._start(Timer.SCREEN, max(NS_PER_MS, end - (token.unix_ns() or 0)))

    def _wake_always_on(self) -> None:
        """Light the always-on display where the fob has all it needs."""
        token = self.token
        if self.model.screen.until != "always" or self.mode is not Mode.DARK:
            return
        slot = next(iter(token.present_slots()), None)
        seconds = token.unix_seconds()
        ready = slot is not None and seconds is not None and not token.is_sealed
        if not ready or token.life_cycle is LifeCycle.TERMINATED or token.is_over():
            return
        assert slot is not None, "just seen"
        assert seconds is not None, "just seen"
        if slot.step_at(seconds) < max(0, slot.earliest_step):
            self._message(screens.NO_CLOCK)
            return
        self.mode, self._slot = Mode.ALWAYS, slot
        self._guard_flash(self._reserve)

    _ACTIONS = {
        Action.BEGIN: _begin,
        Action.REVEAL: _reveal,
        Action.SHOW_CODE: _show_code,
        Action.AGAIN: _again,
        Action.GO_DARK: _go_dark,
        Action.LONG: _long,
        Action.NEXT_PAGE: _next_page,
        Action.RESERVE: _reserve,
    }

    # Timers and faults --------------------------------------------------------------------------

    def _fire(self, timer: Timer) -> None:
        if timer is Timer.DEBOUNCE:
            closed = self.pins.contact_closed()
            self._signal(Signal.SAMPLED_CLOSED if closed else Signal.SAMPLED_OPEN)
        elif timer is Timer.HOLD:
            self._signal(Signal.HOLD_TIME_OVER)
        elif timer is Timer.SCREEN:
            self._touch(Touch.TIME_OVER)
        else:
            self.line.silent(self.pins)
            self._line_timer()

    def _line_timer(self) -> None:
        deadline = self.line.deadline_ns
        if deadline is None:
            self._timers.pop(Timer.LINE, None)
        else:
            self._timers[Timer.LINE] = deadline

    def _start(self, timer: Timer, nanoseconds: int) -> None:
        self._timers[timer] = self.pins.rtc_ns() + nanoseconds

    def _arm(self) -> None:
        self.pins.set_alarm(min(self._timers.values()) if self._timers else None)

    def _guard_flash(self, action) -> None:  # type: ignore[no-untyped-def]
        """Carry out what writes to flash; a flash that no longer holds ends in the error screen."""
        try:
            action()
        except WornOut:
            self.mode = Mode.FAILED
            self._timers.pop(Timer.SCREEN, None)
            self.pins.show(screens.error(FLASH_WORN_SCREEN), steady=True)

    def _tell(self, event: Event) -> None:
        self.pins.outbox.append(Happened(event))


__all__ = ["ErrorCode", "Program", "Timer"]
