"""Text files that people write by hand: small, UTF-8, read whole."""

from pathlib import Path
from typing import BinaryIO

from firmware_model.errors import BadInput

BYTES_MAX = 1 << 20
"""Nobody writes more by hand; an endless pipe or device ends here."""


def read_text(path: Path | str, what: str) -> str:
    """Return the text of the file at `path`, which should hold `what`, with lines ending in LF.

    Raises:
        BadInput: it is longer than `BYTES_MAX` bytes, or no UTF-8.
        OSError: it cannot be read.
    """
    with Path(path).open("rb") as file:
        return text_of(file, str(path), what)


def text_of(file: BinaryIO, name: str, what: str) -> str:
    """Return the text of an open file that is called `name`; as `read_text`."""
    content = file.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise BadInput(f"{name}: not {what}: it is longer than {BYTES_MAX:,} bytes")
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadInput(f"{name}: not {what}: it is no UTF-8 text") from None
