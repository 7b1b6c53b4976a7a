"""A press of the C token on the processor in Python, beside our own program and beside Unicorn.

Run with `python -m benchmarks.firmware`. CPU time, best of several rounds, ratios of one run.
Unicorn is measured where `make strangers` has installed it.
"""

import json
import os
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from emulator.firmware.files import FirmwareSource, firmware_source, read_image
from emulator.firmware.programs import RackPrograms
from emulator.settings import model_source
from firmware_model.device import Device
from firmware_model.inputs import CellInserted, CellRemoved, ContactMoved, CutArmed, Wake
from firmware_model.processor.chip import load_chip
from firmware_model.processor.program import ImageFirmware, ImageProgram
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import CHIP_ID, START, personalised

ROOT = Path(__file__).parents[1]
TOKEN = ROOT / "vectors/firmware/token-hotp.elf"
BOARD = ROOT / "examples/firmware/board-hotp.toml"
UNICORN = ROOT / ".strangers/unicorn/bin/python"
PRESSES, ROUNDS, FOBS = 20, 15, 1000
SECOND = NS_PER_SECOND
PROGRAMS = RackPrograms()
MODEL = model_source(str(BOARD)).model


class PressedFob:
    """A device that is pressed again and again, each time after its code has gone."""

    def __init__(self, device: Device, now: SimTime = START) -> None:
        self.device = device
        self.now = now

    def press(self) -> None:
        """Press, and let the code go."""
        now = self.now
        self.device.handle(ContactMoved(closed=True), now)
        self.device.handle(ContactMoved(closed=False), SimTime(now + 200 * NS_PER_MS))
        self.now = SimTime(now + 20 * SECOND)
        self.device.handle(Wake(), self.now)

    def cut(self) -> None:
        """A cut within the next press, the cell put back, and 16 presses."""
        self.device.handle(CutArmed(1, 500), self.now)
        self.press()
        self.device.handle(CellRemoved(), self.now)
        self.now = SimTime(self.now + SECOND)
        self.device.handle(CellInserted(), self.now)
        for _ in range(16):
            self.press()


def made(source: FirmwareSource) -> Device:
    """Return a fresh fob with the token in C."""
    factory = PROGRAMS.factory(source, MODEL)
    device = Device.manufacture(
        MODEL, chip_id=CHIP_ID, random_seed=3, now=START, make_program=factory
    )
    device.handle(Wake(), SimTime(START + SECOND))
    return device


def best(act: Callable[[], object], count: int) -> float:
    """Return the shortest CPU time of one `act`, in microseconds."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(count):
            act()
        found.append((time.process_time() - began) / count)
    return min(found) * 1e6


def on_unicorn() -> float | None:
    """Return the microseconds of a press on Unicorn, None where it is not installed."""
    if not UNICORN.exists():
        return None
    firmware = ImageFirmware(read_image(TOKEN), load_chip())
    functions = {symbol.name: symbol.address for symbol in firmware.image.symbols}
    wfi = firmware.content.index(bytes.fromhex("30bf"), functions["main"])
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        given = {"image": firmware.content.hex(), "functions": {**functions, "main_wfi": wfi}}
        json.dump(given, file)
        file.flush()
        script = Path(__file__).with_name("_unicorn_press.py")
        done = subprocess.run(
            [UNICORN, script, file.name, str(PRESSES)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    told = json.loads(done.stdout)
    assert told["codes"][0] == "076d6d5b5b66", "755224 in segments"
    return float(told["microseconds"])


def memory_of(source: FirmwareSource) -> tuple[float, float]:
    """Return the KiB of a fob with the token in C, and of one with our own program."""
    found = []
    makers: tuple[Callable[[], Device], ...] = (
        lambda: made(source),
        lambda: personalised("fob-h6"),
    )
    for make in makers:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        fobs = [make() for _ in range(FOBS)]
        found.append((tracemalloc.get_traced_memory()[0] - before) / 1024 / len(fobs))
        tracemalloc.stop()
    return found[0], found[1]


def main() -> None:
    """Measure and print a table."""
    source = firmware_source(str(TOKEN))
    token = PressedFob(made(source), SimTime(START + SECOND))
    for _ in range(80):  # every path of it is translated
        token.press()
    program = token.device._program  # noqa: SLF001 - counted from inside
    assert isinstance(program, ImageProgram)
    assert program._chip is not None  # noqa: SLF001
    core = program._chip.core  # noqa: SLF001
    counted = core.instructions
    token.press()
    instructions = core.instructions - counted
    ours = PressedFob(personalised("fob-h6"), SimTime(START + 600 * SECOND))
    press, own = best(token.press, PRESSES), best(ours.press, PRESSES)
    cut = best(token.cut, 2)
    theirs = on_unicorn()
    kib, own_kib = memory_of(source)
    rows = [
        ("press of the C token, processor in Python", f"{press:8.0f} µs, {instructions:,} steps"),
        ("instructions a second, all of a press", f"{instructions / press:8.2f} million"),
        ("press of our own program", f"{own:8.0f} µs: the token is {press / own:.0f} ×"),
        ("a cut with 16 presses", f"{cut:8.0f} µs: {cut / press:.1f} × a press"),
        (f"memory a fob, of {FOBS}", f"{kib:8.1f} KiB, our own program {own_kib:.1f}"),
    ]
    on_it = "not installed: make strangers"
    if theirs is not None:
        on_it = f"{theirs:8.0f} µs: ours is {press / theirs:.1f} ×"
    rows.append(("press of the C token on Unicorn", on_it))
    for name, found in rows:
        print(f"{name:42} {found}")


if __name__ == "__main__":
    main()
