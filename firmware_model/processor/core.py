"""The processor: registers, blocks, exceptions. It runs as far as it is told, in cycles.

Source: ARM DDI 0419 (ARMv6-M). It has no clock: who runs it decides what a cycle is worth. What
goes wrong in a program is a value: a HardFault as on the chip, and a lock-up where even that
fails, which the part answers with a reset.
"""

from typing import Any

from firmware_model.processor.exceptions import (
    FAULTS_KEPT,
    HARD_FAULT,
    SVCALL,
    CoreStop,
    ExceptionState,
    FaultRecord,
)
from firmware_model.processor.flags import Held, read_flags, write_flags
from firmware_model.processor.memory import FRAME, Abort, Memory
from firmware_model.processor.path_reader import EXC_RETURN_FROM
from firmware_model.processor.places import ADDRESS
from firmware_model.processor.system import SystemRegisters
from firmware_model.processor.translated_code import SingleInstructions, TranslatedCode
from firmware_model.processor.translation import Function

WORD = 0xFFFF_FFFF
SP, LR = 13, 14
HANDLER, THREAD_MAIN, THREAD_PROCESS = 0xFFFF_FFF1, 0xFFFF_FFF9, 0xFFFF_FFFD
CYCLES, ASLEEP = CoreStop.CYCLES, CoreStop.ASLEEP  # a name costs less than a member of an enum
ENTRY_CYCLES = 15
"""From an interrupt to its handler, on a Cortex-M0+ without wait states (ARM DDI 0484, 3.3)."""


class Core:
    """One ARMv6-M core on a memory.

    `r` are the registers 0 to 14, `pc` the address of the next instruction; `cycles` and
    `instructions` count what has been done since it was made, `slept` the cycles of it asleep.
    Blocks run while `cycles` is below `limit`; what must be looked at first sets that to 0. They
    stand in `blocks` by their places (`places`).
    """

    __slots__ = (
        "_code",
        "_other_sp",
        "_stops_soon",
        "asleep",
        "blocks",
        "bus",
        "cf",
        "cycles",
        "event",
        "exceptions",
        "faults",
        "instructions",
        "k1",
        "k4",
        "limit",
        "m1",
        "m2",
        "m4",
        "memory",
        "nz",
        "pc",
        "place",
        "primask",
        "process_stack",
        "r",
        "slept",
        "stopped",
        "system",
        "unprivileged",
        "vf",
        "waits_for_event",
    )

    def __init__(self, memory: Memory, blocks: dict[int, Function] | None = None) -> None:
        self.memory = memory
        self.m1, self.m2, self.m4 = memory.views
        self.k1, self.k4 = memory.code_bytes, memory.code_words
        self.bus = memory.peripherals
        self.exceptions = ExceptionState()
        self.system = SystemRegisters(self)
        self.cycles = self.instructions = self.slept = self.limit = 0
        self.place = 0  # which instruction of its block accesses memory by the slow path
        self.faults: list[FaultRecord] = []
        self.blocks: dict[int, Function] = {} if blocks is None else blocks
        self._code = TranslatedCode(memory, self.blocks)
        memory.connect(self.system)
        self.reset()

    def reset(self) -> None:
        """Begin at the reset vector (B1.5.5)."""
        self.r = [0] * 15
        self.pc = 0
        self.nz: Held = 1
        self.cf: Held = 0
        self.vf: Held = 0
        self.primask = self._other_sp = 0
        self.process_stack = self.unprivileged = False
        self.asleep = self.event = self.waits_for_event = self._stops_soon = False
        self.stopped: CoreStop | None = None
        self.exceptions = ExceptionState()
        self.system.reset()
        try:
            self.r[SP] = self.memory.load(0, 4) & ~3
            self.pc = self.memory.load(4, 4)
        except Abort as abort:
            self._lock_up(f"no vectors: {abort}")
            return
        if not self.pc & 1:
            self._lock_up("the reset vector is even: this is no Thumb code")
        self.pc &= ~1

    # Running ------------------------------------------------------------------------------------

    def run(self, until: int, *, exactly: bool = False) -> CoreStop:
        """Run until `cycles` is `until` or somewhat more, or something ends it; return what.

        The last block may go beyond it by up to `CYCLES_MAX`, with `exactly` an instruction.
        """
        blocks = SingleInstructions(self._code) if exactly else self.blocks
        system = self.system
        while self.stopped is None:
            exceptions = self.exceptions
            if system.zero_at is not None:
                system.count()
            if exceptions.pending:
                number = exceptions.next(masked=bool(self.primask))
                if number is not None:
                    self._enter(number)
                elif self.asleep and exceptions.wakes():
                    self.asleep = False
            if self.cycles >= until or self._stops_soon:
                self._stops_soon = False
                return CYCLES
            due = None if system.zero_at is None else system.due_at
            if self.asleep:
                if due is None:
                    return ASLEEP
                end = min(due, until)
                self.slept += end - self.cycles
                self.cycles = end
                continue
            self.limit = until if due is None else min(until, due)
            place = self.pc
            while self.cycles < self.limit:
                try:
                    while self.cycles < self.limit:
                        place = blocks[place](self)
                except KeyError:
                    if place in blocks:  # a fault of ours, within a block
                        raise
                    function = self._code.function_at(place)
                    if function is None:
                        pc = place & ADDRESS
                        place = self._fault(pc, f"no code at {pc:#010x}")
                        break
                    place = function(self)
            self.pc = place & ADDRESS
        return self.stopped

    def pend(self, number: int) -> None:
        """Make an exception pending; 16 and up are the part's interrupts."""
        if number not in self.exceptions.pending:
            self.exceptions.pending.add(number)
            self.limit = 0
            if self.system.send_event_on_pend:
                self.send_event()

    def stop_soon(self) -> None:
        """Let `run` come back after this block: something outside wants to be looked at."""
        self._stops_soon = True
        self.limit = 0

    def request_reset(self) -> None:
        """Stop, since the program asked for a reset (AIRCR.SYSRESETREQ)."""
        self.stopped = CoreStop.RESET
        self.limit = 0

    # What blocks call ---------------------------------------------------------------------------

    def load(self, address: int, size: int, cycles: int, place: int) -> int:
        """Read memory for a block, at a count of cycles; `place` is the access's within it."""
        self.cycles, self.place = cycles, place
        return self.memory.load(address, size)

    def store(self, address: int, size: int, value: int, cycles: int, place: int) -> None:
        """Write memory for a block; the rest as in `load`."""
        self.cycles, self.place = cycles, place
        self.memory.store(address, size, value)

    def play_alone(self, address: int) -> int:
        """Play one instruction, whose accesses may go anywhere; return where to go on."""
        return self._code.alone(address)(self)

    def branch(self, target: int) -> int:
        """Go where a register says (BX, BLX, POP, A2.3.1); return the address to go on at."""
        if target >= EXC_RETURN_FROM and self.exceptions.active:
            return self._leave(target)
        if not target & 1:
            return self._fault(target & ~1, f"branch to ARM code at {target:#010x}")
        return target & ~1

    def leave(self, place: int, access: int, held: dict[str, Any]) -> int:
        """Leave a block before an access, and play its instruction alone; `held`: see `abort`."""
        way = self._code.bring_back(self, place, access, held)
        self.cycles = held["n"] + way.spent
        return self.play_alone(way.address)

    def abort(self, abort: Abort, place: int, alone: bool, held: dict[str, Any]) -> int:
        """Go on where an access of a block failed; `held` are the block's variables."""
        if not alone:
            place = self._code.bring_back(self, place, self.place, held).address
        self.cycles += 1
        return self._fault(place, str(abort))

    def fault_undefined(self, address: int) -> int:
        """The instruction at `address` has no meaning, or is a breakpoint without a debugger."""
        self.instructions -= 1
        return self._fault(address, f"undefined instruction at {address:#010x}")

    def set_primask(self, disable: int, next_pc: int) -> int:
        """CPSIE and CPSID; an unprivileged program's are ignored."""
        if not self._is_unprivileged:
            self.primask = disable
            self.limit = 0
        return next_pc

    def sleep(self, next_pc: int) -> int:
        """WFI: sleep until an interrupt."""
        self.asleep = not self.exceptions.wakes()
        self.limit = 0
        return next_pc

    def wait_for_event(self, next_pc: int) -> int:
        """WFE: go on at once where an event has come, sleep otherwise."""
        if self.event:
            self.event = False
            return next_pc
        self.waits_for_event = True
        return self.sleep(next_pc)

    def send_event(self) -> None:
        """Take an event: it ends WFE, this one or the next (B1.5.18)."""
        if self.asleep and self.waits_for_event:
            self.asleep = self.waits_for_event = False
        else:
            self.event = True

    def call_supervisor(self, next_pc: int) -> int:
        """SVC: its handler is entered at once, or it is a fault where none may be."""
        level = min(self.exceptions.running, 0) if self.primask else self.exceptions.running
        if self.exceptions.priority(SVCALL) >= level:
            return self._fault(next_pc - 2, "SVC where its handler cannot be entered")
        self.exceptions.pending.add(SVCALL)
        self.limit = 0
        return next_pc

    def read_special(self, number: int, sp: int) -> int:
        """Return a special register (B5.2.2): `sp` is the stack pointer in use."""
        if number <= 7:
            value = self._xpsr & (0xF000_0000 if number < 4 else 0)
            return value | (self._ipsr if number & 1 else 0)
        if number == 8:
            return self._other_sp if self._uses_process_stack else sp
        if number == 9:
            return sp if self._uses_process_stack else self._other_sp
        others = {16: self.primask, 20: self.process_stack << 1 | self.unprivileged}
        return others.get(number, 0)

    def write_special(self, number: int, value: int, next_pc: int) -> int:
        """MSR (B5.2.3)."""
        if number < 4:
            write_flags(self, value)
        elif self._is_unprivileged:
            return next_pc
        elif number in (8, 9):
            if (number == 9) == self._uses_process_stack:
                self.r[SP] = value & ~3
            else:
                self._other_sp = value & ~3
        elif number == 16:
            self.primask = value & 1
            self.limit = 0
        elif number == 20 and not self.exceptions.active:
            self._use_process_stack(bool(value & 2))
            self.unprivileged = bool(value & 1)
        return next_pc

    # Exceptions ---------------------------------------------------------------------------------

    @property
    def _is_unprivileged(self) -> bool:
        return self.unprivileged and not self.exceptions.active

    @property
    def _uses_process_stack(self) -> bool:
        return self.process_stack and not self.exceptions.active

    @property
    def _ipsr(self) -> int:
        return self.exceptions.active[-1] if self.exceptions.active else 0

    @property
    def _xpsr(self) -> int:
        return read_flags(self) | 0x0100_0000 | self._ipsr

    def _use_process_stack(self, wanted: bool) -> None:
        if wanted != self.process_stack:
            self.r[SP], self._other_sp = self._other_sp, self.r[SP]
            self.process_stack = wanted

    def _enter(self, number: int) -> None:
        """Save what an exception interrupts and go to its handler (B1.5.6)."""
        exceptions = self.exceptions
        exceptions.pending.discard(number)
        self.asleep = self.waits_for_event = False
        r = self.r
        sp = r[SP]
        frame = (sp - FRAME.size) & ~7 & WORD
        xpsr = self._xpsr | (sp & 4) << 7
        saved = (r[0], r[1], r[2], r[3], r[12], r[LR], self.pc, xpsr)
        try:
            self.memory.store_frame(frame, saved)
        except Abort as abort:
            self._stack_failed(number, abort)
            return
        r[SP] = frame
        r[LR] = HANDLER
        if not exceptions.active:
            r[LR] = THREAD_PROCESS if self.process_stack else THREAD_MAIN
            if self.process_stack:
                r[SP], self._other_sp = self._other_sp, r[SP]
        exceptions.active.append(number)
        self.cycles += ENTRY_CYCLES
        try:
            vector = self.memory.load(self.system.vectors + 4 * number, 4)
        except Abort as abort:
            self._stack_failed(number, abort)
            return
        if vector & 1:
            self.pc = vector & ~1
        elif number == HARD_FAULT:
            self._lock_up("the vector of HardFault is even")
        else:
            self.pc = self._fault(vector & ~1, f"the vector of exception {number} is even")

    def _stack_failed(self, number: int, abort: Abort) -> None:
        if number == HARD_FAULT or HARD_FAULT in self.exceptions.active:
            self._lock_up(f"HardFault cannot be entered: {abort}")
            return
        self.pc = self._fault(self.pc, f"exception {number} cannot be entered: {abort}")

    def _leave(self, kind: int) -> int:
        """Return from an exception (B1.5.8); return the address to go on at."""
        exceptions, r = self.exceptions, self.r
        left = exceptions.active.pop()
        to_process = kind == THREAD_PROCESS
        if kind not in (HANDLER, THREAD_MAIN, THREAD_PROCESS) or (
            (kind == HANDLER) != bool(exceptions.active)
        ):
            exceptions.active.append(left)
            return self._fault(self.pc, f"return from an exception by {kind:#010x}")
        if kind != HANDLER and to_process != self.process_stack:
            self.process_stack = to_process
        if to_process:
            r[SP], self._other_sp = self._other_sp, r[SP]
        frame = r[SP]
        try:
            saved = self.memory.load_frame(frame)
        except Abort as abort:
            exceptions.active.append(left)
            return self._fault(self.pc, f"no way back from an exception: {abort}")
        r[0], r[1], r[2], r[3], r[12], r[LR], address, xpsr = saved
        r[SP] = frame + FRAME.size + (xpsr >> 7 & 4) & WORD
        write_flags(self, xpsr)
        self.cycles += ENTRY_CYCLES
        if self.system.sleep_on_exit and not exceptions.active:
            self.asleep = not exceptions.wakes()
        self.limit = 0
        self.event = True  # leaving an exception is one (B1.5.18)
        return address & ~1

    def _fault(self, address: int, why: str) -> int:
        """Raise HardFault for the instruction at `address`; return where to go on."""
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(FaultRecord(why, address))
        if self.exceptions.running <= -1:
            self._lock_up(why)
            return address
        self.pc = address
        self._enter(HARD_FAULT)
        return self.pc

    def _lock_up(self, why: str) -> None:
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(FaultRecord(why, self.pc))
        self.stopped = CoreStop.LOCKED_UP
        self.limit = 0
