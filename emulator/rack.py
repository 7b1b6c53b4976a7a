"""The rack: fobs that share one true time, one store and one walk over their wake-ups."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from emulator.eyes import DisplayWatch, follow
from emulator.store import Moment, RackStore
from emulator.trace import Trace
from emulator.true_time import END, TrueTime
from firmware_model.device import Device
from firmware_model.effects import Effect, Face, Persist, Transmit
from firmware_model.inputs import ContactMoved, Input, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime

SLICE_NS = 20 * NS_PER_MS
"""Wall time a walk over wake-ups may take before the loop gets its turn again."""

SLICE_FOBS = 64
"""Fobs woken between two looks at the wall clock, and at most in one transaction."""

SETTLE_NS = 300 * NS_PER_MS
"""A press has run its course when the fob wants nothing within this time after the release:
longer than any debounce, flash write or computation, shorter than any display time."""

FADE_NS = 10 * NS_PER_MS
"""After which time a waiting eye looks again at a picture that may still come out; then after
twice that time, and so on."""

ALARM_SECONDS_MAX = 60.0
"""The longest sleep: the wall clock may leap meanwhile, and true time with it."""

MARGIN_NS = NS_PER_SECOND
"""Wall time by which a scaled clock is noted ahead, so that it does not go back after a kill."""


@dataclass(slots=True, eq=False)
class EmulatedFob:
    """A device in its place; `number` is its channel (1 or more)."""

    number: int
    serial_number: str
    model: str
    device: Device
    touches: int = 0
    """Moves of the finger that are still to come."""
    held: bool = False
    """The bench keeps a finger on it."""
    released_at: SimTime | None = None
    """When the last touch of a press ends that has not yet run its course."""
    expected_at: SimTime | None = None
    """The first of its entries among the rack's wakes: no later than it wants to be woken."""


class EmulatedRack:
    """All fobs of one process. Its methods are called in the running loop only.

    Every change goes `give` (any number of times), then `settle`: it commits all images at once,
    then lets the other effects out. So nothing is seen before what it rests on is durable
    (ARCHITECTURE §2).
    """

    def __init__(self, fobs: Sequence[EmulatedFob], clock: TrueTime, store: RackStore) -> None:
        self.fobs = fobs
        self.clock = clock
        self.transmit: Callable[[EmulatedFob, bytes], None] = lambda _fob, _data: None
        self.watchers: list[Callable[[EmulatedFob, Effect], None]] = []
        self.trace = Trace()
        self.unpowered: set[EmulatedFob] = set()
        """Fobs whose supply the bench has cut."""
        self._store = store
        self._wakes: list[tuple[SimTime, int]] = []
        self._touches: list[tuple[SimTime, int, EmulatedFob, ContactMoved]] = []
        self._order = itertools.count()
        self._outbox: list[tuple[EmulatedFob, Effect]] = []
        self._pressed: set[EmulatedFob] = set()
        self._eyes: list[DisplayWatch] = []
        self._stirred = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: SimTime | None = None
        self._pulse: asyncio.Future[None] | None = None
        self._noted_until = SimTime(0)
        for fob in fobs:
            self._expect(fob)

    def give(self, fob: EmulatedFob, stimulus: Input) -> None:
        """Let `stimulus` happen to `fob` now; its effects come with the next `settle`."""
        now = self.clock.now()
        self._touch_due(now)
        self._handle(fob, stimulus, now)

    def settle(self) -> None:
        """Make durable what was given, then let its effects out."""
        self._commit()
        outbox, self._outbox = self._outbox, []
        for fob, effect in outbox:
            if isinstance(effect, Transmit):
                self.transmit(fob, effect.data)
            for watcher in self.watchers:
                watcher(fob, effect)
        self._forget_presses()
        self._arm()
        self._pulse_if_stirred()

    def handle(self, fob: EmulatedFob, stimulus: Input) -> None:
        """Let `stimulus` happen to `fob` now, with all that follows."""
        self.give(fob, stimulus)
        self.settle()

    def look(self, fob: EmulatedFob) -> Face:
        """Return what an eye sees on `fob` now."""
        return fob.device.face(self.catch_up(fob))

    def catch_up(self, fob: EmulatedFob) -> SimTime:
        """Let everything happen to `fob` that is due now, and return that instant.

        Whoever looks next looks at this instant: a commit takes its time, and by then something
        else may be due.
        """
        now = self.clock.now()
        self._touch_due(now)
        if self._eyes or (fob.device.wake_at is not None and fob.device.wake_at <= now):
            self._handle(fob, Wake(), now)
        self.settle()
        self._note_ahead()
        return now

    def seen_now(self) -> SimTime:
        """Return true time to somebody who will remember it, so that it must not go back."""
        if not self.clock.rate and self.clock.now() > self._noted_until:
            self.note_time()
        self._note_ahead()
        return self.clock.now()

    def press(self, fobs: Iterable[EmulatedFob], nanoseconds: int) -> None:
        """Press the buttons of `fobs` for `nanoseconds` of true time, after presses still to end.

        Returns at once: `quiet` waits for the presses to run their course.
        """
        now = self.clock.now()
        for fob in fobs:
            down = now if fob.released_at is None else SimTime(fob.released_at + SETTLE_NS)
            self._plan(fob, ContactMoved(closed=True), down)
            fob.released_at = SimTime(down + nanoseconds)
            self._plan(fob, ContactMoved(closed=False), fob.released_at)
            self._pressed.add(fob)
        self._touch_due(now)
        self.settle()

    def busy(self, fobs: Iterable[EmulatedFob]) -> bool:
        """Whether a press of one of `fobs` has not run its course."""
        return not self._pressed.isdisjoint(fobs)

    async def quiet(self, fobs: Iterable[EmulatedFob]) -> None:
        """Wait until the presses of `fobs` have run their course.

        Where time stands still, it is moved just to that end.
        """
        while self.busy(fobs):
            await self._next_change(None)

    async def wait_for(
        self, fob: EmulatedFob, seen: Callable[[Face], bool], nanoseconds: int
    ) -> Face | None:
        """Wait up to `nanoseconds` of true time until `seen` is content with the face of `fob`.

        Where time stands still, it is moved from event to event. Return the first such face,
        also of a moment that is over by now; None if the time is over.
        """
        now = changed_at = self.catch_up(fob)
        eye = DisplayWatch(fob.device, seen, now, min(SimTime(now + nanoseconds), END))
        eye.look(now)
        self._eyes.append(eye)
        try:
            wake, pause = fob.device.wake_at, FADE_NS
            while eye.found is None and now < eye.until:
                ends = (eye.until, changed_at + pause, fob.device.turns_at(now) or END)
                await self._next_change(SimTime(min(ends)))
                now = self.catch_up(fob)
                if fob.device.wake_at != wake:
                    wake, changed_at, pause = fob.device.wake_at, now, FADE_NS
                while changed_at + pause <= now:
                    pause *= 2
        finally:
            self._eyes.remove(eye)
        return eye.found

    async def advance(self, nanoseconds: int) -> None:
        """Leap `nanoseconds` forward and let everything happen that was due in between."""
        await self._leap(nanoseconds)
        self.note_time()

    async def step(self) -> None:
        """Leap to the next instant at which anything is due; do nothing where nothing is."""
        instant = self._next_instant()
        if instant is not None:
            await self.advance(max(0, instant - self.clock.now()))

    def set_rate(self, rate: Fraction) -> None:
        """Let true time run at `rate` (0..10^7) from now on."""
        self.clock.set_rate(rate)
        self.note_time()
        self._arm(anew=True)
        self._stirred = True
        self._pulse_if_stirred()

    def note_time(self) -> None:
        """Make durable where true time stands."""
        self._noted_until = self.clock.now()
        self._store.note(Moment(self._noted_until, self.clock.offset()))
        self._store.commit()
        self._note_ahead()

    def stop(self) -> None:
        """Forget the alarm and note the time: the rack is about to be given up."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._store.note(Moment(self.clock.now(), self.clock.offset()))
        self._store.commit()

    def _handle(self, fob: EmulatedFob, stimulus: Input, now: SimTime) -> None:
        eyes = [eye for eye in self._eyes if eye.device is fob.device]
        effects = follow(eyes, fob.device, now)
        effects += fob.device.handle(stimulus, now)
        # A look that finds nothing new must wake no other look, or two would keep each other awake.
        self._stirred |= bool(effects) or not isinstance(stimulus, Wake)
        for effect in effects:
            if isinstance(effect, Persist):
                self._store.keep(fob.number, effect.key, effect.image)
            else:
                self._outbox.append((fob, effect))
        self._expect(fob)

    def _expect(self, fob: EmulatedFob) -> None:
        # A line's time-outs move on with every byte: the entry there is serves until it comes up.
        wake_at = fob.device.wake_at
        if wake_at is not None and (fob.expected_at is None or wake_at < fob.expected_at):
            fob.expected_at = wake_at
            heapq.heappush(self._wakes, (wake_at, fob.number))

    def _plan(self, fob: EmulatedFob, move: ContactMoved, instant: SimTime) -> None:
        fob.touches += 1
        heapq.heappush(self._touches, (instant, next(self._order), fob, move))

    def _touch_due(self, now: SimTime) -> None:
        """Move the finger wherever it is due, each at its own instant, before anything later."""
        while self._touches and self._touches[0][0] <= now:
            instant, _, fob, move = heapq.heappop(self._touches)
            fob.touches -= 1
            self._handle(fob, move, instant)

    def _wake_due(self, now: SimTime) -> bool:
        """Wake up to SLICE_FOBS fobs that are due; return whether more are."""
        woken = 0
        while (wake := self._first_wake()) is not None and wake[0] <= now:
            if woken == SLICE_FOBS:
                return True
            woken += 1
            fob = self.fobs[heapq.heappop(self._wakes)[1] - 1]
            fob.expected_at = None
            self._handle(fob, Wake(), now)
        return False

    def _first_wake(self) -> tuple[SimTime, int] | None:
        while self._wakes:
            instant, number = self._wakes[0]
            fob = self.fobs[number - 1]
            if fob.device.wake_at == instant:
                return self._wakes[0]
            heapq.heappop(self._wakes)
            if fob.expected_at == instant:
                fob.expected_at = None
                self._expect(fob)
        return None

    async def _leap(self, nanoseconds: int) -> None:
        self.clock.advance(nanoseconds)
        self._alarm_at = None  # an alarm set before the leap would ring late
        self._stirred = True
        await self._walk()

    async def _walk(self) -> None:
        """Let everything happen that is due, in slices that leave the loop its turns."""
        while self._walk_slice():
            await asyncio.sleep(0)

    def _walk_slice(self) -> bool:
        end = time.monotonic_ns() + SLICE_NS
        while True:
            now = self.clock.now()
            self._touch_due(now)
            more = self._wake_due(now)
            self.settle()
            if not more or time.monotonic_ns() >= end:
                return more

    def _next_instant(self) -> SimTime | None:
        wake = self._first_wake()
        instants = [wake[0]] if wake is not None else []
        if self._touches:
            instants.append(self._touches[0][0])
        return min(instants, default=None)

    def _pulse_if_stirred(self) -> None:
        """Wake whoever waits for a change, if there was one."""
        stirred, self._stirred = self._stirred, False
        if stirred and self._pulse is not None:
            pulse, self._pulse = self._pulse, None
            if not pulse.done():
                pulse.set_result(None)

    async def _next_change(self, end: SimTime | None) -> None:
        """Wait for the next change of anything, until `end` if one is given."""
        if not self.clock.rate:
            instants = [at for at in (self._next_instant(), end) if at is not None]
            await self._leap(max(0, min(instants) - self.clock.now()) if instants else 0)
            await asyncio.sleep(0)  # a wait of years leaves the loop its turns
            return
        if self._pulse is None:
            self._pulse = asyncio.get_running_loop().create_future()
        left = None if end is None else self.clock.wall_seconds_until(end)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._pulse), left)

    def _arm(self, *, anew: bool = False) -> None:
        """See to it that the one alarm rings no later than anything is due.

        An alarm that is early finds nothing to do and is set again: that costs less than moving
        it with every byte on a line, whose time-outs move too.
        """
        if not anew and self._alarm is not None and self._alarm_at is not None:
            firsts = (queue[0][0] for queue in (self._wakes, self._touches) if queue)
            if self._alarm_at <= min(firsts, default=self._alarm_at):
                return
        instant = self._next_instant()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = instant
        delay = None if instant is None else self.clock.wall_seconds_until(instant)
        if delay is not None:
            self._alarm = asyncio.get_running_loop().call_later(
                min(delay, ALARM_SECONDS_MAX), self._ring
            )

    def _ring(self) -> None:
        self._alarm = None
        self._alarm_at = None
        self._walk_slice()  # it arms the alarm anew, at once if more is due

    def _forget_presses(self) -> None:
        ended = []
        for fob in self._pressed:
            assert fob.released_at is not None
            wake = fob.device.wake_at
            if not fob.touches and (wake is None or wake > fob.released_at + SETTLE_NS):
                fob.released_at = None
                ended.append(fob)
        self._pressed.difference_update(ended)
        self._stirred |= bool(ended)

    def _commit(self) -> None:
        if self._store.dirty:
            if not self.clock.is_scaled:
                self._noted_until = self.clock.now()
                self._store.note(Moment(self._noted_until, self.clock.offset()))
            self._store.commit()
        self._note_ahead()

    def _note_ahead(self) -> None:
        """Keep a note of a time that nobody has seen yet, while time is scaled."""
        if not self.clock.is_scaled or self.clock.now() <= self._noted_until:
            return
        self._noted_until = SimTime(self.clock.now() + int(MARGIN_NS * self.clock.rate))
        self._store.note(Moment(self._noted_until, self.clock.offset()))
        self._store.commit()
