"""A place on the tray, and what is said of the fob in it."""

from dataclasses import dataclass
from typing import NamedTuple

from host_tools.provisioning.station.states import FailureCause, JobState


@dataclass(frozen=True, slots=True)
class TrayPlace:
    """Where a fob hangs: the line's port and HDLC address.

    `position` counts the places of all lines from 1; `channel` is the bench's (both are the
    same where the lines' addresses run from 1).
    """

    port: str
    address: int
    position: int
    channel: int

    def __str__(self) -> str:
        return f"{self.port}, address {self.address}"


class StationEvent(NamedTuple):
    """What happened at a place: a fob came to a state, or stopped, or nothing answered.

    `subject` is a serial number, or the chip where there is none. Both `state` and `cause` are
    None for an empty place. `test_keys` is set for a finished fob whose receipt says TEST.
    `chip_id` is None where the fob did not report it. `at` is Unix time, 0 where it is not known.
    """

    place: TrayPlace
    subject: str = ""
    state: JobState | None = None
    cause: FailureCause | None = None
    message: str = ""
    test_keys: bool = False
    chip_id: bytes | None = None
    at: int = 0
