"""Seven segments: which pattern each letter has, and which letter a pattern reads as.

Bit 0 = a (top), clockwise to bit 5 = f, bit 6 = g (middle): the usual lettering.
"""

SEGMENTS: dict[str, int] = {
    "0": 0x3F, "1": 0x06, "2": 0x5B, "3": 0x4F, "4": 0x66,
    "5": 0x6D, "6": 0x7D, "7": 0x07, "8": 0x7F, "9": 0x6F,
    "A": 0x77, "b": 0x7C, "C": 0x39, "c": 0x58, "d": 0x5E, "E": 0x79, "F": 0x71,
    "G": 0x3D, "H": 0x76, "h": 0x74, "I": 0x30, "J": 0x1E, "L": 0x38, "n": 0x54,
    "o": 0x5C, "P": 0x73, "q": 0x67, "r": 0x50, "S": 0x6D, "t": 0x78, "U": 0x3E,
    "u": 0x1C, "y": 0x6E, "-": 0x40, "_": 0x08, "=": 0x48, " ": 0x00,
}  # fmt: skip
_READ = {pattern: ord(letter) for letter, pattern in reversed(SEGMENTS.items())}
_LETTERS = bytes(_READ.get(byte & 0x7F, ord("?")) for byte in range(256))
_PATTERNS = bytes(SEGMENTS.get(chr(byte), byte) for byte in range(256))


def displayable(text: str) -> str:
    """Return `text` in letters seven segments can form; what they cannot becomes an underscore.

    Keeps a letter's case where both exist, takes the other case where only that exists.
    """
    return "".join(
        character
        if character in SEGMENTS
        else character.swapcase()
        if character.swapcase() in SEGMENTS
        else "_"
        for character in text
    )


def patterns_of(text: str) -> bytes:
    """Return the pattern of each letter of `text`, which `displayable` has been through."""
    return text.encode("latin-1").translate(_PATTERNS)


def letters_of(patterns: bytes) -> str:
    """Return the letters that `patterns` read as; an impossible one reads as `?`.

    Where two letters have the same pattern, it reads as the digit (S as 5).
    """
    return patterns.translate(_LETTERS).decode("ascii")
