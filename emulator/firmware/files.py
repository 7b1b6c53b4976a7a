"""Which firmware a file holds, by its contents; and the chip that it is for."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from emulator.firmware.elf import MAGIC, read_elf
from emulator.firmware.intel_hex import read_intel_hex
from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.processor.chip import DEFAULT_CHIP, load_chip, parse_chip
from firmware_model.processor.image import FirmwareImage
from firmware_model.processor.program import ImageFirmware

FILE_BYTES_MAX = 32 << 20
NAME_KEY, CHIP_KEY, FILE_KEY = "firmware/name", "firmware/chip", "firmware/file"


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


@dataclass(frozen=True, slots=True)
class FirmwareSource:
    """A firmware as a store keeps it: the file's bytes, its name, its chip (a name, or TOML).

    `strict` says that touching a register that the chip does not have is a fault.
    """

    name: str
    content: bytes = field(repr=False)
    chip: str = DEFAULT_CHIP
    strict: bool = False

    def firmware(self) -> ImageFirmware:
        """Return it ready to run; the same one for all fobs that run it.

        Raises:
            BadInput: the file or the chip is invalid, or one does not fit the other.
        """
        return _firmware_of(self)

    def images(self) -> dict[str, bytes]:
        """Return what a store keeps of it, beside the images of a fob."""
        options = f"{int(self.strict)}{self.chip}"
        return {NAME_KEY: self.name.encode(), CHIP_KEY: options.encode(), FILE_KEY: self.content}


def stored_firmware(images: dict[str, bytes]) -> FirmwareSource | None:
    """Take a fob's firmware out of what its store keeps; None where it runs our own program."""
    name, options = images.pop(NAME_KEY, b""), images.pop(CHIP_KEY, b"").decode()
    content = images.pop(FILE_KEY, None)
    if content is None:
        return None
    return FirmwareSource(name.decode(), content, options[1:], strict=options[:1] == "1")


def firmware_source(path: str, chip: str | None = None, *, strict: bool = False) -> FirmwareSource:
    """Return the firmware in a file, for a built-in chip or one in a TOML file.

    Raises:
        BadInput: the file or the chip is invalid, or one does not fit the other.
    """
    source = FirmwareSource(path, _content(Path(path)), _chip_text(chip), strict=strict)
    source.firmware()
    return source


def _chip_text(name_or_path: str | None) -> str:
    name = name_or_path or DEFAULT_CHIP
    if "/" not in name and not name.endswith(".toml"):
        load_chip(name)
        return name
    try:
        with Path(name).open("rb") as file:
            text = text_of(file, name, "a chip's TOML")
    except OSError as error:
        raise BadInput(f"{name}: cannot read the chip: {error.strerror}") from None
    parse_chip(text, name)
    return text


@lru_cache(maxsize=16)
def _firmware_of(source: FirmwareSource) -> ImageFirmware:
    chip = source.chip
    found = parse_chip(chip, "the chip") if "\n" in chip else load_chip(chip)
    return ImageFirmware(image_of(source.content, source.name), found, strict=source.strict)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadInput(f"{path}: larger than {FILE_BYTES_MAX >> 20} MiB: no firmware image")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot read the firmware: {error.strerror}") from None
