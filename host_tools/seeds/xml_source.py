"""The text of an XML file, made ready for the parser: encoding, blanks before it, fragments."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 16

_BLANKS = b" \t\r\n"
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["'][^>]*\?>""")
_PROLOG = r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*"
_FRAGMENT = re.compile(
    _PROLOG + r"<(?:([A-Za-z_][\w.-]*):)?(KeyPackage|Key|DeviceInfo|Data|Secret"
    r"|AlgorithmParameters|Policy|EncryptionKey|MACMethod)[\s/>]",
    re.DOTALL,
)
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

_NAMESPACES = (
    ("ds", "http://www.w3.org/2000/09/xmldsig#"),
    ("xenc", "http://www.w3.org/2001/04/xmlenc#"),
    ("xenc11", "http://www.w3.org/2009/xmlenc11#"),
    ("pskc", "urn:ietf:params:xml:ns:keyprov:pskc"),
)


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
            yield self._opening()
            data = re.sub(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>", b"", data)
        while data:
            yield data if self._decoder is None else self._decoder.decode(data)
            data = self._file.read(CHUNK_BYTES)
        if self._decoder is not None:
            yield self._decoder.decode(b"", True)  # noqa: FBT003 - the codec's own signature
        if self.fragment:
            yield self._closing()

    def _without_blanks(self, data: bytes) -> bytes:
        stripped = data.lstrip(_BLANKS)
        if stripped is data or not stripped.startswith(b"<?xml"):
            return data
        self.blank_lines = data[: len(data) - len(stripped)].count(b"\n")
        return stripped

    def _opening(self) -> bytes | str:
        bound = {prefix for prefix, _ in _NAMESPACES}
        own = f' xmlns:{self._prefix}="{_NAMESPACES[-1][1]}"' if self._prefix not in bound else ""
        spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES)
        text = f'<KeyContainer Version="1.0" xmlns="{_NAMESPACES[-1][1]}"{spaces}'
        text += (own if self._prefix else "") + ">"
        text += "<KeyPackage>" if self.fragment == "Key" else ""
        return text if self._decoder is not None else text.encode()

    def _closing(self) -> bytes | str:
        text = "</KeyPackage>" if self.fragment == "Key" else ""
        text += "</KeyContainer>"
        return text if self._decoder is not None else text.encode()


def fragment_of(head: str) -> tuple[str, str] | None:
    """Return prefix and name of the element with which a piece of PSKC begins, None for others."""
    match = _FRAGMENT.match(head.lstrip("\ufeff"))
    return (match[1] or "", match[2]) if match else None
