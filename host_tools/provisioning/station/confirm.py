"""Is the code on the display one that this fob can have just shown, and of which moving factor?"""

import hmac
import unicodedata
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import ClassVar, Protocol

from firmware_model.errors import KeyfobError
from firmware_model.generators import OtpKey, OtpKind
from host_tools.client.bench import BenchClient, unquoted
from host_tools.provisioning.station.place import TrayPlace
from host_tools.seeds.record import SeedRecord

TRIES = 3
"""How many wrong codes are taken for one fob; what cannot be its code is no try."""

CODES_BACK = 3
"""The code just shown, and the two before: somebody pressed twice, or typed slowly."""

LOOKS_MAX = 3
"""A notice may stand before the code; a press leads on."""


class ObserverGone(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """The bench that reads the displays does not answer, or standard input has ended."""

    exit_status = 3


class DisplayReader(Protocol):
    """Reads displays and labels: an operator, or the bench of a virtual rack; one for each line.

    Raises, from `code` and `label`:
        ObserverGone: nobody reads any more.
        FobFault: the operator skips this place (SKIPPED).
    """

    may_mistype: ClassVar[bool]
    """Whether an answer may have been mistyped, so that asking again is worth while."""

    def turn(self, place: TrayPlace) -> AbstractContextManager[None]:
        """Keep other lines' questions waiting until the block ends."""

    def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:
        """Have the fob's button pressed and return the code it shows; "" where none is seen.

        `problem` is what was wrong with the answer before, "" at first.
        """

    def label(self, place: TrayPlace, problem: str) -> str:
        """Return the serial number or Credential ID on the fob's label; `problem` as above."""

    def close(self) -> None:
        """Release what it holds."""


class BenchDisplayReader:
    """The bench of a virtual rack; a place's channel is the fob's."""

    may_mistype: ClassVar[bool] = False

    def __init__(self, url: str) -> None:
        self._bench = BenchClient(url)

    def turn(self, place: TrayPlace) -> AbstractContextManager[None]:  # noqa: ARG002 - `DisplayReader`
        """Let other lines go on: a bench takes several questions at once."""
        return nullcontext()

    def code(self, place: TrayPlace, serial_number: str, problem: str) -> str:  # noqa: ARG002 - `DisplayReader`
        """Press and look."""
        with _looking():
            return self._code(place)

    def _code(self, place: TrayPlace) -> str:
        text = ""
        for _ in range(LOOKS_MAX):
            text = self._bench.press_and_read(channel=place.channel).replace(" ", "")
            if text.isdecimal():
                break
        return text

    def label(self, place: TrayPlace, problem: str) -> str:  # noqa: ARG002 - `DisplayReader`
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


def plain_code(text: str) -> str:
    """Return a code as typed, without its blanks; full-width digits become plain ones."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def problem_with(record: SeedRecord, code: str) -> str:
    """Return why `code` (of `plain_code`) can be no code of this record's fob, "" if it can."""
    if len(code) == record.digits and code.isascii() and code.isdecimal():
        return ""
    return f"a code of this fob has {record.digits} digits; no try was used"


def confirmed_factor(record: SeedRecord, code: str, newest: int | None) -> int | None:
    """Return the moving factor whose code `code` is, None where it is none just shown.

    Args:
        record: the seed.
        code: of `plain_code`.
        newest: the moving factor of the newest code the fob can have shown, by its own counter
            or clock after the press; None where it has none.
    """
    if newest is None:
        return None
    first = record.counter if record.kind is OtpKind.HOTP else 0
    typed = code.encode()
    key = OtpKey(record.seed, record.algorithm)
    for factor in range(newest, max(first, newest - CODES_BACK + 1) - 1, -1):
        if hmac.compare_digest(key.code(factor, record.digits).encode(), typed):
            return factor
    return None
