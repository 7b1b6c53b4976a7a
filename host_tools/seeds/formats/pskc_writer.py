"""Write PSKC, RFC 6030: python-pskc, one key package at a time."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import BinaryIO

from pskc import PSKC
from pskc.policy import Policy
from pskc.serialiser import PSKCSerialiser
from pskc.xml import mk_elem, tostring

from firmware_model.errors import BadInput
from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import Secret
from host_tools.seeds.record import SeedRecord

PBKDF2_ROUNDS = 600_000
"""Slow for a guesser, a third of a second for the owner, and below what readers refuse."""

PROFILE = "urn:ietf:params:xml:ns:keyprov:pskc:"

_PACKAGE = b"<pskc:KeyPackage"
_END = b"</pskc:KeyContainer>"
_CIPHERS = {16: "aes128-cbc", 24: "aes192-cbc", 32: "aes256-cbc"}


def write(
    file: BinaryIO,
    records: Iterable[SeedRecord],
    secret: Secret,
    *,
    rounds: int = PBKDF2_ROUNDS,
    suite: Callable[[str], str] = "HMAC-{}".format,
) -> int:
    """Write `records` to `file` as one container; return how many there were.

    With a pre-shared key of 16, 24 or 32 bytes seeds are encrypted with AES-CBC of that length,
    with a passphrase under AES-128-CBC and PBKDF2, in both cases with HMAC-SHA-1 over each
    (RFC 6030 §6): what every importer reads. With an empty `secret` they stand there in clear.
    `suite` makes the text of Suite from the name of a hash (SHA256).

    Raises:
        BadInput: there is no record, the key's length fits no cipher, or a record has a T0, which
            PSKC cannot express.
    """
    container = PSKC()
    _lock(container, secret, rounds)
    count = 0
    for record in records:
        container.devices.clear()
        _add(container, record, suite)
        file.write(_document(container) if count == 0 else _package(container))
        count += 1
    if not count:
        raise BadInput("no seed to write: a PSKC file needs at least one key (RFC 6030 §11)")
    file.write(_END + b"\n")
    return count


def write_for_privacyidea(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write PSKC as privacyIDEA's import takes it; otherwise as `write`.

    It needs AES-128, the hash bare in Suite, and the drift in seconds (its `timeShift`).

    Raises:
        BadInput: as `write`; the key has not 16 bytes; or a record has more than 8 digits or a
            time in steps, which that server has no place for.
    """
    if secret.key is not None and len(secret.key) != 16:
        raise BadInput("privacyIDEA reads AES-128 only: a pre-shared key of 16 bytes is needed")
    return write(file, map(_for_privacyidea, records), secret, suite=str.lower)


def _for_privacyidea(record: SeedRecord) -> SeedRecord:
    if record.digits not in (6, 8) or record.time_steps:
        raise BadInput(
            f"key {record.serial_number}: privacyIDEA takes codes of 6 or 8 digits, and no time"
            " of the last use"
        )
    return replace(record, drift_steps=record.drift_steps * record.step_seconds)


def _document(container: PSKC) -> bytes:
    """Return the container up to its end tag."""
    out = io.BytesIO()
    PSKCSerialiser.serialise_file(container, out)
    return out.getvalue()[: -len(_END) - 1]


def _package(container: PSKC) -> bytes:
    """Return just the one key package; its namespaces are those the first document declared."""
    root = mk_elem("pskc:KeyContainer", Version="1.0")
    PSKCSerialiser.serialise_key_package(container.devices[0], root)
    text = tostring(root)
    return b" " + text[text.index(_PACKAGE) : -len(_END) - 1]


def _lock(container: PSKC, secret: Secret, rounds: int) -> None:
    if secret.key is not None:
        cipher = _CIPHERS.get(len(secret.key))
        if cipher is None:
            raise BadInput(f"a pre-shared key has 16, 24 or 32 bytes, not {len(secret.key)}")
        container.encryption.setup_preshared_key(
            key=secret.key, algorithm=cipher, key_name="Pre-shared-key"
        )
    elif secret.passphrase:
        # No pseudo-random function is named: RFC 8018 §A.2 then means HMAC-SHA-1.
        container.encryption.setup_pbkdf2(
            secret.passphrase, iterations=rounds, key_name="Passphrase"
        )


def _add(container: PSKC, record: SeedRecord, suite: Callable[[str], str]) -> None:
    if record.kind is OtpKind.TOTP and record.t0_seconds:
        raise BadInput(
            f"key {record.serial_number}: its steps count from {record.t0_seconds} s after 1970;"
            " PSKC can only say 0"
        )
    clock = (
        {"counter": record.counter}
        if record.kind is OtpKind.HOTP
        else {
            "time_offset": record.time_steps,
            "time_interval": record.step_seconds,
            "time_drift": record.drift_steps or None,
        }
    )
    key = container.add_key(
        id=record.credential_id,
        serial=record.serial_number,
        algorithm=PROFILE + record.kind.name.lower(),
        secret=record.seed,
        # Without a suite the profiles mean SHA-1, and some importers know no suite at all.
        algorithm_suite=None if record.algorithm is Hash.SHA1 else suite(record.algorithm.name),
        response_length=record.digits,
        response_encoding="DECIMAL",
        manufacturer=record.manufacturer or None,
        model=record.model or None,
        issuer=record.issuer or None,
        key_userid=record.user or None,
        **clock,
    )
    key.policy.start_date = _midnight(record.start_date)
    key.policy.expiry_date = _midnight(record.expiry_date)
    key.policy.key_usage = [Policy.KEY_USE_OTP]


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
