"""The lines of a text file in whatever encoding it has, with their numbers."""

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from host_tools.seeds.encoding import LEGACY_NAMES, SAMPLE_BYTES, encoding_of, legacy_encoding
from host_tools.seeds.entry import BadSeedFile, Reading

LINE_CHARACTERS_MAX = 8192

_UNDECODED = re.compile("[\udc80-\udcff]")


class TextLines:
    """The lines of `file`, decoded; iterate over it once.

    Yields line numbers, from 1, and lines without their ends and outer blanks; empty ones are left
    out. `remark` says, once such a line was reached, that the text is in a code page that was
    recognised by its bytes; it is "" before and for UTF-8 and UTF-16.

    Raises:
        BadSeedFile: naming the line: it is text in no known encoding, holds a zero byte, or is
            longer than 8192 characters.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self.remark = ""
        self._path = reading.path
        self._file = file
        self._head = head_of(file)
        self._legacy = reading.encoding

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = 0
        encoding = encoding_of(self._head)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
        text = io.TextIOWrapper(self._file, encoding, errors)
        try:
            while line := text.readline(LINE_CHARACTERS_MAX + 1):
                number += 1
                if len(line) > LINE_CHARACTERS_MAX:
                    raise self._fault(f"it is longer than {LINE_CHARACTERS_MAX} characters", number)
                if not line.isascii():
                    line = self._decoded(line, number)
                if "\0" in line:
                    raise self._fault("a zero byte: this is no text file", number)
                if line := line.strip():
                    yield number, line
        except UnicodeError:
            raise self._fault("not UTF-16 text; save the file as UTF-8", number + 1) from None
        finally:
            text.detach()

    def _decoded(self, line: str, number: int) -> str:
        if self._legacy is None:
            if not _UNDECODED.search(line):
                return line
            self._legacy = self._recognised(line, number)
        data = line.encode("utf-8", "surrogateescape")
        try:
            return data.decode(self._legacy)
        except UnicodeDecodeError:
            reason = f"not {self._legacy} text; save the file as UTF-8, or name its --encoding"
            raise self._fault(reason, number) from None

    def _recognised(self, line: str, number: int) -> str:
        """Return the code page of `line`, by all that is known of the file so far."""
        data = line.encode("utf-8", "surrogateescape")
        sample = b"\n".join(part for part in self._head.splitlines() if not part.isascii()) or data
        found = legacy_encoding(sample) or legacy_encoding(data)
        if found is None:
            raise self._fault(
                "not UTF-8 text, and no encoding that can be recognised;"
                " save the file as UTF-8, or name its --encoding",
                number,
            )
        self.remark = (
            f"line {number} is not UTF-8; the text was read as {LEGACY_NAMES[found]}:"
            " check the names, --encoding chooses another"
        )
        return found

    def _fault(self, reason: str, number: int) -> BadSeedFile:
        return BadSeedFile(self._path, reason, f"line {number}")


def head_of(file: BinaryIO) -> bytes:
    """Return the first bytes of `file`, at most 64 KiB, which stay to be read."""
    if isinstance(file, io.BufferedReader):
        return file.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
    head = file.read(SAMPLE_BYTES)
    file.seek(0)
    return head
