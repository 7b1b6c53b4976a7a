"""ELF files: segments, symbols and lines of source (TIS ELF 1.2; ELF for the Arm Architecture)."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

from elftools.common.exceptions import DWARFError, ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from firmware_model.errors import BadInput
from firmware_model.processor.image import FirmwareImage, Segment, Symbol

ARM = "EM_ARM"
SYMBOLS_MAX = 100_000
_DAMAGED = (ELFError, ValueError, LookupError, OverflowError, AttributeError, TypeError, OSError)
"""What pyelftools raises, depending on where a file is damaged."""


def read_elf(content: bytes, name: str) -> FirmwareImage:
    """Return the image that an ELF file holds.

    Args:
        content: the file's bytes.
        name: what errors call it.

    Raises:
        BadInput: it is damaged, no executable, or for another architecture.
    """
    try:
        elf = ELFFile(BytesIO(content))
        machine, kind, bits = elf["e_machine"], elf["e_type"], elf.elfclass
        if machine != ARM or bits != 32 or not elf.little_endian:
            order = "little" if elf.little_endian else "big"
            raise BadInput(
                f"{name}: an ELF file for {machine}, {bits} bits, {order}-endian:"
                " expected EM_ARM, 32 bits, little-endian (ARMv6-M)"
            )
        if kind != "ET_EXEC":
            raise BadInput(
                f"{name}: an ELF file of type {kind}: expected ET_EXEC, a linked program"
            )
        segments = tuple(
            Segment(segment["p_paddr"], segment.data())
            for segment in elf.iter_segments("PT_LOAD")
            if segment["p_filesz"]
        )
        symbols = _symbols(elf)
    except _DAMAGED as error:
        raise BadInput(f"{name}: a damaged ELF file: {error}") from None
    return FirmwareImage(name, segments, symbols, _SourceLines(content).line)


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """What an ELF file says of a shared library: its machine, and the symbols that it defines."""

    machine: str
    bits: int
    defined: frozenset[str]


def machine_of(path: Path) -> tuple[str, int]:
    """Return the machine that a program's file is for, and its bits; ("", 0) for no ELF file."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            return str(elf["e_machine"]), elf.elfclass
    except _DAMAGED:
        return "", 0


def library_in(content: bytes, name: str) -> LibraryFile | None:
    """Return what an ELF file says of the shared library that it is, None where it is none.

    Raises:
        BadInput: it is damaged.
    """
    try:
        elf = ELFFile(BytesIO(content))
        if elf["e_type"] != "ET_DYN":
            return None
        table = elf.get_section_by_name(".dynsym")
        defined = frozenset(
            symbol.name
            for symbol in (table.iter_symbols() if isinstance(table, SymbolTableSection) else ())
            if symbol["st_shndx"] != "SHN_UNDEF"
        )
        return LibraryFile(str(elf["e_machine"]), elf.elfclass, defined)
    except _DAMAGED as error:
        raise BadInput(f"{name}: a damaged ELF file: {error}") from None


def _symbols(elf: ELFFile) -> tuple[Symbol, ...]:
    found = {}
    for section in elf.iter_sections():
        if isinstance(section, SymbolTableSection) and section.num_symbols() <= SYMBOLS_MAX:
            for symbol in section.iter_symbols():
                if symbol["st_info"]["type"] == "STT_FUNC" and symbol.name:
                    found[symbol["st_value"] & ~1] = symbol.name
    return tuple(Symbol(address, found[address]) for address in sorted(found))


class _SourceLines:
    """The lines of source in a file's DWARF, read when somebody asks."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def line(self) -> Callable[[int], str]:
        return self._line

    def _line(self, address: int) -> str:
        place = bisect_right(self._rows, address, key=lambda row: row[0]) - 1
        return self._rows[place][1] if place >= 0 else ""

    @cached_property
    def _rows(self) -> list[tuple[int, str]]:
        try:
            return sorted(self._read())
        except (DWARFError, *_DAMAGED):
            return []

    def _read(self) -> list[tuple[int, str]]:
        elf = ELFFile(BytesIO(self._content))
        if not elf.has_dwarf_info():
            return []
        information = elf.get_dwarf_info()
        rows = []
        for unit in information.iter_CUs():
            program = information.line_program_for_CU(unit)
            if program is None:
                continue
            files = program["file_entry"]
            first = 0 if program["version"] >= 5 else 1
            for entry in program.get_entries():
                state = entry.state
                if state is None or state.end_sequence:
                    continue
                file = files[state.file - first].name.decode("utf-8", "replace")
                rows.append((state.address, f"{file}:{state.line}"))
        return rows
