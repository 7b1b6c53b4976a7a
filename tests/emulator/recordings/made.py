"""Recordings for tests: a rack that is driven at its bench, and what a replay of it says."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emulator.recordings.bundle import open_recordings
from emulator.recordings.reading import Recording
from emulator.recordings.replay import Moment, replay
from tests.emulator.bench_talk import Talk, rack_of, with_bench

Act = Callable[[Talk], Awaitable[None]]


def recorded(path: Path, act: Act, count: int = 1, **changes: Any) -> Path:
    """Record what `act` does to a rack, and return the file."""
    with_bench(rack_of(count, record=path, **changes), act)
    return path


def replayed(path: Path) -> list[Moment]:
    """Return every moment of a recording's replay."""
    with opened(path) as recording:
        return list(replay(recording))


@contextmanager
def opened(path: Path) -> Iterator[Recording]:
    """Give the recording in a file."""
    with open_recordings(path) as (_, recordings):
        yield next(recordings)


async def press(bench: Talk) -> None:
    """Press once, and wait until the press has ended."""
    await bench.say("BUTT:PRES 0.2", "*WAI")
    assert await bench.error() == 0
