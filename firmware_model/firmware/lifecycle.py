"""The life-cycle as one table: GlobalPlatform's coding, with a flag for "in use".

All transitions of the life-cycle are in this file.
"""

from firmware_model.wire.codes import LifeCycle

# An absent pair means: refused. Termination is possible from anywhere and ends everything; a
# locked fob returns to where it was, which is always SEALED (WIRE §6).
TRANSITIONS: frozenset[tuple[LifeCycle, LifeCycle]] = frozenset(
    {
        (LifeCycle.BLANK, LifeCycle.PERSONALISED),
        (LifeCycle.PERSONALISED, LifeCycle.SEALED),
        (LifeCycle.SEALED, LifeCycle.LOCKED),
        (LifeCycle.LOCKED, LifeCycle.SEALED),
        (LifeCycle.BLANK, LifeCycle.TERMINATED),
        (LifeCycle.PERSONALISED, LifeCycle.TERMINATED),
        (LifeCycle.SEALED, LifeCycle.TERMINATED),
        (LifeCycle.LOCKED, LifeCycle.TERMINATED),
    }
)


def permits(start: LifeCycle, end: LifeCycle) -> bool:
    """Return whether the life-cycle may go from `start` to `end` in one step."""
    return (start, end) in TRANSITIONS
