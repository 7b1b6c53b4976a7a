"""The program's timers: several deadlines that share the RTC's one alarm."""

from firmware_model.hardware.pins import Pins

DEBOUNCE, HOLD, SCREEN, LINE = range(4)
"""The timers that share the alarm; of several that are due, the first here goes first."""

_NEVER = 1 << 80


class Timers:
    """Deadlines on the RTC, in its nanoseconds.

    A program starts and stops timers within an interrupt, and at its end arms the alarm.
    """

    __slots__ = ("_deadlines", "_earliest", "_pins")

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        self._deadlines = [_NEVER] * 4
        self._earliest = _NEVER

    def start(self, timer: int, nanoseconds: int) -> None:
        """Start `timer`, or start it again: it is due that many nanoseconds from now."""
        self._deadlines[timer] = self._pins.rtc_ns + nanoseconds

    def start_at(self, timer: int, deadline_ns: int | None) -> None:
        """Start `timer`: it is due when the RTC reads that; None stops it."""
        self._deadlines[timer] = _NEVER if deadline_ns is None else deadline_ns

    def stop(self, timer: int) -> None:
        """Stop `timer`."""
        self._deadlines[timer] = _NEVER

    def take_due(self) -> int | None:
        """Return the timer for which the alarm rang, and stop it; None where it is not due yet."""
        if self._earliest > self._pins.rtc_ns:
            return None
        timer = self._deadlines.index(self._earliest)
        self._deadlines[timer] = _NEVER
        return timer

    def arm(self) -> None:
        """Set the alarm to the earliest deadline."""
        earliest = self._earliest = min(self._deadlines)
        self._pins.set_alarm(earliest if earliest < _NEVER else None)
