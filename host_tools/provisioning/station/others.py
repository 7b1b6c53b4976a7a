"""Other desks' ledgers: a seed that one of them knows is not for this desk (STATION §4)."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.seeds.record import SeedRecord
from host_tools.vault import sqlite


def known_elsewhere(
    ledger: Ledger, others: Iterable[Path], records: Sequence[SeedRecord]
) -> list[Fault]:
    """Return a fault for each of `records` that another ledger knows, in whatever state.

    One that `ledger` has set aside for a fob already goes on here. Names are compared, serial
    numbers and Credential IDs: prints of seeds are made with each ledger's own key.

    Raises:
        BadInput: one of `others` is missing, is `ledger` itself, or is no ledger.
        InUse: it was locked for too long.
    """
    ours = {
        name for job in ledger.jobs() if job.state is not JobState.PLANNED for name in job.names
    }
    faults = {}
    for path in others:
        if path.exists() and path.samefile(ledger.path):
            raise BadInput(f"{path} is this desk's own ledger: --also names another desk's")
        theirs = _names(path)
        for record in records:
            names = {record.serial_number.casefold(), record.credential_id.casefold()}
            if names & theirs and not names & ours:
                message = f"{record.serial_number} stands in {path}"
                faults[record.serial_number] = Fault(
                    FailureCause.OTHER_LEDGER, record.serial_number, message
                )
    return list(faults.values())


def _names(path: Path) -> set[str]:
    database = sqlite.connect(path, schema.APPLICATION, "a ledger of keyfob station", create=False)

    def read() -> list[tuple[str, str]]:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if not version:  # it is just being made: its desk looks at ours once it has planned
            return []
        return database.execute("SELECT serial_number, credential_id FROM job").fetchall()

    with closing(database):
        rows = sqlite.patiently(path, read)
    return {name.casefold() for row in rows for name in row}
