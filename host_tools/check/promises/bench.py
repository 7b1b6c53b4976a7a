"""What the judge of promises does with a fob: press, look, cut, wait; on a bench."""

from decimal import Decimal
from typing import Protocol

from host_tools.client.bench import BenchClient, BenchError


class PromiseBench(Protocol):
    """A bench with one fob on it; seconds are of true time."""

    def push(self, *, closed: bool) -> None:
        """Push the button down, or let it go."""

    def advance(self, seconds: float) -> None:
        """Let time pass."""

    def text(self) -> str:
        """Return what is read on the display, without blanks around it; "" while it is dark."""

    def wait_for(self, pattern: str, seconds: float) -> str | None:
        """Wait for a text (`?` one character, `[0-9]` a digit); None if it does not come.

        Time stands at the instant at which it came.
        """

    def now(self) -> float:
        """Return true time, in seconds since 1970."""

    def cut_power(self) -> None:
        """Take the cell out."""

    def restore_power(self) -> None:
        """Put the cell back."""

    def has_power(self) -> bool:
        """Return whether the supply is there."""

    def arm_cut(self, operation: int, percent: int) -> None:
        """Let the supply fail within a coming flash operation (1 = the next), so far into it."""

    def set_charge(self, percent: float) -> None:
        """Set what is left in the cell."""

    def set_temperature(self, celsius: float) -> None:
        """Set the temperature around the fob."""

    def erases(self) -> tuple[int, ...]:
        """Return how often each page of its flash was erased; () where nobody can tell."""


class ScpiPromiseBench:
    """The fob on one channel of a bench (BENCH)."""

    def __init__(self, client: BenchClient, channel: int = 1) -> None:
        self._client = client
        self._channel = channel
        self._tells_erases = True

    def push(self, *, closed: bool) -> None:
        """Push the button down, or let it go."""
        self._client.do(f"BUTTon:{'DOWN' if closed else 'UP'} (@{self._channel})")

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._client.advance(Decimal(repr(seconds)))

    def text(self) -> str:
        """Return what is read on the display."""
        return self._client.display(self._channel).text.strip()

    def wait_for(self, pattern: str, seconds: float) -> str | None:
        """Wait for a text."""
        found = self._client.wait_for_text(pattern, seconds, self._channel)
        return None if found is None else found.strip()

    def now(self) -> float:
        """Return true time."""
        return float(self._client.now())

    def cut_power(self) -> None:
        """Take the cell out."""
        self._client.cut_power(str(self._channel))

    def restore_power(self) -> None:
        """Put the cell back."""
        self._client.restore_power(str(self._channel))

    def has_power(self) -> bool:
        """Return whether the supply is there."""
        return self._client.query(f"POWer:STATe? (@{self._channel})") == "1"

    def arm_cut(self, operation: int, percent: int) -> None:
        """Let the supply fail within a coming flash operation."""
        self._client.do(f"POWer:CUT:ARM {operation},{percent},(@{self._channel})")

    def set_charge(self, percent: float) -> None:
        """Set what is left in the cell."""
        self._client.set_charge(percent, str(self._channel))

    def set_temperature(self, celsius: float) -> None:
        """Set the temperature around the fob."""
        self._client.set_temperature(celsius, str(self._channel))

    def erases(self) -> tuple[int, ...]:
        """Return how often each page was erased; () on a bench that cannot tell."""
        if self._tells_erases:
            try:
                answer = self._client.query(f"TRACe:ERASes? (@{self._channel})")
                return tuple(int(count) for count in answer.split(",") if count)
            except (BenchError, ValueError):
                self._tells_erases = False
        return ()
