"""The example token's presses on Unicorn; run where Unicorn is, with this clone on PYTHONPATH.

Interrupt handlers are called as the functions that they are; registers are played by Python
callbacks, as anybody who puts a firmware on Unicorn has to write them. Prints microseconds a press.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

RETURN = 0x1_F000
CONTROL_ALARM, LEVEL, COUNT = 0x1010, 0x0000, 0x1000


def main(path: str, presses: int) -> None:
    """Press so often, and print how long one takes and the codes of the first three."""
    import unicorn
    from unicorn import arm_const as arm

    given: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    machine = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    machine.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M0)
    machine.mem_map(0, 0x20000)
    machine.mem_map(0x2000_0000, 0x2000)
    machine.mem_map(0x0800_0000, 0x1000)
    machine.mem_map(0xE000_E000, 0x1000)
    machine.mem_write(0, bytes.fromhex(given["image"]))
    machine.mem_write(0x0800_0000, b"\xff" * 0x1000)
    state = {"count": 0, "closed": 0, "address": 0, "word": 0}
    memory: dict[int, int] = {}
    shown: list[bytes] = []

    def read(_machine: Any, offset: int, _size: int, _data: Any) -> int:
        fixed = {0x3020: 512, 0x3024: 3, 0x3028: 4, 0x5004: 2900, 0x1018: 1}
        if offset == LEVEL:
            return state["closed"]
        return state["count"] if offset == COUNT else fixed.get(offset, 0)

    def write(_machine: Any, offset: int, _size: int, value: int, _data: Any) -> None:
        memory[offset] = value
        if offset == 0x3004:
            address = 0x0800_0000 + memory[0x3000]
            if value == 1:
                old = int.from_bytes(machine.mem_read(address, 4), "little")
                machine.mem_write(address, (old & memory[0x3010]).to_bytes(4, "little"))
            else:
                machine.mem_write(address, b"\xff" * 512)
        elif offset == 0x2000 and value:
            words = (memory[0x2010], memory[0x2014])
            shown.append(b"".join(word.to_bytes(4, "little") for word in words)[:6])

    machine.mmio_map(0x4000_0000, 0x9000, read, None, write, None)

    def call(function: str) -> None:
        machine.reg_write(arm.UC_ARM_REG_LR, RETURN | 1)
        machine.emu_start(given["functions"][function] | 1, RETURN)

    machine.reg_write(arm.UC_ARM_REG_SP, 0x2000_2000)
    machine.emu_start(given["functions"]["reset"] | 1, given["functions"]["main_wfi"])

    def press() -> None:
        for closed in (1, 0):
            state["closed"] = closed
            call("contact_handler")
            state["count"] += 33_000
            call("rtc_handler")

    for _ in range(3):
        press()
    codes = [picture.hex() for picture in shown]
    best = 1e9
    for _ in range(5):
        began = time.process_time()
        for _ in range(presses):
            press()
        best = min(best, (time.process_time() - began) / presses)
    print(json.dumps({"microseconds": best * 1e6, "codes": codes}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
