"""Times as people read them: a date with its zone, a span in its largest unit."""

from datetime import UTC, datetime

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def utc(seconds: int) -> str:
    """Return Unix time `seconds` as `2026-11-29 18:20:05 UTC`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def iso(seconds: int) -> str:
    """Return Unix time `seconds` as ISO 8601 has it, for programs: `2026-11-29T18:20:05Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def span(seconds: int) -> str:
    """Return a span of time in its largest whole unit: `30 min`, `2 d`, `7 s`."""
    for unit, name in _UNITS:
        if abs(seconds) >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
