"""When the ledger cannot be written: nothing is done without a record."""

from collections.abc import Iterator
from contextlib import contextmanager

from firmware_model.errors import BadInput, KeyfobError
from host_tools.vault.sqlite import StoreAltered


class LedgerUnwritable(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """The disk is full or failing, or the file was taken away."""

    exit_status = 3


@contextmanager
def writable() -> Iterator[None]:
    """Raise LedgerUnwritable where the file or its disk is at fault within the block."""
    try:
        yield
    except StoreAltered:
        raise
    except BadInput as error:
        raise LedgerUnwritable(
            f"{error}; nothing is done without a record: make room and run the station again"
        ) from None
