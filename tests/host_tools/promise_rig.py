"""A bench and a port for the judge of promises: a device, and time in our hand."""

import atexit
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from emulator.firmware.files import firmware_source
from emulator.firmware.programs import RackPrograms
from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.device import Device
from firmware_model.errors import NoAnswer
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    Charge,
    ContactMoved,
    CutArmed,
    Input,
    Temperature,
    Wake,
)
from firmware_model.units import NS_PER_SECOND, SimTime
from host_tools.check.promises.subject import PromiseSubject
from host_tools.client.fob_state import FobState, read_state
from host_tools.client.session import TokenSession
from keyfob.testing.cable import Cable
from tests.firmware_model.fobs import CHIP_ID, SEED, START, personalised

ROOT = Path(__file__).parents[2]
PROGRAMS = RackPrograms()
atexit.register(PROGRAMS.close)


class DevicePromiseBench:
    """What `PromiseBench` says, on one device."""

    def __init__(self, device: Device, now: SimTime = START) -> None:
        self.device = device
        self.time = now

    def push(self, *, closed: bool) -> None:
        self._give(ContactMoved(closed=closed))

    def advance(self, seconds: float) -> None:
        self.time = SimTime(self.time + round(seconds * NS_PER_SECOND))
        self._give(Wake())

    def text(self) -> str:
        return self.device.face(self.time).text.strip()

    def wait_for(self, pattern: str, seconds: float) -> str | None:
        limit = SimTime(self.time + round(seconds * NS_PER_SECOND))
        while not fnmatchcase(self.text(), pattern):
            if self.time >= limit:
                return None
            due = self.device.wake_at
            self.time = limit if due is None else SimTime(min(max(due, self.time), limit))
            self._give(Wake())
        return self.text()

    def now(self) -> float:
        return self.time / NS_PER_SECOND

    def cut_power(self) -> None:
        self._give(CellRemoved())

    def restore_power(self) -> None:
        self._give(CellInserted())

    def has_power(self) -> bool:
        return self.device._board.inserted

    def arm_cut(self, operation: int, percent: int) -> None:
        self._give(CutArmed(operation, percent * 10))

    def set_charge(self, percent: float) -> None:
        self._give(Charge(round(percent * 10)))

    def set_temperature(self, celsius: float) -> None:
        self._give(Temperature(round(celsius * 1000)))

    def erases(self) -> tuple[int, ...]:
        return self.device.gauges(self.time).erases

    def _give(self, given: Input) -> None:
        self.device.handle(given, self.time)


class DevicePromisePort:
    """The device's port, with time in the bench's hand: what `ReadingPort` says."""

    def __init__(self, bench: DevicePromiseBench) -> None:
        self._bench = bench

    def read(self) -> FobState | None:
        cable = Cable(self._bench.device, self._bench.time)
        try:
            with TokenSession(cable.link()) as session:
                session.select()
                return read_state(session)
        except NoAnswer:
            return None
        finally:
            self._bench.time = cable.now


def subject(device: Device, model: Model, now: SimTime = START) -> PromiseSubject:
    """Return a fob for the judge, on a bench and at its port."""
    bench = DevicePromiseBench(device, now)
    return PromiseSubject(bench, model, SEED, DevicePromisePort(bench))


@cache
def board(kind: str) -> Model:
    """Return the model of the example token's board: hotp or totp."""
    path = ROOT / f"examples/firmware/board-{kind}.toml"
    return catalogue.parse(path.read_text("utf-8"), path.name)


def foreign_fob(path: Path, kind: str) -> PromiseSubject:
    """Return a fresh fob that runs an image or a library."""
    model = board(kind)
    device = Device.manufacture(
        model,
        chip_id=CHIP_ID,
        random_seed=11,
        now=START,
        make_program=PROGRAMS.factory(firmware_source(str(path)), model),
    )
    return subject(device, model)


def own_fob(model: str) -> PromiseSubject:
    """Return a fob that runs our own program, in use."""
    device = personalised(model)
    fob = subject(device, device.model)
    fob.bench.advance(600)
    return fob
