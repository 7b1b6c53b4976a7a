"""Values as the bytes that a MAC covers: JSON, in which no two lists of values look alike."""

import json
from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"no store keeps a {type(value).__name__}")


_ENCODER = json.JSONEncoder(default=_tagged, separators=(",", ":"))

# As the encoder writes them, without its setting up for each list: a verification encodes 17.
_QUICK: dict[type, Callable[..., str]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bytes: lambda value: f'{{"hex":"{value.hex()}"}}',
    type(None): lambda _: "null",
}


def encode(values: Iterable[object]) -> bytes:
    """Return the unambiguous encoding of values as SQLite gives them: None, numbers, text, bytes.

    The same on every machine and Python: text is escaped to ASCII.
    """
    return _encoded(values).encode()


def key_text(key: Iterable[object], *, nocase: bool = False) -> str:
    """Return a row's key as text; `nocase` folds ASCII letters, as SQLite's NOCASE does."""
    if nocase:
        key = [folded(value) if isinstance(value, str) else value for value in key]
    return _encoded(key)


def _encoded(values: Iterable[object]) -> str:
    quick = _QUICK.get
    slow: Callable[..., str] = _ENCODER.encode
    return f"[{','.join([quick(type(value), slow)(value) for value in values])}]"


def folded(text: str) -> str:
    """Return text with its ASCII letters in lower case, as SQLite's NOCASE compares it."""
    if text.isascii():
        return text.lower()
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)
