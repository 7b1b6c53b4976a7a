"""The trace: the last frames on the rack's lines, without their contents.

A frame may carry a seed, so a trace names only the kind of command or answer.
"""

from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime

from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.wire.hdlc import CONTROLS, Damaged, Deframer, Frame, FrameKind

ENTRIES_MAX = 512
"""Pieces kept for the whole rack; the oldest are dropped."""

EVENTS_MAX = 512
"""Events kept for the whole rack; the oldest are dropped."""

PIECE_BYTES_MAX = 4096
HEADER_BYTES = 4
STATUS_BYTES = 2


Piece = tuple[int, SimTime, bool, bytes]
"""Of which fob, at which instant, whether sent by it, and the bytes: a seed may be among them."""


class Trace:
    """The last bytes on all lines and the last events of all fobs. `number` is a channel.

    `on_event` is called with each event as text, None for nothing.
    """

    def __init__(self) -> None:
        self.on_event: Callable[[str], None] | None = None
        self._events: deque[tuple[int, SimTime, str]] = deque(maxlen=EVENTS_MAX)
        self._pieces: deque[Piece] = deque(maxlen=ENTRIES_MAX)
        self._counts: Counter[int] = Counter()

    def note(self, number: int, instant: SimTime, data: bytes, *, outward: bool) -> None:
        """Keep `data` to (`outward`: from) fob `number`."""
        self._pieces.append((number, instant, outward, data[:PIECE_BYTES_MAX]))

    def note_event(self, number: int, instant: SimTime, event: str) -> None:
        """Keep an `event` of fob `number`, such as "pressed" or "press ignored"."""
        self._events.append((number, instant, event))
        self._counts[number] += 1
        if self.on_event is not None:
            self.on_event(f"{_clock(instant)} fob {number}: {event}")

    def count_of(self, number: int) -> int:
        """Return how many events fob `number` has had since the rack was started."""
        return self._counts[number]

    def events(self, number: int, count: int) -> list[str]:
        """Return the last `count` events of fob `number` as text, oldest first."""
        found = [f"{_clock(at)} {event}" for fob, at, event in self._events if fob == number]
        return found[-count:] if count else []

    def frames(self, number: int, count: int) -> list[str]:
        """Return the last `count` frames of fob `number` as text, oldest first."""
        found: list[str] = []
        deframers = {False: Deframer(), True: Deframer()}
        for fob, instant, outward, data in self._pieces:
            if fob == number:
                arrow = "fob  → host" if outward else "host → fob "
                for frame in deframers[outward].feed(data):
                    found.append(f"{_clock(instant)} {arrow} {describe(frame)}")
        return found[-count:] if count else []


def describe(frame: Frame | Damaged) -> str:
    """Return one frame as text: its kind, and of an APDU the header or the status word only."""
    if isinstance(frame, Damaged):
        return f"damaged: {frame.damage.value}"
    control = CONTROLS[frame.control]
    parts = [control.kind.name, "P/F" if control.poll else ""]
    if control.kind is FrameKind.I:
        parts.append(f"N(S)={control.sent} N(R)={control.received}")
        parts.append(_apdu(frame.information, answer=_is_answer(frame)))
    elif control.kind in (FrameKind.RR, FrameKind.RNR):
        parts.append(f"N(R)={control.received}")
    return " ".join(part for part in parts if part)


def _apdu(information: bytes, *, answer: bool) -> str:
    if answer:
        return f"{len(information)} bytes, status {information[-STATUS_BYTES:].hex().upper()}"
    return f"{information[:HEADER_BYTES].hex(' ').upper()}, {len(information)} bytes"


def _is_answer(frame: Frame) -> bool:
    return len(frame.destination) == 1  # a client's address is one byte, a fob's two or four


def _clock(instant: SimTime) -> str:
    seconds, rest = divmod(instant, NS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}.{rest // 1_000_000:03d}"
