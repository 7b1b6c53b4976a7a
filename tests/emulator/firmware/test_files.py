"""Firmware files: ELF and Intel HEX, whole and damaged; the images of this repository."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.firmware.elf import read_elf
from emulator.firmware.files import firmware_source, image_of, read_image, stored_firmware
from emulator.firmware.intel_hex import read_intel_hex
from firmware_model.errors import BadInput
from firmware_model.processor.image import Segment
from tests import shares

ROOT = Path(__file__).parents[3]
IMAGES = ROOT / "vectors/firmware"
TOKEN = IMAGES / "token-hotp.elf"
CONTENT = TOKEN.read_bytes()

HEX = """\
:020000040800F2
:1000000000200020010100000000000000000000AE
:04001000DEADBEEFB4
:0400000500000101F5
:00000001FF
"""


def test_an_elf_gives_segments_symbols_and_lines() -> None:
    image = read_image(TOKEN)
    assert image.segments[0].address == 0
    names = {symbol.name: symbol.address for symbol in image.symbols}
    assert {"main", "kf_boot", "hmac_sha1"} <= set(names)
    place = image.place(names["kf_boot"] + 2)
    assert place.startswith("kf_boot+0x2 (token.c:")


def test_hex_gives_the_same_bytes_as_the_elf_it_was_made_of() -> None:
    segment = read_image(TOKEN).segments[0]
    records = []
    for offset in range(0, len(segment.data), 16):
        data = segment.data[offset : offset + 16]
        record = bytes((len(data), *offset.to_bytes(2), 0, *data))
        records.append(f":{(record + bytes((-sum(record) & 255,))).hex().upper()}")
    image = image_of("\n".join([*records, ":00000001FF"]).encode(), "token.hex")
    assert image.segments == (segment,)


def test_hex_bases_and_starts_are_understood() -> None:
    image = read_intel_hex(HEX, "token.hex")
    first = bytes.fromhex("00200020010100000000000000000000DEADBEEF")
    assert image.segments == (Segment(0x0800_0000, first),)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no end record (:00000001FF): the file is cut short"),
        (HEX.replace(":00000001FF\n", ""), "no end record"),
        (HEX.replace("EFB4", "EFB5"), "line 3: check sum B5, expected B4"),
        (HEX.replace(":0400", ":0500", 1), "line 3: 4 bytes of data, expected 5"),
        (":zz\n", "line 1: no record: expected ':' and hex digits"),
        (":00000006FA\n", "line 1: record type 06, expected 00 to 05"),
        (HEX.replace(":04001000DEADBEEFB4", ":04000F00DEADBEEFB5"), "line 3: bytes at 0x0800000f"),
        (":0100000408F3\n", "line 1: a base of 1 bytes, expected 2"),
    ],
)
def test_a_damaged_hex_file_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_intel_hex(text, "token.hex")
    assert why in str(refused.value)
    assert str(refused.value).startswith("token.hex")


@pytest.mark.parametrize(
    ("place", "byte", "why"),
    [
        (18, 62, "an ELF file for EM_X86_64, 32 bits, little-endian: expected EM_ARM"),
        (16, 1, "of type ET_REL: expected ET_EXEC"),
        (4, 9, "a damaged ELF file"),
        (5, 2, "a damaged ELF file"),
    ],
)
def test_an_elf_of_another_kind_is_refused(place: int, byte: int, why: str) -> None:
    changed = bytearray(CONTENT)
    changed[place] = byte
    with pytest.raises(BadInput, match=r"^token\.elf: ") as refused:
        read_elf(bytes(changed), "token.elf")
    assert why in str(refused.value) or place == 5


@settings(max_examples=shares.times(20, 200))
@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255), st.integers(1, len(CONTENT)))
def test_a_damaged_elf_raises_nothing_but_bad_input(place: int, byte: int, end: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] = byte
    for content in (bytes(changed), CONTENT[:end]):
        try:
            image = image_of(content, "token.elf")
        except BadInput:
            continue
        image.place(0x200)


def test_what_is_no_firmware_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "token.bin"
    text.write_bytes(b"hello")
    with pytest.raises(BadInput, match="unrecognised firmware: expected an ELF or Intel HEX image"):
        read_image(text)
    with pytest.raises(BadInput, match="cannot read the firmware: No such file"):
        read_image(tmp_path / "none.elf")
    with pytest.raises(BadInput, match="unknown chip 'nope': expected one of keyfob-m0"):
        firmware_source(str(TOKEN), "nope")
    with pytest.raises(BadInput, match="cannot read the chip"):
        firmware_source(str(TOKEN), "./none.toml")


def test_a_file_is_read_once_for_all_its_fobs() -> None:
    first, second = firmware_source(str(TOKEN)), firmware_source(str(TOKEN))
    assert first.firmware() is second.firmware()


def test_a_store_gives_back_what_it_was_given() -> None:
    source = firmware_source(str(TOKEN), strict=True)
    kept = source.images() | {"board": b"x"}
    assert stored_firmware(kept) == source
    assert kept == {"board": b"x"}
    assert stored_firmware(kept) is None


def test_the_images_are_what_their_hashes_say() -> None:
    lines = (IMAGES / "SHA256SUMS").read_text("utf-8").split("\n")
    told = {line.split()[1]: line.split()[0] for line in lines if line}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in IMAGES.glob("*.elf")
    }
    assert told == found


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no gcc-arm-none-eabi")
def test_the_sources_give_the_same_images(tmp_path: Path) -> None:
    source = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "examples/firmware", source)
    made = subprocess.run(["make", "-C", source], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    for image in sorted(source.glob("*.elf")):
        assert image.read_bytes() == (IMAGES / image.name).read_bytes(), image.name
