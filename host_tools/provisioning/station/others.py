"""Other desks' ledgers: a seed that one of them knows is not for this desk (STATION §4)."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from firmware_model.errors import BadInput
from host_tools.provisioning.station import schema
from host_tools.provisioning.station.handover import FIRST_VERSION_WITH_DESK
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.matching import Fault
from host_tools.provisioning.station.states import FailureCause, JobState
from host_tools.seeds.record import SeedRecord
from host_tools.vault import sqlite


@dataclass(frozen=True, slots=True)
class OtherJob:
    """What another ledger has of a seed: in which state, handed to which desk, how often so far."""

    path: Path
    state: str
    handed_to: bytes | None
    hands: int

    def is_free_for(self, desk: bytes) -> bool:
        """Say whether that ledger let go of the seed, for everybody or for this desk."""
        transferred = self.state == JobState.TRANSFERRED and self.handed_to == desk
        return transferred or self.state == JobState.WITHDRAWN


def known_elsewhere(
    ledger: Ledger, others: Iterable[Path], records: Sequence[SeedRecord]
) -> list[Fault]:
    """Return a fault for each of `records` that another ledger has not let go, in whatever state.

    One that `ledger` has set aside for a fob already goes on here. Names are compared, serial
    numbers and Credential IDs: prints of seeds are made with each ledger's own key.

    Raises:
        BadInput: one of `others` is missing, is `ledger` itself, or is no ledger.
        InUse: it was locked for too long.
    """
    ours = {name for job in ledger.jobs() if job.chip_id is not None for name in job.names}
    desk, faults = ledger.desk_id, {}
    for path in others:
        theirs = _jobs_of(ledger, path)
        for record in records:
            names = {record.serial_number.casefold(), record.credential_id.casefold()}
            held = [
                theirs[name]
                for name in sorted(names)
                if name in theirs and not theirs[name].is_free_for(desk)
            ]
            if held and not names & ours:
                message = f"{record.serial_number} is {held[0].state} in {path}"
                faults[record.serial_number] = Fault(
                    FailureCause.OTHER_LEDGER, record.serial_number, message
                )
    return list(faults.values())


def handed_here(
    ledger: Ledger, others: Iterable[Path], records: Sequence[SeedRecord]
) -> dict[str, int]:
    """Return which of `records` others handed to this desk: serial number to count of hands.

    Of two ledgers that each say that the other has a seed, the one that counts more is right.

    Raises:
        BadInput, InUse: as `known_elsewhere`.
    """
    desk, found = ledger.desk_id, {}
    for path in others:
        theirs = _jobs_of(ledger, path)
        for record in records:
            other = theirs.get(record.serial_number.casefold())
            if other is not None and other.handed_to == desk:
                found[record.serial_number] = other.hands
    return found


def _jobs_of(ledger: Ledger, path: Path) -> dict[str, OtherJob]:
    if isinstance(ledger.place, Path) and path.exists() and path.samefile(ledger.place):
        raise BadInput(f"{path} is this desk's own ledger: --also names another desk's")
    database = sqlite.connect(path, schema.APPLICATION, "a ledger of keyfob station", create=False)

    def read() -> list[tuple[str, str, str, bytes | None, int]]:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if not version:  # it is just being made: its desk looks at ours once it has planned
            return []
        hands = "handed_to, hands" if version >= FIRST_VERSION_WITH_DESK else "NULL, 0"
        query = f"SELECT serial_number, credential_id, state, {hands} FROM job"  # noqa: S608
        return database.execute(query).fetchall()

    with closing(database):
        rows = sqlite.patiently(path, read)
    return {
        name.casefold(): OtherJob(path, state, handed_to, hands)
        for *names, state, handed_to, hands in rows
        for name in names
    }
