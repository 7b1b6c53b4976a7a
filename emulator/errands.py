"""What is to be done at instants of true time, in order."""

import heapq
import itertools
from collections.abc import Callable

from firmware_model.units import SimTime


class ErrandQueue:
    """Calls functions at their own instants, which they get; in the order of putting at one."""

    def __init__(self) -> None:
        self._queue: list[tuple[SimTime, int, Callable[[SimTime], None]]] = []
        self._order = itertools.count()

    @property
    def first_at(self) -> SimTime | None:
        """The instant of the first, None if there is none."""
        return self._queue[0][0] if self._queue else None

    def put(self, instant: SimTime, act: Callable[[SimTime], None]) -> None:
        """Add `act`, for `run_due` to call."""
        heapq.heappush(self._queue, (instant, next(self._order), act))

    def run_due(self, now: SimTime) -> None:
        """Call everything that is due by `now`."""
        while self._queue and self._queue[0][0] <= now:
            instant, _, act = heapq.heappop(self._queue)
            act(instant)
