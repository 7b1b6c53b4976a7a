"""Files with secrets: nobody else may read them, and they are whole or not there."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from firmware_model.errors import BadInput


@contextmanager
def private_file(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write that appears at `path`, mode 0600, when the block ends without error.

    Raises:
        BadInput: something is at `path` and `replace` is not set, and stays as it is; or it
            cannot be written there.
    """
    refuse_existing(path, replace=replace)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            _move_to_free(part, path)
    except OSError as error:
        if error.filename is not None:  # of another file, as the one that is read meanwhile
            raise
        raise _unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def refuse_existing(path: Path, *, replace: bool = False) -> None:
    """Raise BadInput where something is at `path` that must not be overwritten."""
    if not replace and os.path.lexists(path):
        raise BadInput(f"{path} exists already; --force replaces it")


def _unwritable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"{path} cannot be written: {error.strerror}")


def _move_to_free(part: Path, path: Path) -> None:
    """Move without overwriting, even where somebody else just made `path`."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        refuse_existing(path)
    except OSError:  # a file system without hard links
        refuse_existing(path)
        part.rename(path)
