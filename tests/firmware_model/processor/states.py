"""A state of the processor as plain values, and what our core makes of it.

The same values go to Unicorn (`tests/strangers/unicorn_runner.py`) and stand in
`vectors/firmware/instructions.json`. Memory: code from 0 on, the program at `CODE`; RAM holds a
fixed pattern, so that only what changed need be told.
"""

from typing import Any

from firmware_model.processor.core import Core
from firmware_model.processor.exceptions import CoreStop
from firmware_model.processor.memory import Memory

CODE, CODE_SIZE = 0x1000, 0x4000
RAM, RAM_SIZE = 0x2000_0000, 0x1000
STACK = RAM + 0x800
STAY = bytes.fromhex("FEE7")
"""The instruction that branches to itself; it stands wherever there is no program."""
PATTERN = bytes((37 * place + 11) & 0xFF for place in range(RAM_SIZE))
FRAME = 32
"""Bytes that an exception saves."""

State = dict[str, Any]
"""`code` (hex), `r` (15 numbers), `flags` (N Z C V, 4 bits); results: `pc`, `ram` too.

`steps` is how many instructions run; `ram` maps an offset to a word (hex) that differs from the
pattern; `fault` says that the last one failed, with registers as they were before it; `frame` is
the offset of what our core then saved of them.
"""


def memory_of(state: State) -> bytes:
    """Return the code region: vectors, a handler that stays, and the program."""
    content = bytearray(STAY * (CODE_SIZE // 2))
    content[0:8] = (RAM + RAM_SIZE).to_bytes(4, "little") + (CODE | 1).to_bytes(4, "little")
    content[12:16] = (0x801).to_bytes(4, "little")
    program = bytes.fromhex(state["code"])
    content[CODE : CODE + len(program)] = program
    return bytes(content)


def core_of(state: State) -> Core:
    """Return our core in a state."""
    memory = Memory({0: memory_of(state)}, RAM, RAM_SIZE)
    memory.ram[:] = PATTERN
    core = Core(memory)
    core.r = list(state["r"])
    core.write_special(0, state["flags"] << 28, 0)
    core.pc = CODE
    return core


def played(state: State) -> State:
    """Return what our core makes of a state."""
    core = core_of(state)
    while core.instructions < state["steps"] and not core.faults and core.stopped is None:
        core.run(core.cycles + 1)
    return _told(core)


def _told(core: Core) -> State:
    memory = core.memory
    if not core.faults:
        return {
            "r": list(core.r),
            "flags": core.read_special(0, 0) >> 28,
            "pc": core.pc,
            "ram": differences(bytes(memory.ram)),
        }
    assert core.stopped is not CoreStop.LOCKED_UP, core.faults
    frame = core.r[13]
    saved = [memory.load(frame + 4 * place, 4) for place in range(8)]
    registers = [*saved[0:4], *core.r[4:12], saved[4], 0, saved[5]]
    registers[13] = frame + FRAME + 4 * (saved[7] >> 9 & 1)
    told = {"r": registers, "flags": saved[7] >> 28, "pc": saved[6]}
    ram = differences(bytes(memory.ram))
    return {**told, "ram": ram, "fault": True, "frame": frame - RAM}


def agree(ours: State, theirs: State) -> bool:
    """Return whether two results are one; what an exception of ours saved counts for nothing."""
    start = ours.get("frame", RAM_SIZE)

    def counted(told: State) -> State:
        ram = {k: v for k, v in told["ram"].items() if not start <= int(k) < start + FRAME}
        return {key: value for key, value in told.items() if key != "frame"} | {"ram": ram}

    return counted(ours) == counted(theirs)


def differences(ram: bytes) -> dict[str, str]:
    """Return the words in which RAM differs from the pattern, by their offset."""
    if ram == PATTERN:
        return {}
    return {
        str(place): ram[place : place + 4].hex()
        for place in range(0, RAM_SIZE, 4)
        if ram[place : place + 4] != PATTERN[place : place + 4]
    }
