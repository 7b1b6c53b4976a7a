"""Exceptions, sleep and faults, by programs of a few instructions (ARM DDI 0419, B1.5, B3)."""

import pytest

from firmware_model.processor.core import Core
from firmware_model.processor.exceptions import CoreStop
from firmware_model.processor.memory import Memory

RAM, RAM_SIZE = 0x2000_0000, 0x1000
TOP = RAM + RAM_SIZE
MAIN, HANDLER, SECOND = 0x100, 0x200, 0x300
NMI, HARD_FAULT, SVCALL, PENDSV, SYSTICK, FIRST = 2, 3, 11, 14, 15, 16
SYSTEM = 0xE000_E000
ISER, ISPR, IPR0, SHPR3 = SYSTEM + 0x100, SYSTEM + 0x200, SYSTEM + 0x400, SYSTEM + 0xD20
STAY = "E7FE"
REPAIR = "9806 3002 9006 3701 4770"
"""A handler of faults: goes on behind the failing instruction, and counts in r7."""


def program(main: str, handlers: dict[int, int] | None = None, **others: str) -> Core:
    """Return a core at the start of `main`; `at_200="..."` puts more code there."""
    content = bytearray(0x1000)
    vectors = {0: TOP, 1: MAIN | 1, **{n: at | 1 for n, at in (handlers or {}).items()}}
    for number, value in vectors.items():
        content[4 * number : 4 * number + 4] = value.to_bytes(4, "little")
    parts = {MAIN: main, **{int(name[3:], 16): text for name, text in others.items()}}
    for address, text in parts.items():
        words = [int(word, 16).to_bytes(2, "little") for word in text.split()]
        content[address : address + 2 * len(words)] = b"".join(words)
    return Core(Memory({0: bytes(content)}, RAM, RAM_SIZE))


def written(core: Core, address: int, value: int) -> None:
    core.memory.store(address, 4, value)


# Reset --------------------------------------------------------------------------------------------


def test_it_begins_with_stack_and_program_of_the_vectors() -> None:
    core = program(STAY)
    assert (core.r[13], core.pc) == (TOP, MAIN)
    assert core.run(1000) is CoreStop.CYCLES


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ({}, "no vectors: nothing answers at 0x00000000"),
        ({0: TOP.to_bytes(4, "little") + bytes(12)}, "the reset vector is even"),
    ],
)
def test_without_vectors_it_locks_up_and_says_why(code: dict[int, bytes], why: str) -> None:
    core = Core(Memory(code, RAM, RAM_SIZE))
    assert core.run(10) is CoreStop.LOCKED_UP
    assert core.faults[0].reason.startswith(why)


def test_a_program_can_ask_for_a_reset() -> None:
    core = program(f"6030 {STAY}")  # str r0, [r6]
    core.r[0], core.r[6] = 0x05FA_0004, SYSTEM + 0xD0C
    assert core.run(1000) is CoreStop.RESET
    without_key = program(f"6030 {STAY}")
    without_key.r[0], without_key.r[6] = 4, SYSTEM + 0xD0C
    assert without_key.run(1000) is CoreStop.CYCLES


# Exceptions ---------------------------------------------------------------------------------------


def test_a_supervisor_call_saves_eight_registers_and_comes_back() -> None:
    handler = "F3EF 8405 4675 2063 4770"  # mrs r4, ipsr; mov r5, lr; movs r0, #99; bx lr
    core = program(f"2007 DF00 3001 {STAY}", {SVCALL: HANDLER}, at_200=handler)
    core.r[1:4], core.r[12], core.r[14] = [11, 12, 13], 22, 0xABCD_EF01
    core.run(1000)
    assert core.r[0:6] == [8, 11, 12, 13, SVCALL, 0xFFFF_FFF9]
    assert (core.r[13], core.pc) == (TOP, MAIN + 6)
    frame = [core.memory.load(TOP - 32 + 4 * place, 4) for place in range(8)]
    assert frame == [7, 11, 12, 13, 22, 0xABCD_EF01, MAIN + 4, 0x0100_0000]


def test_the_stack_is_aligned_on_entry_and_put_back() -> None:
    core = program(f"B081 DF00 {STAY}", {SVCALL: HANDLER}, at_200="466D 4770")  # sub sp, #4
    core.run(1000)
    assert (core.r[5], core.r[13]) == (TOP - 40, TOP - 4)
    assert core.memory.load(TOP - 40 + 28, 4) >> 9 & 1


def test_a_supervisor_call_that_cannot_be_served_is_a_hard_fault() -> None:
    core = program(f"B672 DF00 {STAY}", {SVCALL: SECOND, HARD_FAULT: HANDLER}, at_200=REPAIR)
    core.run(1000)
    assert (core.r[7], core.pc) == (1, MAIN + 4)
    assert [fault.reason for fault in core.faults] == ["SVC where its handler cannot be entered"]


@pytest.mark.parametrize(
    ("priorities", "order"),
    [(0x0000_4080, 0x123), (0x0000_4040, 0x132), (0x0000_8040, 0x132)],
)
def test_only_an_exception_of_higher_priority_interrupts_a_handler(
    priorities: int, order: int
) -> None:
    # r4 = r4 << 4 | 1; pend the second (r5) in ISPR (r6); dsb; r4 = r4 << 4 | 3
    first, second = "0124 3401 6035 F3BF 8F4F 0124 3403 4770", "0124 3402 4770"
    handlers = {FIRST: HANDLER, FIRST + 1: SECOND}
    core = program("BF30 E7FD", handlers, at_200=first, at_300=second)
    core.r[5:7] = [2, ISPR]
    written(core, IPR0, priorities)
    written(core, ISER, 3)
    core.pend(FIRST)
    assert core.run(500) is CoreStop.ASLEEP
    assert core.r[4] == order


def test_of_two_that_are_pending_the_higher_priority_is_served_first() -> None:
    handlers = {FIRST: HANDLER, FIRST + 1: SECOND}
    core = program("BF30 E7FD", handlers, at_200="0124 3401 4770", at_300="0124 3402 4770")
    written(core, ISER, 3)
    for priorities, order in ((0x0000_0000, 0x12), (0x0000_0080, 0x21), (0x0000_C040, 0x12)):
        written(core, IPR0, priorities)
        core.r[4] = 0
        core.pend(FIRST + 1)
        core.pend(FIRST)
        core.run(core.cycles + 500)
        assert core.r[4] == order


def test_an_interrupt_that_is_not_enabled_stays_pending() -> None:
    core = program(STAY, {FIRST: HANDLER}, at_200="3401 4770")
    core.pend(FIRST)
    core.run(100)
    assert core.r[4] == 0
    assert core.memory.load(ISPR, 4) == 1
    written(core, ISER, 1)
    core.run(core.cycles + 100)
    assert core.r[4] == 1
    assert core.memory.load(ISPR, 4) == 0


def test_primask_lets_a_sleeper_wake_and_its_handler_wait() -> None:
    main = f"B672 BF30 2101 B662 2102 {STAY}"  # cpsid; wfi; r1 = 1; cpsie; r1 = 2
    core = program(main, {FIRST: HANDLER}, at_200="460C 2501 4770")  # r4 = r1; r5 = 1
    written(core, ISER, 1)
    assert core.run(100) is CoreStop.ASLEEP
    core.pend(FIRST)
    core.run(core.cycles + 200)
    assert (core.r[1], core.r[4], core.r[5]) == (2, 1, 1)


def test_a_thread_on_the_process_stack_is_interrupted_there() -> None:
    main = f"F381 8809 2002 F380 8814 F3BF 8F6F 2005 DF00 {STAY}"  # psp = r1; control = 2; svc
    core = program(main, {SVCALL: HANDLER}, at_200="4675 466E F3EF 8709 4770")
    core.r[1] = RAM + 0x400
    core.run(500)
    assert core.r[5:8] == [0xFFFF_FFFD, TOP, RAM + 0x400 - 32]
    assert core.r[13] == RAM + 0x400
    assert core.memory.load(RAM + 0x400 - 32, 4) == 5


# SysTick and sleep --------------------------------------------------------------------------------


def test_systick_wakes_a_sleeper_every_so_many_cycles() -> None:
    main = "6071 60B1 2007 6030 BF30 E7FD"  # rvr = cvr = r1; csr = 7; wfi again and again
    core = program(main, {SYSTICK: HANDLER}, at_200="3401 68B5 4770")
    core.r[1], core.r[6] = 999, SYSTEM + 0x10
    assert core.run(50_100) is CoreStop.CYCLES
    assert core.r[4] == 50
    assert 900 < core.r[5] < 999  # some cycles after the wrap


def test_a_long_sleep_costs_no_more_than_a_short_one() -> None:
    core = program("BF30 E7FD")
    assert core.run(10**15) is CoreStop.ASLEEP
    assert core.instructions == 1


def test_an_event_ends_a_wait_for_one() -> None:
    core = program(f"BF40 BF20 2101 BF20 2102 {STAY}")  # sev; wfe; r1 = 1; wfe; r1 = 2
    assert core.run(100) is CoreStop.ASLEEP
    assert core.r[1] == 1
    core.send_event()
    core.run(core.cycles + 100)
    assert core.r[1] == 2


def test_the_stack_pointer_is_a_multiple_of_4_whatever_is_put_there() -> None:
    core = program(f"4685 44B5 {STAY}")  # mov sp, r0; add sp, r6
    core.r[0], core.r[6] = RAM + 0x103, 6
    core.run(20)
    assert core.r[13] == RAM + 0x104


# Cycles -------------------------------------------------------------------------------------------


def test_cycles_and_instructions_are_counted_exactly() -> None:
    core = program(f"2064 3801 D1FD BF30 {STAY}")  # r0 = 100; subs, bne; wfi
    assert core.run(100_000) is CoreStop.ASLEEP
    assert core.instructions == 1 + 2 * 100 + 1
    assert core.cycles == 1 + 99 * (1 + 2) + (1 + 1) + 2  # a branch not taken costs one


def test_a_busy_loop_stops_when_its_cycles_are_spent() -> None:
    core = program("3001 E7FD")  # adds r0, #1; b
    assert core.run(3_000) is CoreStop.CYCLES
    assert core.cycles == 3_000
    assert core.r[0] == 1_000


# Faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("main", "why"),
    [
        ("6808 BF00", "nothing answers at 0x60000000"),  # ldr r0, [r1]
        ("6008 BF00", "nothing can be written at 0x60000000"),
        ("6848 BF00", "nothing answers at 0x60000004"),
        ("684A BF00", "nothing answers at 0x60000004"),
        ("6810 BF00", "4 bytes read at 0x20000001, which is not aligned"),  # ldr r0, [r2]
        ("8010 BF00", "2 bytes written at 0x20000001, which is not aligned"),
        ("6018 BF00", "nothing can be written at 0x00000100"),  # str r0, [r3]
        ("DE00 BF00", "undefined instruction at 0x00000100"),
        ("BE00 BF00", "undefined instruction at 0x00000100"),
    ],
)
def test_a_failing_instruction_is_a_fault_and_the_program_can_go_on(main: str, why: str) -> None:
    core = program(f"{main} 2605 {STAY}", {HARD_FAULT: HANDLER}, at_200=REPAIR)
    core.r[1:4] = [0x6000_0000, RAM + 1, MAIN]
    core.run(500)
    assert core.faults == [(why, MAIN)]
    assert (core.r[6], core.r[7]) == (5, 1)


def test_a_branch_to_arm_code_or_to_nothing_is_a_fault() -> None:
    for target, why in ((0x200, "branch to ARM code"), (0x9001, "no code at 0x00009000")):
        core = program("4700", {HARD_FAULT: SECOND}, at_300=STAY)  # bx r0
        core.r[0] = target
        core.run(200)
        assert core.faults[0].reason.startswith(why)
        assert core.pc == SECOND


def test_a_fault_within_its_handler_locks_up() -> None:
    core = program("DE00", {HARD_FAULT: HANDLER}, at_200="DE00")
    assert core.run(1000) is CoreStop.LOCKED_UP
    assert core.faults[-1] == ("undefined instruction at 0x00000200", HANDLER)


def test_a_fault_without_a_stack_locks_up() -> None:
    core = program("DE00", {HARD_FAULT: HANDLER}, at_200=STAY)
    core.r[13] = 0x1000_0000
    assert core.run(1000) is CoreStop.LOCKED_UP
    assert "HardFault cannot be entered" in core.faults[-1].reason


def test_a_program_that_faults_without_end_tells_so_a_few_times_only() -> None:
    core = program("DE00 E7FD", {HARD_FAULT: HANDLER}, at_200=REPAIR)
    core.run(100_000)
    assert core.r[7] > 100
    assert len(core.faults) == 16


# Code that changes --------------------------------------------------------------------------------


def test_code_in_ram_is_run_as_it_stands_now() -> None:
    core = program(f"4788 4602 4788 4603 {STAY}")  # blx r1; mov r2, r0; blx r1; mov r3, r0
    core.memory.ram[0:4] = bytes.fromhex("0120 7047")  # movs r0, #1; bx lr
    core.r[1] = RAM | 1
    while core.pc != MAIN + 4 and core.r[2] != 1:
        core.run(core.cycles + 1)
    core.memory.ram[0] = 9
    core.run(core.cycles + 100)
    assert (core.r[2], core.r[3]) == (1, 9)


def test_translated_code_can_be_shared_and_ram_is_not() -> None:
    first = program(f"3001 6008 {STAY}")  # adds r0, #1; str r0, [r1]
    blocks = first.blocks
    cores = [first, Core(Memory({0: first.memory.code(0, 0x1000)}, RAM, RAM_SIZE), blocks)]
    for value, core in enumerate(cores):
        core.r[0:2] = [10 * value, RAM]
        core.run(100)
    assert [core.memory.load(RAM, 4) for core in cores] == [1, 11]
    assert len(blocks) > 0
