"""New seeds for new fobs, from the operating system's randomness."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import date

from firmware_model.catalogue import Model
from firmware_model.generators import Hash
from firmware_model.identity import SerialRange
from firmware_model.label import credential_id_of
from host_tools.seeds.record import SeedRecord

UNIQUE_DIGITS = 8
"""How many digits follow a model's prefix in a Class A token identifier."""


def serial_range(model: Model, count: int | None, serials: str | None = None) -> SerialRange:
    """Return `count` serial numbers (1 if None): of `serials`, else the model's own from 1 on.

    `serials` is a range as `SerialRange.parse` reads it. Raises ValueError.
    """
    if serials is not None:
        return SerialRange.parse(serials, count)
    return SerialRange(model.identity.serial_prefix, 1, UNIQUE_DIGITS, count or 1)


def record_for(
    model: Model, serial_number: str, seed: bytes, expiry_date: date | None = None
) -> SeedRecord:
    """Return the record of a fob of `model` that holds `seed`, with its Credential ID."""
    return SeedRecord(
        serial_number=serial_number,
        credential_id=credential_id_of(model, serial_number),
        seed=seed,
        kind=model.otp.kind,
        algorithm=model.otp.algorithm,
        digits=model.otp.digits,
        step_seconds=model.otp.step_seconds,
        t0_seconds=model.otp.t0_seconds,
        manufacturer=model.identity.manufacturer,
        model=model.name,
        expiry_date=expiry_date,
    )


def published_seed(algorithm: Hash) -> bytes:
    """Return the published test seed for `algorithm`: RFC 4226 appendix D, RFC 6238 appendix B."""
    return (b"1234567890" * 7)[: algorithm.output_bytes]


def generate(
    model: Model, serial_numbers: Iterable[str], expiry_date: date | None = None
) -> Iterator[SeedRecord]:
    """Yield a record with a fresh seed for each serial number, as `model` needs it.

    The seed is as long as the hash's output, as RFC 4226 §4 and RFC 6238 §5.1 recommend.
    """
    for serial_number in serial_numbers:
        seed = secrets.token_bytes(model.otp.algorithm.output_bytes)
        yield record_for(model, serial_number, seed, expiry_date)
