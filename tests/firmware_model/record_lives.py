"""Record the lives of vectors/lives anew: python -m tests.firmware_model.record_lives.

Only after a change that is meant to change what fobs do (vectors/lives/README.md).
"""

from contextlib import suppress
from dataclasses import replace
from typing import cast

from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Effect, Face
from firmware_model.generators import OtpKind
from firmware_model.hardware.thermal import COURSES
from firmware_model.inputs import (
    AppTap,
    ButtonStuck,
    CellInserted,
    CellRemoved,
    Charge,
    ClockShifted,
    ContactMoved,
    CutArmed,
    Input,
    Installed,
    LineSignals,
    Moved,
    Receive,
    Reset,
    SegmentsBroken,
    Tapped,
    Temperature,
    TemperatureCourse,
    Wake,
)
from firmware_model.units import NS_PER_SECOND, SimTime
from firmware_model.units import SECONDS_PER_DAY as DAY
from firmware_model.wire.apdu import Command
from firmware_model.wire.codes import LifeCycle, Tag
from firmware_model.wire.messages import TOKEN_AID, Message, Select, SetStatus, StoreData
from firmware_model.wire.objects import (
    Clock,
    CredentialObject,
    ExpiryDate,
    Identity,
    seed_check_value,
)
from firmware_model.wire.scp03_keys import TEST_KEYS, wrap_under_dek
from tests.firmware_model.firmware import soft
from tests.firmware_model.fobs import START, token_of
from tests.firmware_model.life_tape import (
    BULK,
    FOLDER,
    LOOK,
    RESTORE,
    Replay,
    Step,
    Tape,
    step_of,
    write,
)
from tests.firmware_model.wire.activation_vectors import GRANT
from tests.firmware_model.wired import Silent, Wired

WORN = '{ from = "mcu-flash", endurance_cycles = 10 }'
SEED = b"1234567890" * 7
SEED_BYTES = {"SHA1": 20, "SHA256": 32, "SHA512": 64}
NAME = "ZZH600000001"
FACTOR_RECORD_BYTES = 20


class Recorder:
    """Stands in a device's place: hands on what it is given, and records it."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.model = tape.kind
        self.address = 1
        self._replay = Replay(tape)

    def handle(self, given: Input, now: SimTime) -> list[Effect]:
        """Take an input as a device does."""
        self._tape(step_of(given, now - self._replay.now))
        self._replay.now = now
        effects = self._replay.device.handle(given, now)
        self._replay.digest.take(effects)
        return effects

    def face(self, now: SimTime) -> Face:
        """Look; the tape keeps the hash of all that came before."""
        step: Step = [now - self._replay.now, LOOK]
        self._tape([*step, self._replay.do(step)])
        return self._replay.device.face(now)

    def do(self, step: Step) -> SimTime:
        """Carry out a step that is no input; return the time after it."""
        self._tape(step)
        self._replay.do(step)
        return self._replay.now

    @property
    def has_full_bank(self) -> bool:
        """Whether the next press erases a bank."""
        journal, flash = token_of(self._replay.device).journal, self.model.flash
        record_bytes = -(-FACTOR_RECORD_BYTES // flash.word_bytes) * flash.word_bytes
        return journal.tail + record_bytes > flash.page_bytes

    def _tape(self, step: Step) -> None:
        self.tape.steps.append(step)


class Life:
    """The driven life of one fob: each method is one thing that can happen to it."""

    def __init__(self, tape: Tape) -> None:
        self.recorder = Recorder(tape)
        self.device = cast(Device, self.recorder)
        self.model = tape.kind
        self.now = START

    # The world ----------------------------------------------------------------------------------

    def give(self, given: Input) -> None:
        self.device.handle(given, self.now)

    def look(self) -> None:
        self.device.face(self.now)

    def wait(self, seconds: float) -> None:
        self.now = SimTime(self.now + int(seconds * NS_PER_SECOND))
        self.give(Wake())

    def press(self, held: float = 0.2, then: float = 1) -> None:
        self.give(ContactMoved(closed=True))
        self.wait(held)
        self.give(ContactMoved(closed=False))
        self.wait(0.25)
        self.look()
        self.wait(then)
        self.look()

    def press_long(self) -> None:
        self.press(self.model.button.long_ms / 1000 + 0.5, 2)

    # The host -----------------------------------------------------------------------------------

    def line(self) -> Wired:
        return Wired(self.device, self.now)

    def send(self, *messages: Message) -> None:
        host = self.line().open()
        for message in messages:
            host.send(message)
        self.look()

    def credential(self, counter: int = 0) -> StoreData:
        otp = self.model.otp
        seed, timed = SEED[: SEED_BYTES[otp.algorithm.name]], otp.kind is OtpKind.TOTP
        return StoreData(
            CredentialObject(
                slot=1,
                kind=otp.kind,
                algorithm=otp.algorithm,
                digits=otp.digits,
                wrapped_seed=wrap_under_dek(TEST_KEYS.dek, seed),
                seed_check=seed_check_value(seed),
                step_seconds=otp.step_seconds if timed else None,
                t0_seconds=otp.t0_seconds if timed else None,
                counter=None if timed else counter,
            )
        )

    def personalise(self, counter: int = 0) -> None:
        today = self.now // (DAY * NS_PER_SECOND)
        self.send(
            StoreData(Identity(NAME, NAME, today, today + 400)),
            StoreData(Clock(self.now // NS_PER_SECOND)),
            self.credential(counter),
            SetStatus(LifeCycle.PERSONALISED),
            SetStatus(LifeCycle.SEALED),
        )

    def set_clock(self) -> None:
        self.send(StoreData(Clock(self.now // NS_PER_SECOND)))

    def read_all(self) -> None:
        line = self.line()
        line.send(Select(TOKEN_AID))
        for tag in Tag:
            line.send(Command(0x80, 0xCA, tag >> 8, tag & 0xFF, ne=256))
        self.wait(1)

    def fail_authentication(self) -> None:
        for _ in range(3):
            line = self.line()
            line.send(Select(TOKEN_AID))
            with suppress(Silent):  # from the third on the answer is delayed
                line.fail_authentication()
            self.wait(70)

    def lock_and_unlock(self) -> None:
        self.send(SetStatus(LifeCycle.LOCKED))
        self.press(then=61)
        self.send(SetStatus(LifeCycle.SEALED))
        self.press()

    def extend(self) -> None:
        self.send(StoreData(ExpiryDate(self.now // (DAY * NS_PER_SECOND) + 200)))
        self.press()

    def send_noise(self) -> None:
        for noise in (bytes(range(40)), b"\x7e" + bytes(range(100, 130)) + b"\x7e", b"\x7e\xa0"):
            self.give(Receive(noise, 3600, 9600))
            self.wait(5)
        self.line()

    def drive_signals(self) -> None:
        self.line()
        self.give(LineSignals(breaking=True))
        self.give(LineSignals(data_terminal_ready=False, baud_rate=9600))
        self.line()
        self.give(LineSignals())
        self.wait(200)

    # Heat, supply, faults -----------------------------------------------------------------------

    def heat(self) -> None:
        for millicelsius in (80_000, -25_000, 25_000):
            self.give(Temperature(millicelsius))
            self.press(then=3000)
        self.give(TemperatureCourse(COURSES[sorted(COURSES)[0]]))
        self.wait(DAY)
        self.press()

    def cut(self) -> None:
        for operation, permille in ((1, 500), (2, 900), (3, 100), (5, 700), (8, 300)):
            self.give(CutArmed(operation, permille))
            self.press()
            self.change_cell()

    def cut_erases(self) -> None:
        """Cut the supply inside the erase with which the flash goes over to its other bank."""
        for permille in (120, 600, 900):
            for _ in range(100):
                if self.model.screen.until == "always" or self.recorder.has_full_bank:
                    break
                self.press(then=70)
            self.give(CutArmed(1, permille))
            self.press()
            self.change_cell()

    def change_cell(self) -> None:
        self.give(CellRemoved())
        self.press(then=20)
        self.give(CellInserted())
        self.press(then=70)

    def restart(self) -> None:
        self.press(then=0.1)
        self.give(Reset())
        self.look()
        self.recorder.do([0, RESTORE])
        self.look()

    def break_parts(self) -> None:
        self.give(ButtonStuck(True))
        self.press(then=100)
        self.give(ButtonStuck(False))
        self.give(SegmentsBroken(((0, 3), (2, 6))))
        self.press()
        self.give(SegmentsBroken(()))
        self.wait(100)

    def shift_clock(self) -> None:
        for seconds in (700, -900, 200):
            self.give(ClockShifted(seconds * NS_PER_SECOND))
            self.press(then=61)

    def drain(self) -> None:
        for permille in (100, 50, 30, 15, 8, 3, 0):
            self.give(Charge(permille))
            self.press(then=3600)
        self.give(Charge(1000))
        self.press()

    # Use and age --------------------------------------------------------------------------------

    def press_often(self) -> None:
        self.press(0.03)
        self.press(then=0.05)
        self.press(then=0.4)
        for wait in (7, 30, 100):
            self.press(then=wait)
            self.press(then=wait)

    def rest(self) -> None:
        """Lie until an always-on display is past what it had reserved."""
        self.wait(8 * DAY)

    def press_daily(self) -> None:
        for _ in range(60):
            self.press(then=DAY)

    def press_in_bulk(self) -> None:
        if self.model.screen.until != "always":
            self.wait(300)
            self.now = self.recorder.do([0, BULK, 500, DAY * NS_PER_SECOND // 4])
            self.press()

    def age(self) -> None:
        for _ in range(12):
            self.press(then=300 * DAY)

    def terminate(self) -> None:
        self.give(Charge(1000))
        self.change_cell()
        self.send(SetStatus(LifeCycle.TERMINATED))
        self.press()
        self.restart()
        self.read_all()


class SoftLife(Life):
    """What can happen to a soft token besides."""

    def personalise(self, counter: int = 0) -> None:
        phone = soft.Phone(self.device, self.now)
        otp = self.model.otp
        step_seconds = otp.step_seconds if otp.kind is OtpKind.TOTP else 0
        phone.activated(replace(GRANT, digits=otp.digits, step_seconds=step_seconds))
        self.now = phone.now
        self.look()

    def tap_all(self) -> None:
        for tap in AppTap:
            self.give(Tapped(tap))
            self.look()
            with suppress(Silent):  # nothing answers where the app was deleted
                soft.Bank(self.line()).request()
            self.press(then=40)
        self.give(Installed("OTHER"))
        self.personalise()
        self.press()

    def move(self) -> None:
        self.give(Moved("COPY"))
        self.press()
        self.give(Moved("OTHER"))
        self.press()


FOB_LIFE = (
    Life.press, Life.personalise, Life.press_long, Life.press_often, Life.read_all, Life.heat,
    Life.cut, Life.rest, Life.set_clock, Life.press, Life.change_cell, Life.rest, Life.set_clock,
    Life.restart, Life.break_parts, Life.shift_clock, Life.rest, Life.set_clock,
    Life.fail_authentication, Life.lock_and_unlock, Life.cut_erases, Life.rest, Life.set_clock,
    Life.drive_signals, Life.send_noise, Life.drain, Life.rest, Life.set_clock,
    Life.personalise, Life.press_long, Life.press_daily, Life.press_in_bulk, Life.read_all,
    Life.extend, Life.age, Life.press_long, Life.terminate,
)  # fmt: skip
SOFT_LIFE = (
    Life.press, SoftLife.personalise, Life.press_long, Life.press_often, Life.read_all, Life.heat,
    Life.cut, Life.cut_erases, Life.restart, Life.break_parts, SoftLife.tap_all, SoftLife.move,
    Life.shift_clock, Life.drive_signals, Life.send_noise, Life.drain, Life.press_daily,
    Life.press_in_bulk, SoftLife.tap_all, Life.age,
)  # fmt: skip


def record(model: str, flash: str = "", random_seed: int = 1) -> Tape:
    """Return the tape of a life of that model."""
    tape = Tape(model, flash, random_seed, [])
    life: Life = SoftLife(tape) if tape.kind.app else Life(tape)
    for happen in SOFT_LIFE if tape.kind.app else FOB_LIFE:
        # A fob whose flash wears out stops answering; any other answers to the end.
        with suppress(*((Silent, AssertionError) if flash else ())):
            happen(life)  # type: ignore[arg-type]
        life.wait(0.001)
        life.look()
    return tape


def main() -> None:
    """Record a life of every model, and one on flash that wears out."""
    for model in catalogue.names():
        write(FOLDER / f"{model}.jsonl", record(model))
    write(FOLDER / "worn-flash.jsonl", record("fob-h6", WORN))


if __name__ == "__main__":
    main()
