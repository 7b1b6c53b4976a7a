"""A firmware image as segments of bytes: checked against a chip, and named by its symbols."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from firmware_model.errors import BadInput
from firmware_model.processor.chip import Chip

SEGMENTS_MAX = 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes at an address."""

    address: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Symbol:
    """The name of a function or an object, and where it stands."""

    address: int
    name: str


@dataclass(frozen=True, slots=True)
class FirmwareImage:
    """What a linker made: segments, symbols sorted by address, and lines of source where known.

    `source_line` gives "file:line" for an address of code, "" where it is unknown.
    """

    name: str
    segments: tuple[Segment, ...]
    symbols: tuple[Symbol, ...] = ()
    source_line: Callable[[int], str] = field(default=lambda _: "", repr=False, compare=False)

    def place(self, address: int) -> str:
        """Return an address in words: "main+0x12 (token.c:40)", or its number."""
        place = bisect_right(self.symbols, address, key=lambda symbol: symbol.address)
        line = self.source_line(address)
        behind = f" ({line})" if line else ""
        if not place:
            return f"{address:#010x}{behind}"
        symbol = self.symbols[place - 1]
        distance = address - symbol.address
        return f"{symbol.name}{f'+{distance:#x}' if distance else ''}{behind}"


def program_memory(image: FirmwareImage, chip: Chip) -> bytes:
    """Return the chip's program memory with the image in it; what it leaves free reads as ones.

    Raises:
        BadInput: a segment lies outside the program memory or upon another, or the image has no
            vectors that a chip could start from.
    """
    start, size = chip.program_start, chip.program_size
    content = bytearray(b"\xff" * size)
    end = start
    for segment in _sorted(image):
        last = segment.address + len(segment.data)
        if segment.address < start or last > start + size:
            raise BadInput(
                f"{image.name}: bytes {segment.address:#010x} to {last:#010x} lie outside the"
                f" program memory of {chip.name}, {start:#010x} to {start + size:#010x}:"
                " link it for this chip, or name its chip with --chip"
            )
        if segment.address < end:
            raise BadInput(f"{image.name}: two segments overlap at {segment.address:#010x}")
        end = last
        content[segment.address - start : last - start] = segment.data
    _check_vectors(image, chip, bytes(content[:8]))
    return bytes(content)


def _sorted(image: FirmwareImage) -> Sequence[Segment]:
    segments = [segment for segment in image.segments if segment.data]
    if not segments:
        raise BadInput(f"{image.name}: holds no code")
    if len(segments) > SEGMENTS_MAX:
        raise BadInput(f"{image.name}: {len(segments)} segments, expected {SEGMENTS_MAX} at most")
    return sorted(segments, key=lambda segment: segment.address)


def _check_vectors(image: FirmwareImage, chip: Chip, vectors: bytes) -> None:
    stack, first = (int.from_bytes(vectors[at : at + 4], "little") for at in (0, 4))
    ram_end = chip.ram_start + chip.ram_size
    if not chip.ram_start < stack <= ram_end or stack % 4:
        raise BadInput(
            f"{image.name}: no vectors at {chip.program_start:#010x}: the first word is"
            f" {stack:#010x}, expected the end of the stack in RAM,"
            f" up to {ram_end:#010x}"
        )
    if not first & 1 or not chip.program_start <= first < chip.program_start + chip.program_size:
        raise BadInput(
            f"{image.name}: the reset vector is {first:#010x}, expected the odd address of Thumb"
            " code in the program memory"
        )
