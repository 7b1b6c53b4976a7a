"""The button as the program reads it: edges and samples in, touches out."""

from firmware_model.datasheet.program import ButtonRules
from firmware_model.effects import FobEvent
from firmware_model.firmware import gestures, modes
from firmware_model.firmware.gestures import Gesture, Signal
from firmware_model.firmware.modes import Touch
from firmware_model.firmware.timers import DEBOUNCE, HOLD, Timers
from firmware_model.hardware.pins import Pins, ProgramObserver
from firmware_model.units import NS_PER_MS

_PRESSED = FobEvent.PRESSED


class Finger:
    """Debounces the contact, times long presses and guards against repeats.

    `guarded_until_ns` is the RTC reading before which a press is ignored.
    """

    __slots__ = (
        "_debounce_ns",
        "_guard_ns",
        "_long_ns",
        "_observer",
        "_pins",
        "_state",
        "_timers",
        "guarded_until_ns",
    )

    def __init__(
        self, pins: Pins, observer: ProgramObserver, timers: Timers, button: ButtonRules
    ) -> None:
        self._pins = pins
        self._observer = observer
        self._timers = timers
        self._debounce_ns = button.debounce_ms * NS_PER_MS
        self._guard_ns = button.repeat_guard_ms * NS_PER_MS
        self._long_ns = button.long_ms * NS_PER_MS
        self._state = gestures.GestureState.UP
        self.guarded_until_ns = 0

    def take_edge(self) -> None:
        """Take note that the pin changed."""
        self._step(gestures.EDGE)

    def sample(self, *, on_release: bool) -> Touch | None:
        """Read the pin at the end of the debounce time; return the touch that it completes, if any.

        `on_release` means that a press counts at its release: only then it is known not to be a
        long press.
        """
        closed = self._pins.contact_closed()
        gesture = self._step(gestures.SAMPLED_CLOSED if closed else gestures.SAMPLED_OPEN)
        if gesture is None:
            return None
        pushed = gesture is gestures.PUSH
        if pushed:
            self._timers.start(HOLD, self._long_ns)
            self._observer.on_event(_PRESSED)
        else:
            self._timers.stop(HOLD)
        if pushed is on_release:
            return None
        now = self._pins.rtc_ns
        if now < self.guarded_until_ns:
            self._observer.on_event(FobEvent.PRESS_IGNORED)
            return None
        self.guarded_until_ns = now + self._guard_ns
        return modes.PRESS

    def end_hold(self) -> bool:
        """Take note that the long-press time is over; return whether that is a long press."""
        return self._step(gestures.HOLD_TIME_OVER) is gestures.HOLD

    def _step(self, signal: Signal) -> Gesture | None:
        step = gestures.TRANSITIONS.get((self._state, signal))
        if step is None:
            return None
        self._state, gesture = step
        if self._state in gestures.SETTLING:
            self._timers.start(DEBOUNCE, self._debounce_ns)
        return gesture
