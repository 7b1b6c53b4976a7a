"""Tapes of lives: what a fob is given, and hashes of all that came of it (vectors/lives)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware_model import catalogue, inputs
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.effects import Effect, Happened, Persist, Shown, Transmit
from firmware_model.hardware.thermal import COURSES
from firmware_model.inputs import AppTap, Input, Reset
from firmware_model.units import SimTime
from tests.firmware_model.fobs import CHIP_ID, START, with_part

FOLDER = Path(__file__).parents[2] / "vectors" / "lives"
LOOK, RESTORE, BULK = "look", "restore", "bulk"
"""Steps of a tape that are no inputs: look and compare, restart from images, presses in bulk."""

Step = list[Any]
"""Nanoseconds since the step before, what happens, and its arguments."""


@dataclass(frozen=True)
class Tape:
    """One life: of which model and dice, and its steps."""

    model: str
    flash: str
    random_seed: int
    steps: list[Step]

    def made(self) -> Device:
        """Return the fob at the beginning."""
        return Device.manufacture(
            self.kind, chip_id=CHIP_ID, random_seed=self.random_seed, now=START
        )

    @property
    def kind(self) -> Model:
        """The model, with other flash where the tape names some."""
        return (
            with_part(self.model, "flash", self.flash) if self.flash else catalogue.load(self.model)
        )


def read(path: Path) -> Tape:
    """Return the tape of that file: a line of JSON for the fob, and one for each step."""
    head, *steps = map(json.loads, path.read_text("utf-8").splitlines())
    return Tape(head["model"], head["flash"], head["random_seed"], steps)


def write(path: Path, tape: Tape) -> None:
    """Write the tape."""
    head = {"model": tape.model, "flash": tape.flash, "random_seed": tape.random_seed}
    lines = [json.dumps(line, separators=(",", ":")) for line in (head, *tape.steps)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def step_of(given: Input, after_ns: int) -> Step:
    """Return the step in which the fob is given that."""
    values = (getattr(given, name) for name in given.__slots__)
    return [after_ns, type(given).__name__, *map(_plain, values)]


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case AppTap():
            return value.name
        case bool() | int() | str() | tuple():
            return value
        case _:
            return next(name for name, course in COURSES.items() if course == value)


def _given(name: str, values: list[Any]) -> Input:
    match name:
        case "Receive":
            values[0] = bytes.fromhex(values[0])
        case "Typed":
            values[3] = bytes.fromhex(values[3])
        case "Tapped":
            values[0] = AppTap[values[0]]
        case "TemperatureCourse":
            values[0] = COURSES[values[0]]
        case "SegmentsBroken":
            values[0] = tuple(map(tuple, values[0]))
    made: Input = getattr(inputs, name)(*values)
    return made


class Digest:
    """A running hash over effects, faces, meters and images."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def take(self, effects: list[Effect]) -> None:
        """Add effects, in their order."""
        for effect in effects:
            match effect:
                case Persist(key, image):
                    self._add("persist", key, image.hex())
                case Transmit(data):
                    self._add("transmit", data.hex())
                case Shown(text, moving_factor):
                    self._add("shown", text, moving_factor)
                case Happened(event):
                    self._add("happened", event.name)

    def look(self, device: Device, now: SimTime) -> str:
        """Add display and meters; return the hash of everything so far, shortened."""
        face, gauges = device.face(now), device.gauges(now)
        self._add("face", face.text, face.segments, face.bars, face.icons, face.contrast_percent)
        self._add("cell", gauges.charge_permille, gauges.open_mv, gauges.loaded_mv, gauges.running)
        self._add("clock", gauges.clock_unix, gauges.clock_lag_ns, gauges.millicelsius)
        self._add("counts", gauges.presses, gauges.erases)
        self._add("device", device.wake_at, device.turns_at(now), device.device_id)
        return self._hash.hexdigest()[:16]

    def close(self, device: Device) -> None:
        """Add the durable images."""
        for key, image in sorted(device.images().items()):
            self._add("image", key, image.hex())

    def _add(self, *words: object) -> None:
        self._hash.update(repr(words).encode())


class Replay:
    """Carries out steps on a fob; `digest` is of all that came of them."""

    def __init__(self, tape: Tape) -> None:
        self._kind = tape.kind
        self.device = tape.made()
        self.now = START
        self.digest = Digest()

    def do(self, step: Step) -> str | None:
        """Carry out a step; return the hash so far where it is a look."""
        after_ns, name, *values = step
        self.now = SimTime(self.now + after_ns)
        match name:
            case "look":
                return self.digest.look(self.device, self.now)
            case "restore":
                self.digest.close(self.device)
                self.device = Device.restore(self._kind, self.device.images())
                self.digest.take(self.device.handle(Reset(), self.now))
            case "bulk":
                count, every_ns = values
                made = self.device.press_in_bulk(count, every_ns)
                self.now = SimTime(self.now + made * every_ns)
                self.digest.close(self.device)
            case _:
                self.digest.take(self.device.handle(_given(name, list(values)), self.now))
        return None


def differing(tape: Tape) -> Iterator[int]:
    """Replay the tape; yield the number (from 1) of each look whose hash is another."""
    replay = Replay(tape)
    for number, step in enumerate(tape.steps, 1):
        if step[1] == LOOK:
            *look, wanted = step
            if replay.do(look) != wanted:
                yield number
        else:
            replay.do(step)
