"""The button as the program reads it: edges and samples in, touches out."""

from firmware_model.datasheet.program import ButtonRules
from firmware_model.effects import FobEvent, Happened
from firmware_model.firmware import gestures
from firmware_model.firmware.gestures import Gesture, Signal
from firmware_model.firmware.modes import Touch
from firmware_model.firmware.timers import Timer, Timers
from firmware_model.hardware.board import Board
from firmware_model.units import NS_PER_MS

_PRESSED = Happened(FobEvent.PRESSED)


class Finger:
    """Debounces the contact, times long presses and guards against repeats."""

    __slots__ = ("_button", "_guarded_until", "_pins", "_state", "_timers")

    def __init__(self, pins: Board, timers: Timers, button: ButtonRules) -> None:
        self._pins = pins
        self._timers = timers
        self._button = button
        self._state = gestures.GestureState.UP
        self._guarded_until = 0

    def edge(self) -> None:
        """The pin changed."""
        self._step(Signal.EDGE)

    def sample(self, *, on_release: bool) -> Touch | None:
        """The debounce time is over: read the pin, and return the touch that makes, if any.

        `on_release` says that a press counts when the finger comes up, because only then it
        can be told from a hold.
        """
        closed = self._pins.contact_closed()
        gesture = self._step(Signal.SAMPLED_CLOSED if closed else Signal.SAMPLED_OPEN)
        if gesture is None:
            return None
        pushed = gesture is Gesture.PUSH
        if pushed:
            self._timers.start(Timer.HOLD, self._button.long_ms * NS_PER_MS)
            self._pins.outbox.append(_PRESSED)
        else:
            self._timers.stop(Timer.HOLD)
        if pushed is on_release:
            return None
        now = self._pins.rtc_ns
        if now < self._guarded_until:
            return None
        self._guarded_until = now + self._button.repeat_guard_ms * NS_PER_MS
        return Touch.PRESS

    def hold_over(self) -> Touch | None:
        """The long-press time is over: return the touch that makes, if any."""
        return Touch.HOLD if self._step(Signal.HOLD_TIME_OVER) is Gesture.HOLD else None

    def _step(self, signal: Signal) -> Gesture | None:
        before = self._state
        self._state, gesture = gestures.step(before, signal)
        if self._state in gestures.SETTLING and before is not self._state:
            self._timers.start(Timer.DEBOUNCE, self._button.debounce_ms * NS_PER_MS)
        return gesture
