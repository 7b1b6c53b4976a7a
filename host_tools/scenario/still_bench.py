"""The bench of a fob whose true time stands still: asked for the time only after it was moved."""

from decimal import Decimal

from host_tools.client.bench import ANSWER_SECONDS, BenchClient

_MOVES_NOTHING = (":DISPlay", "TIME:NOW?")
"""How lines begin that leave true time as it is, whatever a fob does meanwhile."""


class StillBench(BenchClient):
    """A bench of frozen true time (`keyfob run --time frozen`) that nobody else moves.

    Most of what a scenario asks a bench is what time it is. Here only its own lines change that:
    it is read once, reckoned on where time is let pass, and read anew after anything else.
    """

    _now: Decimal | None = None

    def do(self, line: str, within_seconds: float = ANSWER_SECONDS) -> None:
        """Send a command that gives no answer, as any bench does."""
        self._forget_time(line)
        super().do(line, within_seconds)

    def query(self, line: str, within_seconds: float = ANSWER_SECONDS) -> str:
        """Send a query and return its answer, as any bench does."""
        self._forget_time(line)
        return super().query(line, within_seconds)

    def now(self) -> Decimal:
        """Return true time: seconds since 1970 with decimals."""
        if self._now is None:
            self._now = super().now()
        return self._now

    def advance(self, seconds: Decimal | float) -> None:
        """Let `seconds` (0 or more) pass at once; none at all is not worth a message."""
        if not seconds:
            return
        before = self._now
        super().advance(seconds)
        if before is not None and isinstance(seconds, Decimal):
            self._now = before + seconds

    def _forget_time(self, line: str) -> None:
        if not line.startswith(_MOVES_NOTHING):
            self._now = None
