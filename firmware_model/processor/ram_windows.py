"""Accesses of a block that have one base: where they lie in RAM is looked at once for all of them.

The first one works out where its base lies from RAM's start, `o0`, and its places in the views of
RAM by bytes, halfwords and words, `m1`, `m2` and `m4`. A window that something is stored through,
and one that the stack pointer is the base of, must lie in RAM: the block is left before the first
access of another one, and the core plays that instruction alone. One that is only read from may
lie elsewhere: each of its loads then asks the core.
"""

from dataclasses import dataclass, field

from firmware_model.processor.steps import CodePath, MemoryStep, Region
from firmware_model.processor.terms import Term

STACK_POINTER = "r13"


@dataclass(slots=True, eq=False)
class RamWindow:
    """All accesses by one base; `low` is the offset at which it begins, `span` its bytes."""

    base: Term
    number: int
    must_be_ram: bool
    accesses: list[MemoryStep] = field(default_factory=list)
    low: int = 0
    span: int = 0
    aligned: int = 1
    is_open: bool = False

    def close(self) -> None:
        """Work out where it begins and ends, and to what it must be aligned."""
        offsets = [access.address.offset for access in self.accesses]
        self.aligned = max(access.size for access in self.accesses)
        widest = next(access for access in self.accesses if access.size == self.aligned)
        low = min(offsets)
        self.low = low - (low - widest.address.offset) % self.aligned
        ends = [access.address.offset + access.size for access in self.accesses]
        self.span = max(ends) - self.low

    def fits(self, access: MemoryStep) -> bool:
        """Return whether an access can be aligned where the others are."""
        return not (access.address.offset - self.low) % access.size

    def condition(self, ram_size: int) -> str:
        """Return the condition that all of it is in RAM, and aligned."""
        inside = f"0 <= o{self.number} <= {ram_size - self.span}"
        if self.aligned == 1 or self.base.name == STACK_POINTER:
            return inside
        return f"{inside} and not o{self.number} & {self.aligned - 1}"

    def place(self, access: MemoryStep) -> str:
        """Return what an access is in the views of RAM."""
        distance = (access.address.offset - self.low) // access.size
        index = self.index(access.size) + (f" + {distance}" if distance else "")
        return f"m{access.size}[{index}]"

    def index(self, size: int) -> str:
        """Return the variable that holds its first place in a view."""
        return f"i{self.number}_{size}"

    def indices(self) -> list[tuple[str, str]]:
        """Return these variables, and how each follows from the offset."""
        sizes = sorted({access.size for access in self.accesses})
        return [(self.index(size), f"o{self.number} >> {size >> 1}") for size in sizes]


def find_windows(path: CodePath) -> dict[Term, RamWindow]:
    """Return the windows of a block by their bases; accesses to known addresses have none."""
    windows: dict[Term, RamWindow] = {}
    for step in path.steps:
        if isinstance(step, MemoryStep) and step.region is Region.UNKNOWN:
            base = step.address.base
            window = windows.get(base)
            if window is None:
                must_be_ram = base in path.forced or base.name == STACK_POINTER
                window = windows[base] = RamWindow(base, len(windows), must_be_ram)
            window.accesses.append(step)
            window.must_be_ram |= step.stores
    for window in windows.values():
        window.close()
    return windows
