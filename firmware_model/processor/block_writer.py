"""A block as the text of a Python function.

`c` is the core and `r` its registers, which are variables `r0` to `r14` within the block; they,
and the flags, go back to the core where the block is left. `n` is the count of cycles at which it,
or its last round, began. Only what somebody needs is worked out, where it is needed first; what
two need has a variable of its own (`t1`, ...). What is needed only where a block is left stands
behind the condition on which it is.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from firmware_model.processor.flags import FLAGS, SETTLED
from firmware_model.processor.path_reader import EXC_RETURN_FROM, CodeReader
from firmware_model.processor.ram_windows import STACK_POINTER, RamWindow, find_windows
from firmware_model.processor.steps import (
    CodePath,
    EndStep,
    ExitState,
    ExitStep,
    MemoryStep,
    Region,
    RepeatStep,
    StopStep,
)
from firmware_model.processor.terms import WORD, Term

_LONGEST = 400  # letters of an expression; Python's own parser has its limits
_TAKEN = (*FLAGS, "m1", "m2", "m4", "k1", "k4", "bus")
_NAME = re.compile(r"(?<![.\w])[a-z]\w*")


class _Expressions:
    """Values as text, with the statements that are needed before; `known` names what is held."""

    def __init__(self, uses: dict[Term, int], known: dict[Term, str], prefix: str) -> None:
        self.lines: list[str] = []
        self._uses = uses
        self._known = known
        self._prefix = prefix

    def text(self, value: Term) -> str:
        """Return a value as an operand."""
        if value.number is not None:
            return str(value.number) if value.number >= 0 else f"({value.number})"
        name = value.name or self._known.get(value)
        if name:
            return name
        text = value.form % tuple([self.text(operand) for operand in value.operands])
        if self._uses.get(value, 0) < 2 and len(text) < _LONGEST:
            return f"({text})"
        name = self._known[value] = f"{self._prefix}{len(self._known)}"
        self.lines.append(f"{name} = {text}")
        return name

    def branch(self) -> "_Expressions":
        """Return the same for statements of their own, done under a condition only."""
        return _Expressions(self._uses, dict(self._known), self._prefix + "u")


class WayBack(NamedTuple):
    """How to bring back the state before an access: by `statements` on the block's variables.

    `address` is its instruction's, `done` tells how many came before it, in `spent` cycles.
    """

    address: int
    done: int
    spent: int
    statements: str


class BlockWriter:
    """One block being written.

    Args:
        path: what it does.
        code: where RAM and the code lie.
        alone: whether all accesses go by the core.
    """

    def __init__(self, path: CodePath, code: CodeReader, *, alone: bool) -> None:
        self._path = path
        self._code = code
        self._ram_start = code.ram_start
        self._alone = alone
        self._windows = find_windows(path)
        self._uses: dict[Term, int] = {}
        self._main = _Expressions(self._uses, {}, "t")
        self._lines = self._main.lines
        self._places = 0
        self._may_fail = False
        self._asked: set[str] = set()
        """Variables that are operands, so that a flag among them must be a number."""
        self._wanted = -1
        self._way_back = WayBack(path.place, 0, 0, "")
        self._again = [step.leaving for step in path.steps if isinstance(step, RepeatStep)]
        self._changed = {name for leaving in self._again for name, _ in self._changes(leaving)}
        self._keeps = set(self._kept_names()) if self._again else set()
        self._count_uses()

    def function(self) -> str:
        """Return the text of the block's function."""
        for step in self._path.steps:
            match step:
                case MemoryStep():
                    self._write_access(step)
                case ExitStep():
                    inner = self._main.branch()
                    condition = self._main.text(step.condition)
                    self._write_leaving(inner, step.leaving)
                    self._write_if(condition, inner.lines)
                case RepeatStep():
                    self._write_again(step)
                case StopStep():
                    inner = self._main.branch()
                    self._write_leaving(inner, step.leaving, since_access=True)
                    self._write_if("not c.limit", inner.lines)
                case EndStep():
                    self._write_leaving(self._main, step.leaving, step)
        return self._framed(self._lines)

    def way_back(self, place: int) -> WayBack:
        """Return what brings back the state before the access of that place."""
        self._wanted = place
        self.function()
        return self._way_back

    def _framed(self, lines: list[str]) -> str:
        settling = [
            f"if type({name}) is tuple: {name} = {SETTLED[name]}"
            for name in FLAGS
            if name in self._asked
        ]
        lines = ["n = c.cycles", *settling, *lines]
        if self._again:
            lines = [lines[0], "while 1:", *(f" {line}" for line in lines[1:])]
        if self._may_fail:
            failed = f" return c.abort(abort, {self._path.place}, {self._alone}, locals())"
            lines = ["try:", *(f" {line}" for line in lines), "except Abort as abort:", failed]
        names = set(_NAME.findall("\n".join(lines)))
        taken = [f"r{number} = r[{number}]" for number in range(15) if f"r{number}" in names]
        taken += [f"{name} = c.{name}" for name in _TAKEN if name in names]
        return "def block(c):\n" + "".join(f" {line}\n" for line in ["r = c.r", *taken, *lines])

    # What is needed -----------------------------------------------------------------------------

    def _changes(self, leaving: ExitState) -> Iterator[tuple[str, Term]]:
        """Give the variables that no longer are what they were, and their values."""
        word = self._path.terms.word
        for number, value in enumerate(leaving.registers):
            if value.name != f"r{number}":
                yield f"r{number}", word(value)
        for name, value, pair in leaving.flags:
            if value.name != name:
                yield name, pair or (word(value) if name == "nz" else value)

    def _stores(self, leaving: ExitState) -> Iterator[tuple[str, Term]]:
        """Give what goes back to the core where the block is left, and where to."""
        changes = dict(self._changes(leaving))
        for number, value in enumerate(leaving.registers):
            name = f"r{number}"
            if name in changes or name in self._changed:
                yield f"r[{number}]", changes.get(name, value)
        flags: dict[Term, str] = {}
        for name, value, _ in leaving.flags:
            if name in changes or (name in self._changed and name in self._keeps):
                given = changes.get(name, value)
                flags[given] = f"{flags[given]} = c.{name}" if given in flags else f"c.{name}"
        yield from ((target, given) for given, target in flags.items())

    def _kept_names(self) -> Iterator[str]:
        """Give the flags that a later round of a loop may need of an earlier one."""
        for leaving in self._leavings():
            yield from (flag.name for flag in leaving.flags if flag.is_unchanged)

    def _leavings(self) -> Iterator[ExitState]:
        """Give every state in which the block may be left, also where an access fails."""
        opened = set()
        for step in self._path.steps:
            if not isinstance(step, MemoryStep):
                yield step.leaving
                continue
            window = self._windows.get(step.address.base)
            if window is None or not window.must_be_ram or window not in opened:
                yield step.before
            opened.add(window)

    def _count_uses(self) -> None:
        for step in self._path.steps:
            match step:
                case MemoryStep():
                    self._use(step.address.base)
                    if step.stores:
                        self._use(step.value)
                case ExitStep() | RepeatStep() if step.condition is not None:
                    self._use(step.condition)
                    self._asked.add(step.condition.name)
                case EndStep() if step.operand is not None:
                    self._use(step.operand)
            if not isinstance(step, MemoryStep):
                for _, value in self._stores(step.leaving):
                    self._use(value)
                if isinstance(step.leaving.target, Term):
                    self._use(step.leaving.target)

    # Where it is left ---------------------------------------------------------------------------

    def _write_if(self, condition: str, lines: list[str]) -> None:
        self._lines.append(f"if {condition}:")
        self._lines += [f" {line}" for line in lines]

    def _write_leaving(
        self,
        out: _Expressions,
        leaving: ExitState,
        end: EndStep | None = None,
        *,
        since_access: bool = False,
    ) -> None:
        """Write what goes back to the core, what was spent, and where to go on."""
        operand = "" if end is None or end.operand is None else out.text(end.operand)
        self._write_stores(out, leaving)
        if since_access or self._alone:
            out.lines.append(f"c.cycles += {leaving.last}; c.instructions += {leaving.done}")
        else:
            out.lines.append(f"c.cycles = n + {leaving.spent}; c.instructions += {leaving.done}")
        if end is not None and end.statement:
            out.lines.append(end.statement)
        if end is not None and end.call:
            out.lines.append(f"return {end.call.replace('%s', operand)}")
        elif isinstance(leaving.target, Term):
            target = out.text(self._path.terms.word(leaving.target))
            out.lines.append(f"x = {target}")
            to = f"x | {end.above}" if end is not None and end.above else "x ^ 1"
            known = f"{to} if x & 1 and x < {EXC_RETURN_FROM}"
            out.lines.append(f"return {known} else c.branch(x)")
        else:
            out.lines.append(f"return {leaving.target}")

    def _write_stores(self, out: _Expressions, leaving: ExitState) -> None:
        stores = [(target, out.text(value)) for target, value in self._stores(leaving)]
        out.lines += [f"{target} = {text}" for target, text in stores]

    def _write_again(self, step: RepeatStep) -> None:
        leaving, main = step.leaving, self._main
        changes = [
            (name, main.text(value))
            for name, value in self._changes(leaving)
            if name not in FLAGS or name in self._keeps
        ]
        condition = None if step.condition is None else main.text(step.condition)
        lines = [f"c.instructions += {leaving.done}", f"c.cycles = n = n + {leaving.spent}"]
        lines.append("if n < c.limit:")
        if changes:
            names, texts = (", ".join(part) for part in zip(*changes, strict=True))
            lines.append(f" {names} = {texts}")
        lines.append(" continue")
        inner = main.branch()
        self._write_stores(inner, leaving)
        lines += [*inner.lines, f"return {leaving.target}"]
        if condition is None:
            self._lines += lines
        else:
            self._write_if(condition, lines)

    def _write_alone(self, condition: str, before: ExitState) -> None:
        """Write that the block is left before an instruction, which the core plays alone."""
        inner = self._main.branch()
        self._write_leaving(inner, before)
        inner.lines[-1] = f"return c.play_alone({before.target})"
        self._write_if(condition, inner.lines)

    # Memory -------------------------------------------------------------------------------------

    def _write_access(self, access: MemoryStep) -> None:
        value, size = self._main.text(access.value), access.size
        number = access.address.number or 0
        match access.region:
            case Region.RAM:
                place = f"m{size}[{number - self._ram_start >> (size >> 1)}]"
                self._lines.append(_assignment(access, place, value))
            case Region.REGISTER:
                noted = self._note_place(access)
                self._may_fail = True
                self._lines.append(f"c.cycles = n + {access.before.spent}; c.place = {noted}")
                if access.stores:
                    self._lines.append(f"bus.write({number}, 4, {value})")
                else:
                    self._lines.append(f"{value} = bus.read({number}, 4)")
            case Region.ELSEWHERE:
                address = self._main.text(self._path.terms.word(access.address))
                self._lines.append(self._by_core(access, address, value))
            case Region.UNKNOWN:
                self._write_looked_at(access, value)

    def _write_looked_at(self, access: MemoryStep, value: str) -> None:
        """Write an access by a base of which nothing is known."""
        window = self._windows[access.address.base]
        if window.must_be_ram:
            if not window.fits(access):
                self._write_alone("1", access.before)
                return
            self._open(window, access)
            self._lines.append(_assignment(access, window.place(access), value))
            return
        self._open(window, access)
        code, offset = self._code, access.address.offset - window.low + self._ram_start
        slow = self._by_core(access, f"o{window.number} + {offset} & {WORD}", value)
        if window.fits(access):
            quick = f"{window.place(access)} if {window.index(access.size)} >= 0 else "
            quick += self._in_code(f"o{window.number} + {offset - code.code_start}", access.size)
            slow = slow.replace(f"{value} = ", f"{value} = {quick}", 1)
        self._lines.append(slow)

    def _in_code(self, offset: str, size: int) -> str:
        """Return what reads a byte or word of the code, where an offset into it is one."""
        code_size = self._code.code_size
        if code_size & code_size - 1 or not code_size or size == 2:
            return ""
        place = "k1[o]" if size == 1 else "k4[o >> 2]"
        return f"{place} if not (o := {offset}) & {-code_size | size - 1} else "

    def _open(self, window: RamWindow, access: MemoryStep) -> None:
        """Write where a window lies, and what to do where that is not in RAM."""
        if window.is_open:
            return
        window.is_open = True
        base, distance = self._main.text(window.base), self._ram_start - window.low
        condition = window.condition(self._code.ram_size)
        self._lines.append(f"o{window.number} = {base} - {distance}")
        if window.base.name == STACK_POINTER:
            place = self._note_place(access)
            self._lines.append(f"if not ({condition}):")
            self._lines.append(f" return c.leave({self._path.place}, {place}, locals())")
        elif window.must_be_ram:
            self._write_alone(f"not ({condition})", access.before)
        for name, text in window.indices():
            here = text if window.must_be_ram else f"{text} if {condition} else -1"
            self._lines.append(f"{name} = {here}")

    def _by_core(self, access: MemoryStep, address: str, value: str) -> str:
        """Return an access by the core, which may fail."""
        place, spent = self._note_place(access), access.before.spent
        self._may_fail = True
        if access.stores:
            return f"c.store({address}, {access.size}, {value}, n + {spent}, {place})"
        return f"{value} = c.load({address}, {access.size}, n + {spent}, {place})"

    def _note_place(self, access: MemoryStep) -> int:
        """Return the number of an access before which the state may have to be brought back."""
        place, before = self._places, access.before
        self._places += 1
        if place == self._wanted:
            back = self._main.branch()
            self._write_stores(back, before)
            assert isinstance(before.target, int)
            statements = "\n".join(back.lines)
            self._way_back = WayBack(before.target, before.done, before.spent, statements)
        return place

    def _use(self, value: Term) -> None:
        count = self._uses[value] = self._uses.get(value, 0) + 1
        if count == 1:
            self._asked.update(operand.name for operand in value.operands)
            for operand in value.operands:
                self._use(operand)


def _assignment(access: MemoryStep, place: str, value: str) -> str:
    return f"{place} = {value}" if access.stores else f"{value} = {place}"
