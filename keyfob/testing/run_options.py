"""Settings of an emulator as people write them, in options, rack files and URLs."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from emulator.settings import FOBS_MAX, HOST_PACE
from emulator.true_time import RATE_HIGHEST, REAL, STANDING, instant_of
from firmware_model.errors import BadInput
from firmware_model.units import SimTime
from firmware_model.wire.scp03_keys import FACTORY_VERSION, KeySet
from host_tools.client.keys import read_keys

RATES = {"real": REAL, "frozen": STANDING}
BAUD_RATE_HIGHEST = 4_000_000


def rate_of(text: str) -> Fraction:
    """Return the rate of true time: `real`, `frozen` or a number from 0 to 10^7."""
    if text in RATES:
        return RATES[text]
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if rate.is_nan() or not STANDING <= rate <= RATE_HIGHEST:
        raise BadInput(
            f"time {text!r}: real, frozen or a number from 0 to {RATE_HIGHEST} was expected"
        )
    return Fraction(rate)


def pace_of(text: str) -> int:
    """Return the baud rate to pace to; `host` is the one the host sets."""
    if text == "host":
        return HOST_PACE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= BAUD_RATE_HIGHEST:
        raise BadInput(f"pace {text!r}: host or a baud rate was expected")
    return int(text)


def instant_of_start(text: str) -> SimTime:
    """Return where true time starts: an ISO 8601 date or date and time."""
    try:
        return instant_of(text)
    except ValueError as error:
        raise BadInput(f"start {error}") from None


def transport_keys_of(path: str) -> Callable[[bytes], KeySet]:
    """Return with which keys a fob of a chip ID leaves the factory, from the file `path`.

    A file that names no version means a factory's own, 255 (WIRE §7.1).

    Raises:
        KeyfobError: it holds no key set, or others may read it.
        OSError: it cannot be read.
    """
    keys = read_keys(path)
    return replace(keys, version=keys.version or FACTORY_VERSION).for_chip


def count_of(text: str) -> int:
    """Return a number of fobs from 1 to 10,000."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= FOBS_MAX:
        raise BadInput(f"count {text!r}: 1 to {FOBS_MAX:,} was expected")
    return int(text)
