"""What an instruction does to registers and flags, as statements of Python (ARM DDI 0419, A6.7).

Within a block `r0` to `r14` are the registers, `nz` is the result that N and Z tell of, `cf` is C
as 0 or 1, bit 31 of `vf` is V. `c` is the core. Every register is kept within 32 bits; `nz` too,
but for N and Z at once, which only a write of the flags makes: then bit 32 alone is set.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from firmware_model.processor.decoding import MachineInstruction, MachineOperation

M = "0xFFFFFFFF"
SP, LR, PC = 13, 14, 15

O = MachineOperation  # noqa: E741 - the tables below are read by their columns

CONDITIONS = (
    f"not nz & {M}",
    f"nz & {M}",
    "cf",
    "not cf",
    "nz >> 31",
    "not nz >> 31",
    "vf >> 31 & 1",
    "not vf >> 31 & 1",
    f"cf and nz & {M}",
    f"not (cf and nz & {M})",
    "(nz > 0x7FFFFFFF) == (vf >> 31 & 1)",
    "(nz > 0x7FFFFFFF) != (vf >> 31 & 1)",
    f"nz & {M} and (nz > 0x7FFFFFFF) == (vf >> 31 & 1)",
    f"not (nz & {M} and (nz > 0x7FFFFFFF) == (vf >> 31 & 1))",
)

_FLIP = "0x80000000"
COMPARED = (
    "{a} == {b}",
    "{a} != {b}",
    "{a} >= {b}",
    "{a} < {b}",
    "{a} - {b} & 0x80000000",
    "not {a} - {b} & 0x80000000",
    "",
    "",
    "{a} > {b}",
    "{a} <= {b}",
    f"({{a}} ^ {_FLIP}) >= ({{b}} ^ {_FLIP})",
    f"({{a}} ^ {_FLIP}) < ({{b}} ^ {_FLIP})",
    f"({{a}} ^ {_FLIP}) > ({{b}} ^ {_FLIP})",
    f"({{a}} ^ {_FLIP}) <= ({{b}} ^ {_FLIP})",
)
"""The conditions on what a comparison has just compared; "" where the flags are needed."""


class InstructionWriter:
    """One instruction being written.

    `live` are the flags that somebody will see, `place` its place within the block, `pc` what it
    reads as the program counter, `known` which registers have a value that is known by now.
    """

    def __init__(
        self,
        instruction: MachineInstruction,
        address: int,
        live: str,
        place: int = 0,
        known: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.operation = instruction.operation
        self.fields = instruction.fields
        self.pc = address + 4
        self.live = live
        self.place = place
        self.known = known
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """Add a statement."""
        self.lines.append(text)

    def register(self, number: int) -> str:
        """Return what reads a register; the program counter is a number by now."""
        return str(self.pc) if number == PC else f"r{number}"

    def low(self, letter: str) -> str:
        """Return the name of the register in a field; it is one of the low ones."""
        return f"r{self.fields[letter]}"

    def result(self, target: str | None, value: str) -> None:
        """Assign a value within 32 bits, with N and Z where they live."""
        targets = ("nz = " if "n" in self.live else "") + (f"{target} = " if target else "")
        if targets:
            self.say(targets + value)


def write_register_operation(text: InstructionWriter) -> None:
    """Write the statements of an instruction that touches registers and flags only."""
    writer = _WRITERS.get(text.operation)
    if writer is not None:
        writer(text)


def compared(instruction: MachineInstruction, address: int) -> tuple[str, str] | None:
    """Return the two operands that a comparison compares; None where it is no such instruction."""
    text, fields = InstructionWriter(instruction, address, ""), instruction.fields
    if instruction.operation is O.CMP_IMMEDIATE:
        return text.low("n"), str(fields["i"])
    if instruction.operation is O.CMP:
        first = text.register(fields.get("N", 0) << 3 | fields["n"])
        return first, text.register(fields["m"])
    return None


def branch_target(instruction: MachineInstruction, address: int) -> int:
    """Return where a branch leads that says so itself (B, BL)."""
    fields, pc = instruction.fields, address + 4
    if instruction.operation is O.BL:
        return _branch_and_link(fields, pc)
    bits = 12 if instruction.operation is O.BRANCH else 9
    return pc + _signed(fields["i"] << 1, bits) & 0xFFFFFFFF


def goes_to_register(instruction: MachineInstruction) -> bool:
    """Return whether it goes where a register, or the stack, says."""
    operation, fields = instruction.operation, instruction.fields
    if operation in (O.ADD_HIGH, O.MOV_HIGH):
        return fields["D"] << 3 | fields["d"] == PC
    return operation in (O.BX, O.BLX) or (operation is O.POP and bool(fields["p"]))


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> bits - 1 else number


def _branch_and_link(fields: dict[str, int], pc: int) -> int:
    s = fields["S"]
    i1, i2 = 1 ^ fields["J"] ^ s, 1 ^ fields["K"] ^ s
    offset = s << 24 | i1 << 23 | i2 << 22 | fields["i"] << 12 | fields["j"] << 1
    return pc + _signed(offset, 25) & 0xFFFFFFFF


# Arithmetic ---------------------------------------------------------------------------------------


def _add(text: InstructionWriter, target: str | None, a: str, b: str, carry: str = "") -> None:
    """Write a + b, and the carry in where there is one (AddWithCarry, A2.2.1)."""
    if text.live in ("", "n"):
        text.result(target, f"{a} + {b}{carry} & {M}")
        return
    text.say(f"t = {a} + {b}{carry}")
    if "v" in text.live:
        text.say(f"vf = ({a} ^ t) & ({b} ^ t)")
    if "c" in text.live:
        text.say("cf = t >> 32")
    text.result(target, f"t & {M}")


def _subtract(text: InstructionWriter, target: str | None, a: str, b: str) -> None:
    if text.live in ("", "n"):
        text.result(target, f"{a} - {b} & {M}")
        return
    if "c" in text.live:
        text.say(f"cf = 1 if {a} >= {b} else 0")
    if "v" not in text.live:
        text.result(target, f"{a} - {b} & {M}")
        return
    text.say(f"t = {a} - {b}")
    text.say(f"vf = ({a} ^ {b}) & ({a} ^ t)")
    text.result(target, f"t & {M}")


def _arithmetic(text: InstructionWriter) -> None:
    fields = text.fields
    match text.operation:
        case O.ADD_REGISTER:
            _add(text, text.low("d"), text.low("n"), text.low("m"))
        case O.SUB_REGISTER:
            _subtract(text, text.low("d"), text.low("n"), text.low("m"))
        case O.ADD_IMMEDIATE:
            _add(text, text.low("d"), f"r{fields.get('n', fields['d'])}", str(fields["i"]))
        case O.SUB_IMMEDIATE:
            _subtract(text, text.low("d"), f"r{fields.get('n', fields['d'])}", str(fields["i"]))
        case O.CMP_IMMEDIATE:
            _subtract(text, None, text.low("n"), str(fields["i"]))
        case O.CMP:
            first = text.register(fields.get("N", 0) << 3 | fields["n"])
            _subtract(text, None, first, text.register(fields["m"]))
        case O.CMN:
            _add(text, None, text.low("n"), text.low("m"))
        case O.RSB:
            _subtract(text, text.low("d"), "0", text.low("n"))
        case O.ADC:
            text.say(f"b = {text.low('m')}")
            _add(text, text.low("d"), text.low("d"), "b", " + cf")
        case O.SBC:
            text.say(f"b = {text.low('m')} ^ {M}")
            _add(text, text.low("d"), text.low("d"), "b", " + cf")


def _move(text: InstructionWriter) -> None:
    text.result(text.low("d"), str(text.fields["i"]))


_LOGIC = {
    O.AND: "{d} & {m}",
    O.EOR: "{d} ^ {m}",
    O.ORR: "{d} | {m}",
    O.BIC: "{d} & ~{m}",
    O.MUL: f"{{d}} * {{m}} & {M}",
    O.MVN: f"{{m}} ^ {M}",
}


def _logic(text: InstructionWriter) -> None:
    if text.operation is O.TST:
        text.result(None, f"{text.low('n')} & {text.low('m')}")
        return
    value = _LOGIC[text.operation].format(d=text.low("d"), m=text.low("m"))
    text.result(text.low("d"), value)


# Shifts: by a number that is known, or by the lowest byte of a register (A2.2.1) ---


def _shift_known(text: InstructionWriter) -> None:
    source, target, count = text.low("m"), text.low("d"), text.fields["i"]
    if text.operation is O.LSL_IMMEDIATE:
        if count and "c" in text.live:
            text.say(f"cf = {source} >> {32 - count} & 1")
        text.result(target, f"{source} << {count} & {M}" if count else source)
        return
    count = count or 32
    if "c" in text.live:
        text.say(f"cf = {source} >> {count - 1} & 1")
    if text.operation is O.LSR_IMMEDIATE:
        text.result(target, f"{source} >> {count}")
    else:
        text.result(target, f"({source} ^ 0x80000000) - 0x80000000 >> {count} & {M}")


def _shift_by_register(text: InstructionWriter) -> None:
    value, target = text.low("d"), text.low("d")
    count = text.known.get(text.fields["m"])
    if text.operation is O.ROR and (count is not None or "c" not in text.live):
        _rotate(text, value, target, count)
        return
    text.say(f"s = {text.low('m')} & 255; t = {value}")
    carry = "c" in text.live
    match text.operation:
        case O.LSL:
            if carry:
                text.say("if s: cf = t >> 32 - s & 1 if s <= 32 else 0")
            text.result(target, f"t << s & {M} if s < 32 else 0")
        case O.LSR:
            if carry:
                text.say("if s: cf = t >> s - 1 & 1")
            text.result(target, "t >> s")
        case O.ASR:
            text.say("t = (t ^ 0x80000000) - 0x80000000")
            if carry:
                text.say("if s: cf = t >> s - 1 & 1")
            text.result(target, f"t >> s & {M}")
        case O.ROR:
            text.say("q = s & 31")
            text.say(f"t = (t >> q | t << 32 - q) & {M}")
            if carry:
                text.say("if s: cf = t >> 31")
            text.result(target, "t")


def _rotate(text: InstructionWriter, value: str, target: str, count: int | None) -> None:
    """Write a rotation whose carry nobody sees, or by a number that is known."""
    if count is None:
        text.say(f"q = {text.low('m')} & 31")
        text.result(target, f"({value} >> q | {value} << 32 - q) & {M}")
        return
    count &= 255
    places = count & 31
    text.result(
        target, f"({value} >> {places} | {value} << {32 - places}) & {M}" if places else value
    )
    if count and "c" in text.live:
        text.say(f"cf = {target} >> 31")


# Everything else on registers ---------------------------------------------------------------------


def _high(text: InstructionWriter) -> None:
    fields = text.fields
    target = fields["D"] << 3 | fields["d"]
    value = text.register(fields["m"])
    if text.operation is O.ADD_HIGH:
        value = f"{text.register(target)} + {value} & {M}"
    if target == PC:
        text.say(f"target = ({value}) | 1")
    elif target == SP:
        text.say(f"r{SP} = ({value}) & 0xFFFFFFFC")
    else:
        text.say(f"r{target} = {value}")


def _branch_to_register(text: InstructionWriter) -> None:
    text.say(f"target = {text.register(text.fields['m'])}")
    if text.operation is O.BLX:
        text.say(f"r{LR} = {text.pc - 2 | 1}")


def _send_event(text: InstructionWriter) -> None:
    text.say("c.send_event()")


def _call(text: InstructionWriter) -> None:
    text.say(f"r{LR} = {text.pc | 1}")


def _address(text: InstructionWriter) -> None:
    fields = text.fields
    match text.operation:
        case O.ADR:
            text.say(f"{text.low('d')} = {(text.pc & ~3) + (fields['i'] << 2) & 0xFFFFFFFF}")
        case O.ADD_SP:
            text.say(f"{text.low('d')} = r{SP} + {fields['i'] << 2} & {M}")
        case O.MOVE_SP:
            text.say(f"r{SP} = r{SP} {'-' if fields['down'] else '+'} {fields['i'] << 2} & {M}")


def _extend(text: InstructionWriter) -> None:
    mask = (1 << 8 * text.fields["size"]) - 1
    value = f"{text.low('m')} & {mask}"
    if text.fields.get("signed"):
        half = mask + 1 >> 1
        value = f"(({value}) ^ {half}) - {half} & {M}"
    text.say(f"{text.low('d')} = {value}")


def _reverse(text: InstructionWriter) -> None:
    source, target, fields = text.low("m"), text.low("d"), text.fields
    if fields["within"] == 4:
        value = f"int.from_bytes({source}.to_bytes(4, 'little'), 'big')"
    elif fields.get("signed"):
        swapped = f"({source} >> 8 & 255 | ({source} & 255) << 8)"
        value = f"({swapped} ^ 0x8000) - 0x8000 & {M}"
    else:
        value = f"{source} >> 8 & 0xFF00FF | ({source} & 0xFF00FF) << 8"
    text.say(f"{target} = {value}")


def _special(text: InstructionWriter) -> None:
    if text.operation is O.MSR:
        text.say(f"value = {text.register(text.fields['n'])}")
    else:
        text.say("c.nz = nz; c.cf = cf; c.vf = vf")
        special = text.fields["s"]
        held = f"r{SP}"
        text.say(f"r{text.fields['d']} = c.read_special({special}, {held})")


_SUMS = (
    *(O.ADD_REGISTER, O.SUB_REGISTER, O.ADD_IMMEDIATE, O.SUB_IMMEDIATE, O.CMP_IMMEDIATE),
    *(O.ADC, O.SBC, O.RSB, O.CMP, O.CMN),
)

_WRITERS: dict[MachineOperation, Callable[[InstructionWriter], None]] = {
    **dict.fromkeys(_SUMS, _arithmetic),
    **dict.fromkeys((*_LOGIC, O.TST), _logic),
    **dict.fromkeys((O.LSL_IMMEDIATE, O.LSR_IMMEDIATE, O.ASR_IMMEDIATE), _shift_known),
    **dict.fromkeys((O.LSL, O.LSR, O.ASR, O.ROR), _shift_by_register),
    **dict.fromkeys((O.ADD_HIGH, O.MOV_HIGH), _high),
    **dict.fromkeys((O.BX, O.BLX), _branch_to_register),
    **dict.fromkeys((O.ADR, O.ADD_SP, O.MOVE_SP), _address),
    **dict.fromkeys((O.MSR, O.MRS), _special),
    O.MOV_IMMEDIATE: _move,
    O.EXTEND: _extend,
    O.REVERSE: _reverse,
    O.BL: _call,
    O.SEV: _send_event,
}
