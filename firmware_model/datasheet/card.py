"""What a model prescribes for the fob as a smart card: its published applications, its reader.

A model without this table has none of these applications, and is the `PLAIN_CARD` in a reader.
"""

from dataclasses import dataclass

from firmware_model.datasheet.rules import several, span, text

APPLICATIONS = ("ykoath", "molto2")

_VERSION_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRules:
    """A fob that programs for other makers' cards know (docs/PCSC.md)."""

    applications: tuple[str, ...] = several(
        *APPLICATIONS, meaning="published applications beside the fob's own"
    )
    version: str = text("version that these applications tell, such as 5.7.4")
    reader: str = text("name of its reader; programs look for their maker's name in it")
    atr: str = text("answer to reset in hexadecimal; it announces T=1")
    touch_seconds: int = span(1, 300, "how long a command waits for a press of the button")

    @property
    def version_numbers(self) -> tuple[int, int, int]:
        """The version as three numbers."""
        major, minor, patch = map(int, self.version.split("."))
        return major, minor, patch


PLAIN_CARD = CardRules(
    applications=(),
    version="1.0.0",
    reader="keyfob",
    atr="3B 86 81 31 FE 45 6B 65 79 66 6F 62 91",
    touch_seconds=15,
)
"""A fob whose model says nothing of cards. Its historical bytes read "keyfob"."""


def is_version(text: str) -> bool:
    """Return whether `text` is three numbers of one byte each, with dots between them."""
    parts = text.split(".")
    return len(parts) == _VERSION_PARTS and all(
        part.isascii() and part.isdigit() and str(int(part)) == part and int(part) < 256
        for part in parts
    )
