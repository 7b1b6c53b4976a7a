"""Text files that people write and name: small, UTF-8, read whole."""

from pathlib import Path

from firmware_model.bounded_text import text_of


def read_text(path: Path | str, what: str) -> str:
    """Return the text of the file at `path`, which should hold `what`, with lines ending in LF.

    Raises:
        BadInput: it is longer than a mebibyte, or not UTF-8.
        OSError: it cannot be read.
    """
    with Path(path).open("rb") as file:
        return text_of(file, str(path), what)
