"""Intel HEX files (Intel, Hexadecimal Object File Format Specification, 1988)."""

from firmware_model.errors import BadInput
from firmware_model.processor.image import FirmwareImage, Segment

DATA, END, SEGMENT_BASE, START_SEGMENT, LINEAR_BASE, START_LINEAR = range(6)
LINES_MAX = 1_000_000


def read_intel_hex(text: str, name: str) -> FirmwareImage:
    """Return the image that an Intel HEX file holds.

    Args:
        text: the file.
        name: what errors call it.

    Raises:
        BadInput: a record is malformed, two overlap, or the end record is missing; with its line.
    """
    base = 0
    pieces: dict[int, tuple[bytes, int]] = {}
    lines = text.splitlines()
    if len(lines) > LINES_MAX:
        raise BadInput(f"{name}: {len(lines):,} lines, expected {LINES_MAX:,} at most")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        kind, address, data = _record(line.strip(), f"{name}, line {number}")
        match kind:
            case 0 if data:
                pieces[base + address] = (data, number)
            case 1:
                return FirmwareImage(name, _joined(pieces, name))
            case 2 | 4 if len(data) == 2:
                base = int.from_bytes(data) << (4 if kind == SEGMENT_BASE else 16)
            case 2 | 4:
                raise BadInput(f"{name}, line {number}: a base of {len(data)} bytes, expected 2")
    raise BadInput(f"{name}: no end record (:00000001FF): the file is cut short")


def _record(line: str, where: str) -> tuple[int, int, bytes]:
    try:
        content = bytes.fromhex(line[1:]) if line.startswith(":") else b""
    except ValueError:
        content = b""
    if len(content) < 5:
        raise BadInput(f"{where}: no record: expected ':' and hex digits")
    if len(content) != content[0] + 5:
        raise BadInput(
            f"{where}: {len(content) - 5} bytes of data, expected {content[0]} as the record says"
        )
    if sum(content) & 255:
        wanted = -sum(content[:-1]) & 255
        raise BadInput(f"{where}: check sum {content[-1]:02X}, expected {wanted:02X}")
    kind = content[3]
    if kind > START_LINEAR:
        raise BadInput(f"{where}: record type {kind:02X}, expected 00 to 05")
    return kind, int.from_bytes(content[1:3]), content[4:-1]


def _joined(pieces: dict[int, tuple[bytes, int]], name: str) -> tuple[Segment, ...]:
    """Return runs of bytes, joined where one ends and the next begins."""
    segments: list[tuple[int, bytearray]] = []
    for address in sorted(pieces):
        data, line = pieces[address]
        if segments:
            start, run = segments[-1]
            if address < start + len(run):
                raise BadInput(
                    f"{name}, line {line}: bytes at {address:#010x} that another line has already"
                )
            if address == start + len(run):
                run += data
                continue
        segments.append((address, bytearray(data)))
    return tuple(Segment(address, bytes(run)) for address, run in segments)
