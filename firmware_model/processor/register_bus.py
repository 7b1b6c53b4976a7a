"""Addresses outside code and RAM: a chip's registers, and the window to its data flash.

A register that the chip's file does not list reads as 0 and takes what is written; which ones a
program touches is counted. With `strict` such an access is a fault.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from firmware_model.hardware.pins import FlashPins
from firmware_model.processor.chip import Chip
from firmware_model.processor.memory import Abort
from firmware_model.processor.peripheral import Peripheral

UNKNOWN_MAX = 256
"""How many registers that are not listed are told apart."""
BLOCK_SPAN = 0x1000
PERIPHERAL_SPACE = range(0x4000_0000, 0x6000_0000)


class _Place(NamedTuple):
    """One word of a chip's registers; `number` is its block's, `role` "" for plain memory."""

    role: str
    word: int
    number: int
    readable: bool
    writable: bool
    name: str
    reset: int


@cache
def _places_of(chip: Chip) -> dict[int, _Place]:
    """Return which register stands at which address: one table for all boards with that chip."""
    return {
        block.start + register.offset + 4 * word: _Place(
            register.role,
            word,
            number,
            "r" in register.access,
            "w" in register.access,
            f"{block.name}.{register.name}",
            register.reset,
        )
        for number, block in enumerate(chip.blocks)
        for register in block.registers
        for word in range(register.words)
    }


_Part = tuple[int, str, int]
"""A word of a peripheral's registers: the peripheral's number, the role, and which word of it."""


@cache
def _parts_of(chip: Chip) -> tuple[dict[int, _Part], dict[int, _Part]]:
    """Return which of these stand at which address, for reading and for writing."""
    parts = {
        address: (place, (place.number, place.role, place.word))
        for address, place in _places_of(chip).items()
        if place.role
    }
    readable = {address: part for address, (place, part) in parts.items() if place.readable}
    writable = {address: part for address, (place, part) in parts.items() if place.writable}
    return readable, writable


class RegisterBus:
    """What answers at each address.

    `unknown` counts accesses to what no file lists, by name; `on_write` is called after a write
    that raised an interrupt or changed when something is due, `before_flash_read` before the data
    flash is read.
    """

    def __init__(
        self,
        chip: Chip,
        peripherals: dict[str, Peripheral],
        flash: FlashPins,
        *,
        page_bytes: int,
        pages: int,
        strict: bool,
    ) -> None:
        self._chip = chip
        self._flash = flash
        self._page_bytes = page_bytes
        self._flash_size = page_bytes * pages
        self._strict = strict
        self.unknown: Counter[str] = Counter()
        self._places = _places_of(chip)
        self._readable, self._writable = _parts_of(chip)
        self._peripherals: tuple[Peripheral, ...] = ()
        self._plain: dict[int, int] = {}
        self.on_write: Callable[[], None] = lambda: None
        self.before_flash_read: Callable[[], None] = lambda: None
        self.connect(peripherals)

    def connect(self, peripherals: dict[str, Peripheral]) -> None:
        """Let these peripherals answer, by the names of their blocks; all is as after a reset."""
        self._peripherals = tuple(peripherals[block.name] for block in self._chip.blocks)
        self._plain = {
            address: place.reset for address, place in self._places.items() if not place.role
        }

    def read(self, address: int, size: int) -> int:
        """Return what is read there; raises `Abort` where nothing answers."""
        part = self._readable.get(address & ~3)
        if part is None:
            return self._read_memory(address, size)
        number, role, word = part
        value = self._peripherals[number].read(role, word)
        return value if size == 4 else value >> 8 * (address & 3) & (1 << 8 * size) - 1

    def _read_memory(self, address: int, size: int) -> int:
        """Return what is read of the data flash, or of a register that is only memory."""
        word = address & ~3
        place = self._places.get(word)
        if place is None:
            offset = address - self._chip.data_flash_start
            if 0 <= offset < self._flash_size:
                self.before_flash_read()
                page, start = divmod(offset, self._page_bytes)
                return int.from_bytes(self._flash.read(page, start, size), "little")
        if place is None or not place.readable:
            return self._unknown(address, "read", place)
        return self._plain[word] >> 8 * (address & 3) & (1 << 8 * size) - 1

    def write(self, address: int, size: int, value: int) -> None:
        """Take what is written there; raises `Abort` where nothing answers."""
        part = self._writable.get(address & ~3)
        if part is None:
            self._write_memory(address, size, value)
            return
        number, role, word = part
        if size < 4:
            value = self._merged(self._places[address & ~3], address, size, value)
        peripheral = self._peripherals[number]
        due_at = peripheral.due_at
        peripheral.write(role, word, value)
        if peripheral.raised or peripheral.due_at != due_at:
            self.on_write()

    def _write_memory(self, address: int, size: int, value: int) -> None:
        word = address & ~3
        place = self._places.get(word)
        if place is not None and place.writable:
            self._plain[word] = value if size == 4 else self._merged(place, address, size, value)
        elif 0 <= address - self._chip.data_flash_start < self._flash_size:
            raise Abort(f"data flash written at {address:#010x}: only its controller does that")
        else:
            self._unknown(address, "written", place)

    def _merged(self, place: _Place, address: int, size: int, value: int) -> int:
        """Return the word with some of its bytes replaced; only memory can be written so."""
        shift = 8 * (address & 3)
        if not place.readable or place.role not in ("memory", ""):
            return value << shift
        old = self.read(address & ~3, 4)
        mask = (1 << 8 * size) - 1 << shift
        return old & ~mask | value << shift

    def _unknown(self, address: int, what: str, place: _Place | None) -> int:
        if address not in PERIPHERAL_SPACE:
            raise Abort(f"nothing answers at {address:#010x}")
        name = f"{self._name(address, place)} {what}"
        if len(self.unknown) < UNKNOWN_MAX or name in self.unknown:
            self.unknown[name] += 1
        if self._strict:
            raise Abort(f"{name}, which {self._chip.name} does not have (strict)")
        return 0

    def _name(self, address: int, place: _Place | None) -> str:
        if place is not None:
            return place.name
        for block in self._chip.blocks:
            if 0 <= address - block.start < BLOCK_SPAN:
                return f"{block.name}+{address - block.start:#x}"
        return f"{address:#010x}"
