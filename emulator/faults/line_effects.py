"""What faults do to one frame on a line: pure functions from bytes to pieces of bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from firmware_model.hardware.dice import Drbg
from firmware_model.wire.hdlc import SERVER_MAX, Deframer, Frame, encode, server_address

CHECK_AT = -2
"""Where the last byte of the frame check sequence is: before the closing flag."""

LENGTH_AT = 2
"""Where the low byte of the frame's length is: behind the flag and the format's first byte."""

OTHER_CLIENT = b"\x23"
"""A host's address, 0x11, that is not ours (WIRE §2.2)."""

OTHER_SERVER = server_address(SERVER_MAX - 2)
"""A fob's address that no line of ours uses."""


@dataclass(frozen=True, slots=True)
class FaultyBytes:
    """Bytes on their way, `delay` wall seconds after the piece before it."""

    data: bytes = field(repr=False)
    delay: Decimal = Decimal(0)


LineEffect = Callable[[bytes, Sequence[Decimal], Drbg], list[FaultyBytes] | None]
"""Gets a frame's bytes, the fault's own values and its dice; returns what passes instead.

None says that the fault does not apply to such bytes: it has not fired.
"""


def delay(data: bytes, values: Sequence[Decimal], dice: Drbg) -> list[FaultyBytes]:
    """Pass it `values[0]` seconds late, and up to `values[1]` more by the dice."""
    least, spread = values
    microseconds = int(spread * 1_000_000)
    extra = Decimal(dice.below(microseconds + 1)) / 1_000_000
    return [FaultyBytes(data, least + extra)]


def drop(_data: bytes, _values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes]:
    """Lose it."""
    return []


def flip_bit(data: bytes, _values: Sequence[Decimal], dice: Drbg) -> list[FaultyBytes] | None:
    """Flip one bit between the flags."""
    if len(data) < 3:
        return None
    at = 1 + dice.below(len(data) - 2)
    return [FaultyBytes(_changed(data, at, 1 << dice.below(8)))]


def lose_stop_bit(data: bytes, _values: Sequence[Decimal], dice: Drbg) -> list[FaultyBytes] | None:
    """Let the UART take the start of the next byte for the end of one: its high bits are wrong."""
    if len(data) < 3:
        return None
    at = 1 + dice.below(len(data) - 2)
    return [FaultyBytes(_changed(data, at, 0x80 | 1 << dice.below(7)))]


def spoil_check(data: bytes, _values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes] | None:
    """Spoil the check sequence, and nothing else."""
    if len(data) < 3:
        return None
    return [FaultyBytes(_changed(data, len(data) + CHECK_AT, 0xFF))]


def spoil_length(data: bytes, _values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes] | None:
    """Let the frame's length be one less or more than it is."""
    if len(data) <= LENGTH_AT:
        return None
    return [FaultyBytes(_changed(data, LENGTH_AT, 1))]


def duplicate(data: bytes, _values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes]:
    """Pass it twice."""
    return [FaultyBytes(data), FaultyBytes(data)]


def split(data: bytes, values: Sequence[Decimal], dice: Drbg) -> list[FaultyBytes] | None:
    """Pass it in two parts with a pause of `values[0]` seconds between them."""
    if len(data) < 2:
        return None
    at = 1 + dice.below(len(data) - 1)
    return [FaultyBytes(data[:at]), FaultyBytes(data[at:], values[0])]


def dribble(data: bytes, values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes]:
    """Pass it byte by byte with `values[0]` seconds before each."""
    return [FaultyBytes(data[at : at + 1], values[0]) for at in range(len(data))]


def add_noise(data: bytes, values: Sequence[Decimal], dice: Drbg) -> list[FaultyBytes]:
    """Put `values[0]` random bytes before it."""
    return [FaultyBytes(noise(int(values[0]), dice) + data)]


def misaddress(data: bytes, _values: Sequence[Decimal], _dice: Drbg) -> list[FaultyBytes] | None:
    """Address it, with good check sequences, to somebody else on the line."""
    frames = [frame for frame in Deframer().feed(data) if isinstance(frame, Frame)]
    if len(frames) != 1:
        return None
    other = OTHER_CLIENT if len(frames[0].destination) == 1 else OTHER_SERVER
    return [FaultyBytes(encode(replace(frames[0], destination=other)))]


def noise(count: int, dice: Drbg) -> bytes:
    """Return `count` random bytes."""
    return bytes(dice.below(256) for _ in range(count))


def _changed(data: bytes, at: int, mask: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= mask
    return bytes(changed)
