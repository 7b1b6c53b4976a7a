"""A job as a value: one seed's row in the ledger, and what its receipt says."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from host_tools.provisioning.station.states import JobState


class Job(NamedTuple):
    """One seed's row; the seed itself is not in it.

    `expiry_date` is as in ISO 8601, empty without. `factor` is the moving factor of the
    confirmed code; `cause` and `message` say why it stopped last time, empty where it did not.
    `batch` is empty where the seed was loaded for no order.
    """

    serial_number: str
    credential_id: str
    expiry_date: str
    source: str
    state: JobState
    chip_id: bytes | None
    place: str
    model: str
    firmware: str
    key_set: str
    test_keys: bool
    factor: int | None
    cause: str
    message: str
    at: int
    batch: str

    @property
    def names(self) -> tuple[str, str]:
        """Serial number and Credential ID in small letters, as names are compared."""
        return self.serial_number.casefold(), self.credential_id.casefold()


class Claim(NamedTuple):
    """What is written when a seed is set aside for a fob."""

    chip_id: bytes
    place: str
    model: str
    firmware: str
    key_set: str
    test_keys: bool


_values_of = itemgetter(*Job._fields)


def job_of(row: Mapping[str, Any]) -> Job:
    """Return the job in a row of the ledger, by its columns."""
    return Job(
        *_values_of({**row, "state": JobState(row["state"]), "test_keys": bool(row["test_keys"])})
    )


def chip_name(chip_id: bytes) -> str:
    """Return how a fob is named that has no other name."""
    return f"chip {chip_id.hex()}"


def receipt(job: Job) -> dict[str, object]:
    """Return what the receipt of a finished job says: which fob, which keys, which firmware.

    Who and when stand beside it in the log. No seed and no code is in it.
    """
    assert job.chip_id is not None
    return {
        "credential_id": job.credential_id,
        "chip_id": job.chip_id.hex(),
        "model": job.model,
        "firmware": job.firmware,
        "key_set": job.key_set,
        "test_keys": job.test_keys,
        "expiry_date": job.expiry_date,
        "moving_factor": job.factor,
        "place": job.place,
        "seed_file": job.source,
        "batch": job.batch,
    }


def outcome(job: Job) -> str:
    """Return what the log says of a success: TEST where the keys were public."""
    return "TEST" if job.test_keys else "ok"
