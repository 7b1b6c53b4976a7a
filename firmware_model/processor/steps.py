"""What a block does, in its order: accesses to memory, and where it may be left."""

from dataclasses import dataclass
from enum import Enum, auto

from firmware_model.processor.flags import Flag
from firmware_model.processor.terms import Term, TermMaker


@dataclass(slots=True)
class ExitState:
    """A place at which a block can be left: the state then, and what has been spent.

    `target` is where the program goes on: a place, or a value that a register or the stack held.
    `done` instructions took `spent` cycles, the last one of them `last`.
    """

    registers: tuple[Term, ...]
    flags: tuple[Flag, ...]
    target: int | Term
    done: int
    spent: int
    last: int = 0


class Region(Enum):
    """What is known of an address before the block runs."""

    UNKNOWN = auto()
    """Nothing: it is looked at then."""
    RAM = auto()
    REGISTER = auto()
    """It is a word of the chip's registers, if anything."""
    ELSEWHERE = auto()
    """It is none of these, or the access is not aligned: the core does it."""


@dataclass(slots=True)
class MemoryStep:
    """A load into the variable `value`, or a store of it; `before` is its instruction."""

    address: Term
    size: int
    value: Term
    before: ExitState
    region: Region
    stores: bool = False


@dataclass(slots=True)
class ExitStep:
    """The block is left where `condition` holds."""

    condition: Term
    leaving: ExitState


@dataclass(slots=True)
class RepeatStep:
    """Where `condition` holds, or always, the block begins again, while there is time."""

    condition: Term | None
    leaving: ExitState


@dataclass(slots=True)
class StopStep:
    """The block is left where a register that was written ended its time."""

    leaving: ExitState


@dataclass(slots=True)
class EndStep:
    """The block ends.

    `statement` is what is done then, `call` what gives the address to go on at, with a `%s` for
    `operand`; without it that is where `leaving` leads; where that is a value, `above` is put to it
    as a call (`places`).
    """

    leaving: ExitState
    call: str = ""
    operand: Term | None = None
    statement: str = ""
    above: int = 0


Step = MemoryStep | ExitStep | RepeatStep | StopStep | EndStep


@dataclass(slots=True)
class CodePath:
    """The way of a block through the code, from `place` (`places`) to `end` where it is straight.

    `forced` are bases of addresses that must lie in RAM, since a load from them was left out.
    """

    place: int
    end: int
    steps: list[Step]
    terms: TermMaker
    forced: set[Term]
