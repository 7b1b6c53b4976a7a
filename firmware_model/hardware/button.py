"""The button's contact: what finger and sticking key do, and the bouncing that the pin sees."""

from firmware_model.hardware.dice import Drbg
from firmware_model.spec.parts import Button as ButtonPart
from firmware_model.units import SimTime


class Contact:
    """One contact under a finger.

    `pushed` is what the finger does, `stuck` says that the key does not come up again; `closed`
    is where the contact comes to rest, `level(now)` what the pin reads.
    """

    __slots__ = ("_edges", "_part", "closed", "pushed", "stuck")

    def __init__(self, part: ButtonPart) -> None:
        self._part = part
        self.pushed = False
        self.stuck = False
        self.closed = False
        self._edges: tuple[SimTime, ...] = ()

    def push(self, pushed: bool, now: SimTime, dice: Drbg) -> bool:
        """Push down or let go at `now`; return whether the contact moved."""
        self.pushed = pushed
        return self._settle(now, dice)

    def jam(self, stuck: bool, now: SimTime, dice: Drbg) -> bool:
        """Let the key stick, or free it, at `now`; return whether the contact moved."""
        self.stuck = stuck
        return self._settle(now, dice)

    def level(self, now: SimTime) -> bool:
        """Return True while the pin reads closed."""
        if not self._edges or now >= self._edges[-1]:
            return self.closed
        passed = sum(edge <= now for edge in self._edges)
        return self.closed if passed % 2 == 0 else not self.closed

    def _settle(self, now: SimTime, dice: Drbg) -> bool:
        """Move to where finger and key want the contact: it bounces, an even number of edges."""
        closed = self.pushed or self.stuck
        if closed == self.closed:
            return False
        self.closed = closed
        part = self._part
        length_us = dice.between(part.bounce_us_min, part.bounce_us_max)
        self._edges = _bounces(dice.word(), length_us, part.bounce_edges_max // 2, now)
        return True


def _bounces(chance: int, length_us: int, pairs_max: int, now: SimTime) -> tuple[SimTime, ...]:
    """Cut up to `pairs_max` pairs of edges out of one random word, within `length_us` of `now`."""
    pairs = chance % (pairs_max + 1)
    spots = []
    for _ in range(2 * pairs):
        chance >>= 5  # 32 places are enough for contacts nobody watches that closely
        spots.append((chance & 0x1F) * length_us * 1000 >> 5)
    return tuple(SimTime(now + spot) for spot in sorted(spots))
