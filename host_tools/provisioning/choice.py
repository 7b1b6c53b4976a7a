"""Which record of a seed file belongs into the fob on the line."""

from collections.abc import Sequence
from functools import cache

from firmware_model import catalogue
from firmware_model.errors import BadInput
from firmware_model.identity import check_identifier
from host_tools.seeds.record import SeedRecord

NAMED_AT_MOST = 5


def choose(
    records: Sequence[SeedRecord], *, source: str, fob: str | None, token: str | None
) -> SeedRecord:
    """Return the record for a fob.

    A fob that already has a serial number gets the record of that number and no other; else
    `token` names it; else the file must hold one record only.

    Args:
        records: what the seed file holds.
        source: the seed file's name, for the messages.
        fob: serial number that the fob tells, None if it has none yet.
        token: serial number or Credential ID that the user named, None if none.

    Raises:
        BadInput: no record fits, or several do.
    """
    found = list(records)
    if token is not None:
        found = [record for record in found if is_named(record, token)]
        if not found:
            raise BadInput(f"{source} has no token {token}; it has {_names(records)}")
    if fob is not None:
        mine = [record for record in found if is_named(record, fob)]
        if not mine and token is not None:
            raise BadInput(f"this fob is {fob} already, not {token}")
        if not mine:
            raise BadInput(f"{source} has nothing for the fob {fob}; it has {_names(records)}")
        found = mine
    if not found:
        raise BadInput(f"{source} holds no seed")
    if len(found) > 1:
        raise BadInput(
            f"{source} holds {len(found)} records that fit: name one with --token ({_names(found)})"
        )
    return found[0]


def check_fits(record: SeedRecord, model_name: str) -> None:
    """Refuse a record whose names a fob cannot hold, or whose codes its display cannot show.

    Displays of models that are not in the catalogue are not known here, so they pass.

    Raises:
        BadInput: a name or the codes do not fit.
    """
    for what, name in (("serial number", record.serial_number), ("ID", record.credential_id)):
        try:
            check_identifier(name)
        except ValueError as error:
            raise BadInput(f"{name}: this {what} does not fit into a fob: {error}") from None
    positions = _positions_of(model_name)
    if positions is not None and record.digits > positions:
        raise BadInput(
            f"{record.serial_number}: its codes have {record.digits} digits, and the display of"
            f" {model_name} has {positions} positions; load it into a model with more"
        )


@cache
def _positions_of(model_name: str) -> int | None:
    """Return how many digits the display of a model has, None where it is not in the catalogue."""
    known = model_name in catalogue.names()
    return catalogue.load(model_name).display.positions if known else None


def is_named(record: SeedRecord, name: str) -> bool:
    """Say whether `name` is the record's serial number or Credential ID; case does not count."""
    wanted = name.strip().casefold()
    return wanted in (record.serial_number.casefold(), record.credential_id.casefold())


def _names(records: Sequence[SeedRecord]) -> str:
    names = [record.serial_number for record in records[:NAMED_AT_MOST]]
    more = len(records) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
