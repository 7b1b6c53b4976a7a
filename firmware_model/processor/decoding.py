"""The instruction set as a table: patterns of bits, and the operation that each stands for.

Source: ARMv6-M Architecture Reference Manual (ARM DDI 0419), A5 and A6. In a pattern `0` and `1`
are fixed, a letter is a field of that name; letters of one name form one number, high bit first.
What no row fits is undefined. Instructions of 32 bits are two halfwords, the first one high.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache


class MachineOperation(Enum):
    """What an instruction does; `translation` writes it out."""

    LSL_IMMEDIATE = auto()
    LSR_IMMEDIATE = auto()
    ASR_IMMEDIATE = auto()
    ADD_REGISTER = auto()
    SUB_REGISTER = auto()
    ADD_IMMEDIATE = auto()
    SUB_IMMEDIATE = auto()
    MOV_IMMEDIATE = auto()
    CMP_IMMEDIATE = auto()
    AND = auto()
    EOR = auto()
    LSL = auto()
    LSR = auto()
    ASR = auto()
    ADC = auto()
    SBC = auto()
    ROR = auto()
    TST = auto()
    RSB = auto()
    CMP = auto()
    CMN = auto()
    ORR = auto()
    MUL = auto()
    BIC = auto()
    MVN = auto()
    ADD_HIGH = auto()
    MOV_HIGH = auto()
    BX = auto()
    BLX = auto()
    LOAD_LITERAL = auto()
    STORE = auto()
    LOAD = auto()
    STORE_MULTIPLE = auto()
    LOAD_MULTIPLE = auto()
    PUSH = auto()
    POP = auto()
    ADR = auto()
    ADD_SP = auto()
    MOVE_SP = auto()
    EXTEND = auto()
    REVERSE = auto()
    CPS = auto()
    BREAKPOINT = auto()
    NOP = auto()
    WFE = auto()
    WFI = auto()
    SEV = auto()
    BRANCH_IF = auto()
    BRANCH = auto()
    SVC = auto()
    BL = auto()
    MSR = auto()
    MRS = auto()
    BARRIER = auto()
    UNDEFINED = auto()


@dataclass(frozen=True, slots=True)
class MachineInstruction:
    """One instruction: its operation, its fields by letter, and its size in bytes (2 or 4)."""

    operation: MachineOperation
    fields: dict[str, int]
    size: int = 2


O = MachineOperation  # noqa: E741 - the table below is read by its columns

Pattern = tuple[str, MachineOperation, dict[str, int]]

NARROW: tuple[Pattern, ...] = (
    ("0000 0iii iimm mddd", O.LSL_IMMEDIATE, {}),
    ("0000 1iii iimm mddd", O.LSR_IMMEDIATE, {}),
    ("0001 0iii iimm mddd", O.ASR_IMMEDIATE, {}),
    ("0001 100m mmnn nddd", O.ADD_REGISTER, {}),
    ("0001 101m mmnn nddd", O.SUB_REGISTER, {}),
    ("0001 110i iinn nddd", O.ADD_IMMEDIATE, {}),
    ("0001 111i iinn nddd", O.SUB_IMMEDIATE, {}),
    ("0010 0ddd iiii iiii", O.MOV_IMMEDIATE, {}),
    ("0010 1nnn iiii iiii", O.CMP_IMMEDIATE, {}),
    ("0011 0ddd iiii iiii", O.ADD_IMMEDIATE, {}),
    ("0011 1ddd iiii iiii", O.SUB_IMMEDIATE, {}),
    ("0100 0000 00mm mddd", O.AND, {}),
    ("0100 0000 01mm mddd", O.EOR, {}),
    ("0100 0000 10mm mddd", O.LSL, {}),
    ("0100 0000 11mm mddd", O.LSR, {}),
    ("0100 0001 00mm mddd", O.ASR, {}),
    ("0100 0001 01mm mddd", O.ADC, {}),
    ("0100 0001 10mm mddd", O.SBC, {}),
    ("0100 0001 11mm mddd", O.ROR, {}),
    ("0100 0010 00mm mnnn", O.TST, {}),
    ("0100 0010 01nn nddd", O.RSB, {}),
    ("0100 0010 10mm mnnn", O.CMP, {}),
    ("0100 0010 11mm mnnn", O.CMN, {}),
    ("0100 0011 00mm mddd", O.ORR, {}),
    ("0100 0011 01mm mddd", O.MUL, {}),
    ("0100 0011 10mm mddd", O.BIC, {}),
    ("0100 0011 11mm mddd", O.MVN, {}),
    ("0100 0100 Dmmm mddd", O.ADD_HIGH, {}),
    ("0100 0101 Nmmm mnnn", O.CMP, {}),
    ("0100 0110 Dmmm mddd", O.MOV_HIGH, {}),
    ("0100 0111 0mmm m000", O.BX, {}),
    ("0100 0111 1mmm m000", O.BLX, {}),
    ("0100 1ttt iiii iiii", O.LOAD_LITERAL, {}),
    ("0101 000m mmnn nttt", O.STORE, {"size": 4}),
    ("0101 001m mmnn nttt", O.STORE, {"size": 2}),
    ("0101 010m mmnn nttt", O.STORE, {"size": 1}),
    ("0101 011m mmnn nttt", O.LOAD, {"size": 1, "signed": 1}),
    ("0101 100m mmnn nttt", O.LOAD, {"size": 4}),
    ("0101 101m mmnn nttt", O.LOAD, {"size": 2}),
    ("0101 110m mmnn nttt", O.LOAD, {"size": 1}),
    ("0101 111m mmnn nttt", O.LOAD, {"size": 2, "signed": 1}),
    ("0110 0iii iinn nttt", O.STORE, {"size": 4}),
    ("0110 1iii iinn nttt", O.LOAD, {"size": 4}),
    ("0111 0iii iinn nttt", O.STORE, {"size": 1}),
    ("0111 1iii iinn nttt", O.LOAD, {"size": 1}),
    ("1000 0iii iinn nttt", O.STORE, {"size": 2}),
    ("1000 1iii iinn nttt", O.LOAD, {"size": 2}),
    ("1001 0ttt iiii iiii", O.STORE, {"size": 4, "n": 13}),
    ("1001 1ttt iiii iiii", O.LOAD, {"size": 4, "n": 13}),
    ("1010 0ddd iiii iiii", O.ADR, {}),
    ("1010 1ddd iiii iiii", O.ADD_SP, {}),
    ("1011 0000 0iii iiii", O.MOVE_SP, {"down": 0}),
    ("1011 0000 1iii iiii", O.MOVE_SP, {"down": 1}),
    ("1011 0010 00mm mddd", O.EXTEND, {"size": 2, "signed": 1}),
    ("1011 0010 01mm mddd", O.EXTEND, {"size": 1, "signed": 1}),
    ("1011 0010 10mm mddd", O.EXTEND, {"size": 2}),
    ("1011 0010 11mm mddd", O.EXTEND, {"size": 1}),
    ("1011 010p llll llll", O.PUSH, {}),
    ("1011 0110 011e 0010", O.CPS, {}),
    ("1011 1010 00mm mddd", O.REVERSE, {"within": 4}),
    ("1011 1010 01mm mddd", O.REVERSE, {"within": 2}),
    ("1011 1010 11mm mddd", O.REVERSE, {"within": 2, "signed": 1}),
    ("1011 110p llll llll", O.POP, {}),
    ("1011 1110 iiii iiii", O.BREAKPOINT, {}),
    ("1011 1111 0010 0000", O.WFE, {}),
    ("1011 1111 0011 0000", O.WFI, {}),
    ("1011 1111 0100 0000", O.SEV, {}),
    ("1011 1111 hhhh 0000", O.NOP, {}),
    ("1100 0nnn llll llll", O.STORE_MULTIPLE, {}),
    ("1100 1nnn llll llll", O.LOAD_MULTIPLE, {}),
    ("1101 1110 iiii iiii", O.UNDEFINED, {}),
    ("1101 1111 iiii iiii", O.SVC, {}),
    ("1101 cccc iiii iiii", O.BRANCH_IF, {}),
    ("1110 0iii iiii iiii", O.BRANCH, {}),
)

WIDE: tuple[Pattern, ...] = (
    ("1111 0Sii iiii iiii 11J1 Kjjj jjjj jjjj", O.BL, {}),
    ("1111 0011 1000 nnnn 1000 1000 ssss ssss", O.MSR, {}),
    ("1111 0011 1110 1111 1000 dddd ssss ssss", O.MRS, {}),
    ("1111 0011 1011 1111 1000 1111 0100 bbbb", O.BARRIER, {}),
    ("1111 0011 1011 1111 1000 1111 0101 bbbb", O.BARRIER, {}),
    ("1111 0011 1011 1111 1000 1111 0110 bbbb", O.BARRIER, {}),
)


@dataclass(frozen=True, slots=True)
class _Row:
    mask: int
    value: int
    bits: tuple[tuple[str, tuple[int, ...]], ...]
    operation: MachineOperation
    given: dict[str, int]


def _row(pattern: str, operation: MachineOperation, given: dict[str, int]) -> _Row:
    signs = pattern.replace(" ", "")
    mask = int("".join("1" if sign in "01" else "0" for sign in signs), 2)
    value = int("".join(sign if sign in "01" else "0" for sign in signs), 2)
    places: dict[str, list[int]] = {}
    for place, sign in enumerate(signs):
        if sign not in "01":
            places.setdefault(sign, []).append(len(signs) - 1 - place)
    bits = tuple((letter, tuple(where)) for letter, where in places.items())
    return _Row(mask, value, bits, operation, given)


_NARROW = tuple(_row(*row) for row in NARROW)
_WIDE = tuple(_row(*row) for row in WIDE)


def is_wide(halfword: int) -> bool:
    """Return whether a first halfword begins an instruction of 32 bits (A5.1)."""
    return halfword >> 11 in (0b11101, 0b11110, 0b11111)


@cache
def decode(code: int, *, wide: bool) -> MachineInstruction:
    """Return the instruction that `code` stands for, `UNDEFINED` where there is none.

    Args:
        code: one halfword, or two, the first one in the high half.
        wide: whether it is two.
    """
    size = 4 if wide else 2
    for row in _WIDE if wide else _NARROW:
        if code & row.mask == row.value:
            fields = dict(row.given)
            for letter, places in row.bits:
                number = 0
                for place in places:
                    number = number << 1 | code >> place & 1
                fields[letter] = number
            return MachineInstruction(row.operation, fields, size)
    return MachineInstruction(MachineOperation.UNDEFINED, {}, size)
