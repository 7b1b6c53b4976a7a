"""What lies where: code, RAM and what answers behind addresses (ARM DDI 0419, B3.1).

Blocks read and write RAM (`views`) and read the first region of code (`code_bytes`, `code_words`)
by themselves; every other access comes here. An access that
nothing answers, or that is not aligned, raises `Abort`, which the core turns into a HardFault.
"""

import struct
from typing import Protocol

SYSTEM_SPACE = range(0xE000_E000, 0xE000_F000)
ALIAS_SIZE = 0x0400_0000
"""How far from 0 on a part may show its flash a second time."""

FRAME = struct.Struct("<8I")
"""What an exception saves: R0 to R3, R12, LR, the return address and xPSR (B1.5.6)."""


class Abort(Exception):  # noqa: N818 - an event within the machine, no error of ours
    """An access to memory that failed; it never leaves the processor."""


class Registers(Protocol):
    """What answers within a range of addresses, in words."""

    def read(self, address: int, size: int) -> int:
        """Return what is read there; raises `Abort` where nothing answers."""

    def write(self, address: int, size: int, value: int) -> None:
        """Take what is written there; raises `Abort` where nothing answers."""


class NoRegisters:
    """What answers where there are no registers at all."""

    def read(self, address: int, size: int) -> int:  # noqa: ARG002 - as `Registers` has it
        """Raise `Abort`."""
        raise Abort(f"nothing answers at {address:#010x}")

    def write(self, address: int, size: int, value: int) -> None:  # noqa: ARG002
        """Raise `Abort`."""
        raise Abort(f"nothing can be written at {address:#010x}")


class Memory:
    """The memory of one processor.

    Args:
        code: the bytes of each read-only region, by its first address. They can be shared.
        ram: the first address of RAM, a multiple of 4.
        ram_size: its size in bytes, a multiple of 4.
        peripherals: what answers to the rest; None for nothing.
        alias: where address 0 leads, for the vectors.
    """

    __slots__ = (
        "_code",
        "_system",
        "_views",
        "alias",
        "code_bytes",
        "code_size",
        "code_start",
        "code_words",
        "peripherals",
        "ram",
        "ram_size",
        "ram_start",
    )

    def __init__(
        self,
        code: dict[int, bytes],
        ram: int,
        ram_size: int,
        peripherals: Registers | None = None,
        *,
        alias: int = 0,
    ) -> None:
        self._code = code
        self.code_start, self.code_bytes = next(iter(code.items()), (0, b""))
        self.code_size = len(self.code_bytes) & ~3
        self.code_words = memoryview(self.code_bytes)[: self.code_size].cast("I")
        self.ram_start = ram
        self.ram_size = ram_size
        self.ram = bytearray(ram_size)
        view = memoryview(self.ram)
        self._views = {1: view, 2: view.cast("H"), 4: view.cast("I")}
        self.peripherals: Registers = NoRegisters() if peripherals is None else peripherals
        self.alias = alias
        self._system: Registers | None = None

    def connect(self, system: Registers) -> None:
        """Let the system control space answer."""
        self._system = system

    @property
    def views(self) -> tuple[memoryview, memoryview, memoryview]:
        """RAM by bytes, halfwords and words."""
        return self._views[1], self._views[2], self._views[4]

    def is_ram(self, address: int) -> bool:
        """Return whether RAM lies at `address`."""
        return 0 <= address - self.ram_start < self.ram_size

    def is_register(self, address: int) -> bool:
        """Return whether what lies at `address` is neither code, nor RAM, nor the processor's."""
        return not (self.is_ram(address) or self._holds_code(address) or address in SYSTEM_SPACE)

    def fetch(self, address: int) -> int | None:
        """Return the halfword of code at `address`, None where nothing may be executed."""
        code = self.code(address, 2)
        return int.from_bytes(code, "little") if len(code) == 2 else None

    def literal(self, address: int) -> int | None:
        """Return the word at `address` where it can never change, otherwise None."""
        if self.is_ram(address) or address & 3:
            return None
        content = self.code(address, 4)
        return int.from_bytes(content, "little") if len(content) == 4 else None

    def code(self, address: int, size: int) -> bytes:
        """Return bytes that may be executed, fewer where they end."""
        if self.is_ram(address):
            start = address - self.ram_start
            return bytes(self.ram[start : start + size])
        for start, content in self._code.items():
            if 0 <= address - start < len(content):
                return content[address - start : address - start + size]
        if self.alias and address < ALIAS_SIZE:
            return self.code(address + self.alias, size)
        return b""

    def load(self, address: int, size: int) -> int:
        """Return what is read at `address`, 1, 2 or 4 bytes; raises `Abort`."""
        if address & size - 1:
            raise Abort(f"{size} bytes read at {address:#010x}, which is not aligned")
        start = address - self.code_start
        if size == 4 and 0 <= start < self.code_size:
            return self.code_words[start >> 2]
        for first, code in self._code.items():
            place = address - first
            if 0 <= place < len(code):
                return int.from_bytes(code[place : place + size], "little")
        start = address - self.ram_start
        if 0 <= start < self.ram_size:
            return int.from_bytes(self.ram[start : start + size], "little")
        if address in SYSTEM_SPACE and self._system is not None:
            return self._system.read(address, size)
        if self.alias and address < ALIAS_SIZE:
            return self.load(address + self.alias, size)
        return self.peripherals.read(address, size)

    def store(self, address: int, size: int, value: int) -> None:
        """Write 1, 2 or 4 bytes at `address`; raises `Abort`."""
        if address & size - 1:
            raise Abort(f"{size} bytes written at {address:#010x}, which is not aligned")
        start = address - self.ram_start
        if 0 <= start < self.ram_size:
            self.ram[start : start + size] = value.to_bytes(size, "little")
        elif address in SYSTEM_SPACE and self._system is not None:
            self._system.write(address, size, value)
        elif self._holds_code(address):
            raise Abort(f"nothing can be written at {address:#010x}")
        else:
            self.peripherals.write(address, size, value)

    def _holds_code(self, address: int) -> bool:
        if self.alias and address < ALIAS_SIZE:
            address += self.alias
        return any(0 <= address - start < len(code) for start, code in self._code.items())

    def load_frame(self, address: int) -> tuple[int, ...]:
        """Return the words of an exception's frame at `address`; raises `Abort`."""
        first = address - self.ram_start
        if not address & 3 and 0 <= first <= self.ram_size - FRAME.size:
            return FRAME.unpack_from(self.ram, first)
        return tuple(self.load(address + offset & 0xFFFF_FFFF, 4) for offset in range(0, 32, 4))

    def store_frame(self, address: int, words: tuple[int, ...]) -> None:
        """Write the words of an exception's frame at `address`; raises `Abort`."""
        first = address - self.ram_start
        if not address & 3 and 0 <= first <= self.ram_size - FRAME.size:
            FRAME.pack_into(self.ram, first, *words)
            return
        for place, word in enumerate(words):
            self.store(address + 4 * place & 0xFFFF_FFFF, 4, word)
