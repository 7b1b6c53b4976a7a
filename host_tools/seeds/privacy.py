"""What may be quoted from a seed file: never a text that could be a seed."""

import re

SEED_CHARACTERS_MIN = 16
"""A shorter run of hexadecimal, base32 or base64 characters is taken for no seed."""

SEED_BYTES_USUAL = 16
"""RFC 4226 §4 R6: a shorter seed beside a text that looks like one suggests swapped fields."""

_RUN = re.compile(rf"[0-9A-Za-z+/=_-]{{{SEED_CHARACTERS_MIN},}}")
_GROUPS = re.compile(r"(?:0[xX])?[0-9A-Za-z+/=]{1,8}(?:[\s:._-]+[0-9A-Za-z+/=]{1,8})+")
_SEPARATORS = re.compile(r"[\s:._-]+")
_HEX = re.compile(r"[0-9a-fA-F]+=*")
_ENCODED = re.compile(r"(?:0[xX])?[0-9a-fA-F]+=*|[A-Z2-7]+=*|[a-z2-7]+=*")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[0-9A-Za-z+/=_-]+", re.DOTALL)

HIDDEN = "(not shown: it could be a seed)"


def could_be_seed(text: str) -> bool:
    """Tell whether `text` holds 16 or more characters of hexadecimal, base32 or base64 in a run.

    Short groups with spaces, dashes, colons or dots between count as one run where all of it is
    hexadecimal or base32. It errs on the side of yes.
    """
    if len(text) < SEED_CHARACTERS_MIN:
        return False
    if _RUN.search(text):
        return True
    for groups in _GROUPS.findall(text):
        joined = _SEPARATORS.sub("", groups)
        if len(joined) >= SEED_CHARACTERS_MIN and _are_encoded(groups, joined):
            return True
    return False


def looks_like_seed(text: str) -> bool:
    """Tell whether all of `text` is encoded as seeds are; words of a language mostly are not."""
    if len(text) < SEED_CHARACTERS_MIN:
        return False
    joined = _SEPARATORS.sub("", text)
    if len(joined) < SEED_CHARACTERS_MIN:
        return False
    plain = joined.removeprefix("0x").removeprefix("0X")
    return bool(_ENCODED.fullmatch(plain) or _MIXED.fullmatch(joined))


def quoted(text: str, most: int = 40) -> str:
    """Return `text` in quotation marks for a message, cut to `most` characters, if it is no seed.

    What does not print is escaped as in Python source; a seed gives words in its place.
    """
    return HIDDEN if could_be_seed(text) else repr(text[:most])


def displayed(text: str, most: int = 64) -> str:
    """Return `text` for a person, what does not print as `?`; "" where it could be a seed."""
    if could_be_seed(text):
        return ""
    return "".join(letter if letter.isprintable() else "?" for letter in text.strip()[:most])


def _are_encoded(groups: str, joined: str) -> bool:
    """Tell whether groups are a seed's and no words: hexadecimal, or base32 in even groups."""
    if _HEX.fullmatch(joined.removeprefix("0x").removeprefix("0X")):
        return True
    if not _ENCODED.fullmatch(joined):
        return False
    lengths = {len(group) for group in _SEPARATORS.split(groups)[:-1]}
    return len(lengths) == 1 or any(letter.isdigit() for letter in joined)
