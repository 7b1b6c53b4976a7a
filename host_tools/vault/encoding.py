"""Values as the bytes that a MAC covers: JSON, in which no two lists of values look alike."""

import json
from collections.abc import Iterable


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"no store keeps a {type(value).__name__}")


_ENCODER = json.JSONEncoder(default=_tagged, separators=(",", ":"))


def encode(values: Iterable[object]) -> bytes:
    """Return the unambiguous encoding of values as SQLite gives them: None, numbers, text, bytes.

    The same on every machine and Python: text is escaped to ASCII.
    """
    return _ENCODER.encode([*values]).encode()


def key_text(key: Iterable[object], *, nocase: bool = False) -> str:
    """Return a row's key as text; `nocase` folds ASCII letters, as SQLite's NOCASE does."""
    return _ENCODER.encode([_folded(value) if nocase else value for value in key])


def _folded(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.isascii():
        return value.lower()
    return "".join(sign.lower() if sign.isascii() else sign for sign in value)
