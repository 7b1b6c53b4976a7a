"""A seed's text: hexadecimal, base32 or base64 to bytes, and what has happened to a spoilt one.

No message repeats the text.
"""

import base64
import binascii
import re

from firmware_model.generators import Hash
from host_tools.seeds.entry import Unusable

SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
"""What a spreadsheet makes of a long number."""

SPREADSHEET = "a spreadsheet has turned it into a number; export it again with that column as text"

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_BASE32_DIGITS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


class OtherSpelling(Unusable):
    """A seed is spelled otherwise than expected; `spelling` is "hex", "base32" or "base64"."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"its seed looks like {found}, where {expected} is expected")
        self.spelling = found.removesuffix("adecimal")


def hex_seed(text: str, doubts: list[str]) -> bytes:
    """Return the seed that `text` gives in hex; `0x` before and spaces between are allowed.

    Raises Unusable, with what has probably happened to it; never with the text.
    """
    plain = text.replace(" ", "").replace("-", "").removeprefix("0x").removeprefix("0X")
    if not plain:
        raise Unusable("its seed is empty")
    if not _HEX_DIGITS.issuperset(plain):
        if SCIENTIFIC.fullmatch(text):
            raise Unusable(f"its seed is lost: {SPREADSHEET}")
        if _BASE32_DIGITS.issuperset(plain.upper().rstrip("=")):
            raise OtherSpelling("base32", "hexadecimal")
        if _looks_like_base64(plain):
            raise OtherSpelling("base64", "hexadecimal")
        raise Unusable("its seed is not hexadecimal")
    if len(plain) % 2:
        raise Unusable(
            "its seed has an odd number of hex digits: a spreadsheet may have eaten a leading zero"
        )
    if _BASE32_DIGITS.issuperset(plain.upper()):
        doubts.append("its seed was read as hexadecimal, but would also be base32")
    return bytes.fromhex(plain)


def base32_seed(text: str, doubts: list[str]) -> bytes:
    """Return the seed that `text` gives in base32 (RFC 4648 §6); case, spaces, `=` do not matter.

    Raises Unusable, with what has probably happened to it; never with the text.
    """
    plain = text.replace(" ", "").replace("-", "").upper().rstrip("=")
    if not plain:
        raise Unusable("its seed is empty")
    if not _BASE32_DIGITS.issuperset(plain):
        if SCIENTIFIC.fullmatch(text):
            raise Unusable(f"its seed is lost: {SPREADSHEET}")
        if _HEX_DIGITS.issuperset(plain):
            raise OtherSpelling("hexadecimal", "base32")
        if _looks_like_base64(text.strip()):
            raise OtherSpelling("base64", "base32")
        raise Unusable("its seed is not base32")
    if _HEX_DIGITS.issuperset(plain) and len(plain) % 2 == 0:
        doubts.append("its seed was read as base32, but would also be hexadecimal")
    try:
        return base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise Unusable("its seed is cut off: base32 is never of that length") from None


def base64_seed(text: str, doubts: list[str]) -> bytes:
    """Return the seed that `text` gives in base64 (RFC 4648 §4), padded or not.

    Raises Unusable, with what has probably happened to it; never with the text.
    """
    plain = "".join(text.split()).replace("-", "+").replace("_", "/")
    if not plain:
        raise Unusable("its seed is empty")
    if _BASE64.fullmatch(plain) is None or len(plain.rstrip("=")) % 4 == 1:
        raise Unusable("its seed is not base64")
    if other := other_spelling(plain):
        raise OtherSpelling(other, "base64")
    if _HEX_DIGITS.issuperset(plain) and len(plain) % 2 == 0:
        doubts.append("its seed was read as base64, but would also be hexadecimal")
    bare = plain.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def other_spelling(text: str) -> str:
    """Return "hexadecimal" or "base32" for base64 text that is certainly the other: 16 bytes of it.

    Random base64 of that length looks so in less than one of ten million cases.
    """
    if len(text) >= HEX_CERTAIN and len(text) % 2 == 0 and _HEX_DIGITS.issuperset(text):
        return "hexadecimal"
    bare = text.rstrip("=")
    if len(bare) >= BASE32_CERTAIN and (text.isupper() or text.islower()):
        return "base32" if _BASE32_DIGITS.issuperset(bare.upper()) else ""
    return ""


HEX_CERTAIN, BASE32_CERTAIN = 32, 26
"""Characters of 16 bytes."""


def base32_text(seed: bytes) -> str:
    """Return `seed` in base32 without padding, as authenticator programs and Entra take it."""
    return base64.b32encode(seed).decode().rstrip("=")


def hash_by_length(seed: bytes, doubts: list[str]) -> Hash:
    """Return the hash whose output is as long as `seed`, as servers guess it; else SHA-1."""
    guess = {hash_.output_bytes: hash_ for hash_ in Hash}.get(len(seed), Hash.SHA1)
    if guess is not Hash.SHA1:
        doubts.append(f"it does not name its hash; {guess.name} taken from the seed's length")
    return guess


def _looks_like_base64(text: str) -> bool:
    letters = {letter.isupper() for letter in text if letter.isalpha()}
    return len(text) >= 16 and len(letters) == 2 and _BASE64.fullmatch(text) is not None
