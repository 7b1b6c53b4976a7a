"""When each fob of a rack wants to be woken: one queue, because a timer for each costs far more."""

import heapq
from collections.abc import Sequence

from emulator.fob import EmulatedFob
from firmware_model.units import SimTime


class WakeSchedule:
    """The wake-ups of `fobs`, the earliest first."""

    def __init__(self, fobs: Sequence[EmulatedFob]) -> None:
        self._fobs = fobs
        self._wakes: list[tuple[SimTime, int]] = []
        for fob in fobs:
            self.expect(fob)

    def __len__(self) -> int:
        return len(self._wakes)

    @property
    def not_before(self) -> SimTime | None:
        """An instant before which no fob wants to be woken; None where none ever does."""
        return self._wakes[0][0] if self._wakes else None

    def expect(self, fob: EmulatedFob) -> None:
        """Take note of when `fob` wants to be woken, after its device changed."""
        # A line's time-out moves with every byte: the first entry stays until it is due.
        wake_at = fob.device.wake_at
        if wake_at is not None and (fob.expected_at is None or wake_at < fob.expected_at):
            fob.expected_at = wake_at
            heapq.heappush(self._wakes, (wake_at, fob.number))

    def first(self) -> SimTime | None:
        """Return when the next fob wants to be woken, None where none does."""
        while self._wakes:
            instant, number = self._wakes[0]
            fob = self._fobs[number - 1]
            if fob.device.wake_at == instant:
                return instant
            heapq.heappop(self._wakes)
            if fob.expected_at == instant:
                fob.expected_at = None
                self.expect(fob)
        return None

    def take(self, now: SimTime) -> EmulatedFob | None:
        """Take the next fob that is due by `now` out of the schedule; None where none is."""
        instant = self.first()
        if instant is None or instant > now:
            return None
        fob = self._fobs[heapq.heappop(self._wakes)[1] - 1]
        fob.expected_at = None
        return fob
