"""What a PSKC key means: from python-pskc's Key to a SeedRecord, or why not."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pskc.key import Key

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import ForeignKey, Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.record import SeedRecord

_PROFILE = re.compile(r"(?:.*[:#])?(hotp|totp|pin)", re.IGNORECASE)
_HASHES = {
    "": Hash.SHA1,
    "sha1": Hash.SHA1,
    "sha256": Hash.SHA256,
    "sha512": Hash.SHA512,
}


def hash_of(suite: str | None) -> Hash:
    """Return the hash a `Suite` names, in any of the spellings vendors use.

    Taken are SHA1, sha256, SHA-256, HMAC-SHA256, HmacSHA512 and their like; none means SHA-1.
    Raises Unusable for anything else.
    """
    plain = re.sub(r"[^a-z0-9]", "", (suite or "").lower()).removeprefix("hmac")
    try:
        return _HASHES[plain]
    except KeyError:
        raise Unusable(f"its algorithm suite {quoted(suite or '')} is none keyfob knows") from None


def check_purpose(key: Key) -> None:
    """Refuse a key that is not there to make one-time codes.

    Raises:
        ForeignKey: it is a PIN (RFC 6030 §10.2), which a fob without a keypad has no use for.
        Unusable: it is for another algorithm; its policy holds rules we do not know, which
            forbids any use (RFC 6030 §5), or does not name one-time passwords; or its response
            is not plain decimal digits.
    """
    profile = _profile(key)
    if profile == "pin":
        raise ForeignKey("a PIN of another key")
    if profile not in ("", "hotp", "totp"):
        raise Unusable(f"its algorithm {quoted(key.algorithm or '', 80)} is neither HOTP nor TOTP")
    if key.policy.unknown_policy_elements:
        raise Unusable("its policy has rules keyfob does not know, so it may not be used")
    if key.policy.key_usage and "OTP" not in key.policy.key_usage:
        raise Unusable("its policy does not allow one-time passwords")
    if (key.response_encoding or "DECIMAL").upper() != "DECIMAL":
        raise Unusable(f"its codes are {quoted(key.response_encoding or '')}, not DECIMAL")
    if key.response_check:
        raise Unusable("its codes carry a check digit, which keyfob does not make")


def record_of(key: Key, values: Mapping[str, Any], doubts: list[str]) -> SeedRecord:
    """Make the record of `key` from its decrypted `values`; append to `doubts` what was guessed.

    Raises Unusable with the reason.
    """
    kind = _kind(key, values, doubts)
    seed = values["secret"]
    if seed is None:
        raise Unusable("it has no secret")
    if key.response_length is None:
        doubts.append("it does not say how many digits; 6 taken")
    if kind is OtpKind.TOTP and values["time_interval"] is None:
        doubts.append("it does not say its time step; 30 s taken, but many such fobs run at 60 s")
    if kind is OtpKind.HOTP and values["time_interval"] is not None:
        doubts.append("it is counted by presses, yet has a time step")
    serial = (key.serial or key.id or "").strip()
    start, expiry = _dates(key)
    try:
        return SeedRecord(
            serial_number=serial,
            credential_id=(key.id or serial).strip(),
            seed=seed,
            kind=kind,
            algorithm=hash_of(key.algorithm_suite),
            digits=6 if key.response_length is None else key.response_length,
            counter=(values["counter"] or 0) if kind is OtpKind.HOTP else 0,
            step_seconds=30 if values["time_interval"] is None else values["time_interval"],
            time_steps=(values["time_offset"] or 0) if kind is OtpKind.TOTP else 0,
            drift_steps=(values["time_drift"] or 0) if kind is OtpKind.TOTP else 0,
            manufacturer=key.manufacturer or "",
            model=key.model or "",
            issuer=key.issuer or "",
            user=key.userid or "",
            start_date=start,
            expiry_date=expiry,
        )
    except ValueError as error:
        raise Unusable(str(error)) from None


def _kind(key: Key, values: Mapping[str, Any], doubts: list[str]) -> OtpKind:
    profile = _profile(key)
    if profile:
        return OtpKind[profile.upper()]
    if (values["counter"] is None) == (values["time_interval"] is None):
        raise Unusable("it does not name its algorithm")
    doubts.append("it does not name its algorithm; guessed from its counter or time step")
    return OtpKind.HOTP if values["time_interval"] is None else OtpKind.TOTP


def _profile(key: Key) -> str:
    """Return which profile the key names, "" for none at all, "?" for one we do not know."""
    if key.algorithm is None:
        return ""
    match = _PROFILE.fullmatch(key.algorithm.strip())
    return "?" if match is None else match[1].lower()


def _dates(key: Key) -> tuple[date | None, date | None]:
    """Return the days from the later start to the earlier end: the device's and the key's hold."""
    starts = [_day(day) for day in (key.start_date, key.policy.start_date) if day is not None]
    ends = [_day(day) for day in (key.expiry_date, key.policy.expiry_date) if day is not None]
    return max(starts, default=None), min(ends, default=None)


def _day(instant: datetime) -> date:
    return (instant.astimezone(UTC) if instant.tzinfo is not None else instant).date()
