"""True time of a rack, as a test moves it: one time for all its fobs."""

from datetime import UTC, datetime
from decimal import Decimal

from host_tools.client.bench import BenchClient
from keyfob.testing.duration import Duration, seconds_of


class RackTime:
    """True time around the fobs of a rack; each fob's own clock is what its crystal makes of it.

    Time never goes back. A rack of the fixtures starts with its time standing still ("frozen"):
    it moves only when a test presses, waits or advances it.

    Raises, from every method: `KeyfobError` as `Bench` does.

    Example:
        >>> with keyfob.Rack.start(start="2029-04-01") as rack:
        ...     rack.time.advance("2y")
        ...     print(rack.time.utc().date())
        2031-04-01
    """

    def __init__(self, bench: BenchClient) -> None:
        self._bench = bench

    def now(self) -> Decimal:
        """Return true time in seconds since 1970, with decimals."""
        return self._bench.now()

    def utc(self) -> datetime:
        """Return true time as an aware `datetime` in UTC, in whole microseconds."""
        seconds = self.now()
        whole = datetime.fromtimestamp(int(seconds), UTC)
        return whole.replace(microsecond=int(seconds % 1 * 1_000_000))

    def advance(self, duration: Duration) -> None:
        """Let `duration` pass at once: seconds, a `timedelta`, or text such as "90s" or "2y".

        Raises:
            BadInput: it is not a duration, or negative.
        """
        self._bench.advance(seconds_of(duration))

    def forward_to(self, date: str) -> None:
        """Advance to an ISO 8601 date, such as "2029-04-01" or "2029-04-01T18:00:00+09:00".

        Raises:
            BenchError: it is not a date, or has passed.
        """
        self._bench.do(f'TIME:FORWard "{date}"', within_seconds=600)

    def to_step_end(self, step_seconds: int = 60, before: float | Decimal = 1) -> None:
        """Advance to `before` seconds before a time step ends by true time.

        Where less than that is left of the present step, the next one is meant. What a fob's own
        clock makes of it differs by its `clock_error`; `Fob.to_step_end` goes by that clock.
        """
        self._bench.advance(seconds_to_step_end(self.now(), step_seconds, Decimal(str(before))))

    @property
    def rate(self) -> Decimal:
        """True seconds in a second of the wall clock: 0 frozen, 1 real, up to 10^7."""
        return Decimal(self._bench.query("TIME:SCALe?"))

    def freeze(self) -> None:
        """Let true time stand still."""
        self._bench.do("TIME:FREeze")

    def run(self, rate: float | Decimal = 1) -> None:
        """Let true time run at `rate` true seconds a second (0..10^7)."""
        self._bench.do(f"TIME:SCALe {rate}")


def seconds_to_step_end(now: Decimal, step_seconds: int, before: Decimal) -> Decimal:
    """Return how long it is from `now` to `before` seconds before the end of a time step.

    That step is the present one, or the next where less than `before` is left of it.
    """
    left = step_seconds - now % step_seconds - before
    return left if left >= 0 else left + step_seconds
