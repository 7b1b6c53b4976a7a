"""Where an instruction leads, and how many cycles it takes."""

from firmware_model.processor.decoding import MachineInstruction, MachineOperation

PC = 15

O = MachineOperation  # noqa: E741 - the tables below are read by their columns

# Cycles of a Cortex-M0+ with a single-cycle multiplier (ARM DDI 0484, 3.3); the rest take one.
_CYCLES = {
    **dict.fromkeys((O.STORE, O.LOAD, O.LOAD_LITERAL, O.BX, O.BLX, O.WFE, O.WFI, O.BRANCH), 2),
    **dict.fromkeys((O.BL, O.MSR, O.MRS, O.BARRIER), 3),
}
LONGEST_CYCLES = 13
"""Of one instruction: POP of all that it can."""

_LISTS = (O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP)


def branch_target(instruction: MachineInstruction, address: int) -> int:
    """Return where a branch leads that says so itself (B, BL)."""
    fields, pc = instruction.fields, address + 4
    if instruction.operation is O.BL:
        return _branch_and_link(fields, pc)
    bits = 12 if instruction.operation is O.BRANCH else 9
    return pc + _signed(fields["i"] << 1, bits) & 0xFFFFFFFF


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> bits - 1 else number


def _branch_and_link(fields: dict[str, int], pc: int) -> int:
    s = fields["S"]
    i1, i2 = 1 ^ fields["J"] ^ s, 1 ^ fields["K"] ^ s
    offset = s << 24 | i1 << 23 | i2 << 22 | fields["i"] << 12 | fields["j"] << 1
    return pc + _signed(offset, 25) & 0xFFFFFFFF


def jumps_to_register(instruction: MachineInstruction) -> bool:
    """Return whether ADD or MOV writes the program counter."""
    fields = instruction.fields
    return "D" in fields and fields["D"] << 3 | fields["d"] == PC


def cycles_of(instruction: MachineInstruction) -> int:
    """Return how many cycles it takes; a branch that may be taken one more where it is."""
    operation, fields = instruction.operation, instruction.fields
    if operation in _LISTS:
        count = fields["l"].bit_count()
        if fields.get("p"):
            return count + (4 if operation is O.POP else 2)
        return count + 1
    if operation in (O.ADD_HIGH, O.MOV_HIGH) and jumps_to_register(instruction):
        return 2
    return _CYCLES.get(operation, 1)
