"""Machine code turned into Python functions, one for each block.

A block is a run of instructions up to where the program must go elsewhere; branches that may be
taken leave it in its middle, and those that lead to its beginning make it a loop. Its function
takes the core, does what the block does, and returns the address at which to go on. Registers and
flags are Python variables within it and go back to the core where it is left, also where an access
to memory fails: then exactly what came before the failing instruction has been done. Flags that
are overwritten before anybody can see them are not worked out.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from firmware_model.processor.decoding import MachineInstruction, MachineOperation, decode, is_wide
from firmware_model.processor.flags import ACCESSES, ALL, TracedInstruction, find_live_flags
from firmware_model.processor.memory import Abort
from firmware_model.processor.memory_statements import RamWindow, write_memory_operation
from firmware_model.processor.statements import (
    COMPARED,
    CONDITIONS,
    InstructionWriter,
    branch_target,
    goes_to_register,
    write_register_operation,
)

INSTRUCTIONS_MAX = 64
"""The longest block: how late an interrupt can be seen."""

EXC_RETURN_FROM = 0xF000_0000
"""A jump to such an address returns from an exception (B1.5.8)."""

BLOCKS_MAX = 20_000
"""Translated blocks that are kept; a program of 256 KiB has fewer."""

Function = Callable[[Any], int]


class CodeReader(Protocol):
    """Where code is read from, and where RAM lies."""

    ram_start: int
    ram_size: int

    def fetch(self, address: int) -> int | None:
        """Return the halfword at `address`, None where nothing may be executed."""

    def literal(self, address: int) -> int | None:
        """Return the word at `address` if it can never change, otherwise None."""


class Block(NamedTuple):
    """A translated block: its function, where it stands, and its code where that may change."""

    function: Function
    address: int
    size: int
    code: bytes | None = None


O = MachineOperation  # noqa: E741 - the tables below are read by their columns

_ENDS = (
    *(O.BX, O.BLX, O.CPS, O.BREAKPOINT, O.WFE, O.WFI, O.BRANCH, O.SVC, O.BL),
    *(O.MSR, O.BARRIER, O.UNDEFINED),
)

# Cycles of a Cortex-M0+ with a single-cycle multiplier (ARM DDI 0484, 3.3); the rest take one.
_CYCLES = {
    **dict.fromkeys((O.STORE, O.LOAD, O.LOAD_LITERAL, O.BX, O.BLX, O.WFE, O.WFI, O.BRANCH), 2),
    **dict.fromkeys((O.BL, O.MSR, O.MRS, O.BARRIER), 3),
}
_LISTS = (O.STORE_MULTIPLE, O.LOAD_MULTIPLE, O.PUSH, O.POP)
_WORD = re.compile(r"[a-z]\w*")
_ASSIGNED = re.compile(r"\br(\d+) = ")


_NAMES: dict[str, Any] = {"Abort": Abort}
"""What the functions use besides the core's: one dictionary for all of them."""


def translate(address: int, code: CodeReader) -> Block | None:
    """Return the block that begins at `address`, None where no code may be executed there.

    Args:
        address: of its first instruction, even.
        code: where the code is read, and RAM.
    """
    lines, end = _read(address, code)
    if not lines:
        return None
    source = _BlockText(lines, end, RamWindow(code.ram_start, code.ram_size)).function()
    made: dict[str, Function] = {}
    exec(compile(source, f"block {address:#x}", "exec"), _NAMES, made)  # noqa: S102 - our own text
    function = made["block"]
    return Block(function, address, end - address)


def _read(address: int, code: CodeReader) -> tuple[list[TracedInstruction], int]:
    lines: list[TracedInstruction] = []
    while len(lines) < INSTRUCTIONS_MAX:
        word = code.fetch(address)
        if word is None:
            break
        wide = is_wide(word)
        if wide:
            low = code.fetch(address + 2)
            if low is None:
                break
            word = word << 16 | low
        instruction = decode(word, wide=wide)
        line = TracedInstruction(instruction, address)
        if instruction.operation is O.LOAD_LITERAL:
            line.literal = code.literal((address + 4 & ~3) + (instruction.fields["i"] << 2))
        lines.append(line)
        address += instruction.size
        if goes_to_register(instruction) or instruction.operation in _ENDS:
            break
    return lines, address


class _BlockText:
    """One block being written: `end` is the address behind it."""

    def __init__(self, lines: list[TracedInstruction], end: int, ram: RamWindow) -> None:
        self.lines = lines
        self.ram = ram
        self.known: dict[int, int] = {}
        """Registers whose value is known here, whatever came before the block."""
        self.start = lines[0].address
        self.end = end
        self.seen_at_start = find_live_flags(lines)
        self.body: list[str] = []
        self.spent = [0]
        for line in lines:
            self.spent.append(self.spent[-1] + _cycles(line.instruction))

    def function(self) -> str:
        """Return the text of the block's function."""
        for place, line in enumerate(self.lines):
            self._write(place, line)
        leaving = self._write_end()
        text = "\n".join([*self.body, leaving])
        names = set(_WORD.findall(text))
        used = [n for n in range(15) if f"r{n}" in names]
        changed = [n for n in used if f"r{n} = " in text]
        flags = [flag for flag in ("nz", "cf", "vf") if flag in names]
        attributes = [*flags, *(view for view in ("m1", "m2", "m4") if view in names)]
        load = [f"r{n} = r[{n}]" for n in used] + [f"{name} = c.{name}" for name in attributes]
        store = [f"r[{n}] = r{n}" for n in changed]
        store += [f"c.{flag} = {flag}" for flag in flags if f"{flag} = " in text]
        body = self.body
        # A loop ends by a `break` wherever it is left, with the address to go on at in `x`.
        body = ["while 1:", *(f" {line}" for line in body), " break"]
        if any(line.accesses for line in self.lines):
            body = ["try:", *(f" {line}" for line in body), "except Abort as abort:"]
            places = tuple(line.address for line in self.lines)
            body += [f" {line}" for line in store]
            body += [" k = c.place"]
            body += [f" return c.abort(abort, {places}[k], k, {tuple(self.spent)}[k])"]
        out = ["r = c.r", *load, *body, *store, f"return {leaving}"]
        return "def block(c):\n" + "".join(f" {line}\n" for line in out)

    def _write(self, place: int, line: TracedInstruction) -> None:
        if line.instruction.operation is O.BRANCH_IF:
            self._write_branch(place, line)
        elif line.compared is None:
            self.body += self._statements(place, line, line.live)

    def _statements(self, place: int, line: TracedInstruction, live: str) -> list[str]:
        text = InstructionWriter(line.instruction, line.address, live, place, self.known)
        if line.instruction.operation in ACCESSES:
            write_memory_operation(text, self.ram, line.literal)
        else:
            write_register_operation(text)
        self._note_known(line, text.lines)
        return text.lines

    def _note_known(self, line: TracedInstruction, written: list[str]) -> None:
        """Note what an instruction leaves in its register, where that is known."""
        value = line.literal
        operation, fields = line.instruction.operation, line.instruction.fields
        if operation is O.MOV_IMMEDIATE:
            value = fields["i"]
        elif operation is O.MOV_HIGH or (operation is O.LSL_IMMEDIATE and not fields["i"]):
            value = self.known.get(fields["m"])
        changed = {int(number) for number in _ASSIGNED.findall("\n".join(written))}
        for number in changed:
            self.known.pop(number, None)
        if value is not None and len(changed) == 1:
            self.known[changed.pop()] = value

    def _write_branch(self, place: int, line: TracedInstruction) -> None:
        """Write a branch that may be taken, with the comparison before it where there is one."""
        condition = line.instruction.fields["c"]
        before = self.lines[place - 1] if place else None
        target = branch_target(line.instruction, line.address)
        flags: list[str] = []
        asked = CONDITIONS[condition]
        if before is not None and before.compared is not None:
            a, b = before.compared
            asked = COMPARED[condition].format(a=a, b=b)
            flags = self._statements(place - 1, before, ALL)
        out = [f"if {asked}:"]
        counted = self._count(place + 1, 1)
        if target == self.start:
            if not self.seen_at_start:
                out += [f" {counted}", " if c.cycles < c.limit: continue"]
                out += [f" {line}" for line in flags]
            else:
                out += [f" {line}" for line in flags]
                out += [f" {counted}", " if c.cycles < c.limit: continue"]
            out += [f" x = {target}; break"]
        else:
            out += [f" {line}" for line in flags]
            out += [f" {counted}; x = {target}; break"]
        self.body += out
        if before is not None and before.compared is not None:
            self.body += self._statements(place - 1, before, before.live)

    def _count(self, done: int, extra: int = 0) -> str:
        return f"c.cycles += {self.spent[done] + extra}; c.instructions += {done}"

    def _write_end(self) -> str:
        """Write what the last instruction does; return the address to go on at, as text."""
        line = self.lines[-1]
        instruction, fields, address = line.instruction, line.instruction.fields, line.address
        self.body.append(self._count(len(self.lines)))
        calls = {
            O.CPS: f"c.set_primask({fields.get('e')}, {self.end})",
            O.MSR: f"c.write_special({fields.get('s')}, value, {self.end})",
            O.WFI: f"c.sleep({self.end})",
            O.WFE: f"c.wait_for_event({self.end})",
            O.SVC: f"c.call_supervisor({self.end})",
            O.BREAKPOINT: f"c.fault_undefined({address})",
            O.UNDEFINED: f"c.fault_undefined({address})",
        }
        call = calls.get(instruction.operation)
        if goes_to_register(instruction):
            call = (
                f"(target ^ 1 if target & 1 and target < {EXC_RETURN_FROM} else c.branch(target))"
            )
        if call is not None:
            if not any(line.instruction.operation is O.BRANCH_IF for line in self.lines):
                return call
            self.body.append("x = -1")
            return f"{call} if x < 0 else x"
        target = self.end
        if instruction.operation in (O.BRANCH, O.BL):
            target = branch_target(instruction, address)
        if target == self.start and instruction.operation is O.BRANCH:
            self.body.append("if c.cycles < c.limit: continue")
        self.body.append(f"x = {target}")
        return "x"


def _cycles(instruction: MachineInstruction) -> int:
    operation, fields = instruction.operation, instruction.fields
    if operation in _LISTS:
        count = fields["l"].bit_count()
        if fields.get("p"):
            return count + (4 if operation is O.POP else 2)
        return count + 1
    if operation in (O.ADD_HIGH, O.MOV_HIGH) and goes_to_register(instruction):
        return 2
    return _CYCLES.get(operation, 1)
