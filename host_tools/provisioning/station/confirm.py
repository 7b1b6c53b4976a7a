"""Is the code on the display one that this fob can have just shown, and of which moving factor?"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Protocol

from firmware_model.errors import KeyfobError
from firmware_model.generators import OtpKey, OtpKind
from host_tools.client.bench import BenchClient, unquoted
from host_tools.provisioning.station.place import TrayPlace
from host_tools.seeds.record import SeedRecord

TRIES = 3
"""How many codes a person may type for one fob."""

CODES_BACK = 3
"""The code just shown, and the two before: somebody pressed twice, or typed slowly."""

LOOKS_MAX = 3
"""A notice may stand before the code; a press leads on."""


class ObserverGone(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """Who should look at the displays is gone: the bench, or the person."""

    exit_status = 3


class DisplayReader(Protocol):
    """Who looks at a fob: a person, or the bench of a virtual rack; each line has its own.

    Raises, from every method: ObserverGone.
    """

    def code(self, place: TrayPlace, serial_number: str, attempt: int) -> str:
        """Have the fob's button pressed and return the code it shows; "" where none is seen."""

    def label(self, place: TrayPlace) -> str:
        """Return the serial number on the fob's label."""

    def close(self) -> None:
        """Look no more."""


class BenchDisplayReader:
    """The bench of a virtual rack; a place's channel is the fob's."""

    def __init__(self, url: str) -> None:
        self._bench = BenchClient(url)

    def code(self, place: TrayPlace, serial_number: str, attempt: int) -> str:  # noqa: ARG002 - `DisplayReader`
        """Press and look."""
        with _looking():
            return self._code(place)

    def _code(self, place: TrayPlace) -> str:
        text = ""
        for _ in range(LOOKS_MAX):
            self._bench.press(Decimal("0.2"), str(place.channel))
            text = self._bench.display(place.channel).text.replace(" ", "")
            if text.isdecimal():
                break
        return text

    def label(self, place: TrayPlace) -> str:
        """Read what is printed on the back."""
        with _looking():
            return unquoted(self._bench.query(f"LABel:SERial? (@{place.channel})"))

    def close(self) -> None:
        """Leave the bench."""
        self._bench.close()


@contextmanager
def _looking() -> Iterator[None]:
    try:
        yield
    except KeyfobError as error:
        raise ObserverGone(str(error)) from None


def confirmed_factor(record: SeedRecord, code: str, newest: int | None) -> int | None:
    """Return the moving factor whose code `code` is, None where it is none just shown.

    Args:
        record: the seed.
        code: as typed; blanks do not count.
        newest: the moving factor of the newest code the fob can have shown, by its own counter
            or clock after the press; None where it has none.
    """
    if newest is None:
        return None
    first = record.counter if record.kind is OtpKind.HOTP else 0
    typed = "".join(code.split()).encode()
    key = OtpKey(record.seed, record.algorithm)
    for factor in range(newest, max(first, newest - CODES_BACK + 1) - 1, -1):
        if hmac.compare_digest(key.code(factor, record.digits).encode(), typed):
            return factor
    return None
