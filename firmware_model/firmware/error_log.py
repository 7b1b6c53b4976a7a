"""The error log as it lies in flash: the latest entries, oldest first."""

from firmware_model.wire.objects import ErrorLogEntry

ERRORS_KEPT = 8


def entries_in(stored: bytes) -> tuple[ErrorLogEntry, ...]:
    """Return the entries that are in order in a stored log."""
    size = ErrorLogEntry.LAYOUT.sizeof()
    parts = (ErrorLogEntry.decode(stored[at : at + size]) for at in range(0, len(stored), size))
    return tuple(part for part in parts if part is not None)


def with_entry(
    entries: tuple[ErrorLogEntry, ...], entry: ErrorLogEntry
) -> tuple[tuple[ErrorLogEntry, ...], bytes]:
    """Return the log with one entry more, without the oldest of more than eight; and as stored."""
    kept = (*entries, entry)[-ERRORS_KEPT:]
    return kept, b"".join(each.encode() for each in kept)
