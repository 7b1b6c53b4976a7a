"""Eyes that wait for something on a display, and miss nothing that was shown meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from firmware_model.device import Device
from firmware_model.effects import Effect, Face
from firmware_model.inputs import Wake
from firmware_model.units import SimTime

TURNS_MAX = 1000
"""Steps of an always-on display that a wait makes up for at once: a longer leap hides the rest."""


@dataclass(slots=True, eq=False)
class DisplayWatch:
    """One look that goes on.

    `seen` says of a face whether it is the one waited for, `since` is when it last looked and
    `until` when it stops; `found` is the first face that `seen` was content with.
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


def follow(eyes: Iterable[DisplayWatch], device: Device, now: SimTime) -> list[Effect]:
    """Let what is due by `now` happen to `device`, with a look at everything that it shows.

    A machine that is late, or time that races, hides nothing so. Each picture is looked at as
    late as it stands: in the cold it takes its time to come out. `eyes` are those on `device`;
    where there are none, nothing happens here.
    """
    eyes = sorted(eyes, key=lambda eye: eye.until)
    effects: list[Effect] = []
    turns = iter(range(TURNS_MAX if eyes else 0))
    while eyes and (due := device.wake_at) is not None and due <= now:
        instant = max(eyes[0].since, due)
        _look(eyes, device, max(eyes[0].since, SimTime(due - 1)), turns)
        effects += device.handle(Wake(), instant)
        for eye in eyes:
            eye.since = instant
    _look(eyes, device, now, turns)
    return effects


def _look(eyes: Sequence[DisplayWatch], device: Device, now: SimTime, turns: Iterator[int]) -> None:
    """Look at `now`, and before it at each step to which the display went on by itself.

    Each step takes one of `turns`; without any left, steps are left out.
    """
    for _ in turns:
        turn = device.turns_at(eyes[0].since)
        if turn is None or turn >= now:
            break
        for eye in eyes:
            eye.look(turn)
    for eye in eyes:
        eye.look(now)
