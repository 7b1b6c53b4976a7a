"""Random states of the processor for comparing cores: one instruction, or a run of them.

What the architecture calls unpredictable is left out, and so is what needs a part around the core
(exceptions, sleep). A state's `code` ends where `states.STAY` begins, so cores need not agree on
when to stop.
"""

import random
from collections.abc import Iterator

from firmware_model.processor.decoding import (
    NARROW,
    MachineInstruction,
    MachineOperation,
    decode,
    is_wide,
)
from tests.firmware_model.processor.states import CODE, CODE_SIZE, RAM, STACK, State

O = MachineOperation  # noqa: E741 - read by its columns

SPECIAL_VALUES = (0, 1, 2, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 31, 32, 33, 255, 256)
NEEDS_A_PART = (O.UNDEFINED, O.SVC, O.BREAKPOINT, O.WFI, O.WFE, O.CPS)
UNKNOWN_TO_UNICORN = {0xBF10}
"""YIELD, which does nothing (A6.7.77); Unicorn's decoder rejects it."""
SPECIAL_REGISTERS = (0, 1, 3, 8, 9, 16, 20)
BARRIERS = (0x8F4F, 0x8F5F, 0x8F6F)
POINTER = 7
"""In runs, this register points into RAM and nothing changes it."""


def narrow_codes() -> list[int]:
    """Return every halfword that is an instruction whose outcome the architecture defines."""
    return [
        code
        for code in range(0x1_0000)
        if not is_wide(code)
        and code not in UNKNOWN_TO_UNICORN
        and _is_defined(decode(code, wide=False))
    ]


def _is_defined(instruction: MachineInstruction) -> bool:
    operation, fields = instruction.operation, instruction.fields
    if operation in NEEDS_A_PART:
        return False
    registers = fields.get("l", 0)
    if operation in (O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP):
        if not registers and not fields.get("p"):
            return False
        base = fields.get("n", 0)
        is_stored_late = registers >> base & 1 and registers & ((1 << base) - 1)
        return not (operation is O.STORE_MULTIPLE and is_stored_late)
    if operation is O.CMP and "N" in fields:
        first = fields["N"] << 3 | fields["n"]
        return 15 not in (first, fields["m"]) and not (first < 8 and fields["m"] < 8)
    if operation in (O.BX, O.BLX):
        return fields["m"] not in (13, 15)
    if operation in (O.ADD_HIGH, O.MOV_HIGH):
        target = fields["D"] << 3 | fields["d"]
        # The core keeps SP on words, as the architecture has it; Unicorn takes any number.
        return target != 13 and not (target == 15 and fields["m"] in (13, 15))
    return not (operation is O.LOAD and "m" in fields and fields["m"] == fields["n"])


def one_instruction(code: int, dice: random.Random) -> State:
    """Return a state that plays one instruction of 16 bits."""
    instruction = decode(code, wide=False)
    operation, fields = instruction.operation, instruction.fields
    registers = _registers(dice)
    words = [code]
    if operation in (O.LOAD, O.STORE) and fields["n"] != 13:
        if "m" in fields:
            registers[fields["m"]] = 4 * dice.randrange(64)
        if fields.get("m") != fields["n"]:
            registers[fields["n"]] = RAM + 0x800 + 4 * dice.randrange(64)
    elif operation in (O.LOAD_MULTIPLE, O.STORE_MULTIPLE):
        registers[fields["n"]] = RAM + 0x800 + 4 * dice.randrange(64)
    elif operation is O.POP and fields["p"]:  # first put there what it will go to
        registers[1] = _target(dice) | 1
        words = [0x9100 | fields["l"].bit_count(), code]  # str r1, [sp, #...]
    elif operation in (O.BX, O.BLX):
        registers[fields["m"]] = _target(dice) | 1
    elif operation in (O.ADD_HIGH, O.MOV_HIGH) and fields["D"] << 3 | fields["d"] == 15:
        limit = CODE_SIZE - CODE - 0x10 if operation is O.ADD_HIGH else CODE_SIZE
        registers[fields["m"]] = dice.randrange(0x40, limit)
    return _state(words, registers, dice)


def wide_instructions(dice: random.Random) -> State:
    """Return a state with one instruction of 32 bits, or a write and a read of a special one."""
    registers = _registers(dice)
    kind = dice.randrange(3)
    if kind == 0:
        offset = dice.randrange(-CODE - 4 + 0x40, CODE_SIZE - CODE - 4, 2)
        if dice.random() < 0.3:  # far away: nothing is there to be executed
            offset = dice.randrange(-(1 << 24), 1 << 24, 2)
        return _state(_branch_and_link(offset), registers, dice)
    if kind == 1:
        return _state([0xF3BF, dice.choice(BARRIERS)], registers, dice)
    return _state(_special_move(dice), registers, dice)


def _special_move(dice: random.Random, numbers: tuple[int, ...] = SPECIAL_REGISTERS) -> list[int]:
    """Return code that writes a special register, now and then, and reads one."""
    number = dice.choice(numbers)
    source, target = dice.randrange(7), dice.randrange(7)
    code = []
    if dice.random() < 0.7 and number not in (1, 3):
        if number in (8, 9):  # what becomes a stack pointer is one already
            code.append(0x4668 | source)
        elif number == 0:  # flags only: Unicorn keeps a bit that this architecture has not
            code += [0x0F00 | source << 3 | source, 0x0700 | source << 3 | source]
        elif number == 20:
            code.append(0x2000 | source << 8 | 2 * dice.randrange(2))
        code += [0xF380 | source, 0x8800 | number, 0xF3BF, 0x8F6F]
    return [*code, 0xF3EF, 0x8000 | target << 8 | number]


def _branch_and_link(offset: int) -> list[int]:
    bits = offset & 0x1FF_FFFF
    sign = bits >> 24
    j1, j2 = (1 ^ (bits >> place & 1) ^ sign for place in (23, 22))
    high = 0xF000 | sign << 10 | bits >> 12 & 0x3FF
    return [high, 0xD000 | j1 << 13 | j2 << 11 | bits >> 1 & 0x7FF]


def sequence(dice: random.Random, codes: list[int], length: int) -> State:
    """Return a state that plays a run of instructions with branches forward and accesses to RAM.

    Now and then an access fails in its middle: all before it has happened, and nothing after it.
    Accesses are aligned: the architecture has a fault for others, Unicorn does them.
    """
    registers = _registers(dice)
    registers[POINTER] = RAM + 0x800 + 4 * dice.randrange(64)
    words: list[int] = []
    skipped = 0
    while len(words) < length:
        code = dice.choice(codes)
        if skipped:  # a branch may lead behind these, so none of them has two halves
            if _fits_sequence(decode(code, wide=False)):
                words.append(code)
                skipped -= 1
            continue
        draw = dice.random()
        if draw < 0.05:
            words += _special_move(dice, (0, 16))
        elif draw < 0.08:
            words += [0xF3BF, dice.choice(BARRIERS)]
        elif draw < 0.12:
            words += _failing_access(dice)
        elif draw < 0.2:
            skipped = dice.randrange(1, 5)
            words.append(0xD000 | dice.randrange(14) << 8 | skipped - 1)
        elif _fits_sequence(decode(code, wide=False)):
            words.append(code)
    return _state(words, registers, dice)


def _failing_access(dice: random.Random) -> list[int]:
    if dice.random() < 0.7:
        return []
    register = dice.randrange(6)
    address = [0x2000 | register << 8 | 0x60, 0x0600 | register << 3 | register]  # 0x6000_0000
    return [*address, dice.choice((0x6800, 0x6000)) | register << 3 | dice.randrange(6)]


def _fits_sequence(instruction: MachineInstruction) -> bool:
    operation, fields = instruction.operation, instruction.fields
    if operation in (O.BX, O.BLX, O.BRANCH, O.BRANCH_IF, O.ADR, O.LOAD_LITERAL):
        return False
    if operation in (O.LOAD, O.STORE):
        if "m" in fields or fields["n"] not in (POINTER, 13):
            return False
        return fields["t"] != POINTER or operation is O.STORE
    if operation in (O.LOAD_MULTIPLE, O.STORE_MULTIPLE):
        return False
    if operation in (O.PUSH, O.POP):
        return not fields["p"] and not (operation is O.POP and fields["l"] >> POINTER & 1)
    if operation is O.MOVE_SP:
        return fields["i"] < 8
    if operation in (O.ADD_HIGH, O.MOV_HIGH):
        return fields["D"] << 3 | fields["d"] not in (POINTER, 13, 15)
    return fields.get("d") != POINTER


def _registers(dice: random.Random) -> list[int]:
    values = [
        dice.choice(SPECIAL_VALUES) if dice.random() < 0.3 else dice.getrandbits(32)
        for _ in range(13)
    ]
    return [*values, STACK + 4 * dice.randrange(64), dice.getrandbits(32)]


def _target(dice: random.Random) -> int:
    return dice.randrange(0x40, CODE_SIZE, 2)


def _state(words: list[int], registers: list[int], dice: random.Random) -> State:
    flags = dice.getrandbits(4)
    if flags >> 2 == 3:
        flags &= ~4  # N and Z at once come by MSR only, which Unicorn cannot be given
    return {
        "code": b"".join(word.to_bytes(2, "little") for word in words).hex(),
        "r": registers,
        "flags": flags,
        "steps": len(words),
    }


PAIRS = (
    *((5, 5), (1, 2), (2, 1), (0, 0), (0x7FFF_FFFF, 0x8000_0000), (0x8000_0000, 0x7FFF_FFFF)),
    *((0, 0x8000_0000), (0xFFFF_FFFF, 1), (1, 0xFFFF_FFFF)),
)
"""Operands at which conditions differ."""


def edge_table(dice: random.Random) -> Iterator[tuple[str, State]]:
    """Give states at the edges: all conditions on a comparison and a sum, shifts by 0, 32, ..."""
    for first in (0x4288, 0x42C8, 0x1A44, 0x1844):  # cmp, cmn; r4 = r0 - r1, r0 + r1
        # r2 = 2 * r2, and 1 more where the condition does not hold; neither changes a flag
        asked = [w for c in range(14) for w in (first, 0x4412, 0xD000 | c << 8, 0x4442)]
        for pair in PAIRS:
            registers = _registers(dice)
            registers[0:3], registers[8] = [*pair, 0], 1
            words = [word for word in asked if word != first] if first == 0x42C8 else asked
            yield "conditions", _state([first, *words, first, 0x4149], registers, dice)
    for code in (0x4088, 0x40C8, 0x4108, 0x41C8):
        for count in (0, 1, 31, 32, 33, 255, 256):
            registers = _registers(dice)
            registers[1] = count
            yield "shifts", _state([code], registers, dice)


def literal_table(dice: random.Random, each: int) -> Iterator[tuple[str, State]]:
    """Give `each` states for every row of the instruction set, with the row's name."""
    codes = narrow_codes()
    for pattern, operation, given in NARROW:
        signs = pattern.replace(" ", "")
        mask = int("".join("1" if sign in "01" else "0" for sign in signs), 2)
        value = int("".join(sign if sign in "01" else "0" for sign in signs), 2)
        fitting = [
            code
            for code in codes
            if code & mask == value and decode(code, wide=False).operation is operation
        ]
        extra = "".join(f" {key} {number}" for key, number in given.items())
        for code in dice.sample(fitting, min(each, len(fitting))):
            yield operation.name + extra, one_instruction(code, dice)
    for _ in range(12 * each):
        yield "32 bits", wide_instructions(dice)
