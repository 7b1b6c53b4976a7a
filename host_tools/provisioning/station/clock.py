"""The station's clock, watched: what it says stands in receipts and goes into fobs."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal

from firmware_model.errors import KeyfobError
from host_tools.provisioning.station.faults import FobFault
from host_tools.provisioning.station.states import FailureCause
from host_tools.provisioning.station.times import span, utc

LEAP_SECONDS_MAX = 5
"""More than a clock is set by step while nobody touches it; slewing goes unnoticed."""

BACK_SECONDS_MAX = 2
"""By how much the clock may be behind the ledger's last entry: several desks may share one."""


class ClockBehind(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """It is earlier than the ledger's last entry: no receipt could say when it was made."""


def behind(now: int, floor: int) -> str:
    """Return what to say, and what to do, where the clock is behind the ledger's last entry."""
    return (
        f"the clock ({utc(now)}) is {span(floor - now)} behind the ledger's last entry"
        f" ({utc(floor)}): set the clock right; where the entry is wrong, two operators accept"
        " the clock: keyfob station clock accept (STATION §4)"
    )


def is_behind(now: Decimal | int, floor: int) -> bool:
    """Say whether the clock is behind the ledger's last entry, by more than desks may differ."""
    return now < floor - BACK_SECONDS_MAX


def refuse_behind(now: Decimal | int, floor: int) -> None:
    """Make sure that the clock is not behind the ledger's last entry.

    Raises:
        ClockBehind: it is.
    """
    if is_behind(now, floor):
        raise ClockBehind(behind(int(now), floor))


def steady_seconds() -> Decimal:
    """Return the seconds of a clock that is never set."""
    return Decimal(time.monotonic_ns()) / 1_000_000_000


class WatchedClock:
    """A clock that raises when it jumps; for any thread.

    Args:
        now: true time, in seconds since 1970.
        steady: a clock that is never set, in seconds from anywhere; None where time is
            simulated, and may leap as it likes.
        floor: the time of the ledger's last entry.

    A call raises ClockBehind where time is before the floor, and FobFault (CLOCK_JUMPED) once
    for each leap against `steady`: what was done with the old time is done again.
    """

    def __init__(
        self, now: Callable[[], Decimal], steady: Callable[[], Decimal] | None, floor: int
    ) -> None:
        self._now = now
        self._steady = steady
        self._floor = floor
        self._lock = threading.Lock()
        self._offset: Decimal | None = None

    def __call__(self) -> Decimal:
        """Return true time."""
        with self._lock:
            now = self._now()
            refuse_behind(now, self._floor)
            self._floor = max(self._floor, int(now))
            if self._steady is not None:
                offset = now - self._steady()
                leap = Decimal(0) if self._offset is None else offset - self._offset
                self._offset = offset
                if abs(leap) > LEAP_SECONDS_MAX:
                    raise FobFault(
                        FailureCause.CLOCK_JUMPED,
                        f"the station's clock jumped by {leap:+.0f} s: run again",
                    )
            return now

    def unwatched(self) -> int:
        """Return true time in whole seconds for the record of a failure, jumped or not."""
        with self._lock:
            return int(self._now())
