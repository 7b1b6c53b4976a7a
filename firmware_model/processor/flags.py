"""Which flags each instruction reads and writes, and which of them can be seen afterwards.

Flags are letters: `n` for N and Z, which go together, `c` and `v`. A comparison with a branch on
it right behind is one: the branch asks the operands and needs no flag.
"""

from dataclasses import dataclass, field

from firmware_model.processor.decoding import MachineInstruction, MachineOperation
from firmware_model.processor.statements import COMPARED, compared

O = MachineOperation  # noqa: E741 - the tables below are read by their columns

ALL = "ncv"
ACCESSES = (
    *(O.STORE, O.LOAD, O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP),
    O.LOAD_LITERAL,
)
_SHIFTS = (O.LSL_IMMEDIATE, O.LSR_IMMEDIATE, O.ASR_IMMEDIATE, O.LSL, O.LSR, O.ASR, O.ROR)
_BY_REGISTER = (O.LSL, O.LSR, O.ASR, O.ROR)
_SUMS = (
    *(O.ADD_REGISTER, O.SUB_REGISTER, O.ADD_IMMEDIATE, O.SUB_IMMEDIATE, O.CMP_IMMEDIATE),
    *(O.ADC, O.SBC, O.RSB, O.CMP, O.CMN),
)
_LOGIC = (O.MOV_IMMEDIATE, O.AND, O.EOR, O.TST, O.ORR, O.MUL, O.BIC, O.MVN)


@dataclass(slots=True)
class TracedInstruction:
    """One instruction of a block.

    `live` are those of the flags it writes that somebody sees, `literal` what a load of a literal
    finds where that cannot change, `compared` the operands of a comparison that a branch right
    behind it asks.
    """

    instruction: MachineInstruction
    address: int
    live: str = ""
    literal: int | None = None
    compared: tuple[str, str] | None = field(default=None)

    @property
    def accesses(self) -> bool:
        """Whether it reads or writes memory in a way that may fail."""
        return self.instruction.operation in ACCESSES and self.literal is None


def find_live_flags(lines: list[TracedInstruction]) -> str:
    """Note for each instruction which flags that it writes are seen; return those seen at once.

    Where a block may be left, all flags are seen.
    """
    live = set(ALL)
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        operation = line.instruction.operation
        if operation is O.BRANCH_IF:
            before = lines[place - 1] if place else None
            operands = before and compared(before.instruction, before.address)
            if before and operands and COMPARED[line.instruction.fields["c"]]:
                before.compared = operands
            else:
                live = set(ALL)
            continue
        writes = _writes(line.instruction)
        line.live = "".join(flag for flag in writes if flag in live)
        live = (live - set(writes)) | set(_reads(line.instruction))
        if line.accesses:
            live = set(ALL)
    return "".join(flag for flag in ALL if flag in live)


def _writes(instruction: MachineInstruction) -> str:
    operation = instruction.operation
    if operation in _SUMS:
        return "ncv"
    if operation in _LOGIC:
        return "n"
    if operation in _SHIFTS:
        moves = operation is O.LSL_IMMEDIATE and not instruction.fields["i"]
        return "n" if moves else "nc"
    return ""


def _reads(instruction: MachineInstruction) -> str:
    operation = instruction.operation
    if operation in (O.MRS, O.MSR):
        return ALL
    # A shift by nothing leaves the carry.
    return "c" if operation in (O.ADC, O.SBC, *_BY_REGISTER) else ""
