"""Images on the board: our token in C, and small programs that do what they should not."""

from dataclasses import replace
from pathlib import Path

import pytest

from emulator.firmware.files import read_image
from firmware_model import catalogue
from firmware_model.device import Device
from firmware_model.effects import Effect, FobEvent
from firmware_model.inputs import (
    CellInserted,
    CellRemoved,
    ContactMoved,
    CycleCutArmed,
    Receive,
    Reset,
    Wake,
)
from firmware_model.processor.chip import load_chip
from firmware_model.processor.image import FirmwareImage, Segment
from firmware_model.processor.program import ImageFirmware, ImageProgram
from tests.firmware_model.fobs import CHIP_ID, START, after, events, kept, press, shown

ROOT = Path(__file__).parents[3]
MODEL = catalogue.parse(
    (ROOT / "examples/firmware/board-hotp.toml").read_text("utf-8"), "board-hotp.toml"
)
TOKEN_FILE = ROOT / "vectors/firmware/token-hotp.elf"
TOKEN = ImageFirmware(read_image(TOKEN_FILE), load_chip())
HOTP = ["755224", "287082", "359152", "969429", "338314"]


def made(firmware: ImageFirmware) -> Device:
    factory = firmware.factory(MODEL.mcu, MODEL.flash)
    return Device.manufacture(
        MODEL, chip_id=CHIP_ID, random_seed=3, now=START, make_program=factory
    )


QUICK = replace(load_chip(), watchdog_ms=30)
"""A chip that loses patience soon, since every cycle of a busy loop is played."""


def program(text: str, *, strict: bool = False, isr: str = "4770") -> ImageFirmware:
    """Return firmware of halfwords at 0x100; every interrupt goes to `isr` at 0x400."""
    vectors = [0x2000_2000, 0x101, 0x401, 0x401, *[0x401] * 28]
    words = [int(word, 16).to_bytes(2, "little") for word in text.split()]
    handler = b"".join(int(word, 16).to_bytes(2, "little") for word in isr.split())
    segments = (
        Segment(0, b"".join(vector.to_bytes(4, "little") for vector in vectors)),
        Segment(0x100, b"".join(words)),
        Segment(0x400, handler),
    )
    return ImageFirmware(FirmwareImage("small.elf", segments), QUICK, strict=strict)


def passed(device: Device, seconds: float) -> list[Effect]:
    return device.handle(Wake(), after(START, seconds))


# The token in C -----------------------------------------------------------------------------------


def test_the_token_shows_the_codes_of_rfc_4226() -> None:
    device = made(TOKEN)
    assert [shown(press(device, after(START, 1 + n)))[0] for n in range(5)] == HOTP
    assert passed(device, 30) != []
    assert device.face(after(START, 30)).text == ""
    assert device.program_notes == ()


def test_the_token_goes_on_where_it_was_after_restart_and_pulled_cell() -> None:
    device = made(TOKEN)
    images = device.images()
    images = kept(images, press(device, after(START, 1)))
    factory = TOKEN.factory(MODEL.mcu, MODEL.flash)
    again = Device.restore(MODEL, images, make_program=factory)
    again.handle(Reset(), after(START, 5))
    assert shown(press(again, after(START, 6))) == [HOTP[1]]
    again.handle(CellRemoved(), after(START, 8))
    assert again.face(after(START, 9)).text == ""
    again.handle(CellInserted(), after(START, 10))
    assert shown(press(again, after(START, 12))) == [HOTP[2]]


def test_a_touch_shorter_than_the_debounce_is_no_press() -> None:
    device = made(TOKEN)
    assert shown(press(device, after(START, 1), held_seconds=0.005)) == []
    assert shown(press(device, after(START, 2))) == [HOTP[0]]


def test_fobs_of_one_image_share_its_translated_code() -> None:
    first = made(TOKEN)
    press(first, after(START, 1))
    translated = dict(TOKEN.blocks)
    press(made(TOKEN), after(START, 1))
    assert len(translated) > 20
    assert all(TOKEN.blocks[at] is block for at, block in translated.items())


def test_what_comes_in_is_read_and_answered() -> None:
    device = made(TOKEN)
    snrm, ua = (
        bytes.fromhex("7e a0 08 02 03 21 93 86 67 7e"),
        bytes.fromhex("7e a0 08 21 02 03 73 49 60 7e"),
    )
    effects = device.handle(Receive(snrm), after(START, 1)) + passed(device, 2)
    assert b"".join(getattr(effect, "data", b"") for effect in effects) == ua


# Time and power -----------------------------------------------------------------------------------


def test_a_program_that_waits_for_the_contact_in_a_loop_sees_it_close() -> None:
    # r0 = 0x40000000; loop: r1 = [r0]; until bit 0; then show: [r0 + 0x2000] ...; sleep
    waiting = "2040 0600 6801 07C9 D0FC 4A03 213F 6111 2101 6011 BF30 E7FD 2000 4000"
    device = made(program(waiting))
    effects = device.handle(ContactMoved(closed=True), after(START, 0.1))
    assert shown(effects + passed(device, 0.2)) == ["0"]


def test_a_busy_program_pays_for_its_cycles() -> None:
    patient = ImageFirmware(program("E7FE").image, load_chip())
    busy, idle = made(patient), made(program("BF30 E7FD"))
    for device in (busy, idle):
        passed(device, 0.5)
    charges = [device._board.battery.drawn_ac for device in (busy, idle)]
    wanted = MODEL.mcu.active_na * 5 * 10**8
    assert charges[0] - charges[1] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize("cycles", [1, 2, 700, 701, 5_003])
def test_a_cut_at_a_cycle_stops_the_processor_at_its_instruction(cycles: int) -> None:
    loop = "2000 3001 3101 3201 3301 3401 3501 D1F8 E7F7"  # r0 = 0; each round counts in r0 to r5
    device = made(ImageFirmware(program(loop).image, load_chip()))
    passed(device, 0.01)
    running = device._program
    assert isinstance(running, ImageProgram)
    chip = running._chip
    assert chip is not None
    device.handle(CycleCutArmed(cycles), after(START, 0.02))
    before = chip.core.cycles
    assert FobEvent.POWER_LOST in events(passed(device, 0.1))
    assert cycles <= chip.core.cycles - before <= cycles + 1
    assert max(chip.core.r[0:6]) - min(chip.core.r[0:6]) <= 1


def test_a_program_that_never_sleeps_is_reset_and_then_stopped() -> None:
    device = made(program("E7FE"))
    told = events(passed(device, 3600))
    assert told == [FobEvent.BOOTED] + [FobEvent.PROGRAM_RESET] * 4 + [FobEvent.PROGRAM_STOPPED]
    assert device.program_notes[-1].startswith(
        "stopped: 3 resets in a row did not help: it has not"
    )
    assert device.wake_at is None or device.wake_at > after(START, 3600 * 24)
    device.handle(CellRemoved(), after(START, 4000))
    assert events(device.handle(CellInserted(), after(START, 4001))) == [FobEvent.BOOTED]


def test_feeding_the_watchdog_lets_it_run_on() -> None:
    feeding = "4801 4902 6001 E7FD 7004 4000 FEED 0000"  # r0 = 0x40007004, r1 = 0xFEED
    device = made(program(feeding))
    assert events(passed(device, 0.2)) == [FobEvent.BOOTED]


def test_a_program_that_locks_up_is_reset_and_says_where() -> None:
    device = made(program("DE00", isr="DE00"))
    assert FobEvent.PROGRAM_STOPPED in events(device.handle(CellRemoved(), after(START, 1)))
    assert "fault in 0x00000100: undefined instruction at 0x00000100" in device.program_notes
    assert "reset: undefined instruction at 0x00000400" in device.program_notes


# Registers ----------------------------------------------------------------------------------------


UNKNOWN = "4801 6801 6001 BF30 9F00 4000"  # r0 = 0x40009F00: read, write, sleep


def test_unknown_registers_are_counted_and_named() -> None:
    device = made(program(UNKNOWN + " E7FE"))
    assert device.program_notes == (
        "unknown register: 0x40009f00 read, 1 times",
        "unknown register: 0x40009f00 written, 1 times",
    )


def test_with_strict_an_unknown_register_is_a_fault() -> None:
    device = made(program(UNKNOWN, strict=True, isr="DE00"))
    assert any("which keyfob-m0 does not have (strict)" in note for note in device.program_notes)


def test_data_flash_is_written_by_its_controller_only() -> None:
    writing = "4801 6001 BF30 BF00 0000 0800"  # str r1, [0x08000000]
    device = made(program(writing, isr="BF30 E7FD"))
    assert "only its controller does that" in device.program_notes[0]
