"""Values as the bytes that a MAC covers: JSON, in which no two lists of values look alike."""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from json import encoder as json_encoder
from typing import Any


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"no store keeps a {type(value).__name__}")


def _make_encoder() -> Callable[[list[object]], str]:
    """Return json's encoder in C, made once: a verification encodes more than twenty lists."""
    make: Any = getattr(json_encoder, "c_make_encoder", None)
    if make is None:  # not every Python has it
        return json.JSONEncoder(default=_tagged, separators=(",", ":")).encode
    text = json_encoder.encode_basestring_ascii
    encode_chunks = make(None, _tagged, text, None, ":", ",", False, False, True)  # noqa: FBT003
    return lambda values: "".join(encode_chunks(values, 0))


_ENCODE = _make_encoder()


def encode(values: Iterable[object]) -> bytes:
    """Return the unambiguous encoding of values as SQLite gives them: None, numbers, text, bytes.

    The same on every machine and Python: text is escaped to ASCII.
    """
    return _ENCODE(list(values)).encode()


def key_text(key: Iterable[object], *, nocase: bool = False) -> str:
    """Return a row's key as text; `nocase` folds ASCII letters, as SQLite's NOCASE does."""
    return _key_text(nocase, *key)


@lru_cache(maxsize=8_192, typed=True)
def _key_text(nocase: bool, *key: object) -> str:
    if nocase:
        key = tuple([folded(value) if isinstance(value, str) else value for value in key])
    return _ENCODE(list(key))


def folded(text: str) -> str:
    """Return text with its ASCII letters in lower case, as SQLite's NOCASE compares it."""
    if text.isascii():
        return text.lower()
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)
