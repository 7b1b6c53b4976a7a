"""Machine code turned into Python functions, one for each basic block.

A block ends where the program may go elsewhere. Its function takes the core, does what the block
does, and returns the address at which to go on. Registers and flags are Python variables within
it and go back to the core at its end, or where an access to memory fails: then exactly what came
before the failing instruction has been done. The flags N and Z are kept as the last result (`nz`),
C and V as 0 or 1; those that are overwritten before anybody can see them are not worked out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from firmware_model.processor.decoding import Instruction, Operation, decode, is_wide
from firmware_model.processor.statements import PC, ending, statements

INSTRUCTIONS_MAX = 48
"""The longest block: how late an interrupt can be seen."""

Function = Callable[[Any], int]


class Fetch(Protocol):
    """Reads a halfword of code; None where there is nothing that may be executed."""

    def __call__(self, address: int) -> int | None:
        """Return the halfword at `address`."""


class Block(NamedTuple):
    """A translated block: its function, where it stands, and its code where that may change."""

    function: Function
    address: int
    size: int
    code: bytes | None = None


@dataclass(slots=True)
class _Line:
    """One instruction: which flags it reads and writes, and the statements it became."""

    instruction: Instruction
    address: int
    writes: str = ""
    reads: str = ""
    accesses: bool = False
    live: str = ""
    text: list[str] = field(default_factory=list)


O = Operation  # noqa: E741 - the tables below are read by their columns

_SHIFTS = (O.LSL_IMMEDIATE, O.LSR_IMMEDIATE, O.ASR_IMMEDIATE, O.LSL, O.LSR, O.ASR, O.ROR)
_SUMS = (
    *(O.ADD_REGISTER, O.SUB_REGISTER, O.ADD_IMMEDIATE, O.SUB_IMMEDIATE, O.CMP_IMMEDIATE),
    *(O.ADC, O.SBC, O.RSB, O.CMP, O.CMN),
)
_LOGIC = (O.MOV_IMMEDIATE, O.AND, O.EOR, O.TST, O.ORR, O.MUL, O.BIC, O.MVN)
_MEMORY = (O.STORE, O.LOAD, O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP, O.LOAD_LITERAL)
_ENDS = (
    *(O.BX, O.BLX, O.CPS, O.BREAKPOINT, O.WFE, O.WFI, O.BRANCH_IF, O.BRANCH, O.SVC, O.BL),
    *(O.MSR, O.BARRIER, O.UNDEFINED),
)

_CONDITION_READS = ("n", "n", "c", "c", "n", "n", "v", "v", "nc", "nc", "nv", "nv", "nv", "nv")

# Cycles of a Cortex-M0+ with a single-cycle multiplier (ARM DDI 0484, 3.3); the rest take one.
_CYCLES = {
    **dict.fromkeys((O.STORE, O.LOAD, O.LOAD_LITERAL, O.BX, O.BLX, O.WFE, O.WFI, O.BRANCH), 2),
    **dict.fromkeys((O.BL, O.MSR, O.MRS, O.BARRIER), 3),
}
_LISTS = (O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP)


def translate(address: int, fetch: Fetch, scope: dict[str, Any]) -> Block | None:
    """Return the block that begins at `address`, None where no code may be executed there.

    Args:
        address: of its first instruction, even.
        fetch: reads the code.
        scope: the names that the functions use besides the core's: what `Core` gives.
    """
    lines, end = _read(address, fetch)
    if not lines:
        return None
    _find_live_flags(lines)
    for place, line in enumerate(lines):
        if line.accesses:
            line.text.append(f"k = {place}")
        line.text += statements(line.instruction, line.address, line.live)
    source = _function(lines, end)
    names = dict(scope)
    exec(compile(source, f"block {address:#x}", "exec"), names)  # noqa: S102 - our own text
    function: Function = names["block"]
    return Block(function, address, end - address)


def _read(address: int, fetch: Fetch) -> tuple[list[_Line], int]:
    lines: list[_Line] = []
    while len(lines) < INSTRUCTIONS_MAX:
        code = fetch(address)
        if code is None:
            break
        wide = is_wide(code)
        if wide:
            low = fetch(address + 2)
            if low is None:
                break
            code = code << 16 | low
        instruction = decode(code, wide=wide)
        lines.append(_line(instruction, address))
        address += instruction.size
        if _ends(instruction):
            break
    return lines, address


def _ends(instruction: Instruction) -> bool:
    operation, fields = instruction.operation, instruction.fields
    if operation in (O.ADD_HIGH, O.MOV_HIGH):
        return fields["D"] << 3 | fields["d"] == PC
    return operation in _ENDS or (operation is O.POP and bool(fields["p"]))


def _line(instruction: Instruction, address: int) -> _Line:
    operation, fields = instruction.operation, instruction.fields
    line = _Line(instruction, address)
    if operation in _SUMS:
        line.writes = "ncv"
        line.reads = "c" if operation in (O.ADC, O.SBC) else ""
    elif operation in _LOGIC:
        line.writes = "n"
    elif operation in _SHIFTS:
        line.writes = "nc"
        if operation in (O.LSL, O.LSR, O.ASR, O.ROR):
            line.reads = "c"  # a shift by nothing leaves it
        elif operation is O.LSL_IMMEDIATE and not fields["i"]:
            line.writes = "n"
    elif operation is O.BRANCH_IF:
        line.reads = _CONDITION_READS[fields["c"]]
    elif operation in (O.MRS, O.MSR):
        line.reads = "ncv"
    line.accesses = operation in _MEMORY
    return line


def _find_live_flags(lines: list[_Line]) -> None:
    """Note for each line which of the flags it writes can be seen afterwards."""
    live = set("ncv")
    for line in reversed(lines):
        line.live = "".join(flag for flag in line.writes if flag in live)
        live = (live - set(line.writes)) | set(line.reads)
        if line.accesses:
            live = set("ncv")


def _function(lines: list[_Line], end: int) -> str:
    body = [text for line in lines for text in line.text]
    accesses = any(line.accesses for line in lines)
    last = lines[-1].instruction
    cycles = [_cycles(line.instruction) for line in lines]
    body = body or ["pass"]
    leaving = ending(last, lines[-1].address, end)
    text = "\n".join([*body, *leaving])
    used = [n for n in range(15) if f"r{n}" in _names(text)]
    changed = [n for n in used if f"r{n} = " in text]
    flags = [flag for flag in ("nz", "cf", "vf") if flag in _names(text)]
    views = [view for view in ("m1", "m2", "m4") if view in _names(text)]
    load = [
        *(f"r{n} = r[{n}]" for n in used),
        *(f"{name} = c.{name}" for name in (*flags, *views)),
    ]
    store = [
        *(f"r[{n}] = r{n}" for n in changed),
        *(f"c.{flag} = {flag}" for flag in flags if f"{flag} = " in text),
    ]
    out = ["def block(c):", " r = c.r"]
    out += [f" {line}" for line in load]
    if accesses:
        spent = [sum(cycles[:n]) for n in range(len(lines) + 1)]
        out += [" k = 0", " try:"]
        out += [f"  {line}" for line in body]
        out += [" except Abort as abort:"]
        out += [f"  {line}" for line in store]
        addresses = tuple(line.address for line in lines)
        out += [f"  return c.abort(abort, {addresses}[k], k, {tuple(spent)}[k])"]
    else:
        out += [f" {line}" for line in body]
    out += [f" {line}" for line in store]
    out += [f" c.cycles += {sum(cycles)}; c.instructions += {len(lines)}"]
    out += [f" {line}" for line in leaving]
    return "\n".join(out) + "\n"


def _names(text: str) -> set[str]:
    return set("".join(sign if sign.isalnum() else " " for sign in text).split())


def _cycles(instruction: Instruction) -> int:
    operation, fields = instruction.operation, instruction.fields
    if operation in _LISTS:
        count = fields["l"].bit_count()
        if fields.get("p"):
            return count + (4 if operation is O.POP else 2)
        return count + 1
    if operation in (O.ADD_HIGH, O.MOV_HIGH) and _ends(instruction):
        return 2
    return _CYCLES.get(operation, 1)
