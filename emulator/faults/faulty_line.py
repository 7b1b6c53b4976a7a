"""The faults that were ordered for one fob: which are left, how often each has fired."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from emulator.faults.line_effects import FaultyBytes
from emulator.faults.vocabulary import FaultWay, LineFault
from firmware_model.hardware.dice import Drbg
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.hdlc import FLAG, Deframer

CHANCE_MAX = 100_000
"""Chance is kept in thousandths of a percent."""


@dataclass(slots=True)
class ArmedFault:
    """A fault and its bounds.

    It meets the next `frames` frames that go its `way`, before `until` (true time, None for no
    such end), each with a chance of `chance` (1..100,000 thousandths of a percent).
    """

    fault: LineFault
    values: tuple[Decimal, ...]
    frames: int
    chance: int
    until: SimTime | None
    way: FaultWay

    def is_over(self, now: SimTime) -> bool:
        """Return whether its bounds have been reached by `now`."""
        return not self.frames or (self.until is not None and now >= self.until)

    def describe(self, now: SimTime) -> str:
        """Return its name and what is left of it, in words."""
        words = f"{self.fault.name}: {self.frames} frames"
        if self.until is not None:
            words += f", {Decimal(self.until - now) / NS_PER_SECOND:.3f} s"
        if self.chance != CHANCE_MAX:
            words += f", {Decimal(self.chance) / 1000} %"
        return f"{words}, {self.way.name}"


class FaultyLine:
    """The faults between one fob and its line.

    `mend` removes them, which other than their own end also forgets the counts.
    """

    def __init__(self, random_seed: int, wall: Callable[[], int] = time.monotonic_ns) -> None:
        self.dice = Drbg(random_seed)
        self.fired: Counter[str] = Counter()
        self._armed: list[ArmedFault] = []
        self._wall = wall
        self._answered_at: int | None = None
        self._unfinished = b""
        self._deframer = Deframer()

    def arm(self, fault: ArmedFault) -> None:
        """Add a fault; those armed before it come first."""
        self._armed.append(fault)

    def mend(self) -> None:
        """End all faults and set their counts to 0."""
        self._armed.clear()
        self.fired.clear()

    def left(self, now: SimTime) -> list[str]:
        """Return what is still armed, in words."""
        self._forget(now)
        return [fault.describe(now) for fault in self._armed]

    def is_armed(self, now: SimTime) -> bool:
        """Return whether any fault is left."""
        self._forget(now)
        return bool(self._armed)

    @property
    def is_collecting(self) -> bool:
        """Whether the host has begun a frame and not ended it."""
        return bool(self._unfinished)

    def collect(self, data: bytes, *, final: bool = False) -> bytes:
        """Return the whole frames that the host has sent by now, b"" while one is unfinished.

        `final` says that nothing more comes: an unfinished one is returned as it is.
        """
        self._unfinished += data
        self._deframer.feed(data)
        only_flags = not self._unfinished.strip(bytes((FLAG,)))
        if (self._deframer.is_waiting or only_flags) and not final:
            return b""
        whole, self._unfinished, self._deframer = self._unfinished, b"", Deframer()
        return whole

    def pass_frame(self, data: bytes, way: FaultWay, now: SimTime) -> "PassedFrame":
        """Return what becomes of a frame that goes `way` at true time `now`."""
        pieces, echo, line_errors = [FaultyBytes(data)], b"", 0
        for armed in list(self._armed):
            if armed.is_over(now) or not armed.way.includes(way):
                continue
            armed.frames -= 1
            if self.dice.below(CHANCE_MAX) >= armed.chance:
                continue
            if armed.fault.method == "echo":
                echo = b"".join(piece.data for piece in pieces)
                fired = bool(echo)
            elif armed.fault.method == "turnaround":
                fired = self._is_too_soon(armed.values[0])
                pieces = [] if fired else pieces
            else:
                changed = [self._effect(armed, piece) for piece in pieces]
                fired = any(found is not None for found in changed)
                pieces = [
                    after
                    for before, found in zip(pieces, changed, strict=True)
                    for after in ([before] if found is None else _later(found, before.delay))
                ]
            self.fired[armed.fault.name] += fired
            line_errors |= armed.fault.line_error if fired else 0
        if way is FaultWay.FROM and pieces:
            self._answered_at = self._wall()
        self._forget(now)
        return PassedFrame(pieces, echo, line_errors)

    def _effect(self, armed: ArmedFault, piece: FaultyBytes) -> list[FaultyBytes] | None:
        assert armed.fault.effect is not None
        return armed.fault.effect(piece.data, armed.values, self.dice)

    def _is_too_soon(self, seconds: Decimal) -> bool:
        if self._answered_at is None:
            return False
        return self._wall() - self._answered_at < seconds * NS_PER_SECOND

    def _forget(self, now: SimTime) -> None:
        self._armed = [armed for armed in self._armed if not armed.is_over(now)]


@dataclass(frozen=True, slots=True)
class PassedFrame:
    """What passes of a frame, in pieces, and what the host hears of it as an echo.

    `line_errors` are the bits of RFC 2217's line state that the host's UART reports.
    """

    pieces: Sequence[FaultyBytes]
    echo: bytes
    line_errors: int = 0


def _later(pieces: list[FaultyBytes], delay: Decimal) -> list[FaultyBytes]:
    """Return `pieces` with the first one `delay` later."""
    return [
        FaultyBytes(piece.data, piece.delay + (0 if index else delay))
        for index, piece in enumerate(pieces)
    ]
