"""From a seed file's record to what the machine works with."""

from datetime import UTC, date, datetime

from firmware_model.generators import Kind
from host_tools.errors import BadInput
from host_tools.seeds.record import SeedRecord
from host_tools.verification.decision import Bar, Verdict
from host_tools.verification.search import FACTOR_MAX, Credential, Progress


def credential_of(record: SeedRecord) -> Credential:
    """Return the credential of `record`, its HMAC pads ready."""
    return Credential.of_seed(
        record.seed,
        record.kind,
        record.algorithm,
        record.digits,
        record.step_seconds,
        record.t0_seconds,
    )


def start_of(record: SeedRecord) -> Progress:
    """Return where a token begins that no host has seen yet.

    Raises:
        BadInput: its counter is beyond what RFC 6030's xs:long can say.
    """
    if record.kind is Kind.TOTP:
        return Progress(0, record.drift_steps)
    if record.counter >= FACTOR_MAX:
        raise BadInput(f"{record.serial_number}: its counter is at its end, no code is left")
    return Progress(record.counter)


def validity_bar(start: date | None, expiry: date | None, now_seconds: int) -> Bar | None:
    """Return what forbids a token outside its validity, or None.

    RFC 6030 §5: the first and the last day count as valid, and no device is relied on for it.
    """
    if start is None and expiry is None:
        return None
    today = day_of(now_seconds)
    if start is not None and today < start:
        return Bar(Verdict.NOT_ACTIVE, f"the token is valid from {start} on")
    if expiry is not None and today > expiry:
        return Bar(Verdict.EXPIRED, f"the token expired on {expiry}")
    return None


def day_of(now_seconds: int) -> date:
    """Return the day (UTC) of a Unix time."""
    return datetime.fromtimestamp(now_seconds, UTC).date()
