"""Waiting for something on a display without missing what was shown in between."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from firmware_model.device import Device
from firmware_model.effects import Effect, Face
from firmware_model.inputs import Wake
from firmware_model.units import SimTime

TURNS_MAX = 1000
"""Steps of an always-on display that are looked at after a leap; later ones are not seen."""


@dataclass(slots=True, eq=False)
class DisplayWatch:
    """A wait for a face of one device.

    `seen` returns whether a face is the one waited for; `since` is the last instant looked at,
    `until` the last one of the wait; `found` is the first face for which `seen` was true.
    """

    device: Device
    seen: Callable[[Face], bool]
    since: SimTime
    until: SimTime
    found: Face | None = None

    def look(self, now: SimTime) -> None:
        """Look at `now`, which is not past the device's `wake_at`; at `until` if that is over."""
        if self.found is None and self.since <= self.until:
            face = self.device.face(min(now, self.until))
            if self.seen(face):
                self.found = face
        self.since = now


def follow(watches: Iterable[DisplayWatch], device: Device, now: SimTime) -> list[Effect]:
    """Wake `device` for everything due by `now`, with a look at everything that it shows.

    So a slow machine or scaled time hides nothing. Each picture is looked at as late as possible,
    because segments turn on slowly in the cold. `watches` are those of `device`; without any,
    nothing is done.
    """
    watches = sorted(watches, key=lambda watch: watch.until)
    effects: list[Effect] = []
    turns = iter(range(TURNS_MAX if watches else 0))
    while watches and (due := device.wake_at) is not None and due <= now:
        instant = max(watches[0].since, due)
        _look(watches, device, max(watches[0].since, SimTime(due - 1)), turns)
        effects += device.handle(Wake(), instant)
        for watch in watches:
            watch.since = instant
    _look(watches, device, now, turns)
    return effects


def _look(
    watches: Sequence[DisplayWatch], device: Device, now: SimTime, turns: Iterator[int]
) -> None:
    """Look at `now`, and before it at each code that an always-on display showed.

    Each code takes one of `turns`; when none is left, codes are skipped.
    """
    for _ in turns:
        turn = device.turns_at(watches[0].since)
        if turn is None or turn >= now:
            break
        for watch in watches:
            watch.look(turn)
    for watch in watches:
        watch.look(now)
