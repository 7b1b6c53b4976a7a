"""Whether another credential fits into flash beside everything else that may come to lie there."""

from functools import cache

from firmware_model.firmware.journal import HEADER_BYTES, RECORD_OVERHEAD
from firmware_model.firmware.memory import Key, credential_key
from firmware_model.firmware.profiles import PROFILE_ENTRIES, PROFILES_BYTES
from firmware_model.firmware.token import Token

ENTRY_BYTES_MAX = {
    Key.CHIP: 14,
    Key.LIFE_CYCLE: 2,
    Key.IDENTITY: 144,
    Key.CLOCK: 12,
    Key.BOOTS: 4,
    Key.EXPIRY: 4,
    Key.ERROR_LOG: 72,
    Key.KEY_SET: 97,
    Key.SEQUENCE: 3,
    Key.FAILURES: 1,
    Key.PRESSES: 4,
}
"""The longest each entry of a fob grows; room for all of them is kept free."""

_APP_BYTES_MAX = 137

_CARD_BYTES_MAX: dict[str, tuple[int, ...]] = {
    "ykoath": (69,),
    "molto2": (18, *(PROFILES_BYTES,) * PROFILE_ENTRIES),
}
"""What each published application keeps beside its credentials."""

PARAMETER_BYTES = 23
_FACTOR_BYTES = 14


def has_room(token: Token, slot: int, seed_bytes: int, name_bytes: int = 0) -> bool:
    """Return whether a seed of that length, and with a name, may go into slot `slot` (1..100).

    One page must hold all live entries at once, else the store could never turn its page.
    """
    flash = token.model.flash
    credentials = [
        len(token.journal.get(credential_key(full.number)) or b"")
        for full in token.present_slots()
        if full.number != slot
    ]
    credentials.append(PARAMETER_BYTES + seed_bytes + (2 + name_bytes if name_bytes else 0))
    others = [_APP_BYTES_MAX] if token.model.app else []
    for application in token.model.card.applications if token.model.card else ():
        others += _CARD_BYTES_MAX[application]
    word_bytes = flash.word_bytes
    needed = HEADER_BYTES + _bytes_beside(word_bytes)
    needed += len(credentials) * _record_bytes(_FACTOR_BYTES, word_bytes)
    needed += sum([_record_bytes(length, word_bytes) for length in others + credentials])
    return needed <= flash.page_bytes


@cache
def _bytes_beside(word_bytes: int) -> int:
    """Return what the entries take that every fob may come to have."""
    return sum(_record_bytes(length, word_bytes) for length in ENTRY_BYTES_MAX.values())


def _record_bytes(length: int, word_bytes: int) -> int:
    return -(-(length + RECORD_OVERHEAD) // word_bytes) * word_bytes
