"""Images and chips: what fits, and the one clear line for what does not."""

import pytest

from firmware_model.errors import BadInput
from firmware_model.processor.chip import load_chip, parse_chip
from firmware_model.processor.image import FirmwareImage, Segment, Symbol, program_memory

CHIP = load_chip()
VECTORS = (0x2000_2000).to_bytes(4, "little") + (0x101).to_bytes(4, "little")
GOOD = Segment(0, VECTORS)


def image(*segments: Segment) -> FirmwareImage:
    return FirmwareImage("token.elf", segments)


def test_an_image_fills_program_memory_and_the_rest_is_erased() -> None:
    content = program_memory(image(Segment(0x200, b"\x01\x02"), GOOD), CHIP)
    assert len(content) == 0x20000
    assert content[:8] == VECTORS
    assert content[0x1FF:0x203] == b"\xff\x01\x02\xff"


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        ((), "holds no code"),
        ((GOOD, Segment(0x1_FFFF, b"ab")), "0x0001ffff to 0x00020001 lie outside the program"),
        ((GOOD, Segment(0x2000_0000, b"ab")), "lie outside the program memory of keyfob-m0"),
        ((GOOD, Segment(4, b"ab")), "two segments overlap at 0x00000004"),
        ((Segment(0x100, b"ab"),), "no vectors at 0x00000000: the first word is 0xffffffff"),
        ((Segment(0, VECTORS[:4] + bytes(4)),), "the reset vector is 0x00000000, expected the odd"),
    ],
)
def test_an_image_that_does_not_fit_is_refused(segments: tuple[Segment, ...], why: str) -> None:
    with pytest.raises(BadInput, match=r"^token\.elf: ") as refused:
        program_memory(image(*segments), CHIP)
    assert why in str(refused.value)


def test_an_address_is_named_by_its_symbol_and_line() -> None:
    symbols = (Symbol(0x100, "reset"), Symbol(0x200, "main"))
    found = FirmwareImage("token.elf", (GOOD,), symbols, lambda address: f"token.c:{address}")
    assert found.place(0x204) == "main+0x4 (token.c:516)"
    assert found.place(0x200) == "main (token.c:512)"
    assert FirmwareImage("token.hex", (GOOD,)).place(0x204) == "0x00000204"


MINIMAL = """
name = "mine"
summary = "mine"
watchdog_ms = 100
[memory]
program = { start = 0, size = 0x1000 }
ram = { start = 0x2000_0000, size = 0x1000 }
data_flash = { start = 0x0800_0000 }
[[block]]
name = "GPIO"
kind = "gpio"
start = 0x4000_0000
registers = [{ name = "LEVEL", offset = 0, role = "level" }]
"""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("watchdog_ms = 100", "watchdog = 100", "unknown key watchdog: expected one of name"),
        ("size = 0x1000 }\ndata", "size = 0x1001 }\ndata", "memory.ram.size = 0x1001: expected"),
        ('kind = "gpio"', 'kind = "gpoi"', "block[0].kind = 'gpoi': expected one of gpio, rtc"),
        ('role = "level"', 'role = "lvl"', "block[0].registers[0].role = 'lvl': expected one of"),
        ("offset = 0,", "offset = 2,", "block[0].registers[0].offset = 2: expected a whole number"),
        ('role = "level"', 'access = "x", role = "level"', "access = 'x': expected one of r, w"),
        ('"level" }]', '"level", words = 0 }]', "words = 0: expected a whole number 1..64"),
        (
            '"level" }]',
            '"level" }, { name = "TWIN", offset = 0, role = "edges" }]',
            "GPIO.TWIN = 0x40000000: expected an address of its own, not GPIO.LEVEL's",
        ),
        ("[memory]", "[memory", "not TOML"),
    ],
)
def test_a_wrong_key_of_a_chip_is_named(old: str, new: str, why: str) -> None:
    assert parse_chip(MINIMAL, "mine.toml").name == "mine"
    assert old in MINIMAL
    with pytest.raises(BadInput, match=r"^mine\.toml: ") as refused:
        parse_chip(MINIMAL.replace(old, new), "mine.toml")
    assert why in str(refused.value)
