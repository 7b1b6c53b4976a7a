"""Code read into a block: the way that it takes, and what each instruction makes of the state.

A block follows branches and calls as far as it knows where they lead. One that may be taken is an
exit; a return from a call that the block has made goes on behind it, and is checked where the
address came from the stack. A branch to the block's beginning makes it a loop; a short one is
written out several times.
"""

from typing import Protocol

from firmware_model.processor.conditions import condition
from firmware_model.processor.decoding import MachineInstruction, MachineOperation, decode, is_wide
from firmware_model.processor.flags import FLAGS, Flag
from firmware_model.processor.instruction_facts import (
    LONGEST_CYCLES,
    branch_target,
    cycles_of,
    jumps_to_register,
)
from firmware_model.processor.operations import LR, PC, SP, MachineState, perform
from firmware_model.processor.places import address_of, is_called, place_at, returns_of
from firmware_model.processor.steps import (
    CodePath,
    EndStep,
    ExitState,
    ExitStep,
    MemoryStep,
    Region,
    RepeatStep,
    Step,
    StopStep,
)
from firmware_model.processor.terms import Term, TermMaker

INSTRUCTIONS_MAX, CYCLES_MAX = 128, 256
"""The longest block: how late an interrupt can be seen."""

EXITS_MAX = 4
"""The most branches in a block that may be taken: what is behind more is seldom reached."""

ROUNDS_MAX = 8
"""How often a loop is written out, as long as that is one block."""

EXC_RETURN_FROM = 0xF000_0000
"""A jump to such an address returns from an exception (B1.5.8)."""

O = MachineOperation  # noqa: E741 - the tables below are read by their columns

_CALLS = {
    O.CPS: "c.set_primask({e}, {next})",
    O.WFI: "c.sleep({next})",
    O.WFE: "c.wait_for_event({next})",
    O.SVC: "c.call_supervisor({next})",
    O.BREAKPOINT: "c.fault_undefined({here})",
    O.UNDEFINED: "c.fault_undefined({here})",
    O.MSR: "c.write_special({s}, %s, {next})",
}
"""What the core does at the end of a block, and where to go on, by the instruction there."""

_STATEMENTS = {
    O.SEV: "c.send_event()",
    O.MRS: "r[{d}] = c.read_special({s}, r[13])",
    O.BARRIER: "",
}
"""What is done at the end of a block that goes on behind it."""


class CodeReader(Protocol):
    """Where code is read from, and where it and RAM lie."""

    ram_start: int
    ram_size: int
    code_start: int
    code_size: int

    def fetch(self, address: int) -> int | None:
        """Return the halfword at `address`, None where nothing may be executed."""

    def literal(self, address: int) -> int | None:
        """Return the word at `address` if it can never change, otherwise None."""

    def is_ram(self, address: int) -> bool:
        """Return whether RAM lies at `address`."""

    def is_register(self, address: int) -> bool:
        """Return whether a register of the chip lies at `address`, if anything."""


class PathReader:
    """Reads one block; with `alone` it is one instruction, and every access goes by the core."""

    def __init__(self, place: int, code: CodeReader, *, alone: bool = False) -> None:
        self._place = place
        self._start = address_of(place)
        self._code = code
        self._alone = alone
        self._terms = TermMaker()
        self._state = MachineState(self._terms)
        self._steps: list[Step] = []
        self._visited: set[int] = set()
        self._returns = returns_of(place)
        self._rounds = 1
        self._exits = 0
        self._done = 0
        self._spent = 0
        self._last = 0
        self._held: dict[tuple[Term | None, int, int], Term] = {}
        """What memory holds that this block has read or written: base, offset, size."""
        self._forced: set[Term] = set()
        self._has_stopped = False
        self._loads = 0
        if is_called(place):
            self._state.registers[LR] = self._terms.number(self._returns[-1] | 1)

    def read(self) -> CodePath | None:
        """Return the block, None where no code may be executed."""
        address: int | None = self._start
        end = self._start
        longest = 1 if self._alone else INSTRUCTIONS_MAX
        while address is not None:
            instruction = self._decoded(address)
            full = self._done == longest or self._exits == EXITS_MAX
            full = full or self._spent > CYCLES_MAX - LONGEST_CYCLES
            if instruction is None or address in self._visited or full:
                self._end(address)
                break
            end = max(end, address + instruction.size)
            self._visited.add(address)
            address = self._play(instruction, address)
        if not self._done:
            return None
        return CodePath(self._place, end, self._steps, self._terms, self._forced)

    def _decoded(self, address: int) -> MachineInstruction | None:
        word = self._code.fetch(address)
        if word is None or not is_wide(word):
            return None if word is None else decode(word, wide=False)
        low = self._code.fetch(address + 2)
        return None if low is None else decode(word << 16 | low, wide=True)

    def _play(self, instruction: MachineInstruction, address: int) -> int | None:
        """Do one instruction; return the address to go on at, None where the block ends."""
        operation, following = instruction.operation, address + instruction.size
        before = self._leaving(address)
        if operation is O.BRANCH_IF:
            return self._branch_if(instruction, address)
        self._done += 1
        self._last = cycles_of(instruction)
        self._spent += self._last
        match operation:
            case O.LOAD_LITERAL | O.LOAD | O.STORE:
                self._access_one(instruction, address, before)
            case O.LOAD_MULTIPLE | O.STORE_MULTIPLE | O.PUSH | O.POP:
                target = self._access_several(instruction, before)
                if target is not None:
                    return self._go_to_register(target)
            case O.BRANCH | O.BL:
                return self._branch(instruction, address)
            case O.BX | O.BLX:
                target = self._state.registers[instruction.fields["m"]]
                if operation is O.BX:
                    return self._go_to_register(target)
                self._state.registers[LR] = self._terms.number(following | 1)
                return self._go_to_register(target, returns_to=following)
            case O.ADD_HIGH | O.MOV_HIGH if jumps_to_register(instruction):
                return self._go_to_register(self._jump(instruction, address))
            case _ if operation in _CALLS or operation in _STATEMENTS:
                self._call(instruction, address)
                return None
            case _:
                perform(self._state, instruction, address)
        if self._has_stopped:
            self._has_stopped = False
            self._steps.append(StopStep(self._leaving(following)))
        return following

    # Where it may be left -----------------------------------------------------------------------

    def _leaving(self, target: int | Term, done: int = 0, cycles: int = 0) -> ExitState:
        """Return the state now, with so many instructions and cycles more."""
        state = self._state
        return ExitState(
            tuple(state.registers),
            tuple(Flag(name, getattr(state, name), state.pairs.get(name)) for name in FLAGS),
            target,
            self._done + done,
            self._spent + cycles,
            self._last,
        )

    def _end(self, address: int) -> None:
        self._steps.append(EndStep(self._leaving(address)))

    def _call(self, instruction: MachineInstruction, address: int) -> None:
        """End the block with what the core does."""
        fields, operation = instruction.fields, instruction.operation
        following = address + instruction.size
        known = {**fields, "next": following, "here": address}
        operand = None
        if operation is O.MSR:
            operand = self._terms.word(self._state.registers[fields["n"]])
        statement = _STATEMENTS.get(operation, "").format(**known)
        call = _CALLS.get(operation, "{next}").format(**known)
        self._steps.append(EndStep(self._leaving(following), call, operand, statement))

    def _branch_if(self, instruction: MachineInstruction, address: int) -> int | None:
        following = address + instruction.size
        target = branch_target(instruction, address)
        asked = condition(self._state, instruction.fields["c"])
        self._last = 2
        taken = self._leaving(target, 1, 2)
        self._last = 1
        passed = self._leaving(following, 1, 1)
        loops = target == self._start and self._may_repeat()
        self._done += 1
        self._spent += 1
        if asked.number is not None:
            self._spent += 1 if asked.number else 0
            return self._follow(target) if asked.number else following
        if not loops:
            self._steps.append(ExitStep(asked, taken))
            self._exits += 1
            return following
        if self._rounds < ROUNDS_MAX and self._fits_again():
            opposite = condition(self._state, instruction.fields["c"] ^ 1)
            self._steps.append(ExitStep(opposite, passed))
            self._spent += 1
            self._rounds += 1
            self._visited.clear()
            return target
        taken.target = self._place
        self._steps.append(RepeatStep(asked, taken))
        self._end(following)
        return None

    def _may_repeat(self) -> bool:
        """Return whether the block may begin again: what its place says must still be true."""
        if self._alone or returns_of(self._place) != self._returns:
            return False
        link = self._state.registers[LR]
        return not is_called(self._place) or link.number == self._returns[-1] | 1

    def _fits_again(self) -> bool:
        """Return whether one more round of this loop is still one block."""
        instructions, cycles = self._done // self._rounds, self._spent // self._rounds + 1
        fits = self._spent + cycles <= CYCLES_MAX - LONGEST_CYCLES
        return fits and self._done + instructions <= INSTRUCTIONS_MAX

    def _branch(self, instruction: MachineInstruction, address: int) -> int | None:
        target = branch_target(instruction, address)
        if instruction.operation is O.BL:
            following = address + instruction.size
            self._state.registers[LR] = self._terms.number(following | 1)
            self._returns.append(following)
        elif target == self._start and self._may_repeat():
            self._steps.append(RepeatStep(None, self._leaving(self._place)))
            return None
        return self._follow(target)

    def _follow(self, target: int) -> int | None:
        """Go on at a known address, where that is possible."""
        if not self._may_follow(target):
            self._end(target)
            return None
        return target

    def _may_follow(self, target: int) -> bool:
        """Return whether the code there can never change, nor that of this block."""
        is_ram = self._code.is_ram
        return not (self._alone or is_ram(self._start) or is_ram(target))

    def _jump(self, instruction: MachineInstruction, address: int) -> Term:
        """Return where ADD or MOV to the program counter leads (BranchWritePC, A2.3.1)."""
        terms, state = self._terms, self._state
        state.pc = address + 4
        value = state.register(instruction.fields["m"])
        if instruction.operation is O.ADD_HIGH:
            value = terms.add(state.register(PC), value)
        return terms.either(terms.word(value), terms.number(1))

    def _go_to_register(self, target: Term, returns_to: int | None = None) -> int | None:
        """Go where a value says, and so on where that is known or can be foreseen."""
        number = target.number
        if number is None and returns_to is None and self._returns:
            foreseen = self._terms.number(self._returns.pop() | 1)
            other = self._terms.expression("%s != %s", (self._terms.word(target), foreseen), 0, 1)
            self._steps.append(ExitStep(other, self._leaving(target)))
            number = foreseen.number
        if number is None or not number & 1 or number >= EXC_RETURN_FROM:
            above = 0
            if returns_to is not None and self._may_follow(returns_to):
                above = place_at(0, [*self._returns, returns_to])
            self._steps.append(EndStep(self._leaving(target), above=above))
            return None
        if returns_to is not None:
            self._returns.append(returns_to)
        elif self._returns and self._returns[-1] | 1 == number:
            self._returns.pop()
        return self._follow(number & ~1)

    # Memory -------------------------------------------------------------------------------------

    def _access_one(self, instruction: MachineInstruction, address: int, before: ExitState) -> None:
        fields, terms, r = instruction.fields, self._terms, self._state.registers
        if instruction.operation is O.LOAD_LITERAL:
            place = terms.number((address + 4 & ~3) + (fields["i"] << 2))
            r[fields["t"]] = self._load(place, 4, before)
            return
        size = fields["size"]
        if "m" in fields:
            place = terms.add(r[fields["n"]], r[fields["m"]])
        else:
            place = terms.plus(r[fields["n"]], fields["i"] * size)
        if instruction.operation is O.STORE:
            self._store(place, size, r[fields["t"]], before)
            return
        value = self._load(place, size, before)
        r[fields["t"]] = terms.signed(value, 8 * size) if fields.get("signed") else value

    def _access_several(self, instruction: MachineInstruction, before: ExitState) -> Term | None:
        """Do LDM, STM, PUSH or POP; return where POP leads, None where it does not."""
        fields, operation, terms = instruction.fields, instruction.operation, self._terms
        r = self._state.registers
        numbers = [number for number in range(8) if fields["l"] >> number & 1]
        on_stack = operation in (O.PUSH, O.POP)
        if on_stack and fields["p"]:
            numbers.append(LR if operation is O.PUSH else PC)
        base = SP if on_stack else fields["n"]
        start = terms.plus(r[base], -4 * len(numbers) if operation is O.PUSH else 0)
        places = [terms.plus(start, 4 * place) for place in range(len(numbers))]
        after = start if operation is O.PUSH else terms.plus(start, 4 * len(numbers))
        target = None
        if operation in (O.PUSH, O.STORE_MULTIPLE):
            for place, number in zip(places, numbers, strict=True):
                self._store(place, 4, r[number], before)
        else:
            loaded = [self._load(place, 4, before) for place in places]
            for number, value in zip(numbers, loaded, strict=True):
                if number == PC:
                    target = value
                else:
                    r[number] = value
        if on_stack or operation is O.STORE_MULTIPLE or base not in numbers:
            r[base] = after
        return target

    def _load(self, address: Term, size: int, before: ExitState) -> Term:
        """Return what a load finds: a number where it can never change, or a variable."""
        terms, number = self._terms, address.number
        if number is not None and not number & size - 1:
            content = self._code.literal(number & ~3)
            if content is not None:
                return terms.number(content >> 8 * (number & 3) & (1 << 8 * size) - 1)
        key = _key(address, size)
        if key in self._held:
            self._forced.add(address.base)
            return self._held[key]
        region = self._region(address, size)
        value = terms.variable(f"v{self._loads}", (1 << 8 * size) - 1)
        self._loads += 1
        self._steps.append(MemoryStep(address, size, value, before, region))
        if region in (Region.RAM, Region.UNKNOWN):
            self._held[key] = value
        return value

    def _store(self, address: Term, size: int, value: Term, before: ExitState) -> None:
        terms, region = self._terms, self._region(address, size)
        value = terms.word(value) if size == 4 else terms.narrow(value, 8 * size)
        self._steps.append(MemoryStep(address, size, value, before, region, stores=True))
        if region not in (Region.RAM, Region.UNKNOWN):
            self._has_stopped = not self._alone
            return
        base, offset, _ = key = _key(address, size)
        self._held = {
            (other, place, length): held
            for (other, place, length), held in self._held.items()
            if other is base and (place + length <= offset or offset + size <= place)
        }
        self._held[key] = value

    def _region(self, address: Term, size: int) -> Region:
        number = address.number
        if self._alone or (number is not None and number & size - 1):
            return Region.ELSEWHERE
        if number is None:
            return Region.UNKNOWN
        if self._code.is_ram(number):
            return Region.RAM
        is_word = size == 4 and self._code.is_register(number)
        return Region.REGISTER if is_word else Region.ELSEWHERE


def _key(address: Term, size: int) -> tuple[Term | None, int, int]:
    if address.number is not None:
        return None, address.number, size
    return address.base, address.offset, size
