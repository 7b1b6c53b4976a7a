"""What each instruction does, as statements of Python (ARM DDI 0419, A6.7).

Within a block `r0` to `r14` are the registers, `nz` is the result that N and Z tell of, `cf` and
`vf` are C and V. `c` is the core. Every number is kept within 32 bits, but for `nz` after a write
of the flags, where bit 32 alone stands for N and Z at once.
"""

from collections.abc import Callable

from firmware_model.processor.decoding import Instruction, Operation

M = "0xFFFFFFFF"
SP, LR, PC = 13, 14, 15

O = Operation  # noqa: E741 - the tables below are read by their columns

CONDITIONS = (
    f"not nz & {M}",
    f"nz & {M}",
    "cf",
    "not cf",
    "nz >> 31",
    "not nz >> 31",
    "vf",
    "not vf",
    f"cf and nz & {M}",
    f"not (cf and nz & {M})",
    "(nz > 0x7FFFFFFF) == vf",
    "(nz > 0x7FFFFFFF) != vf",
    f"nz & {M} and (nz > 0x7FFFFFFF) == vf",
    f"not (nz & {M} and (nz > 0x7FFFFFFF) == vf)",
)

_LOADERS = {1: "m1", 2: "m2", 4: "m4"}


class _Text:
    """One instruction being written; `live` are the flags that somebody will see."""

    def __init__(self, instruction: Instruction, address: int, live: str) -> None:
        self.operation = instruction.operation
        self.fields = instruction.fields
        self.pc = address + 4
        self.live = live
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def register(self, number: int) -> str:
        """Return what reads a register; the program counter is a number by now."""
        return str(self.pc) if number == PC else f"r{number}"

    def low(self, letter: str) -> str:
        return f"r{self.fields[letter]}"

    def result(self, target: str | None, value: str) -> None:
        """Assign a value within 32 bits, with N and Z where they live."""
        if "n" in self.live:
            self.say(f"nz = {value}")
            value = "nz"
        if target is not None:
            self.say(f"{target} = {value}")


def statements(instruction: Instruction, address: int, live: str) -> list[str]:
    """Return the statements of an instruction, but for where the program goes on.

    Args:
        instruction: what it is.
        address: where it stands.
        live: of the flags it writes, those that can be seen afterwards ("n" for N and Z).
    """
    text = _Text(instruction, address, live)
    writer = _WRITERS.get(instruction.operation)
    if writer is not None:
        writer(text)
    return text.lines


def ending(instruction: Instruction, address: int, end: int) -> list[str]:
    """Return the statements that leave a block whose last instruction this is.

    Args:
        instruction: the last one.
        address: where it stands.
        end: the address behind the block.
    """
    fields, pc = instruction.fields, address + 4
    match instruction.operation:
        case O.BRANCH:
            return [f"return {pc + _signed(fields['i'] << 1, 12) & 0xFFFFFFFF}"]
        case O.BRANCH_IF:
            target = pc + _signed(fields["i"] << 1, 9) & 0xFFFFFFFF
            return [
                f"if {CONDITIONS[fields['c']]}:",
                f" c.cycles += 1; return {target}",
                f"return {end}",
            ]
        case O.BL:
            return [f"return {_branch_and_link(fields, pc)}"]
        case O.BX | O.BLX | O.POP | O.ADD_HIGH | O.MOV_HIGH if _goes_away(instruction):
            return ["return c.branch(target)"]
        case O.CPS:
            return [f"return c.set_primask({fields['e']}, {end})"]
        case O.MSR:
            return [f"return c.write_special({fields['s']}, value, {end})"]
        case O.WFI:
            return [f"return c.sleep({end})"]
        case O.WFE:
            return [f"return c.wait_for_event({end})"]
        case O.SVC:
            return [f"return c.call_supervisor({end})"]
        case O.BREAKPOINT | O.UNDEFINED:
            return [f"return c.fault_undefined({address})"]
    return [f"return {end}"]


def _goes_away(instruction: Instruction) -> bool:
    operation, fields = instruction.operation, instruction.fields
    if operation in (O.ADD_HIGH, O.MOV_HIGH):
        return fields["D"] << 3 | fields["d"] == PC
    return operation in (O.BX, O.BLX) or bool(fields.get("p"))


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> bits - 1 else number


def _branch_and_link(fields: dict[str, int], pc: int) -> int:
    s = fields["S"]
    i1, i2 = 1 ^ fields["J"] ^ s, 1 ^ fields["K"] ^ s
    offset = s << 24 | i1 << 23 | i2 << 22 | fields["i"] << 12 | fields["j"] << 1
    return pc + _signed(offset, 25) & 0xFFFFFFFF


# Arithmetic ---------------------------------------------------------------------------------------


def _add(text: _Text, target: str | None, a: str, b: str, carry: str = "") -> None:
    """Write a + b, and the carry in where there is one (AddWithCarry, A2.2.1)."""
    text.say(f"t = {a} + {b}{carry}")
    if "v" in text.live:
        text.say(f"vf = (({a} ^ t) & ({b} ^ t)) >> 31 & 1")
    if "c" in text.live:
        text.say("cf = t >> 32")
    text.result(target, f"t & {M}")


def _subtract(text: _Text, target: str | None, a: str, b: str) -> None:
    if text.live in ("", "n"):
        text.result(target, f"{a} - {b} & {M}")
        return
    text.say(f"t = {a} - {b}")
    if "v" in text.live:
        text.say(f"vf = (({a} ^ {b}) & ({a} ^ t)) >> 31 & 1")
    if "c" in text.live:
        text.say("cf = 1 if t >= 0 else 0")
    text.result(target, f"t & {M}")


def _arithmetic(text: _Text) -> None:
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


def _move(text: _Text) -> None:
    text.result(text.low("d"), str(text.fields["i"]))


_LOGIC = {
    O.AND: "{d} & {m}",
    O.EOR: "{d} ^ {m}",
    O.ORR: "{d} | {m}",
    O.BIC: "{d} & ~{m}",
    O.MUL: f"{{d}} * {{m}} & {M}",
    O.MVN: f"{{m}} ^ {M}",
}


def _logic(text: _Text) -> None:
    if text.operation is O.TST:
        text.result(None, f"{text.low('n')} & {text.low('m')}")
        return
    value = _LOGIC[text.operation].format(d=text.low("d"), m=text.low("m"))
    text.result(text.low("d"), value)


# Shifts: by a number that is known, or by the lowest byte of a register (A2.2.1) ---


def _shift_known(text: _Text) -> None:
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


def _shift_by_register(text: _Text) -> None:
    value, target = text.low("d"), text.low("d")
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


# Everything else on registers ---------------------------------------------------------------------


def _high(text: _Text) -> None:
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


def _branch_to_register(text: _Text) -> None:
    text.say(f"target = {text.register(text.fields['m'])}")
    if text.operation is O.BLX:
        text.say(f"r{LR} = {text.pc - 2 | 1}")


def _call(text: _Text) -> None:
    text.say(f"r{LR} = {text.pc | 1}")


def _address(text: _Text) -> None:
    fields = text.fields
    match text.operation:
        case O.ADR:
            text.say(f"{text.low('d')} = {(text.pc & ~3) + (fields['i'] << 2) & 0xFFFFFFFF}")
        case O.ADD_SP:
            text.say(f"{text.low('d')} = r{SP} + {fields['i'] << 2} & {M}")
        case O.MOVE_SP:
            text.say(f"r{SP} = r{SP} {'-' if fields['down'] else '+'} {fields['i'] << 2} & {M}")


def _extend(text: _Text) -> None:
    mask = (1 << 8 * text.fields["size"]) - 1
    value = f"{text.low('m')} & {mask}"
    if text.fields.get("signed"):
        half = mask + 1 >> 1
        value = f"(({value}) ^ {half}) - {half} & {M}"
    text.say(f"{text.low('d')} = {value}")


def _reverse(text: _Text) -> None:
    source, target, fields = text.low("m"), text.low("d"), text.fields
    if fields["within"] == 4:
        value = f"int.from_bytes({source}.to_bytes(4, 'little'), 'big')"
    elif fields.get("signed"):
        swapped = f"({source} >> 8 & 255 | ({source} & 255) << 8)"
        value = f"({swapped} ^ 0x8000) - 0x8000 & {M}"
    else:
        value = f"{source} >> 8 & 0xFF00FF | ({source} & 0xFF00FF) << 8"
    text.say(f"{target} = {value}")


def _special(text: _Text) -> None:
    if text.operation is O.MSR:
        text.say(f"value = {text.register(text.fields['n'])}")
    else:
        text.say("c.nz = nz; c.cf = cf; c.vf = vf")
        special = text.fields["s"]
        held = f"r{SP}"
        text.say(f"r{text.fields['d']} = c.read_special({special}, {held})")


# Memory: RAM at once, everything else by the core, which knows what lies where ---


def _load(address: str, size: int) -> str:
    view = _LOADERS[size]
    shift = {1: "", 2: " >> 1", 4: " >> 2"}[size]
    aligned = f" and not o & {size - 1}" if size > 1 else ""
    return (
        f"{view}[o{shift}] if 0 <= (o := ({address}) - RAM) < RAM_SIZE{aligned}"
        f" else c.load(o + RAM & {M}, {size})"
    )


def _store(text: _Text, address: str, size: int, value: str) -> None:
    view = _LOADERS[size]
    shift = {1: "", 2: " >> 1", 4: " >> 2"}[size]
    aligned = f" and not o & {size - 1}" if size > 1 else ""
    text.say(f"o = ({address}) - RAM")
    if size < 4:
        value = f"{value} & {(1 << 8 * size) - 1}"
    text.say(f"if 0 <= o < RAM_SIZE{aligned}: {view}[o{shift}] = {value}")
    text.say(f"else: c.store(o + RAM & {M}, {size}, {value})")


def _offset(text: _Text) -> str:
    fields = text.fields
    base = f"r{fields['n']}"
    if "m" in fields:
        return f"{base} + r{fields['m']} & {M}"
    return f"{base} + {fields['i'] * fields['size']} & {M}" if fields["i"] else base


def _load_one(text: _Text) -> None:
    fields = text.fields
    if text.operation is O.LOAD_LITERAL:
        where = (text.pc & ~3) + (fields["i"] << 2)
        text.say(f"r{fields['t']} = c.load({where & 0xFFFFFFFF}, 4)")
        return
    value = _load(_offset(text), fields["size"])
    if fields.get("signed"):
        half = 1 << 8 * fields["size"] - 1
        value = f"(({value}) ^ {half}) - {half} & {M}"
    text.say(f"r{fields['t']} = {value}")


def _store_one(text: _Text) -> None:
    _store(text, _offset(text), text.fields["size"], f"r{text.fields['t']}")


def _registers(fields: dict[str, int]) -> list[int]:
    return [number for number in range(8) if fields["l"] >> number & 1]


def _multiple(text: _Text) -> None:
    """Write a load or store of several: what changes a register comes last, in case one fails."""
    fields, registers = text.fields, _registers(text.fields)
    match text.operation:
        case O.LOAD_MULTIPLE:
            base = f"r{fields['n']}"
            for place, _ in enumerate(registers):
                text.say(f"v{place} = {_load(f'{base} + {4 * place} & {M}', 4)}")
            text.say(f"t = {base} + {4 * len(registers)} & {M}")
            if fields["n"] not in registers:
                text.say(f"{base} = t")
            for place, number in enumerate(registers):
                text.say(f"r{number} = v{place}")
        case O.STORE_MULTIPLE:
            base = f"r{fields['n']}"
            for place, number in enumerate(registers):
                _store(text, f"{base} + {4 * place} & {M}", 4, f"r{number}")
            text.say(f"{base} = {base} + {4 * len(registers)} & {M}")
        case O.PUSH:
            saved = [*registers, *([LR] if fields["p"] else [])]
            text.say(f"t = r{SP} - {4 * len(saved)} & {M}")
            for place, number in enumerate(saved):
                _store(text, f"t + {4 * place} & {M}", 4, f"r{number}")
            text.say(f"r{SP} = t")
        case O.POP:
            count = len(registers) + fields["p"]
            for place in range(count):
                text.say(f"v{place} = {_load(f'r{SP} + {4 * place} & {M}', 4)}")
            text.say(f"r{SP} = r{SP} + {4 * count} & {M}")
            for place, number in enumerate(registers):
                text.say(f"r{number} = v{place}")
            if fields["p"]:
                text.say(f"target = v{count - 1}")


_SUMS = (
    *(O.ADD_REGISTER, O.SUB_REGISTER, O.ADD_IMMEDIATE, O.SUB_IMMEDIATE, O.CMP_IMMEDIATE),
    *(O.ADC, O.SBC, O.RSB, O.CMP, O.CMN),
)

_WRITERS: dict[Operation, Callable[[_Text], None]] = {
    **dict.fromkeys(_SUMS, _arithmetic),
    **dict.fromkeys((*_LOGIC, O.TST), _logic),
    **dict.fromkeys((O.LSL_IMMEDIATE, O.LSR_IMMEDIATE, O.ASR_IMMEDIATE), _shift_known),
    **dict.fromkeys((O.LSL, O.LSR, O.ASR, O.ROR), _shift_by_register),
    **dict.fromkeys((O.ADD_HIGH, O.MOV_HIGH), _high),
    **dict.fromkeys((O.BX, O.BLX), _branch_to_register),
    **dict.fromkeys((O.ADR, O.ADD_SP, O.MOVE_SP), _address),
    **dict.fromkeys((O.MSR, O.MRS), _special),
    **dict.fromkeys((O.LOAD, O.LOAD_LITERAL), _load_one),
    **dict.fromkeys((O.LOAD_MULTIPLE, O.STORE_MULTIPLE, O.PUSH, O.POP), _multiple),
    O.MOV_IMMEDIATE: _move,
    O.EXTEND: _extend,
    O.REVERSE: _reverse,
    O.STORE: _store_one,
    O.BL: _call,
}
