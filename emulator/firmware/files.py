"""Which firmware a file holds, by its contents; and the chip that it is for."""

from functools import lru_cache
from pathlib import Path

from emulator.firmware.elf import MAGIC, read_elf
from emulator.firmware.intel_hex import read_intel_hex
from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.processor.chip import DEFAULT_CHIP, Chip, load_chip, parse_chip
from firmware_model.processor.image import FirmwareImage
from firmware_model.processor.program import ImageFirmware

FILE_BYTES_MAX = 32 << 20


def read_image(path: Path) -> FirmwareImage:
    """Return the image in an ELF or Intel HEX file.

    Raises:
        BadInput: it cannot be read, is too large, or is neither.
    """
    return image_of(_content(path), str(path))


def image_of(content: bytes, name: str) -> FirmwareImage:
    """Return the image that the bytes of a file hold; `name` is what errors call it."""
    if content.startswith(MAGIC):
        return read_elf(content, name)
    if content.lstrip()[:1] == b":":
        return read_intel_hex(content.decode("ascii", "replace"), name)
    raise BadInput(f"{name}: unrecognised firmware: expected an ELF or Intel HEX file")


def read_chip(name_or_path: str | None) -> Chip:
    """Return a built-in chip by name, or the user's own by the path of its TOML file.

    Raises:
        BadInput: no such chip, no such file, or an invalid one.
    """
    name = name_or_path or DEFAULT_CHIP
    if "/" not in name and not name.endswith(".toml"):
        return load_chip(name)
    try:
        with Path(name).open("rb") as file:
            return parse_chip(text_of(file, name, "a chip's TOML"), name)
    except OSError as error:
        raise BadInput(f"{name}: cannot read the chip: {error.strerror}") from None


def read_firmware(path: str, chip: str | None = None, *, strict: bool = False) -> ImageFirmware:
    """Return the firmware in a file, for a chip; one file is read once for all fobs that run it.

    Raises:
        BadInput: the file or the chip is invalid, or one does not fit the other.
    """
    content = _content(Path(path))
    return _firmware_of(content, path, chip, strict)


@lru_cache(maxsize=8)
def _firmware_of(content: bytes, name: str, chip: str | None, strict: bool) -> ImageFirmware:
    return ImageFirmware(image_of(content, name), read_chip(chip), strict=strict)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadInput(f"{path}: larger than {FILE_BYTES_MAX >> 20} MiB: no firmware image")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot read the firmware: {error.strerror}") from None
