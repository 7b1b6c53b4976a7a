"""Exceptions and interrupts: which are pending, which is served next (ARM DDI 0419, B1.5, B3.4).

Numbers are the architecture's: 1 reset, 2 NMI, 3 HardFault, 11 SVCall, 14 PendSV, 15 SysTick,
16 and up the interrupts of the part. A smaller priority is served first.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

NMI, HARD_FAULT, SVCALL, PENDSV, SYSTICK, FIRST_INTERRUPT = 2, 3, 11, 14, 15, 16
INTERRUPTS_MAX = 32
LOWEST = 256
"""The priority of a program that serves nothing."""

FAULTS_KEPT = 16
"""A program that faults without end says nothing new."""

_FIXED = {NMI: -2, HARD_FAULT: -1}
_PRIORITY_MASK = 0xC0
"""Two bits of priority are kept (B3.4.1)."""


class FaultRecord(NamedTuple):
    """What a program did wrong, and the address of the instruction that did it."""

    reason: str
    address: int


class CoreStop(Enum):
    """Why `run` came back."""

    CYCLES = "it has run as far as it was told"
    ASLEEP = "it waits for an interrupt"
    LOCKED_UP = "a fault within the handler of faults"
    RESET = "the program asked for a reset"


@dataclass(slots=True)
class ExceptionState:
    """What is pending, enabled and active; `priorities` are those that a program may set."""

    pending: set[int] = field(default_factory=set)
    enabled: set[int] = field(default_factory=set)
    active: list[int] = field(default_factory=list)
    priorities: dict[int, int] = field(default_factory=dict)

    def priority(self, number: int) -> int:
        """Return the priority of an exception."""
        return _FIXED.get(number, self.priorities.get(number, 0))

    def set_priority(self, number: int, value: int) -> None:
        """Take the priority that a program writes; only its two high bits count."""
        self.priorities[number] = value & _PRIORITY_MASK

    @property
    def running(self) -> int:
        """The priority that the processor runs at now, without PRIMASK."""
        if not self.active:
            return LOWEST
        return min(map(self.priority, self.active))

    def next(self, *, masked: bool) -> int | None:
        """Return the pending exception that is to be served now, None for none.

        Args:
            masked: whether PRIMASK raises the priority of what runs to 0.
        """
        level = min(self.running, 0) if masked else self.running
        return self._first(level)

    def wakes(self) -> bool:
        """Return whether a pending exception ends WFI, which PRIMASK does not prevent (B1.5.19)."""
        return bool(self.pending) and self._first(self.running) is not None

    def highest_pending(self) -> int | None:
        """Return the pending exception of the highest priority, whatever runs; None for none."""
        return self._first(LOWEST + 1)

    def _first(self, level: int) -> int | None:
        best: tuple[int, int] | None = None
        for number in self.pending:
            if number < FIRST_INTERRUPT or number in self.enabled:
                order = self.priority(number), number
                if order[0] < level and (best is None or order < best):
                    best = order
        return None if best is None else best[1]
