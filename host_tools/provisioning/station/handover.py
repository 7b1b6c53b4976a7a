"""Planned seeds that leave a ledger: withdrawn, or transferred to another desk's (STATION §4)."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.jobs import Job
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.states import JobState
from host_tools.vault import sqlite

FIRST_VERSION_WITH_DESK = 2


def desk_id(path: Path) -> bytes:
    """Return by which ID other ledgers know the ledger at `path`, or of which it is a copy.

    Raises:
        BadInput: it is missing, no ledger, or of the first version.
        InUse: it was locked for too long.
    """
    database = sqlite.connect(path, schema.APPLICATION, "a ledger of keyfob station", create=False)

    def read() -> bytes | None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version < FIRST_VERSION_WITH_DESK:
            return None
        return bytes(database.execute("SELECT id FROM desk").fetchone()[0])

    with closing(database):
        found = sqlite.patiently(path, read)
    if found is None:
        raise BadInput(f"{path} is a ledger of the first version: open it at its own desk once")
    return found


def withdraw(ledger: Ledger, names: Sequence[str], reason: str, at: int) -> list[Job]:
    """Take planned seeds out of `ledger`, all or none: other desks may use them from now on.

    Raises:
        BadInput: a name is unknown, or its seed may have left the station.
    """
    jobs = _planned(ledger, names)
    ledger.release(jobs, JobState.WITHDRAWN, None, reason, at)
    return jobs


def transfer(ledger: Ledger, names: Sequence[str], to: Path, at: int) -> list[Job]:
    """Hand planned seeds to the ledger at `to`, all or none: only that one may use them now.

    Raises:
        BadInput: a name is unknown, its seed may have left the station, or `to` is no other ledger.
    """
    receiver = desk_id(to)
    if receiver == ledger.desk_id:
        raise BadInput(f"{to} is this desk's own ledger: --to names another desk's")
    jobs = _planned(ledger, names)
    ledger.release(jobs, JobState.TRANSFERRED, receiver, f"to {to}", at)
    return jobs


def _planned(ledger: Ledger, names: Sequence[str]) -> list[Job]:
    found = [ledger.job(name) for name in names]
    unknown = [name for name, job in zip(names, found, strict=True) if job is None]
    if unknown:
        raise BadInput(f"{ledger.name} has no {', '.join(unknown[:5])}: nothing was changed")
    jobs = [job for job in found if job is not None]
    other = [job for job in jobs if job.state is not JobState.PLANNED]
    if other:
        raise BadInput(
            f"{other[0].serial_number} is {other[0].state} in {ledger.name}: only planned seeds,"
            " which were never sent, can go; nothing was changed"
        )
    return jobs
