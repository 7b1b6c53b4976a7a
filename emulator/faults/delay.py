"""One direction of a faulty line: pieces that come late hold back those behind them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from emulator.faults.line_effects import FaultyBytes


class DelayedSender:
    """Passes pieces on to `out` in their order, each after its delay (wall time)."""

    def __init__(self, out: Callable[[bytes], None]) -> None:
        self._out = out
        self._free_at = 0.0
        self._held: deque[tuple[bytes, asyncio.TimerHandle]] = deque()

    @property
    def is_holding(self) -> bool:
        """Whether something is still on its way."""
        return bool(self._held)

    def put(self, pieces: Iterable[FaultyBytes]) -> None:
        """Pass `pieces` on, at once where nothing delays them."""
        loop = asyncio.get_running_loop()
        for piece in pieces:
            now = loop.time()
            self._free_at = max(now, self._free_at) + float(piece.delay)
            if self._free_at <= now and not self._held:
                self._out(piece.data)
            else:
                handle = loop.call_at(self._free_at, self._arrive)
                self._held.append((piece.data, handle))

    def cancel(self) -> None:
        """Lose what is still on its way."""
        for _, handle in self._held:
            handle.cancel()
        self._held.clear()

    def _arrive(self) -> None:
        data, _ = self._held.popleft()
        self._out(data)
