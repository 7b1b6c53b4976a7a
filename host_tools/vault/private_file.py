"""Files with secrets: nobody else may read them, and they are whole or not there."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from firmware_model.errors import BadInput

_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space and try again",
    errno.EDQUOT: "the quota is full: free some space and try again",
    errno.EFBIG: "the disk or a limit is full: free some space, or raise ulimit -f",
    errno.EACCES: "check the permissions of its folder",
    errno.EROFS: "choose a folder that can be written",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n)",
}


@contextmanager
def private_file(path: Path, *, replace: bool | None = None) -> Iterator[BinaryIO]:
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
        raise unwritable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            part.replace(path)
        else:
            move_to_free(part, path)
    except OSError as error:
        if error.filename is not None:  # of another file, as the one that is read meanwhile
            raise
        raise unwritable(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def refuse_existing(path: Path, *, replace: bool | None = None) -> None:
    """Raise BadInput where something is at `path` that must not be overwritten.

    Args:
        path: the file to be made.
        replace: what the user said by --force; None where there is no such option.
    """
    if not replace and os.path.lexists(path):
        remedy = "remove it" if replace is None else "--force replaces it, remove it"
        raise BadInput(f"{path}: the file exists already; {remedy} or name another one")


def unwritable(path: Path, error: OSError) -> BadInput:
    """Return the error for a file that the machine does not let us write, with the remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "check the disk and its folder")
    return BadInput(f"{path} cannot be written: {error.strerror}; {remedy}")


def move_to_free(part: Path, path: Path) -> None:
    """Move a file without overwriting, even where somebody else just made `path`."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        refuse_existing(path)
    except OSError:  # a file system without hard links
        refuse_existing(path)
        part.rename(path)
