"""The key of an encrypted seed file, in hex in a file beside it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.client.text_file import read_text
from host_tools.vault.private_file import private_file

KEY_FILE_SUFFIX = ".key"
KEY_BYTES = 16


def key_file_of(path: Path) -> Path:
    """Return where the key of the seed file `path` is looked for: beside it."""
    return path.with_name(path.name + KEY_FILE_SUFFIX)


def read_key_file(path: Path) -> bytes:
    """Return the key that `path` holds in hex.

    Raises:
        BadInput: it holds no key of 16, 24 or 32 bytes; the message does not repeat it.
        OSError: it cannot be read.
    """
    try:
        key = bytes.fromhex(read_text(path, "a key in hex"))
    except ValueError:
        key = b""
    if len(key) not in (16, 24, 32):
        raise BadInput(f"{path} holds no key: 32, 48 or 64 hex digits were expected")
    return key


@contextmanager
def new_key_beside(path: Path, *, replace: bool = False) -> Iterator[bytes]:
    """Give a new key; it stands in hex beside `path` when the block ends without error."""
    key = secrets.token_bytes(KEY_BYTES)
    with private_file(key_file_of(path), replace=replace) as file:
        file.write(key.hex().encode() + b"\n")
        yield key
