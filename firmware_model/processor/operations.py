"""What instructions do to registers and flags, in terms (ARM DDI 0419, A6.7).

Nothing is worked out here: each operation says which expression a register or a flag holds from
then on. A flag that nobody asks for costs nothing.
"""

import re
from collections.abc import Callable

from firmware_model.processor.decoding import MachineInstruction, MachineOperation
from firmware_model.processor.flags import FLAGS
from firmware_model.processor.terms import SIGN, WORD, Term, TermMaker

SP, LR, PC = 13, 14, 15

O = MachineOperation  # noqa: E741 - the tables below are read by their columns

_LETTER = re.compile(r"\b[vscpq]\b")


class MachineState:
    """Registers 0 to 14 and the flags at one place of a block, as values.

    The flags are as `flags` has them; `pairs` are those of them, by name, that come of a
    subtraction, and `compared` are its operands where all of them do.
    """

    __slots__ = ("cf", "compared", "nz", "pairs", "pc", "registers", "terms", "vf")

    def __init__(self, terms: TermMaker) -> None:
        self.terms = terms
        self.registers = [terms.variable(f"r{number}") for number in range(15)]
        self.nz = terms.variable("nz", 1 << 32)
        self.cf = terms.variable("cf", 1)
        self.vf = terms.variable("vf")
        self.compared: tuple[Term, Term] | None = None
        self.pairs: dict[str, Term] = {}
        self.pc = 0

    def register(self, number: int) -> Term:
        """Return a register; the program counter is two instructions on."""
        return self.terms.number(self.pc) if number == PC else self.registers[number]

    def set_result(self, target: int | None, value: Term) -> None:
        """Put a value into a register, N and Z after it."""
        self.nz = value
        self.pairs.pop("nz", None)
        self.compared = None
        if target is not None:
            self.registers[target] = value

    def set_carry(self, carry: Term) -> None:
        """Set C alone."""
        self.cf = carry
        self.pairs.pop("cf", None)
        self.compared = None


def perform(state: MachineState, instruction: MachineInstruction, address: int) -> None:
    """Do an instruction that touches registers and flags only.

    Args:
        state: before it, and then after it.
        instruction: one of `PERFORMED`; others do nothing here.
        address: where it stands.
    """
    state.pc = address + 4
    action = PERFORMED.get(instruction.operation)
    if action is not None:
        action(state, instruction)


# Arithmetic ---------------------------------------------------------------------------------------


def _add(
    state: MachineState,
    target: int | None,
    a: Term,
    b: Term,
    carry: Term | None = None,
) -> None:
    """Add, with the carry where there is one (AddWithCarry, A2.2.1)."""
    terms = state.terms
    result, exact = terms.add(a, b), terms.exact_sum(terms.word(a), terms.word(b))
    if carry is not None:
        result, exact = terms.add(result, carry), terms.exact_sum(exact, carry)
    state.set_result(target, result)
    state.set_carry(terms.expression("%s >> 32", (exact,), 0, 1))
    state.pairs.clear()
    state.vf = terms.both(terms.differing(a, result), terms.differing(b, result))


def _subtract(state: MachineState, target: int | None, a: Term, b: Term) -> None:
    terms = state.terms
    result = terms.subtract(a, b)
    a, b = terms.word(a), terms.word(b)
    state.set_result(target, result)
    state.cf = terms.expression("%s >= %s", (a, b), 0, 1)
    state.vf = terms.both(terms.differing(a, b), terms.differing(a, result))
    state.compared = a, b
    is_known = a.number is not None and b.number is not None
    state.pairs = {} if is_known else dict.fromkeys(FLAGS, terms.pair(a, b))


def _arithmetic(state: MachineState, instruction: MachineInstruction) -> None:
    fields, r, number = instruction.fields, state.registers, state.terms.number
    match instruction.operation:
        case O.ADD_REGISTER:
            _add(state, fields["d"], r[fields["n"]], r[fields["m"]])
        case O.SUB_REGISTER:
            _subtract(state, fields["d"], r[fields["n"]], r[fields["m"]])
        case O.ADD_IMMEDIATE:
            _add(state, fields["d"], r[fields.get("n", fields["d"])], number(fields["i"]))
        case O.SUB_IMMEDIATE:
            _subtract(state, fields["d"], r[fields.get("n", fields["d"])], number(fields["i"]))
        case O.CMP_IMMEDIATE:
            _subtract(state, None, r[fields["n"]], number(fields["i"]))
        case O.CMP:
            first = state.register(fields.get("N", 0) << 3 | fields["n"])
            _subtract(state, None, first, state.register(fields["m"]))
        case O.CMN:
            _add(state, None, r[fields["n"]], r[fields["m"]])
        case O.RSB:
            _subtract(state, fields["d"], state.terms.zero, r[fields["n"]])
        case O.ADC:
            _add(state, fields["d"], r[fields["d"]], r[fields["m"]], state.cf)
        case O.SBC:
            inverted = state.terms.differing(state.terms.word(r[fields["m"]]), number(WORD))
            _add(state, fields["d"], r[fields["d"]], inverted, state.cf)


def _move(state: MachineState, instruction: MachineInstruction) -> None:
    state.set_result(instruction.fields["d"], state.terms.number(instruction.fields["i"]))


_LOGIC: dict[MachineOperation, Callable[[TermMaker, Term, Term], Term]] = {
    O.AND: TermMaker.both,
    O.EOR: TermMaker.differing,
    O.ORR: TermMaker.either,
    O.BIC: TermMaker.without,
    O.MUL: TermMaker.multiply,
    O.TST: TermMaker.both,
    O.MVN: lambda terms, _, value: terms.inverted(value),
}


def _logic(state: MachineState, instruction: MachineInstruction) -> None:
    operation, fields = instruction.operation, instruction.fields
    target = None if operation is O.TST else fields["d"]
    first = state.registers[fields["n"] if operation is O.TST else fields["d"]]
    second = state.registers[fields["m"]]
    state.set_result(target, _LOGIC[operation](state.terms, first, second))


# Shifts: by a number, or by the lowest byte of a register (A2.2.1) --------------------------------


def _shift_known(state: MachineState, instruction: MachineInstruction) -> None:
    fields, operation = instruction.fields, instruction.operation
    count = fields["i"]
    if operation is not O.LSL_IMMEDIATE:
        count = count or 32
    _shift(state, operation, fields["d"], state.registers[fields["m"]], count)


def _shift_by_register(state: MachineState, instruction: MachineInstruction) -> None:
    fields, operation, terms = instruction.fields, instruction.operation, state.terms
    value = state.registers[fields["d"]]
    count = terms.narrow(state.registers[fields["m"]], 8)
    if count.number is not None:
        _shift(state, operation, fields["d"], value, count.number)
        return
    places = terms.narrow(count, 5)
    others = terms.expression("32 - %s", (places,), 1, 32)
    named = {"v": terms.word(value), "s": count, "c": state.cf, "p": places, "q": others}
    result, low, high, carry = _BY_REGISTER[operation]
    state.set_result(fields["d"], _formula(terms, result, named, low, high))
    state.set_carry(_formula(terms, carry, named, 0, 1))


_AS_SIGNED = f"(v ^ {SIGN}) - {SIGN}"
_BY_REGISTER = {
    O.LSL: (
        *("v << s if s < 32 else 0", 0, WORD << 31),
        "(v >> 32 - s & 1 if s <= 32 else 0) if s else c",
    ),
    O.LSR: ("v >> s", 0, WORD, "v >> s - 1 & 1 if s else c"),
    O.ASR: (
        *(f"{_AS_SIGNED} >> s", -SIGN, SIGN - 1),
        f"{_AS_SIGNED} >> s - 1 & 1 if s else c",
    ),
    O.ROR: (
        *("(v >> p) + (v << q)", 0, (WORD << 32) | WORD),
        "v >> (s - 1 & 31) & 1 if s else c",
    ),
}
"""A shift of `v` by `s`, a rotation by `p` places and `q` others: its result, between which
numbers that lies, and the carry."""


def _formula(terms: TermMaker, text: str, named: dict[str, Term], low: int, high: int) -> Term:
    """Return an expression that names its operands by letters."""
    operands = tuple(named[letter] for letter in _LETTER.findall(text))
    return terms.expression(_LETTER.sub("%s", text), operands, low, high)


def _shift(
    state: MachineState, operation: MachineOperation, target: int, value: Term, count: int
) -> None:
    """Shift by a number, 0 to 255; a shift by 0 leaves the carry."""
    terms = state.terms
    if not count:
        state.set_result(target, value)
        return
    match operation:
        case O.LSL_IMMEDIATE | O.LSL:
            carry = terms.bit(value, 32 - count) if count <= 32 else terms.zero
            result = terms.shifted_left(value, count) if count < 32 else terms.zero
        case O.LSR_IMMEDIATE | O.LSR:
            carry = terms.bit(value, count - 1) if count <= 32 else terms.zero
            result = terms.shifted_right(value, count)
        case O.ASR_IMMEDIATE | O.ASR:
            carry = terms.bit(value, min(count - 1, 31))
            result = terms.shifted_signed(value, min(count, 31))
        case _:
            carry = terms.bit(value, (count - 1) & 31)
            result = terms.rotated(value, count & 31)
    state.set_result(target, result)
    state.set_carry(carry)


# Everything else on registers ---------------------------------------------------------------------


def _high(state: MachineState, instruction: MachineInstruction) -> None:
    fields, terms = instruction.fields, state.terms
    target, value = fields["D"] << 3 | fields["d"], state.register(fields["m"])
    if instruction.operation is O.ADD_HIGH:
        value = terms.add(state.register(target), value)
    if target == SP:
        value = terms.both(value, terms.number(~3))
    if target != PC:
        state.registers[target] = value


def _address(state: MachineState, instruction: MachineInstruction) -> None:
    fields, terms, r = instruction.fields, state.terms, state.registers
    offset = fields["i"] << 2
    match instruction.operation:
        case O.ADR:
            r[fields["d"]] = terms.number((state.pc & ~3) + offset)
        case O.ADD_SP:
            r[fields["d"]] = terms.plus(r[SP], offset)
        case O.MOVE_SP:
            r[SP] = terms.plus(r[SP], -offset if fields["down"] else offset)


def _extend(state: MachineState, instruction: MachineInstruction) -> None:
    fields, terms = instruction.fields, state.terms
    extended = terms.signed if fields.get("signed") else terms.narrow
    state.registers[fields["d"]] = extended(state.registers[fields["m"]], 8 * fields["size"])


def _reverse(state: MachineState, instruction: MachineInstruction) -> None:
    fields, terms = instruction.fields, state.terms
    value = terms.word(state.registers[fields["m"]])
    if fields["within"] == 4:
        form, low, high = "int.from_bytes((%s).to_bytes(4, 'little'), 'big')", 0, WORD
    elif fields.get("signed"):
        form = "((%s >> 8 & 255 | (%s & 255) << 8) ^ 0x8000) - 0x8000"
        low, high = -0x8000, 0x7FFF
    else:
        form, low, high = "%s >> 8 & 0xFF00FF | (%s & 0xFF00FF) << 8", 0, WORD
    operands = (value,) * form.count("%s")
    state.registers[fields["d"]] = terms.expression(form, operands, low, high)


_SUMS = (
    *(O.ADD_REGISTER, O.SUB_REGISTER, O.ADD_IMMEDIATE, O.SUB_IMMEDIATE, O.CMP_IMMEDIATE),
    *(O.ADC, O.SBC, O.RSB, O.CMP, O.CMN),
)

PERFORMED: dict[MachineOperation, Callable[[MachineState, MachineInstruction], None]] = {
    **dict.fromkeys(_SUMS, _arithmetic),
    **dict.fromkeys(_LOGIC, _logic),
    **dict.fromkeys((O.LSL_IMMEDIATE, O.LSR_IMMEDIATE, O.ASR_IMMEDIATE), _shift_known),
    **dict.fromkeys((O.LSL, O.LSR, O.ASR, O.ROR), _shift_by_register),
    **dict.fromkeys((O.ADD_HIGH, O.MOV_HIGH), _high),
    **dict.fromkeys((O.ADR, O.ADD_SP, O.MOVE_SP), _address),
    O.MOV_IMMEDIATE: _move,
    O.EXTEND: _extend,
    O.REVERSE: _reverse,
}
"""What each of these operations does to the state."""
