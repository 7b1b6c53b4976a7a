"""Which encoding a text file has: UTF-8, UTF-16, or the code page of an older program."""

import codecs
import re

from firmware_model.errors import BadInput

SAMPLE_BYTES = 65_536

LEGACY_NAMES = {"cp932": "Shift_JIS (code page 932)", "cp1252": "Western European (code page 1252)"}
"""The code pages that are recognised without being named, in words."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A lead byte of kana, punctuation and JIS level 1 with its trail byte (JIS X 0208).
_COMMON_CP932 = re.compile(rb"[\x81-\x98][\x80-\xfc]|(?:[\x81-\x98][\x40-\x7e\x80-\xfc]){2,}")
_HALF_WIDTH_KATAKANA = re.compile(rb"[\xa1-\xdf]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]+")


def encoding_of(head: bytes) -> str:
    """Return the encoding that the first bytes of a file show; UTF-8 where they show none."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    if 8 * max(even, odd) > len(head[:4096]) and max(even, odd) > 8 * min(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def legacy_encoding(sample: bytes) -> str | None:
    """Return the code page of bytes that are no UTF-8: "cp932" or "cp1252", None if neither fits.

    Japanese is told by pairs of bytes that hold common characters; single high bytes between
    Latin letters are Western European.
    """
    try:
        japanese = sample.decode("cp932")
    except UnicodeDecodeError:
        japanese = None
    private_use = japanese is not None and any("\ue000" <= char <= "\uf8ff" for char in japanese)
    if (
        japanese is not None
        and not private_use
        and (_COMMON_CP932.search(sample) or _HALF_WIDTH_KATAKANA.search(sample))
    ):
        return "cp932"
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return None if japanese is None or private_use else "cp932"
    # Three Western letters with accents in a row stand in no name; it is some other code page.
    runs = (len(run) for run in _HIGH.findall(sample))
    return None if max(runs, default=0) > 3 else "cp1252"


def decoded_head(head: bytes, legacy: str | None = None) -> str:
    """Return the text that the first bytes of a file show, what cannot be decoded as U+FFFD.

    `legacy` is the code page of text that is no UTF-8; found by its bytes if None.
    """
    encoding = encoding_of(head)
    if encoding == "utf-8" and "\ufffd" in head[:-4].decode("utf-8", "replace"):
        lines = b"\n".join(line for line in head.splitlines()[:-1] if not line.isascii())
        encoding = legacy or legacy_encoding(lines or head) or encoding
    return head.decode(encoding, "replace")


def check_encoding(name: str) -> str:
    """Return `name` if it names a text encoding in which ASCII is ASCII, else raise BadInput."""
    try:
        usable = b"A,1".decode(name) == "A,1"
    except (LookupError, UnicodeError):
        usable = False
    if not usable:
        raise BadInput(f"--encoding: unknown encoding {name!r:.40}; for example cp932, cp1252")
    return name
