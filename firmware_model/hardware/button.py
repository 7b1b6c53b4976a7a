"""The button's contact: pushed, stuck, and bouncing."""

from firmware_model.datasheet.parts import ButtonPart
from firmware_model.hardware.dice import Drbg
from firmware_model.units import SimTime


class Contact:
    """One contact under a finger.

    `pushed`: a finger is on the key. `stuck`: the key does not come up. `closed`: how the contact
    settles, at `rest_at`. `level(now)`: what the pin reads.
    """

    __slots__ = ("_chance", "_moved_at", "_part", "closed", "pushed", "rest_at", "stuck")

    def __init__(self, part: ButtonPart) -> None:
        self._part = part
        self.pushed = False
        self.stuck = False
        self.closed = False
        self._moved_at = self.rest_at = SimTime(0)
        self._chance = 0

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
        if now >= self.rest_at:
            return self.closed
        passed = sum(edge <= now for edge in self._edges())
        return self.closed if passed % 2 == 0 else not self.closed

    def _settle(self, now: SimTime, dice: Drbg) -> bool:
        """Move the contact where finger and key hold it; it bounces by an even number of edges."""
        closed = self.pushed or self.stuck
        if closed == self.closed:
            return False
        self.closed = closed
        part = self._part
        chance = self._chance = dice.word()
        spread_us = part.bounce_us_max - part.bounce_us_min
        length_us = part.bounce_us_min + ((chance >> 48) * (spread_us + 1) >> 16)
        self._moved_at, self.rest_at = now, SimTime(now + length_us * 1000)
        return True

    def _edges(self) -> list[int]:
        """Cut an even number of edges out of one random word, all before the contact rests."""
        pairs_max = self._part.bounce_edges_max // 2
        chance = self._chance
        pairs = chance % (pairs_max + 1)
        length_ns = self.rest_at - self._moved_at
        edges = []
        for _ in range(2 * pairs):
            chance >>= 5  # 32 places are fine enough
            edges.append(self._moved_at + ((chance & 0x1F) * length_ns >> 5))
        return edges
