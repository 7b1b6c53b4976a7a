"""Which firmware a file holds, by its contents; and the chip that it is for."""

import hashlib
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.firmware.intel_hex import read_intel_hex
from emulator.firmware.library import LibraryFirmware
from emulator.firmware.library_worker import SYMBOLS
from firmware_model.bounded_text import text_of
from firmware_model.errors import BadInput
from firmware_model.processor.chip import DEFAULT_CHIP, load_chip, parse_chip
from firmware_model.processor.image import FirmwareImage
from firmware_model.processor.program import ImageFirmware

if TYPE_CHECKING:  # most racks run no file, and pyelftools takes a tenth of their start
    from emulator.firmware.elf import LibraryFile

ELF_MAGIC = b"\x7fELF"
FILE_BYTES_MAX = 32 << 20
NAME_KEY, CHIP_KEY, FILE_KEY = "firmware/name", "firmware/chip", "firmware/file"
LIBRARY_KEY = "firmware/library"
"""Under which a store keeps the SHA-256 of a library instead of the library: no code of this
machine runs out of a store."""


def read_image(path: Path) -> FirmwareImage:
    """Return the image in an ELF or Intel HEX file.

    Raises:
        BadInput: it cannot be read, is too large, or is neither.
    """
    return image_of(_content(path), str(path))


def image_of(content: bytes, name: str) -> FirmwareImage:
    """Return the image that the bytes of a file hold; `name` is what errors call it."""
    if content.startswith(ELF_MAGIC):
        from emulator.firmware.elf import read_elf

        return read_elf(content, name)
    if content.lstrip()[:1] == b":":
        return read_intel_hex(content.decode("ascii", "replace"), name)
    raise BadInput(
        f"{name}: unrecognised firmware: expected an ELF or Intel HEX image, or a shared library"
    )


@dataclass(frozen=True, slots=True)
class FirmwareSource:
    """A firmware: the file's bytes, its name, its chip (a name, or TOML).

    `strict` says that touching a register that the chip does not have is a fault. A library's
    name is its absolute path, from which it is loaded.
    """

    name: str
    content: bytes = field(repr=False)
    chip: str = DEFAULT_CHIP
    strict: bool = False

    def firmware(self) -> ImageFirmware | LibraryFirmware:
        """Return it ready to run; the same one for all fobs that run it.

        Raises:
            BadInput: the file or the chip is invalid, or one does not fit the other.
        """
        return _firmware_of(self)

    @property
    def sha256(self) -> bytes:
        """The hash of the file."""
        return hashlib.sha256(self.content).digest()

    def images(self) -> dict[str, bytes]:
        """Return what a store keeps of it, beside the images of a fob."""
        if isinstance(self.firmware(), LibraryFirmware):
            return {NAME_KEY: self.name.encode(), LIBRARY_KEY: self.sha256}
        options = f"{int(self.strict)}{self.chip}"
        return {NAME_KEY: self.name.encode(), CHIP_KEY: options.encode(), FILE_KEY: self.content}


def stored_firmware(images: dict[str, bytes]) -> FirmwareSource | None:
    """Take a fob's firmware out of what its store keeps; None where it runs our own program.

    Raises:
        BadInput: it is a library whose file has gone or changed.
    """
    name, options = images.pop(NAME_KEY, b"").decode(), images.pop(CHIP_KEY, b"").decode()
    content, library = images.pop(FILE_KEY, None), images.pop(LIBRARY_KEY, None)
    if library is not None:
        source = firmware_source(name)
        if source.sha256 != library:
            raise BadInput(
                f"{name}: the library has changed since the store's fob ran it (SHA-256"
                f" {library.hex()[:16]}…): put the old one back, or take another store"
            )
        return source
    if content is None:
        return None
    return FirmwareSource(name, content, options[1:], strict=options[:1] == "1")


def firmware_source(path: str, chip: str | None = None, *, strict: bool = False) -> FirmwareSource:
    """Return the firmware in a file, for a built-in chip or one in a TOML file.

    Raises:
        BadInput: the file or the chip is invalid, or one does not fit the other.
    """
    content = _content(Path(path))
    if _library(content, path) is not None:
        if chip is not None or strict:
            raise BadInput(f"{path}: a shared library has no chip: leave --chip and --strict out")
        path = str(Path(path).resolve())
    source = FirmwareSource(path, content, _chip_text(chip), strict=strict)
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
def _firmware_of(source: FirmwareSource) -> ImageFirmware | LibraryFirmware:
    library = _library(source.content, source.name)
    if library is not None:
        _require_usable(library, source.name)
        return LibraryFirmware(source.name)
    chip = source.chip
    found = parse_chip(chip, "the chip") if "\n" in chip else load_chip(chip)
    return ImageFirmware(image_of(source.content, source.name), found, strict=source.strict)


def _library(content: bytes, name: str) -> "LibraryFile | None":
    """Return the shared library that a file is, None for an image, also one linked as a library."""
    if not content.startswith(ELF_MAGIC):
        return None
    from emulator.firmware.elf import ARM, library_in

    found = library_in(content, name)
    return None if found is not None and found.machine == ARM != _machine()[0] else found


def _require_usable(library: "LibraryFile", name: str) -> None:
    """Raise BadInput where a library is for another machine, or is no core."""
    machine, bits = _machine()
    if (library.machine, library.bits) != (machine, bits):
        raise BadInput(
            f"{name}: a shared library for {library.machine}, {library.bits} bits: expected"
            f" {machine}, {bits} bits, as this Python is: build it for this machine"
        )
    missing = [symbol for symbol in SYMBOLS if symbol not in library.defined]
    if missing:
        raise BadInput(
            f"{name}: the library has no {', '.join(missing)}:"
            " expected the functions of keyfob_hal.h (docs/FIRMWARE.md §7)"
        )


@lru_cache(maxsize=1)
def _machine() -> tuple[str, int]:
    """Return the machine that this Python is for, as its own file says; ("", 0) for no ELF file."""
    from emulator.firmware.elf import machine_of

    return machine_of(Path(sys.executable))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadInput(f"{path}: larger than {FILE_BYTES_MAX >> 20} MiB: no firmware image")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot read the firmware: {error.strerror}") from None
