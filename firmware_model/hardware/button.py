"""The button's contact: pushed, stuck, and bouncing."""

from firmware_model.datasheet.parts import ButtonPart
from firmware_model.hardware.dice import Drbg, bits_of
from firmware_model.units import SimTime


class Contact:
    """One contact under a finger.

    `pushed`: a finger is on the key. `stuck`: the key does not come up. `closed`: how the contact
    settles, `quiet_at` the latest. `level(now)`: what the pin reads. How it bounces is thrown when
    it moves, and worked out only where somebody reads the pin before it is quiet.
    """

    __slots__ = ("_moved_at", "_part", "_throw", "closed", "pushed", "quiet_at", "stuck")

    def __init__(self, part: ButtonPart) -> None:
        self._part = part
        self.pushed = False
        self.stuck = False
        self.closed = False
        self._moved_at = self.quiet_at = 0
        self._throw = 0

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
        if now >= self.quiet_at:
            return self.closed
        passed = sum(edge <= now for edge in self._edges())
        return self.closed if passed % 2 == 0 else not self.closed

    def _settle(self, now: SimTime, dice: Drbg) -> bool:
        """Move the contact where finger and key hold it; return whether it was elsewhere."""
        closed = self.pushed or self.stuck
        if closed == self.closed:
            return False
        self.closed = closed
        self._throw = dice.throw()
        self._moved_at, self.quiet_at = now, now + self._part.bounce_us_max * 1000
        return True

    def _edges(self) -> list[int]:
        """Cut an even number of edges out of one random word, all before the contact rests."""
        part = self._part
        chance = bits_of(self._throw)
        spread_us = part.bounce_us_max - part.bounce_us_min
        length_us = part.bounce_us_min + ((chance >> 48) * (spread_us + 1) >> 16)
        pairs = chance % (part.bounce_edges_max // 2 + 1)
        edges = []
        for _ in range(2 * pairs):
            chance >>= 5  # 32 places are fine enough
            edges.append(self._moved_at + ((chance & 0x1F) * length_us * 1000 >> 5))
        return edges
