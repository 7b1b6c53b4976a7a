"""Blocks beside single instructions: the same code, played both ways, comes to the same."""

import random
from pathlib import Path

from emulator.firmware.files import read_image
from firmware_model.processor.chip import load_chip
from firmware_model.processor.core import Core
from firmware_model.processor.decoding import decode
from firmware_model.processor.memory import Memory
from firmware_model.processor.program import ImageFirmware
from tests.firmware_model.processor import random_states
from tests.firmware_model.processor.states import CODE, RAM, RAM_SIZE, State, core_of

AT_ONCE = 500
"""Cycles at a time: a loop goes through many rounds in them."""

TOKEN = Path(__file__).parents[3] / "vectors/firmware/token-hotp.elf"


def held(core: Core) -> dict[str, object]:
    """Return all that a program can see of a core, and what it has spent."""
    return {
        "r": core.r,
        "xpsr": core.read_special(3, 0),
        "pc": core.pc,
        "ram": bytes(core.memory.ram),
        "cycles": core.cycles,
        "instructions": core.instructions,
        "faults": core.faults,
    }


def both_ways(state: State) -> tuple[dict[str, object], dict[str, object]]:
    """Return what blocks and single instructions make of a state."""
    blocks, single = core_of(state), core_of(state)
    while blocks.instructions < state["steps"] and not blocks.faults and blocks.stopped is None:
        blocks.run(blocks.cycles + AT_ONCE)
    while single.instructions < blocks.instructions or len(single.faults) < len(blocks.faults):
        single.pc = single.play_alone(single.pc)
    return held(blocks), held(single)


def test_runs_of_instructions_with_failing_accesses() -> None:
    dice = random.Random(5)
    codes = random_states.narrow_codes()
    failed = 0
    for _ in range(100):
        by_blocks, singly = both_ways(random_states.sequence(dice, codes, dice.randrange(5, 60)))
        assert by_blocks == singly
        failed += bool(singly["faults"])
    assert failed > 3


def loop(dice: random.Random, codes: list[int]) -> State:
    """Return a run of instructions, played again and again until r5 comes to nothing."""
    state = random_states.sequence(dice, [code for code in codes if 5 not in touched(code)], 25)
    body = bytes.fromhex(state["code"])[:40]
    back = -(len(body) + 2 + 4) // 2 & 0xFF
    rounds = dice.randrange(1, 40)
    state["r"][5] = rounds
    code = body + (0x3D01).to_bytes(2, "little") + (0xD100 | back).to_bytes(2, "little")
    return {**state, "code": code.hex(), "steps": rounds * len(code) // 2}


def touched(code: int) -> set[int]:
    fields = decode(code, wide=False).fields
    listed = {number for number in range(8) if fields.get("l", 0) >> number & 1}
    return {fields.get(letter, 0) for letter in "dt"} | listed


def test_loops_that_are_written_out_and_gone_through_again() -> None:
    dice = random.Random(6)
    codes = [
        code
        for code in random_states.narrow_codes()
        if not decode(code, wide=False).operation.name.startswith("BRANCH")
    ]
    for _ in range(20):
        by_blocks, singly = both_ways(loop(dice, codes))
        assert by_blocks == singly


def test_accesses_of_which_one_lies_behind_ram() -> None:
    for code in ("C10C", "C90C"):  # stm r1!, {r2, r3}; ldm
        word = int(code, 16).to_bytes(2, "little").hex()
        state: State = {"code": word, "flags": 0, "steps": 5, "r": [0] * 13 + [RAM + 0x800, 0]}
        state["r"][1:4] = [RAM + RAM_SIZE - 4, 7, 8]
        by_blocks, singly = both_ways(state)
        assert by_blocks == singly
        assert by_blocks["faults"]


def test_a_loop_is_left_with_what_its_earlier_rounds_have_left() -> None:
    # until C = 0: r1 += 7, r0 -= 1; then until r3 = 3: r4 += 7, r3 -= 1
    words = ["D302", "3107", "3801", "E7FB", "2B03", "D002", "3407", "3B01", "D1FA"]
    state: State = {"flags": 2, "steps": 175, "r": [0] * 13 + [RAM + 0x800, 0]}
    state["code"] = b"".join(int(word, 16).to_bytes(2, "little") for word in words).hex()
    state["r"][0:4] = [20, 0, 0, 19]
    by_blocks, singly = both_ways(state)
    assert by_blocks == singly
    registers = by_blocks["r"]
    assert isinstance(registers, list)
    assert registers[0:5] == [0xFFFF_FFFF, 7 * 21, 0, 3, 7 * 16]


CALLS = """
2605 2000
47C0 3001 47C8 3002 47D0 3064 3004 47D8 3064 3008 2428 A702 3701 47E0 46C0 46C0
3010 3E01 D1EC E7FE
3020 4770
B510 47C0 4604 F000 F80A BD10
4673 3302 4718 46C0
B510 9B01 3302 9301 BD10
00C5 4068 4770
3C01 4672 1880 F7FF FFF8 2C00 D1F8 4738
"""
"""By line: five rounds, in which r8 to r12 are called in turn; a leaf; a function that calls it
and another one; one that returns a halfword later, by a register; the same by the stack; a leaf; a
loop from its first instruction on, which calls that and so changes LR."""


def test_calls_by_register_that_return_where_they_should_and_elsewhere() -> None:
    words = [int(word, 16).to_bytes(2, "little") for word in CALLS.split()]
    state: State = {"code": b"".join(words).hex(), "flags": 0, "steps": 2200, "r": [0] * 15}
    state["r"][8:14] = [0x102D, 0x1031, 0x103D, 0x1045, 0x1055, RAM + 0x800]
    by_blocks, singly = both_ways(state)
    assert by_blocks == singly
    assert by_blocks["pc"] == 0x102A
    assert not by_blocks["faults"]


def test_what_one_base_wrote_is_seen_by_another_and_flags_by_the_next_block() -> None:
    # cmp r0, r0; dsb; r1 += r2 + C; [r5] = r4; byte [r5 + 1] = r6; r3 = [r5]; bl; r1 += 16; ...
    main = "4280 F3BF 8F4F 4151 602C 706E 682B F000 F803 3110 3120 E7FE"
    later = "B510 683C 3402 603C BD10"  # returns a halfword later: [r7] is where LR is saved
    words = [int(word, 16).to_bytes(2, "little") for word in f"{main} {later}".split()]
    state: State = {"code": b"".join(words).hex(), "flags": 0, "steps": 13, "r": [0] * 15}
    state["r"][1:8] = [1, 2, 0, 0x1122_3344, RAM + 0x100, 0x55, RAM + 0x7FC]
    state["r"][13] = RAM + 0x800
    by_blocks, singly = both_ways(state)
    assert by_blocks == singly
    registers = by_blocks["r"]
    assert isinstance(registers, list)
    assert (registers[1], registers[3]) == (1 + 2 + 1 + 32, 0x1122_5544)


class Registers:
    """A register at each address: what was done, and at which cycle."""

    def __init__(self) -> None:
        self.core: Core | None = None
        self.seen: list[tuple[int, int | None, int]] = []

    def read(self, address: int, size: int) -> int:
        assert self.core is not None
        self.seen.append((address, None, self.core.cycles))
        return 0x5A

    def write(self, address: int, size: int, value: int) -> None:
        assert self.core is not None
        self.seen.append((address, value, self.core.cycles))
        if value == 3:
            self.core.pend(16)


def test_registers_see_the_cycle_of_their_instruction_and_interrupt_behind_it() -> None:
    # r3 = [r5], twice; r1 = 0x40000000; r2 = [r1]; [r1 + 4] = r3; [r1] = 3; [r1] = 4; stay
    main = "682B 682B 2101 0789 680A 604B 2003 6008 2004 6008 E7FE"
    content = bytearray(0x400)
    content[0:8] = (RAM + RAM_SIZE).to_bytes(4, "little") + (0x101).to_bytes(4, "little")
    content[64:68] = (0x201).to_bytes(4, "little")
    for start, text in ((0x100, main), (0x200, "2407 4770")):
        words = b"".join(int(word, 16).to_bytes(2, "little") for word in text.split())
        content[start : start + len(words)] = words
    registers = Registers()
    core = Core(Memory({0: bytes(content)}, RAM, RAM_SIZE, registers))
    registers.core = core
    core.memory.store(0xE000_E100, 4, 1)
    core.r[5] = 0x4000_0008
    core.run(60)
    at = 0x4000_0000
    behind = 13 + 15 + 1 + 2 + 15 + 1  # entry, handler, return, and r0 = 4
    assert registers.seen == [
        *((at + 8, None, 0), (at + 8, None, 2), (at, None, 6), (at + 4, 0x5A, 8), (at, 3, 11)),
        (at, 4, behind),
    ]
    assert core.r[4] == 7


def test_code_in_ram_is_not_taken_into_a_block_of_program_memory() -> None:
    # r0 = RAM | 1; r2 = r4 = 0; call r0, three times; stay
    words = ["2001", "0740", "3001", "2200", "4780", "4780", "4780", "E7FE"]
    state: State = {"code": "", "flags": 0, "steps": 0, "r": [0] * 13 + [RAM + 0x800, 0]}
    state["code"] = b"".join(int(word, 16).to_bytes(2, "little") for word in words).hex()
    core = core_of(state)
    for added in (1, 5):
        core.memory.ram[0:4] = bytes((added, 0x32, 0x70, 0x47))  # r2 += added; return
        core.pc = CODE
        core.run(core.cycles + 60)
        assert core.r[2] == 3 * added


def test_a_whole_function_of_the_token() -> None:
    chip = load_chip()
    firmware = ImageFirmware(read_image(TOKEN), chip)
    functions = {symbol.name: symbol.address for symbol in firmware.image.symbols}

    def called() -> Core:
        core = Core(Memory({0: firmware.content}, chip.ram_start, chip.ram_size))
        core.memory.ram[:64] = bytes(range(64))
        core.r[0:4] = [chip.ram_start, 0x1234, 0xFFFF_FFF0, chip.ram_start + 0x100]
        core.pc, core.r[14] = functions["hmac_sha1"], functions["stop"] | 1
        return core

    blocks, single = called(), called()
    blocks.run(100_000)
    assert [fault.address for fault in blocks.faults][:1] == [functions["stop"]]
    while not single.faults:
        single.pc = single.play_alone(single.pc)
    assert single.memory.ram[0x100:0x114] == blocks.memory.ram[0x100:0x114] != bytes(20)
    assert single.instructions > 4_000
    assert blocks.memory.ram[:0x1E00] == single.memory.ram[:0x1E00]
