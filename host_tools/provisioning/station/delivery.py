"""What the server is to import of a sealed fob, kept sealed under the ledger's key (STATION §7)."""

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.provisioning.station.jobs import Job
from host_tools.seeds.record import SeedRecord
from host_tools.vault.key_ring import KeyRing, SealedPlace

_DATES = ("start_date", "expiry_date")


def seal_delivery(keys: KeyRing, record: SeedRecord) -> bytes:
    """Return `record` sealed for its serial number's row."""
    return keys.seal(encode(record), _place(record.serial_number))


def open_delivery(keys: KeyRing, sealed: bytes, job: Job) -> SeedRecord:
    """Return the record that `seal_delivery` sealed for the row of `job`.

    Raises:
        BadInput: it was altered or moved, or another key sealed it.
    """
    return decode(keys.open(sealed, _place(job.serial_number)), job.serial_number)


def after_confirmation(record: SeedRecord, factor: int | None) -> SeedRecord:
    """Return `record` as the server must know it once the code of `factor` is used up."""
    assert factor is not None, "no fob is sealed without a confirmed code"
    if record.kind is OtpKind.HOTP:
        return replace(record, counter=factor + 1)
    return replace(record, time_steps=factor)


def encode(record: SeedRecord) -> bytes:
    """Return `record` as JSON; the seed is in it."""
    values: dict[str, Any] = {field.name: getattr(record, field.name) for field in fields(record)}
    values |= {"seed": record.seed.hex(), "kind": record.kind.name}
    values["algorithm"] = record.algorithm.name
    values |= {name: values[name] and values[name].isoformat() for name in _DATES}
    return json.dumps(values).encode()


def decode(data: bytes, serial_number: str) -> SeedRecord:
    """Return the record that `encode` wrote.

    Raises:
        BadInput: it is none.
    """
    try:
        values = json.loads(data)
        values |= {"seed": bytes.fromhex(values["seed"]), "kind": OtpKind[values["kind"]]}
        values["algorithm"] = Hash[values["algorithm"]]
        values |= {
            name: date.fromisoformat(values[name]) if values[name] else None for name in _DATES
        }
        return SeedRecord(**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(f"{serial_number}: what is kept for the server is damaged") from None


def _place(serial_number: str) -> SealedPlace:
    return "station", "job", "delivery", serial_number.casefold()
