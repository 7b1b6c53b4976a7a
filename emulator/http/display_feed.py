"""What the displays of a rack show, followed for whoever subscribes; without them it costs nothing.

The feed keeps the newest face of each fob and the number of the change that brought it. A
subscriber that was away gets every face that has changed since, once: however slow it is, it
falls behind by one face a fob and no more.
"""

import asyncio
import heapq
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from emulator.fob import EmulatedFob
from emulator.http.fob_view import Json, show_face
from emulator.rack import FADE_NS, EmulatedRack
from emulator.tasks import start_task
from firmware_model.effects import DarkReason, Effect, Face
from firmware_model.units import NS_PER_SECOND, SimTime

LOOKS_MAX = 128
"""Displays looked at before other tasks run."""

REST = 3
"""The feed rests so many times as long as it worked: it takes a quarter of a core at most."""

GATHER_SECONDS = 0.001
"""How long changes are gathered before the feed looks: a press in frozen time drives the display
several times at once, and only the last picture can be seen."""

BAR_NS = NS_PER_SECOND
"""How often step bars are looked at."""

DRIFT_NS = 60 * NS_PER_SECOND
"""How often a display is looked at whose contrast follows cell and temperature only."""

DRIVEN = frozenset({DarkReason.TOO_COLD, DarkReason.CELL_LOW, DarkReason.TOO_HOT})
"""Reasons for which a driven display cannot be read: that may change by itself."""


@dataclass(slots=True)
class Fading:
    """A display whose segments may still be turning: since when, and the next wait."""

    since: SimTime
    wait_ns: int = FADE_NS


class DisplayFeed:
    """The faces of all fobs of a rack, with the number of the change that brought each.

    `run` tells this feed from that of an emulator that was started before.
    """

    def __init__(self, rack: EmulatedRack) -> None:
        self.run = secrets.token_hex(4)
        self.change = 0
        """The number of the last change."""
        self._rack = rack
        self._faces: dict[int, tuple[int, Json]] = {}
        """By channel; those changed last are last."""
        self._touched: dict[EmulatedFob, None] = {}
        self._fading: dict[int, Fading] = {}
        self._looks: list[tuple[SimTime, int]] = []
        self._looked_for: dict[int, SimTime] = {}
        self._stirred = asyncio.Event()
        self._news = asyncio.Event()
        self._subscribers = 0
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def subscribed(self) -> Iterator[None]:
        """Follow the displays until the block ends, together with every other subscriber."""
        self._subscribers += 1
        if self._subscribers == 1:
            self._start()
        try:
            yield
        finally:
            self._subscribers -= 1
            if not self._subscribers:
                self._stop()

    @property
    def news(self) -> asyncio.Event:
        """Is set with the next change of a display, or of time."""
        return self._news

    def since(self, change: int, fobs: Collection[int] | None) -> tuple[int, list[Json]]:
        """Return the last change, and the faces of `fobs` (None: all) that changed after `change`.

        Those that changed last come last.
        """
        found = []
        for number in reversed(self._faces):
            changed, face = self._faces[number]
            if changed <= change:
                break
            if fobs is None or number in fobs:
                found.append(face)
        return self.change, found[::-1]

    def _start(self) -> None:
        self._rack.watchers.append(self._on_effect)
        self._rack.clock.listeners.append(self._on_time)
        self._touched = dict.fromkeys(self._rack.fobs)
        self._stirred.set()
        self._task = start_task(self._follow())

    def _stop(self) -> None:
        self._rack.watchers.remove(self._on_effect)
        self._rack.clock.listeners.remove(self._on_time)
        assert self._task is not None
        self._task.cancel()
        for kept in (self._looks, self._looked_for, self._fading, self._touched):
            kept.clear()

    def _on_effect(self, fob: EmulatedFob, _effect: Effect) -> None:
        self._touched[fob] = None
        self._fading[fob.number] = Fading(self._rack.clock.now())
        self._stirred.set()

    def _on_time(self) -> None:
        self._announce()
        self._stirred.set()

    def _announce(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _follow(self) -> None:
        worked = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self._seconds_to_next_look())
            await asyncio.sleep(max(GATHER_SECONDS, REST * worked))
            self._stirred.clear()
            begun = time.perf_counter()
            before = self.change
            self._look_at_some()
            if self.change != before:
                self._announce()
            if self._touched:
                self._stirred.set()
            worked = time.perf_counter() - begun

    def _seconds_to_next_look(self) -> float | None:
        if not self._looks:
            return None
        return self._rack.clock.wall_seconds_until(self._looks[0][0])

    def _look_at_some(self) -> None:
        """Look at displays that were touched, or that are due: LOOKS_MAX of them."""
        rack = self._rack
        now = rack.clock.now()
        while self._looks and self._looks[0][0] <= now:
            instant, number = heapq.heappop(self._looks)
            if self._looked_for.get(number) == instant:
                del self._looked_for[number]
                self._touched[rack.fobs[number - 1]] = None
        for fob in list(self._touched)[:LOOKS_MAX]:
            face = rack.look(fob)
            self._touched.pop(fob, None)  # what the look itself touched is seen by now
            self._keep(fob, face)
            self._plan(fob, face)

    def _keep(self, fob: EmulatedFob, face: Face) -> None:
        shown = show_face(fob.number, face) | {"events": self._rack.trace.count_of(fob.number)}
        if (old := self._faces.get(fob.number)) is not None and old[1] == shown:
            return
        self.change += 1
        self._faces.pop(fob.number, None)
        self._faces[fob.number] = (self.change, shown)

    def _plan(self, fob: EmulatedFob, face: Face) -> None:
        """Plan the next look at a display that may change without an effect of its fob."""
        if face.dark is not None and face.dark.reason not in DRIVEN:
            self._fading.pop(fob.number, None)
            self._looked_for.pop(fob.number, None)
            return
        now = self._rack.clock.now()
        instants = [now + DRIFT_NS]
        if (turn := fob.device.turns_at(now)) is not None:
            instants.append(turn)
        if face.bars:
            instants.append(now - now % BAR_NS + BAR_NS)
        if (fading := self._fading.get(fob.number)) is not None:
            while fading.since + fading.wait_ns <= now:
                fading.wait_ns *= 2
            if fading.wait_ns < DRIFT_NS:
                instants.append(fading.since + fading.wait_ns)
            else:
                del self._fading[fob.number]
        instant = SimTime(min(instants))
        self._looked_for[fob.number] = instant
        heapq.heappush(self._looks, (instant, fob.number))
