"""Where a block begins: an address, and which calls have been made before it.

A place is a number. Its low 32 bits are the address; bit 0, which no address has, says that it has
just been called, so that LR is where the call returns to. Above them stand, 32 bits each, the
addresses to which calls are expected to return, the last one lowest: so a block goes on behind the
return from a call that another block has made. A place without calls is its address.
"""

from firmware_model.processor.terms import WORD

RETURNS_MAX = 3
"""How many calls a place tells of."""

ADDRESS = WORD - 1


def place_at(address: int, returns: list[int]) -> int:
    """Return the place at an address after these calls, the last one last."""
    above = 0
    for expected in returns[-RETURNS_MAX:]:
        above = (above | expected) << 32
    return above | address


def address_of(place: int) -> int:
    """Return the address of a place."""
    return place & ADDRESS


def returns_of(place: int) -> list[int]:
    """Return where the calls before a place are expected to return, the last one last."""
    returns: list[int] = []
    while place := place >> 32:
        returns.insert(0, place & WORD)
    return returns


def is_called(place: int) -> bool:
    """Return whether the last of these calls has just been made."""
    return bool(place & 1)
