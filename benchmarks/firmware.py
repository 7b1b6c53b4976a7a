"""A press of the C token, as an image and as a library, beside our program and beside Unicorn.

Run with `python -m benchmarks.firmware`. CPU time (of a library also its process's), best of
several rounds that take turns, ratios of one run. Unicorn is measured where `make strangers` has
installed it, the library where there is a C compiler.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from emulator.firmware.files import FirmwareSource, firmware_source, read_image
from emulator.firmware.programs import RackPrograms
from emulator.model_source import model_source
from firmware_model.device import Device
from firmware_model.inputs import CellInserted, CellRemoved, ContactMoved, CutArmed, Wake
from firmware_model.processor.chip import load_chip
from firmware_model.processor.program import ImageFirmware, ImageProgram
from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from tests.firmware_model.fobs import CHIP_ID, START, personalised
from tests.host_tools.make_mutants import build_library

ROOT = Path(__file__).parents[1]
TOKEN = ROOT / "vectors/firmware/token-hotp.elf"
BOARD = ROOT / "examples/firmware/board-hotp.toml"
UNICORN = ROOT / ".strangers/unicorn/bin/python"
PRESSES, ROUNDS, FOBS = 10, 15, 300
SECOND = NS_PER_SECOND
Acts = dict[str, tuple[Callable[[], object], int]]
"""What is measured, and how often it is done in one round."""
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


def best_of(acts: Acts) -> dict[str, float]:
    """Return the least processor time of each act, in microseconds; they take turns."""
    found = dict.fromkeys(acts, 1e9)
    for _ in range(ROUNDS):
        for name, (act, count) in acts.items():
            began = processor_seconds()
            for _ in range(count):
                act()
            found[name] = min(found[name], (processor_seconds() - began) / count * 1e6)
    return found


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


def memory_of(source: FirmwareSource | None) -> float:
    """Return the KiB of a fob with a firmware, or with our own program, of `FOBS`."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    fobs = [personalised("fob-h6") if source is None else made(source) for _ in range(FOBS)]
    found = (tracemalloc.get_traced_memory()[0] - before) / 1024 / len(fobs)
    tracemalloc.stop()
    return found


def instructions_of(token: PressedFob) -> int:
    """Return how many instructions a press of a fob with an image takes."""
    program = token.device._program  # noqa: SLF001 - counted from inside
    assert isinstance(program, ImageProgram)
    assert program._chip is not None  # noqa: SLF001
    core = program._chip.core  # noqa: SLF001
    counted = core.instructions
    token.press()
    return core.instructions - counted


def library_in(folder: Path) -> FirmwareSource | None:
    """Return the C token built as a library, None where there is no C compiler."""
    if shutil.which("cc") is None:
        return None
    return firmware_source(str(build_library("hotp", folder)))


def processor_seconds() -> float:
    """Return the processor time of this process and of that of the libraries, in seconds.

    That process is two, of which the second one works: its time is read from the kernel.
    """
    spent = time.process_time()
    process = PROGRAMS._process._process  # noqa: SLF001 - measured from inside
    if process is not None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
        for child in children.split():
            fields = Path(f"/proc/{child}/schedstat").read_text("ascii").split()
            spent += int(fields[0]) / 1e9
    return spent


def main() -> None:
    """Measure and print a table."""
    source = firmware_source(str(TOKEN))
    token = PressedFob(made(source), SimTime(START + SECOND))
    ours = PressedFob(personalised("fob-h6"), SimTime(START + 600 * SECOND))
    with tempfile.TemporaryDirectory() as folder, PROGRAMS:
        built = library_in(Path(folder))
        fobs = {"token": token, "ours": ours}
        if built is not None:
            fobs["library"] = PressedFob(made(built), SimTime(START + SECOND))
        for fob in fobs.values():
            for _ in range(80):  # every path of it is translated
                fob.press()
        acts: Acts = {name: (fob.press, PRESSES) for name, fob in fobs.items()}
        acts |= {f"{name}, cut": (fob.cut, 2) for name, fob in fobs.items()}
        theirs = [on_unicorn()]
        costs = best_of(acts)
        theirs.append(on_unicorn())
        press, own = costs["token"], costs["ours"]
        rows = [
            ("press of our own program", f"{own:8.0f} µs"),
            (
                "press of the C token, processor in Python",
                f"{press:8.0f} µs, {instructions_of(token):,} instructions: {press / own:.1f} ×",
            ),
            ("a cut with 16 presses", f"{costs['token, cut'] / press:8.1f} × a press"),
            (f"memory a fob, of {FOBS:,}", f"{memory_of(source):8.1f} KiB"),
            (f"memory of our own program, of {FOBS:,}", f"{memory_of(None):8.1f} KiB"),
        ]
        if built is not None:
            quick = costs["library"]
            rows += [
                ("press of the C token as a library", f"{quick:8.0f} µs: {quick / own:.1f} ×"),
                ("  a cut with 16 presses", f"{costs['library, cut'] / quick:8.1f} × a press"),
                (f"  memory a fob, of {FOBS:,}", f"{memory_of(built):8.1f} KiB"),
            ]
    on_it = "not installed: make strangers"
    if (best := min((each for each in theirs if each), default=None)) is not None:
        on_it = f"{best:8.0f} µs: ours is {press / best:.1f} ×"
    rows.append(("press of the C token on Unicorn", on_it))
    for name, found in rows:
        print(f"{name:42} {found}")


if __name__ == "__main__":
    main()
