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
from tests.firmware_model.processor.states import CODE, PATTERN, RAM, RAM_SIZE, State, memory_of

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


def core_of(state: State) -> Core:
    memory = Memory({0: memory_of(state)}, RAM, RAM_SIZE)
    memory.ram[:] = PATTERN
    core = Core(memory)
    core.r = list(state["r"])
    core.write_special(0, state["flags"] << 28, 0)
    core.pc = CODE
    return core


def both_ways(state: State) -> tuple[dict[str, object], dict[str, object]]:
    """Return what blocks and single instructions make of a state."""
    blocks, single = core_of(state), core_of(state)
    while blocks.instructions < state["steps"] and not blocks.faults and blocks.stopped is None:
        blocks.run(blocks.cycles + 1)
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
    for _ in range(40):
        by_blocks, singly = both_ways(loop(dice, codes))
        assert by_blocks == singly


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
