"""From a seed file's record to what the machine works with."""

from datetime import UTC, date, datetime

from firmware_model.errors import BadInput
from firmware_model.generators import OtpKind
from firmware_model.units import SECONDS_PER_DAY
from host_tools.seeds.record import SeedRecord
from host_tools.verification.decision import Bar, Verdict
from host_tools.verification.search import Credential, Progress

_COMPARED = range(8)
"""Moving factors whose codes must agree: two seeds do so by chance once in 10^32 at least."""


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


def is_same_token(known: Credential, record: SeedRecord) -> bool:
    """Say whether `record` makes the codes of a token that is known under its serial number.

    Seeds are not compared themselves: a credential does not give its seed back.
    """
    return known.codes(_COMPARED) == credential_of(record).codes(_COMPARED)


def start_of(record: SeedRecord, now_seconds: int) -> Progress:
    """Return where a token begins that no host has seen yet, at this Unix time.

    A time step that the record gives is the last one used (STATION §6); 0 says nothing.

    Raises:
        BadInput: its last step lies more than a day ahead, so that no code would be taken, as
            where a file counts seconds instead of steps.
    """
    if record.kind is OtpKind.TOTP:
        used_seconds = record.time_steps * record.step_seconds + record.t0_seconds
        if record.time_steps and used_seconds > now_seconds + SECONDS_PER_DAY:
            words = f"its last step used, {record.time_steps}, is in the future"
            raise BadInput(f"{record.serial_number}: {words}")
        return Progress(record.time_steps + 1 if record.time_steps else 0, record.drift_steps)
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
