"""A chip as a TOML file describes it: memory map, blocks of registers, interrupts.

docs/FIRMWARE.md §3 explains every key. What a register does is its `role`, one of those that the
block's kind has (`peripherals.KINDS`); a register of kind "plain" just keeps what is written.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Never

from firmware_model.errors import BadInput
from firmware_model.processor.exceptions import INTERRUPTS_MAX
from firmware_model.processor.peripherals import KINDS
from firmware_model.toml import parse_toml

DEFAULT_CHIP = "keyfob-m0"
WORD = 0xFFFF_FFFF
PROGRAM_MAX, RAM_MAX = 0x40_0000, 0x10_0000
REGISTER_WORDS_MAX = 64


@dataclass(frozen=True, slots=True)
class RegisterDescription:
    """One register, or `words` of them in a row; `access` is "r", "w" or "rw"."""

    name: str
    offset: int
    role: str
    words: int = 1
    access: str = "rw"
    reset: int = 0


@dataclass(frozen=True, slots=True)
class RegisterBlock:
    """The registers of one peripheral; `interrupt` is its number, None where it has none."""

    name: str
    kind: str
    start: int
    interrupt: int | None
    registers: tuple[RegisterDescription, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A microcontroller around the processor; sizes in bytes.

    `watchdog_ms` is how long a program may run without sleeping or feeding the watchdog.
    """

    name: str
    summary: str
    program_start: int
    program_size: int
    ram_start: int
    ram_size: int
    data_flash_start: int
    watchdog_ms: int
    blocks: tuple[RegisterBlock, ...]


def chip_names() -> list[str]:
    """Return the names of the built-in chips, sorted."""
    folder = resources.files("firmware_model").joinpath("chips")
    names = (entry.name for entry in folder.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def load_chip(name: str = DEFAULT_CHIP) -> Chip:
    """Return the built-in chip `name`; raises `BadInput` for another."""
    if name not in chip_names():
        raise BadInput(f"unknown chip {name!r}: expected one of {', '.join(chip_names())}")
    text = resources.files("firmware_model").joinpath("chips", f"{name}.toml").read_text("utf-8")
    return parse_chip(text, f"{name}.toml")


def parse_chip(text: str, file: str) -> Chip:
    """Return the chip that TOML `text` describes.

    Args:
        text: the document.
        file: what errors call it.

    Raises:
        BadInput: it is not TOML, or a key is unknown, missing or out of range.
    """
    reader = _ChipReader(file)
    document = parse_toml(text, file)
    reader.known(document, ("name", "summary", "watchdog_ms", "memory", "block"), "")
    memory = reader.table(document, "memory", "")
    reader.known(memory, ("program", "ram", "data_flash"), "memory")
    program = reader.table(memory, "program", "memory")
    ram = reader.table(memory, "ram", "memory")
    data_flash = reader.table(memory, "data_flash", "memory")
    chip = Chip(
        name=reader.text(document, "name", ""),
        summary=reader.text(document, "summary", ""),
        program_start=reader.number(program, "start", "memory.program", 0, WORD, 256),
        program_size=reader.number(program, "size", "memory.program", 256, PROGRAM_MAX, 4),
        ram_start=reader.number(ram, "start", "memory.ram", 0, WORD, 256),
        ram_size=reader.number(ram, "size", "memory.ram", 256, RAM_MAX, 4),
        data_flash_start=reader.number(data_flash, "start", "memory.data_flash", 0, WORD, 256),
        watchdog_ms=reader.number(document, "watchdog_ms", "", 1, 600_000),
        blocks=tuple(
            reader.block(entry, f"block[{place}]")
            for place, entry in enumerate(reader.tables(document, "block", ""))
        ),
    )
    reader.check_overlap(chip)
    return chip


class _ChipReader:
    """Reads keys, and names file, key and what was expected where one is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, key: str, value: object, expected: str) -> Never:
        shown = hex(value) if isinstance(value, int) and value > 9 else repr(value)
        raise BadInput(f"{self.file}: {key} = {shown}: expected {expected}")

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise BadInput(
                    f"{self.file}: unknown key {_path(where, key)}:"
                    f" expected one of {', '.join(keys)}{hint}"
                )

    def need(self, table: Mapping[str, Any], key: str, where: str) -> Any:
        if key not in table:
            raise BadInput(f"{self.file}: {_path(where, key)} is missing")
        return table[key]

    def table(self, table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        value: Any = self.need(table, key, where)
        if not isinstance(value, dict):
            self.fail(_path(where, key), value, "a table")
        return value

    def tables(self, table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
        value: Any = self.need(table, key, where)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fail(_path(where, key), value, "a list of tables")
        return value

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value: Any = self.need(table, key, where)
        if not isinstance(value, str) or not value:
            self.fail(_path(where, key), value, "text")
        return value

    def number(
        self, table: Mapping[str, Any], key: str, where: str, low: int, high: int, step: int = 1
    ) -> int:
        value: Any = self.need(table, key, where)
        if type(value) is not int or not low <= value <= high or value % step:
            steps = f", a multiple of {step}" if step > 1 else ""
            self.fail(_path(where, key), value, f"a whole number {low:#x}..{high:#x}{steps}")
        return value

    def block(self, table: Mapping[str, Any], where: str) -> RegisterBlock:
        self.known(table, ("name", "kind", "start", "interrupt", "registers"), where)
        kind = self.text(table, "kind", where)
        if kind not in KINDS:
            self.fail(f"{where}.kind", kind, f"one of {', '.join(KINDS)}")
        interrupt = None
        if "interrupt" in table:
            interrupt = self.number(table, "interrupt", where, 0, INTERRUPTS_MAX - 1)
        return RegisterBlock(
            self.text(table, "name", where),
            kind,
            self.number(table, "start", where, 0, WORD, 4),
            interrupt,
            tuple(
                self.register(entry, f"{where}.registers[{place}]", kind)
                for place, entry in enumerate(self.tables(table, "registers", where))
            ),
        )

    def register(self, table: Mapping[str, Any], where: str, kind: str) -> RegisterDescription:
        self.known(table, ("name", "offset", "role", "words", "access", "reset"), where)
        roles = KINDS[kind].ROLES
        role = self.text(table, "role", where) if "role" in table or roles else ""
        if roles and role not in roles:
            self.fail(f"{where}.role", role, f"one of {', '.join(roles)}")
        access = table.get("access", roles.get(role, "rw"))
        if access not in ("r", "w", "rw"):
            self.fail(f"{where}.access", access, "one of r, w, rw")
        words = table.get("words", 1)
        if type(words) is not int or not 1 <= words <= REGISTER_WORDS_MAX:
            self.fail(f"{where}.words", words, f"a whole number 1..{REGISTER_WORDS_MAX}")
        reset = self.number(table, "reset", where, 0, WORD) if "reset" in table else 0
        name, offset = (
            self.text(table, "name", where),
            self.number(table, "offset", where, 0, WORD, 4),
        )
        return RegisterDescription(name, offset, role, words, access, reset)

    def check_overlap(self, chip: Chip) -> None:
        taken: dict[int, str] = {}
        for block in chip.blocks:
            for register in block.registers:
                for word in range(register.words):
                    address = block.start + register.offset + 4 * word
                    name = f"{block.name}.{register.name}"
                    if address in taken:
                        self.fail(name, address, f"an address of its own, not {taken[address]}'s")
                    taken[address] = name


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
