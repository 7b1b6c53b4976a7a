"""How much one client may ask: a bucket of requests that fills up again with time."""

import time
from collections import OrderedDict
from collections.abc import Callable

CLIENTS_MAX = 10_000
"""Buckets kept; the one used longest ago goes first."""


class RateLimit:
    """Lets each client have `per_second` requests a second, and `burst` at once; 0 = no limit."""

    def __init__(
        self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, client: str, *, spend: bool = True) -> float:
        """Return 0 and take one request from the client's bucket; or how long it must wait."""
        if not self._per_second:
            return 0.0
        now = self._clock()
        left, at = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1
        self._buckets[client] = (left - 1 if allowed and spend else left, now)
        if len(self._buckets) > CLIENTS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second
