"""Which record is for which fob: the rules to choose from, and what a file must not hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique

from host_tools.provisioning.station.states import FailureCause
from host_tools.seeds.record import SeedRecord


@unique
class MatchRule(StrEnum):
    """How a blank fob without a serial number comes to its record.

    A fob that tells a serial number gets the record of that number, whatever the rule.
    """

    NEXT = "next"
    """The next free record of the file that is for its model: blank cases, labelled afterwards."""
    ADDRESS = "address"
    """The n-th record of the file for the n-th place: a tray laid out by serial number."""
    LABEL = "label"
    """The record of the serial number on its label: scanned, typed, or read by the bench."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something did not get on: `subject` names it, `message` says why in one line."""

    cause: FailureCause
    subject: str
    message: str


def usable(records: Sequence[SeedRecord], today: date) -> tuple[list[SeedRecord], list[Fault]]:
    """Return the records that may go into fobs, in order, and what is wrong with the others.

    Of several with the same name or seed none is taken: nobody here knows which one is right.
    """
    names = Counter(name for record in records for name in _names(record))
    seeds = Counter(record.seed for record in records)
    good: list[SeedRecord] = []
    faults: list[Fault] = []
    for record in records:
        name = record.serial_number
        if twice := [each for each in sorted(_names(record)) if names[each] > 1]:
            message = f"{twice[0].upper()} stands in the seed file {names[twice[0]]} times"
            faults.append(Fault(FailureCause.SERIAL_TWICE, name, message))
        elif seeds[record.seed] > 1:
            message = f"the seed of {name} stands in the seed file {seeds[record.seed]} times"
            faults.append(Fault(FailureCause.SEED_TWICE, name, message))
        elif record.expiry_date is not None and record.expiry_date < today:
            message = f"{name} expired on {record.expiry_date}"
            faults.append(Fault(FailureCause.RECORD_EXPIRED, name, message))
        else:
            good.append(record)
    return good, faults


def _names(record: SeedRecord) -> set[str]:
    return {record.serial_number.casefold(), record.credential_id.casefold()}
