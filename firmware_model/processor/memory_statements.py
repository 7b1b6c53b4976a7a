"""Loads and stores as statements of Python: RAM at once, everything else by the core.

`m1`, `m2` and `m4` are RAM by bytes, halfwords and words; where it lies is written into the text.
The slow path tells the core its place within the block, so that a block whose access fails can be
left there.
"""

from typing import NamedTuple

from firmware_model.processor.decoding import MachineOperation
from firmware_model.processor.statements import LR, SP, InstructionWriter, M

O = MachineOperation  # noqa: E741 - read by its columns

_VIEWS = {1: "m1", 2: "m2", 4: "m4"}
_SHIFTS = {1: "", 2: " >> 1", 4: " >> 2"}


class RamWindow(NamedTuple):
    """Where RAM lies; both are multiples of 4."""

    start: int
    size: int

    def holds(self, size: int) -> str:
        """Return the condition that offset `o` into it is one, and is aligned to `size` bytes."""
        if self.size & self.size - 1:
            aligned = f" and not o & {size - 1}" if size > 1 else ""
            return f"0 <= o < {self.size}{aligned}"
        return f"not o & {-self.size | size - 1}"  # also of an offset below zero

    def holds_words(self, count: int) -> str:
        """Return the condition that `count` words from offset `o` on are all in it."""
        return f"0 <= o <= {self.size - 4 * count} and not o & 3"


def write_memory_operation(text: InstructionWriter, ram: RamWindow, literal: int | None) -> None:
    """Write the statements of an instruction that reads or writes memory.

    Args:
        text: the instruction.
        ram: where RAM lies.
        literal: what a load of a literal finds, where that cannot change; None where it may.
    """
    match text.operation:
        case O.LOAD_LITERAL if literal is not None:
            text.say(f"r{text.fields['t']} = {literal}")
        case O.LOAD_LITERAL:
            where = (text.pc & ~3) + (text.fields["i"] << 2) & 0xFFFF_FFFF
            text.say(f"r{text.fields['t']} = c.load({where}, 4, {text.place})")
        case O.LOAD:
            _load_one(text, ram)
        case O.STORE:
            value = f"r{text.fields['t']}"
            _store(text, ram, value)
        case O.LOAD_MULTIPLE | O.POP:
            _load_several(text, ram)
        case O.STORE_MULTIPLE | O.PUSH:
            _store_several(text, ram)


def _offset(text: InstructionWriter, ram: RamWindow) -> str:
    """Return how far the address of a load or store is from RAM's; what wraps is none of RAM."""
    fields = text.fields
    base = f"r{fields['n']}"
    if "m" in fields:
        return f"{base} + r{fields['m']} - {ram.start}"
    return f"{base} - {ram.start - fields['i'] * fields['size']}"


def _load_one(text: InstructionWriter, ram: RamWindow) -> None:
    fields = text.fields
    size, target = fields["size"], f"r{fields['t']}"
    text.say(f"o = {_offset(text, ram)}")
    value = (
        f"{_VIEWS[size]}[o{_SHIFTS[size]}] if {ram.holds(size)}"
        f" else c.load(o + {ram.start} & {M}, {size}, {text.place})"
    )
    if fields.get("signed"):
        half = 1 << 8 * size - 1
        value = f"(({value}) ^ {half}) - {half} & {M}"
    text.say(f"{target} = {value}")


def _store(text: InstructionWriter, ram: RamWindow, value: str) -> None:
    size = text.fields["size"]
    if size < 4:
        value = f"{value} & {(1 << 8 * size) - 1}"
    text.say(f"o = {_offset(text, ram)}")
    text.say(f"if {ram.holds(size)}: {_VIEWS[size]}[o{_SHIFTS[size]}] = {value}")
    text.say(f"else: c.store(o + {ram.start} & {M}, {size}, {value}, {text.place})")


def _load_several(text: InstructionWriter, ram: RamWindow) -> None:
    """Write a load of several words: what changes a register comes last, in case one fails."""
    fields, numbers = text.fields, _registers(text.fields)
    is_pop = text.operation is O.POP
    base = f"r{SP}" if is_pop else f"r{fields['n']}"
    targets = [f"r{number}" for number in numbers]
    if is_pop and fields["p"]:
        targets.append("target")
    count = len(targets)
    text.say(f"o = {base} - {ram.start}")
    text.say(f"if {ram.holds_words(count)}:")
    text.say(" i = o >> 2")
    words = [f"m4[i + {place}]" if place else "m4[i]" for place in range(count)]
    text.say(" " + "; ".join(f"v{place} = {word}" for place, word in enumerate(words)))
    text.say("else:")
    for place in range(count):
        text.say(f" v{place} = c.load({base} + {4 * place} & {M}, 4, {text.place})")
    if is_pop or fields["n"] not in numbers:
        text.say(f"{base} = {base} + {4 * count} & {M}")
    for place, target in enumerate(targets):
        text.say(f"{target} = v{place}")


def _store_several(text: InstructionWriter, ram: RamWindow) -> None:
    fields, numbers = text.fields, _registers(text.fields)
    is_push = text.operation is O.PUSH
    if is_push and fields["p"]:
        numbers.append(LR)
    count = len(numbers)
    base = f"r{SP}" if is_push else f"r{fields['n']}"
    start = f"{base} - {4 * count} & {M}" if is_push else base
    text.say(f"t = {start}")
    text.say(f"o = t - {ram.start}")
    text.say(f"if {ram.holds_words(count)}:")
    text.say(" i = o >> 2")
    for place, number in enumerate(numbers):
        text.say(f" m4[i + {place}] = r{number}" if place else f" m4[i] = r{number}")
    text.say("else:")
    for place, number in enumerate(numbers):
        text.say(f" c.store(t + {4 * place} & {M}, 4, r{number}, {text.place})")
    text.say(f"{base} = t" if is_push else f"{base} = t + {4 * count} & {M}")


def _registers(fields: dict[str, int]) -> list[int]:
    return [number for number in range(8) if fields["l"] >> number & 1]
