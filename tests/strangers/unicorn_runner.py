"""Plays states of a processor on Unicorn: JSON lines in, JSON lines out; runs where Unicorn is.

It imports nothing of keyfob: `tests/firmware_model/processor/states.py` tells what a state is.
"""

import json
import sys
from typing import Any

CODE, CODE_SIZE = 0x1000, 0x4000
RAM, RAM_SIZE = 0x2000_0000, 0x1000
PATTERN = bytes((37 * place + 11) & 0xFF for place in range(RAM_SIZE))


def main() -> None:
    """Play each state of the standard input."""
    import unicorn
    from unicorn import arm_const as arm

    names = [f"R{number}" for number in range(13)] + ["SP", "LR"]
    registers = [getattr(arm, f"UC_ARM_REG_{name}") for name in names]
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M0)
    machine.mem_map(0, CODE_SIZE, unicorn.UC_PROT_READ | unicorn.UC_PROT_EXEC)
    machine.mem_map(RAM, RAM_SIZE)
    region = bytearray(bytes.fromhex("FEE7") * (CODE_SIZE // 2))  # as `states.memory_of` has it
    region[0:8] = (RAM + RAM_SIZE).to_bytes(4, "little") + (CODE | 1).to_bytes(4, "little")
    region[12:16] = (0x801).to_bytes(4, "little")
    machine.mem_write(0, bytes(region))

    def play(state: dict[str, Any]) -> dict[str, Any]:
        program = bytes.fromhex(state["code"])
        machine.mem_write(CODE, program + bytes.fromhex("FEE7") * 32)
        machine.mem_write(RAM, PATTERN)
        machine.ctl_remove_cache(CODE, CODE + len(program) + 64)
        for special in (arm.UC_ARM_REG_CONTROL, arm.UC_ARM_REG_PRIMASK, arm.UC_ARM_REG_PSP):
            machine.reg_write(special, 0)
        for register, value in zip(registers, state["r"], strict=True):
            machine.reg_write(register, value)
        machine.reg_write(arm.UC_ARM_REG_APSR, state["flags"] << 28)
        failed = False
        try:
            machine.emu_start(CODE | 1, 0xFFFF_FFFF, count=state["steps"])
        except unicorn.UcError:
            failed = True
        ram = bytes(machine.mem_read(RAM, RAM_SIZE))
        told = {
            "r": [machine.reg_read(register) for register in registers],
            "flags": machine.reg_read(arm.UC_ARM_REG_APSR) >> 28,
            "pc": machine.reg_read(arm.UC_ARM_REG_PC),
            "ram": differences(ram),
        }
        return {**told, "fault": True} if failed else told

    for line in sys.stdin:
        sys.stdout.write(json.dumps(play(json.loads(line))) + "\n")


def differences(ram: bytes) -> dict[str, str]:
    """Return the words in which RAM differs from the pattern, by their offset."""
    if ram == PATTERN:
        return {}
    return {
        str(place): ram[place : place + 4].hex()
        for place in range(0, RAM_SIZE, 4)
        if ram[place : place + 4] != PATTERN[place : place + 4]
    }


if __name__ == "__main__":
    main()
