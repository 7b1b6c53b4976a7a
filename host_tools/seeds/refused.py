"""Files that are known for what they are, and not read: why, and what to do instead."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeedRefusal:
    """One kind of file: `matches(head, name)` is true for it, `reason` is one plain clause."""

    matches: Callable[[str, str], bool]
    reason: str


REFUSALS = (
    SeedRefusal(
        lambda head, name: name.endswith(".dpx") or head.lstrip().startswith("DPX"),
        "it is a DPX file of OneSpan (Vasco), whose layout is not public; import it with OneSpan's"
        " own tools",
    ),
    SeedRefusal(
        lambda head, name: "<TKNBatch" in head or name.endswith(".sdtid"),
        "it is an RSA SecurID token file (sdtid); SecurID's algorithm is not OATH's, so no fob of"
        " ours can show its codes",
    ),
    SeedRefusal(
        lambda head, _: head.startswith("-----BEGIN PGP"),
        "it is encrypted with OpenPGP; decrypt it first: gpg --decrypt FILE | keyfob … /dev/stdin",
    ),
)
"""Text that is recognised, and not read."""

_WORKBOOK = "save it as CSV with every column as text"
_MAGIC = {
    b"\xac\xed\0\x05": "it is FreeOTP's own backup in Java's serialisation; export from FreeOTP+ as"
    " JSON, or show its QR codes",
    b"PK\x03\x04": f"it is a ZIP archive or an Excel workbook; unpack it, or {_WORKBOOK}",
    b"\xd0\xcf\x11\xe0": f"it is an Excel workbook of the old form (.xls); {_WORKBOOK}",
    b"\x1f\x8b": "it is compressed (gzip); unpack it: gunzip -c FILE | keyfob … /dev/stdin",
    b"7z\xbc\xaf": "it is a 7-Zip archive; unpack it",
    b"%PDF": "it is a PDF document; ask the vendor for the seed file itself",
    b"SQLite format 3\0": "it is an SQLite database; export the seeds from its program",
}
"""How binary files begin that are recognised, and not read."""


def reason_to_refuse_bytes(head: bytes) -> str:
    """Return why a binary file that begins with `head` is not read, "" if nothing does."""
    return next((reason for magic, reason in _MAGIC.items() if head.startswith(magic)), "")


def reason_to_refuse(head: str, name: str) -> str:
    """Return why a file called `name` that begins with `head` is not read, "" if nothing does."""
    for refusal in REFUSALS:
        if refusal.matches(head, name.lower()):
            return refusal.reason
    return ""
