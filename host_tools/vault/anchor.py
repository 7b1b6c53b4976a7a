"""Where the log's head is kept outside the store, so that an older store in its place is found."""

import os
from pathlib import Path
from typing import Protocol

from firmware_model.errors import BadInput
from host_tools.client.text_file import read_text
from host_tools.vault.audit import Head
from host_tools.vault.private_file import private_file


class Anchor(Protocol):
    """Keeps one head. It is worth something where whoever can replace the store cannot reach it."""

    def read(self) -> Head | None:
        """Return the head kept last, None where none is kept yet; raises BadInput."""

    def write(self, head: Head) -> None:
        """Keep `head` in place of an earlier one; a later one that is kept stays."""


class FileAnchor:
    """Keeps the head in a file: on another disk, on a share, in a folder of another user."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Head | None:
        """Return the head in the file, None where there is no file; raises BadInput."""
        try:
            text = read_text(self._path, "the head of a log")
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise BadInput(f"{self._path}: the anchor cannot be read: {reason}") from None
        return parse_head(text, str(self._path))

    def write(self, head: Head) -> None:
        """Replace the head in the file, whole or not at all; raises BadInput."""
        kept = self.read()
        if kept is None or kept.number < head.number:
            with private_file(self._path, replace=True) as file:
                file.write(f"{head}\n".encode())


def parse_head(text: str, origin: str) -> Head:
    """Return the head that `origin` keeps; raises BadInput, which names `origin`."""
    try:
        return Head.parse(text)
    except BadInput as error:
        raise BadInput(f"{origin}: {error}") from None
