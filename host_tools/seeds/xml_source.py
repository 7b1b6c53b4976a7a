"""The text of an XML file, made ready for the parser: encoding, blanks before it, fragments."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from host_tools.seeds.pskc.dialects.fragment import closing, fragment_of, opening

CHUNK_BYTES = 1 << 16

_BLANKS = b" \t\r\n"
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]*\?>""")
_NATIVE = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
"""Encodings that the parser knows by itself."""

_ALIASES = {
    "windows-31j": "cp932",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "ms932": "cp932",
    "sjis": "cp932",
}
"""Names in XML that Python does not know, or takes for a smaller set of characters."""


class XmlSource:
    """The text of an XML file in chunks; read it once.

    `blank_lines` is how many lines of blanks stood before the XML declaration and were dropped,
    None for no blanks. `fragment` is the name of the element (KeyPackage, Key, …) of a piece of
    PSKC that was put into a container again, "" for a whole file. An encoding that the parser lacks
    (Shift_JIS and others that Python knows) is decoded here.

    Raises LookupError for an unknown encoding, UnicodeError for text that is not in it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.blank_lines: int | None = None
        self._first = self._without_blanks(file.read(CHUNK_BYTES))
        match = _DECLARATION.match(self._first.removeprefix(codecs.BOM_UTF8))
        name = match[1].decode().lower() if match else "utf-8"
        self._decoder = None
        if name not in _NATIVE:
            self._decoder = codecs.getincrementaldecoder(_ALIASES.get(name, name))()
        found = fragment_of(self._first[:4096].decode("utf-8", "replace"))
        self.fragment = found[1] if found else ""
        self._prefix = found[0] if found else ""

    def chunks(self) -> Iterator[bytes | str]:
        """Yield the text, as bytes where the parser can decode it."""
        data = self._first
        if self.fragment:
            yield self._as_parsed(opening(self._prefix, self.fragment))
            data = re.sub(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>", b"", data)
        while data:
            yield data if self._decoder is None else self._decoder.decode(data)
            data = self._file.read(CHUNK_BYTES)
        if self._decoder is not None:
            yield self._decoder.decode(b"", True)  # noqa: FBT003 - the codec's own signature
        if self.fragment:
            yield self._as_parsed(closing(self.fragment))

    def _without_blanks(self, data: bytes) -> bytes:
        stripped = data.lstrip(_BLANKS)
        if stripped is data or not stripped.startswith(b"<?xml"):
            return data
        self.blank_lines = data[: len(data) - len(stripped)].count(b"\n")
        return stripped

    def _as_parsed(self, text: str) -> bytes | str:
        return text if self._decoder is not None else text.encode()
