"""Durations as people write them: 90, 90s, 5min, 12h, 30d, 2w or 3y."""

import re
from datetime import timedelta
from decimal import Decimal

from firmware_model.errors import BadInput

SECONDS = {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}
"""A year has 365.25 days."""

EXPECTED = "a number with s, min, h, d, w or y, such as 90s or 2y"

Duration = str | float | Decimal | timedelta
"""Seconds as a number, a `timedelta`, or text such as "90s", "12h" or "2y"."""


def seconds_of(duration: Duration) -> Decimal:
    """Return `duration` in seconds, 0 or more.

    Raises:
        BadInput: it is not a duration, or negative.
    """
    if isinstance(duration, timedelta):
        duration = Decimal(duration // timedelta(microseconds=1)) / 1_000_000
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)", f"{duration}".strip(), re.ASCII)
    if match is None or match[2] not in SECONDS:
        raise BadInput(f"invalid duration {str(duration)!r}: expected {EXPECTED}")
    return Decimal(match[1]) * SECONDS[match[2]]
