"""The program's timers: several deadlines that share the RTC's one alarm."""

from enum import IntEnum, auto, unique

from firmware_model.hardware.board import Board


@unique
class Timer(IntEnum):
    """What the alarm is shared by; timers due at once ring in this order."""

    DEBOUNCE = auto()
    HOLD = auto()
    SCREEN = auto()
    LINE = auto()


class Timers:
    """Deadlines on the RTC, in its nanoseconds."""

    __slots__ = ("_deadlines", "_pins")

    def __init__(self, pins: Board) -> None:
        self._pins = pins
        self._deadlines: dict[Timer, int] = {}

    def start(self, timer: Timer, nanoseconds: int) -> None:
        """Let `timer` ring that long from now, and not at an earlier deadline of its own."""
        self._deadlines[timer] = self._pins.rtc_ns() + nanoseconds

    def start_at(self, timer: Timer, deadline_ns: int | None) -> None:
        """Let `timer` ring when the RTC reads that; None stops it."""
        if deadline_ns is None:
            self._deadlines.pop(timer, None)
        else:
            self._deadlines[timer] = deadline_ns

    def stop(self, timer: Timer) -> None:
        """Forget `timer`."""
        self._deadlines.pop(timer, None)

    def due(self, now: int) -> list[Timer]:
        """Return the timers whose deadlines have come at RTC time `now`, earliest first."""
        due = [timer for timer, deadline in self._deadlines.items() if deadline <= now]
        if len(due) > 1:
            due.sort(key=self._order)
        return due

    def take(self, timer: Timer, now: int) -> bool:
        """Forget `timer` if it is due at RTC time `now`; return whether it was."""
        deadline = self._deadlines.get(timer)
        if deadline is None or deadline > now:
            return False
        del self._deadlines[timer]
        return True

    def arm(self) -> None:
        """Set the alarm to the earliest deadline."""
        deadlines = self._deadlines
        self._pins.set_alarm(min(deadlines.values()) if deadlines else None)

    def _order(self, timer: Timer) -> tuple[int, Timer]:
        return self._deadlines[timer], timer
