"""Cores in shared libraries: they run like images, and where one goes wrong only its fob stops."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.firmware.files import firmware_source
from emulator.firmware.programs import RackPrograms
from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import FobEvent, Happened, Transmit
from firmware_model.errors import BadInput
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    ContactMoved,
    CutArmed,
    Receive,
    Wake,
)
from firmware_model.units import NS_PER_MS, SimTime
from tests.firmware_model.fobs import CHIP_ID, START

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "examples/firmware"
MODEL = catalogue.parse((SOURCES / "board-hotp.toml").read_text("utf-8"), "board-hotp.toml")

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the libraries of this module."""
    made = tmp_path_factory.mktemp("cores")
    compiled(made / "trouble.so", Path(__file__).with_name("trouble.c").read_text("utf-8"))
    return made


@pytest.fixture(scope="module")
def programs() -> Iterator[RackPrograms]:
    with RackPrograms() as found:
        yield found


class Driven:
    """A fob with a library, and time in our hand."""

    def __init__(self, path: Path, programs: RackPrograms) -> None:
        factory = programs.factory(firmware_source(str(path)), MODEL)
        self.now = START
        self.device = Device.manufacture(
            MODEL, chip_id=CHIP_ID, random_seed=3, now=START, make_program=factory
        )
        self.events: list[FobEvent] = []

    def give(self, given: object, ms: int = 1000) -> bytes:
        """Give an input, and let time pass; return what was sent."""
        sent = b""
        self.now = SimTime(self.now + ms * NS_PER_MS)
        for effect in self.device.handle(given, self.now):  # type: ignore[arg-type]
            if isinstance(effect, Happened):
                self.events.append(effect.event)
            if isinstance(effect, Transmit):
                sent += effect.data
        return sent

    def say(self, text: str) -> bytes:
        return self.say_bytes(text.encode())

    def say_bytes(self, data: bytes, ms: int = 1000) -> bytes:
        return self.give(Receive(data), ms)

    def move(self) -> str:
        """Move the contact; return what is shown."""
        self.give(ContactMoved(closed=not self.device._board.contacts[0].closed))
        return self.device.face(self.now).text


def compiled(target: Path, source: str, *options: str) -> Path:
    file = target.with_suffix(".c")
    file.write_text(source, "utf-8")
    command = ["cc", "-shared", "-fPIC", f"-I{SOURCES}", *options, str(file), "-o", str(target)]
    subprocess.run(command, check=True)
    return target


def test_contexts_are_apart_and_bytes_go_both_ways(folder: Path, programs: RackPrograms) -> None:
    one, two = (Driven(folder / "trouble.so", programs) for _ in range(2))
    assert [one.move(), one.move(), two.move()] == ["8     ", "88    ", "8     "]
    assert [one.say("hello"), two.device.program_notes] == [b"hello", ()]


def test_flash_is_the_boards_and_what_lies_outside_is_noted(
    folder: Path, programs: RackPrograms
) -> None:
    fob = Driven(folder / "trouble.so", programs)
    assert fob.say("f") == bytes.fromhex("78 56 34 12  00 00 FF 00")
    assert fob.device._board.flash.read(0, 0, 8) == bytes.fromhex("78563412 0000FF00")
    assert fob.device.program_notes == ("programs flash at 0xffffff0: not a word of its 3 pages",)


@pytest.mark.parametrize("operation", [1, 2, 3])
def test_a_cut_ends_the_call_where_it_comes(
    folder: Path, programs: RackPrograms, operation: int
) -> None:
    fob = Driven(folder / "trouble.so", programs)
    fob.give(CutArmed(operation, 1000))
    assert fob.say("f") == b""
    words = [fob.device._board.flash.read(0, 4 * place, 4) for place in range(2)]
    done = [bytes.fromhex("78563412"), bytes.fromhex("0000FFFF"), bytes.fromhex("0000FF00")]
    assert words[1] == ([b"\xff" * 4, *done[1:]])[operation - 1]
    assert fob.events[-1] is FobEvent.POWER_LOST
    fob.give(CellInserted())
    assert fob.move() == "8     ", "it boots with a context of zeros"


@pytest.mark.parametrize(
    ("byte", "why"),
    [
        ("c", "crashed (SIGSEGV)"),
        ("e", "ended the process (exit status 3)"),
        ("l", "did not return within 0.5 s of processor time"),
        ("a", "never sleeps: 20,000 alarms with no millisecond between two"),
    ],
)
def test_where_a_core_goes_wrong_only_its_fob_stops(
    folder: Path, programs: RackPrograms, byte: str, why: str
) -> None:
    bad, good = (Driven(folder / "trouble.so", programs) for _ in range(2))
    assert [bad.move(), good.move()] == ["8     ", "8     "]
    bad.say(byte)
    bad.give(Wake(), 60_000)
    assert bad.device.program_notes == (f"stopped: the library {why}",)
    assert bad.events[-1] is FobEvent.PROGRAM_STOPPED
    assert [bad.move(), good.move()] == ["", "88    "], "its context is as it was"
    bad.give(CellRemoved())
    bad.give(CellInserted())
    assert [bad.move(), bad.device.program_notes] == ["8     ", ()]


def test_the_process_ends_with_its_rack_and_is_started_anew_where_it_was_killed(
    folder: Path,
) -> None:
    with RackPrograms() as programs:
        fob = Driven(folder / "trouble.so", programs)
        found = programs._process._process
        assert found is not None
        os.killpg(found.pid, 9)
        assert fob.move() == ""
        assert fob.device.program_notes == (
            "stopped: the library ended the process that runs the libraries",
        )
        fob.give(CellRemoved())
        fob.give(CellInserted())
        assert fob.move() == "8     "
        again = programs._process._process
        assert again is not None
    assert again.returncode == 0


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("int kf_boot;", "has no kf_context_size, kf_on_contact, kf_on_alarm, kf_on_bytes"),
        ("{core}extern int gone(void); int (*there)(void) = gone;", "undefined symbol: gone"),
        (
            "{core}static void __attribute__((constructor)) up(void) {{ *(volatile int*)8 = 1; }}",
            "crashed (SIGSEGV) while it was loaded",
        ),
        ("{core}#define kf_context_size other", "its context has 0 bytes: expected 1 to 65,536"),
    ],
)
def test_what_cannot_be_loaded_is_refused_in_one_line(
    tmp_path: Path, source: str, why: str
) -> None:
    core = '#include "keyfob_hal.h"\nsize_t kf_context_size(void) { return 0; }\n' + "".join(
        f"KF_CORE void {name} {{}}\n"
        for name in (
            "kf_boot(void *c, const struct kf_hal *h)",
            "kf_on_contact(void *c, int n)",
            "kf_on_alarm(void *c)",
            "kf_on_bytes(void *c, const uint8_t *b, size_t s)",
        )
    )
    path = compiled(tmp_path / "core.so", source.format(core=core), "-w")
    with pytest.raises(BadInput) as error, RackPrograms() as programs:
        Driven(path, programs)
    assert str(error.value).startswith(str(path))
    assert why in str(error.value)
    assert "\n" not in str(error.value)


def test_another_machines_library_is_refused(folder: Path) -> None:
    content = bytearray((folder / "trouble.so").read_bytes())
    content[18:20] = (243).to_bytes(2, "little")  # EM_RISCV
    other = folder / "other.so"
    other.write_bytes(content)
    with pytest.raises(BadInput, match="a shared library for EM_RISCV, 64 bits: expected EM_"):
        firmware_source(str(other))
    with pytest.raises(BadInput, match="a shared library has no chip: leave --chip"):
        firmware_source(str(folder / "trouble.so"), "keyfob-m0")


def test_words_of_another_size_are_refused(folder: Path, programs: RackPrograms) -> None:
    with pytest.raises(BadInput, match="words of 16 bytes in its flash"):
        programs.factory(firmware_source(str(folder / "trouble.so")), catalogue.load("soft-phone"))
