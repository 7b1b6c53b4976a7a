"""Text that people write by hand, from any source: bounded, UTF-8, read whole."""

from typing import Protocol

from firmware_model.errors import BadInput

BYTES_MAX = 1 << 20
"""Nobody writes more by hand; an endless pipe or device ends here."""


class BytesSource(Protocol):
    """Something open for reading, such as a binary file."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; fewer only at the end."""
        ...


def text_of(source: BytesSource, name: str, what: str) -> str:
    """Return the text in `source`, which should hold `what`, with lines ending in LF.

    Args:
        source: open for reading, at its beginning.
        name: what errors call it, such as its path.
        what: the kind of text that is expected, such as "TOML".

    Raises:
        BadInput: it is longer than `BYTES_MAX` bytes, or not UTF-8.
        OSError: it cannot be read.
    """
    content = source.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise BadInput(f"{name}: not {what}: it is longer than {BYTES_MAX:,} bytes")
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadInput(f"{name}: not {what}: it is not UTF-8 text") from None
