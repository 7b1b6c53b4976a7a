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
    SeedRefusal(
        lambda head, _: head.startswith(("\ufffd\ufffd\0\x05", "\xac\xed\0\x05")),
        "it is FreeOTP's own backup in Java's serialisation; export from FreeOTP+ as JSON, or show"
        " its QR codes",
    ),
    SeedRefusal(
        lambda head, _: head.startswith("PK\x03\x04"),
        "it is a ZIP archive or an Excel workbook; unpack it, or save it as CSV with every column"
        " as text",
    ),
)


def reason_to_refuse(head: str, name: str) -> str:
    """Return why a file called `name` that begins with `head` is not read, "" if nothing does."""
    for refusal in REFUSALS:
        if refusal.matches(head, name.lower()):
            return refusal.reason
    return ""
