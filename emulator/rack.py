"""The rack: fobs that share true time, a store and one schedule of wake-ups."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

from emulator.display_watch import DisplayWatch, follow
from emulator.errands import ErrandQueue
from emulator.fob import SETTLE_NS, EmulatedFob
from emulator.program_events import event_text
from emulator.recordings.recorder import Recorder
from emulator.store import RackStore, TimeRecord
from emulator.trace import Trace
from emulator.true_time import END, TrueTime
from emulator.wake_schedule import WakeSchedule
from firmware_model.device import Device
from firmware_model.effects import Effect, Face, FobEvent, Happened, Persist, Transmit
from firmware_model.inputs import ButtonStuck, ContactMoved, Input, Reset, Wake
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime

SLICE_NS = 20 * NS_PER_MS
"""Wall time that wake-ups may take before the loop runs other tasks."""

SLICE_FOBS = 64
"""Fobs woken between two readings of the wall clock, and at most in one transaction."""

FADE_NS = 10 * NS_PER_MS
"""Time after which a wait looks again at a display whose segments may still be turning on; then
after twice that time, and so on."""

ALARM_SECONDS_MAX = 60.0
"""The longest sleep: the wall clock may leap in between, and true time with it."""

MARGIN_NS = NS_PER_SECOND
"""Wall time by which scaled time is saved ahead, so that it does not go back after a kill."""


class EmulatedRack:
    """All fobs of one process. Its methods are called in the running loop only.

    A change is any number of `give`, then `settle`, which commits all images at once and then
    carries out the other effects: no effect is visible before the images under it are durable
    (ARCHITECTURE §2).
    """

    def __init__(self, fobs: Sequence[EmulatedFob], clock: TrueTime, store: RackStore) -> None:
        self.fobs = fobs
        self.clock = clock
        self.transmit: Callable[[EmulatedFob, bytes], None] = lambda _fob, _data: None
        self.watchers: list[Callable[[EmulatedFob, Effect], None]] = []
        self.trace = Trace()
        self.recorder: Recorder | None = None
        self.unpowered: set[EmulatedFob] = set()
        """Fobs whose supply the bench has cut."""
        self._store = store
        self._wakes = WakeSchedule(fobs)
        self.plugging: set[asyncio.Task[None]] = set()  # work of errands; a leap waits for it
        self._errands = ErrandQueue()
        self.fault_dice = b""
        """What the chance of faults is made of."""
        self._outbox: list[tuple[EmulatedFob, Effect]] = []
        self._pressed: set[EmulatedFob] = set()
        self._watches: list[DisplayWatch] = []
        self._changed = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at: SimTime | None = None
        self._change: asyncio.Future[None] | None = None
        self._saved_until = SimTime(0)
        self._pause_at = 0

    def give(self, fob: EmulatedFob, stimulus: Input, at: SimTime | None = None) -> None:
        """Give `stimulus` to `fob` now, or in an errand `at` its instant; then `settle`."""
        now = self.clock.now() if at is None else at
        self._errands.run_due(now)
        self._handle(fob, stimulus, now)

    def settle(self) -> None:
        """Commit the images of what was given, then carry out the other effects."""
        self._commit()
        outbox, self._outbox = self._outbox, []
        for fob, effect in outbox:
            if isinstance(effect, Transmit):
                self.transmit(fob, effect.data)
            for watcher in self.watchers:
                watcher(fob, effect)
        if self._pressed:
            self._end_presses()
        self._arm()
        self._announce_change()

    def handle(self, fob: EmulatedFob, stimulus: Input) -> None:
        """Give `stimulus` to `fob` now, and carry out its effects."""
        self.give(fob, stimulus)
        self.settle()

    def look(self, fob: EmulatedFob) -> Face:
        """Return the face of `fob` now."""
        return fob.device.face(self.catch_up(fob))

    def catch_up(self, fob: EmulatedFob) -> SimTime:
        """Do everything that is due for `fob`, and return the instant of that.

        Read the device at this instant: by the end of a commit something else may be due.
        """
        now = self.clock.now()
        self._errands.run_due(now)
        if self._watches or (fob.device.wake_at is not None and fob.device.wake_at <= now):
            self._handle(fob, Wake(), now)
        self.settle()
        self._save_time_ahead()
        return now

    def seen_now(self) -> SimTime:
        """Return true time, saved so that a restart does not go back before it."""
        if self.clock.is_standing and self.clock.now() > self._saved_until:
            self.save_time()
        self._save_time_ahead()
        return self.clock.now()

    def press(
        self,
        fobs: Iterable[EmulatedFob],
        nanoseconds: int,
        *,
        rapid: bool = False,
        on_ignored: Callable[[EmulatedFob], None] | None = None,
    ) -> None:
        """Schedule a press of `nanoseconds` of true time for each of `fobs`.

        It begins after the press before it and after the repeat guard, within which the program
        ignores presses; a `rapid` one begins as soon as the contact is at rest. `on_ignored` is
        called if the program ignores it all the same. Returns at once; `wait_for_presses` waits
        until it has ended.
        """
        now = self.clock.now()
        self._errands.run_due(now)
        for fob in fobs:
            self._handle(fob, Wake(), now)  # so that its guard is known as of now
            down = fob.next_press_at(now, rapid=rapid)
            self._plan(fob, ContactMoved(closed=True), down)
            fob.released_at = SimTime(down + nanoseconds)
            self._plan(fob, ContactMoved(closed=False), fob.released_at)
            fob.on_ignored = on_ignored
            self._pressed.add(fob)
        self._errands.run_due(now)
        self.settle()

    def call_at(self, instant: SimTime, act: Callable[[SimTime], None]) -> None:
        """Call `act` with `instant` when true time has come to it, at once if it has passed."""
        self._errands.put(instant, act)
        self._errands.run_due(self.clock.now())
        self.settle()

    def renew(self, fob: EmulatedFob, device: Device, images: Mapping[str, bytes]) -> None:
        """Put `device`, rebuilt from `images`, in the place of that of `fob`: a new incarnation.

        `settle` ends it.
        """
        now = self.clock.now()
        for watch in self._watches:
            if watch.device is fob.device:
                watch.device = device
        fob.renew(device)
        self._pressed.discard(fob)
        for key, image in images.items():
            self._store.put_image(fob.number, key, image)
        if self.recorder is not None:
            self.recorder.note_restored(fob.number, now, images)
        self.trace.note_event(fob.number, now, f"restored: incarnation {fob.incarnation}")
        self._handle(fob, Reset(), now)

    def record(self, recorder: Recorder) -> None:
        """Record from now on; every fob starts again, because a recording begins with its flash."""
        now = self.clock.now()
        recorder.begin(list(self.fobs), now, {"faults": self.fault_dice})
        self.recorder = recorder
        for fob in self.fobs:
            fob.device = fob.kind.rebuild(fob.device.images())
            fob.expected_at = None
            self._handle(fob, Reset(), now)
        self.settle()

    def is_pressing(self, fobs: Iterable[EmulatedFob]) -> bool:
        """Return whether a press of one of `fobs` has not ended."""
        return not self._pressed.isdisjoint(fobs)

    async def wait_for_presses(self, fobs: Iterable[EmulatedFob]) -> None:
        """Wait until the presses of `fobs` have ended; frozen time is moved just to that end."""
        while self.is_pressing(fobs):
            await self._next_change(None)

    async def wait_for(
        self, fob: EmulatedFob, seen: Callable[[Face], bool], nanoseconds: int
    ) -> Face | None:
        """Wait up to `nanoseconds` of true time until `seen` is true for the face of `fob`.

        Frozen time is moved from event to event. Return the first such face, also if the display
        has changed since; None after the time-out.
        """
        now = changed_at = self.catch_up(fob)
        watch = DisplayWatch(fob.device, seen, now, min(SimTime(now + nanoseconds), END))
        watch.look(now)
        self._watches.append(watch)
        try:
            wake, pause = fob.device.wake_at, FADE_NS
            while watch.found is None and now < watch.until:
                ends = (watch.until, changed_at + pause, fob.device.turns_at(now) or END)
                await self._next_change(SimTime(min(ends)))
                now = self.catch_up(fob)
                if fob.device.wake_at != wake:
                    wake, changed_at, pause = fob.device.wake_at, now, FADE_NS
                while changed_at + pause <= now:
                    pause *= 2
        finally:
            self._watches.remove(watch)
        return watch.found

    async def advance(self, nanoseconds: int) -> None:
        """Leap `nanoseconds` forward, and do everything that was due in between."""
        await self._leap(nanoseconds)
        await asyncio.gather(*self.plugging)
        self.save_time()

    async def step(self) -> None:
        """Leap to the next instant at which something is due; do nothing where nothing is."""
        instant = self._next_instant()
        if instant is not None:
            await self.advance(max(0, instant - self.clock.now()))

    def set_rate(self, rate: Fraction) -> None:
        """Set the rate of true time (0..10^7)."""
        self.clock.set_rate(rate)
        self.save_time()
        self._arm(again=True)
        self._changed = True
        self._announce_change()

    def save_time(self) -> None:
        """Make true time durable."""
        self._saved_until = self.clock.now()
        self._store.put_time(TimeRecord(self._saved_until, self.clock.offset()))
        self._store.commit()
        self._save_time_ahead()

    def stop(self) -> None:
        """Cancel the alarm and save the time."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._store.put_time(TimeRecord(self.clock.now(), self.clock.offset()))
        self._store.commit()

    def _handle(self, fob: EmulatedFob, stimulus: Input, now: SimTime) -> None:
        watches = self._watches and [one for one in self._watches if one.device is fob.device]
        effects = follow(watches, fob.device, now) if watches else []
        effects += fob.device.handle(stimulus, now)
        # A look without effects must not wake other waits: two would wake each other forever.
        self._changed |= bool(effects) or not isinstance(stimulus, Wake)
        if self.recorder is not None:
            self.recorder.note(fob.number, now, stimulus, effects)
        if isinstance(stimulus, ContactMoved | ButtonStuck):
            fob.touched_at = now
        for effect in effects:
            if isinstance(effect, Persist):
                self._store.put_image(fob.number, effect.key, effect.image)
                continue
            self._outbox.append((fob, effect))
            if isinstance(effect, Happened):
                self._note_event(fob, effect.event, now)
        self._wakes.expect(fob)

    def _note_event(self, fob: EmulatedFob, event: FobEvent, now: SimTime) -> None:
        self.trace.note_event(fob.number, now, event_text(fob, event))
        if event is FobEvent.PRESS_IGNORED:
            fob.ignored += 1
            if fob.on_ignored is not None:
                fob.on_ignored(fob)

    def _plan(self, fob: EmulatedFob, move: ContactMoved, instant: SimTime) -> None:
        incarnation = fob.incarnation

        def touch(instant: SimTime) -> None:
            if fob.incarnation != incarnation:
                return  # the finger is gone with the life that it belonged to
            fob.touches -= 1
            self._handle(fob, move, instant)

        fob.touches += 1
        self._errands.put(instant, touch)

    def _wake_due(self, now: SimTime) -> bool:
        """Wake up to SLICE_FOBS fobs that are due; return whether more are."""
        for _ in range(SLICE_FOBS):
            fob = self._wakes.take(now)
            if fob is None:
                return False
            self._handle(fob, Wake(), now)
        first = self._wakes.first()
        return first is not None and first <= now

    async def _leap(self, nanoseconds: int) -> None:
        self.clock.advance(nanoseconds)
        self._alarm_at = None  # an alarm set before the leap would be late
        self._changed = True
        while self._walk_slice():  # in slices, between which the loop runs other tasks
            await asyncio.sleep(0)

    def _walk_slice(self) -> bool:
        end = time.monotonic_ns() + SLICE_NS
        while True:
            now = self.clock.now()
            self._errands.run_due(now)
            more = self._wake_due(now)
            self.settle()
            if not more or time.monotonic_ns() >= end:
                return more

    def _next_instant(self) -> SimTime | None:
        instants = (self._wakes.first(), self._errands.first_at)
        return min((at for at in instants if at is not None), default=None)

    def _announce_change(self) -> None:
        """Wake all waits if something has changed."""
        changed, self._changed = self._changed, False
        if changed and self._change is not None:
            change, self._change = self._change, None
            if not change.done():
                change.set_result(None)

    async def _next_change(self, end: SimTime | None) -> None:
        """Wait for the next change, until `end` if one is given."""
        if self.clock.is_standing:
            instants = [at for at in (self._next_instant(), end) if at is not None]
            await self._leap(max(0, min(instants) - self.clock.now()) if instants else 0)
            if time.monotonic_ns() >= self._pause_at:  # other tasks run during a wait of years
                await asyncio.sleep(0)
                self._pause_at = time.monotonic_ns() + SLICE_NS
            return
        if self._change is None:
            self._change = asyncio.get_running_loop().create_future()
        left = None if end is None else self.clock.wall_seconds_until(end)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._change), left)

    def _arm(self, *, again: bool = False) -> None:
        """Set the alarm so that it is not later than anything due.

        An alarm may be early: setting it again then costs less than moving it with every byte on
        a line, whose time-out moves too. While time stands still, no alarm would ever ring.
        """
        if not again:
            first = min(self._wakes.not_before or END, self._errands.first_at or END)
            if self.clock.is_standing or (
                self._alarm and self._alarm_at and self._alarm_at <= first
            ):
                return
        instant = self._next_instant()
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._alarm_at = instant
        delay = None if instant is None else self.clock.wall_seconds_until(instant)
        if delay is not None:
            self._alarm = asyncio.get_running_loop().call_later(
                min(delay, ALARM_SECONDS_MAX), self._on_alarm
            )

    def _on_alarm(self) -> None:
        self._alarm = None
        self._alarm_at = None
        self._walk_slice()  # it sets the alarm again, at once if more is due

    def _end_presses(self) -> None:
        ended = []
        for fob in self._pressed:
            assert fob.released_at is not None
            wake = fob.device.wake_at
            if not fob.touches and (wake is None or wake > fob.released_at + SETTLE_NS):
                fob.released_at = None
                ended.append(fob)
        self._pressed.difference_update(ended)
        self._changed |= bool(ended)

    def _commit(self) -> None:
        if self._store.dirty:
            if not self.clock.is_scaled:
                self._saved_until = self.clock.now()
                self._store.put_time(TimeRecord(self._saved_until, self.clock.offset()))
            self._store.commit()
        self._save_time_ahead()

    def _save_time_ahead(self) -> None:
        """While time is scaled, keep a later time saved than any reader has seen."""
        if not self.clock.is_scaled or self.clock.now() <= self._saved_until:
            return
        self._saved_until = SimTime(self.clock.now() + int(MARGIN_NS * self.clock.rate))
        self._store.put_time(TimeRecord(self._saved_until, self.clock.offset()))
        self._store.commit()
