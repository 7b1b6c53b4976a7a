"""A moving factor as stores keep it: SQLite's integers end at 2^63-1, RFC 4226's at 2^64-1."""

from firmware_model.generators import COUNTER_MAX

AS_BYTES = """
ALTER TABLE token RENAME COLUMN next_factor TO factor_before;
ALTER TABLE token ADD COLUMN next_factor BLOB;
UPDATE token SET next_factor = factor_before;
ALTER TABLE token DROP COLUMN factor_before;
"""
"""Gives the column its type of today, in a table whose rows are converted already."""


def kept_factor(factor: int) -> bytes | None:
    """Return the lowest moving factor still acceptable as 8 bytes, big-endian (RFC 4226 §5.1).

    None where the last one is used and none is left. Raises OverflowError for a negative one.
    """
    return None if factor > COUNTER_MAX else factor.to_bytes(8, "big")


def factor_from(kept: object) -> int:
    """Return the moving factor that `kept_factor` made `kept` of; COUNTER_MAX + 1 for None.

    Raises ValueError where `kept` is something else.
    """
    if kept is None:
        return COUNTER_MAX + 1
    if not isinstance(kept, bytes) or len(kept) != 8:
        raise ValueError("a moving factor is kept as 8 bytes")
    return int.from_bytes(kept, "big")
