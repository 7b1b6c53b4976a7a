"""What a PSKC key means: from its texts and decrypted values to a SeedRecord, or why not."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds.entry import ForeignKey, Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.pskc.ciphers import CipherFault, from_base64
from host_tools.seeds.pskc.numbers import number_from, number_in
from host_tools.seeds.pskc.values import PskcKey
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import other_spelling
from host_tools.seeds.tables.cells import STEP_MISSING

_PROFILE = re.compile(r"(?:.*[:#])?(hotp|totp)", re.IGNORECASE | re.DOTALL)
_FOREIGN = (
    (re.compile(r"(?:.*[:#])?pin", re.IGNORECASE | re.DOTALL), "a PIN of another key"),
    (re.compile(r".*ocra", re.IGNORECASE | re.DOTALL), "an OCRA key (RFC 6287)"),
    (re.compile(r"(?:.*[:#])?motp", re.IGNORECASE | re.DOTALL), "an mOTP key"),
    (re.compile(r".*yubi(key|co)", re.IGNORECASE | re.DOTALL), "a Yubico OTP key (AES)"),
    (
        re.compile(r".*actividentity", re.IGNORECASE | re.DOTALL),
        "an ActivIdentity key (Triple DES)",
    ),
    (re.compile(r".*securid", re.IGNORECASE | re.DOTALL), "an RSA SecurID key"),
)
_HASHES = {"": Hash.SHA1, "sha1": Hash.SHA1, "sha256": Hash.SHA256, "sha512": Hash.SHA512}


@lru_cache(256)
def hash_of(suite: str) -> Hash:
    """Return the hash a `Suite` names, in any of the spellings vendors use.

    Taken are SHA1, sha256, SHA-256, HMAC-SHA256, HmacSHA512 and their like; none means SHA-1.
    Raises Unusable for anything else.
    """
    plain = re.sub(r"[^a-z0-9]", "", suite.lower()).removeprefix("hmac")
    try:
        return _HASHES[plain]
    except KeyError:
        raise Unusable(f"its algorithm suite {quoted(suite)} is unknown") from None


@lru_cache(256)
def profile_of(algorithm: str) -> OtpKind | None:
    """Return which kind of code an algorithm names, None where it names none.

    Raises:
        ForeignKey: it is one of another kind of key.
        Unusable: it is unknown.
    """
    if not algorithm:
        return None
    if match := _PROFILE.fullmatch(algorithm):
        return OtpKind[match[1].upper()]
    for pattern, what in _FOREIGN:
        if pattern.match(algorithm):
            raise ForeignKey(what)
    raise Unusable(f"its algorithm {quoted(algorithm, 80)} is neither HOTP nor TOTP")


def check_purpose(key: PskcKey) -> None:
    """Refuse a key that is not there to make one-time codes of decimal digits.

    Raises:
        ForeignKey: it is a PIN (RFC 6030 §10.2) or for another algorithm that is known.
        Unusable: its algorithm is unknown; its policy holds rules we do not know, which forbids
            any use (RFC 6030 §5), or does not name one-time passwords; or its response is not
            plain decimal digits.
    """
    profile_of(key.algorithm)
    if key.unknown_policy:
        raise Unusable("its policy has rules keyfob does not know, so it may not be used")
    if key.usages and "OTP" not in key.usages:
        raise Unusable("its policy does not allow one-time passwords")
    if key.encoding and key.encoding.upper() != "DECIMAL":
        raise Unusable(f"its codes are {quoted(key.encoding)}, not DECIMAL")
    if key.check_digit:
        raise Unusable("its codes carry a check digit, which keyfob does not make")


def record_of(
    key: PskcKey, opened: Mapping[str, bytes], doubts: list[str], *, locked: bool = False
) -> SeedRecord:
    """Make the record of `key`; append to `doubts` what was guessed.

    `opened` holds its decrypted values; `locked` tells that the encrypted ones are not among them.

    Raises Unusable with the reason.
    """

    def number(name: str) -> int | None:
        value = key.values.get(name)
        if value is None:
            return None
        if value.plain is not None:
            return number_in(value.plain, name, doubts)
        return number_from(opened[name]) if name in opened else None

    counter, interval = number("counter"), number("time_interval")
    seed = _seed(key, opened, locked=locked)
    kind = profile_of(key.algorithm) or _guessed(counter, interval, doubts)
    timed = kind is OtpKind.TOTP
    if not key.length:
        doubts.append("it does not say how many digits; 6 taken")
    if timed and interval is None:
        doubts.append(STEP_MISSING)
    for tag in key.unknown_data:
        doubts.append(f"its Data holds {quoted(tag, 30)}, which was not heeded")
    if not timed and interval is not None:
        doubts.append("it is counted by presses, yet has a time step")
    device = key.device
    serial = device.serial or key.key_id
    if not serial:
        raise Unusable("nothing names it: it has neither a SerialNo nor a Key Id")
    start, expiry = _dates(key)
    try:
        return SeedRecord(
            serial_number=serial,
            credential_id=key.key_id or serial,
            seed=seed,
            kind=kind,
            algorithm=hash_of(key.suite),
            digits=key.length or 6,
            counter=0 if timed else counter or 0,
            step_seconds=interval if timed and interval is not None else 30,
            time_steps=(number("time") or 0) if timed else 0,
            drift_steps=(number("time_drift") or 0) if timed else 0,
            manufacturer=device.manufacturer,
            model=device.model,
            issuer=key.issuer,
            user=key.user or device.user,
            start_date=start,
            expiry_date=expiry,
        )
    except ValueError as error:
        raise Unusable(str(error)) from None


def _seed(key: PskcKey, opened: Mapping[str, bytes], *, locked: bool) -> bytes:
    value = key.values.get("secret")
    if value is None or (value.plain is None and not value.cipher):
        raise Unusable("it has no secret")
    if value.plain is None:
        return b"" if locked else opened["secret"]
    if other := other_spelling(value.plain):
        raise Unusable(f"its PlainValue is {other}, where base64 is expected (RFC 6030 §4.2)")
    try:
        return from_base64(value.plain, "its PlainValue")
    except CipherFault as error:
        raise Unusable(str(error)) from None


def _guessed(counter: int | None, interval: int | None, doubts: list[str]) -> OtpKind:
    if (counter is None) == (interval is None):
        raise Unusable("it does not name its algorithm")
    doubts.append("it does not name its algorithm; guessed from its counter or time step")
    return OtpKind.HOTP if interval is None else OtpKind.TOTP


def _dates(key: PskcKey) -> tuple[date | None, date | None]:
    """Return the days from the later start to the earlier end: the device's and the key's hold.

    The key's own date, in the drafts, stands for its policy's.
    """
    device = key.device
    starts = [_day(text) for text in (device.start, key.start or key.policy_start) if text]
    ends = [_day(text) for text in (device.expiry, key.expiry or key.policy_expiry) if text]
    return max(starts, default=None), min(ends, default=None)


@lru_cache(1024)
def _day(text: str) -> date:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = _other_form(text)
    return (instant.astimezone(UTC) if instant.tzinfo is not None else instant).date()


def _other_form(text: str) -> datetime:
    """Return a date in one of the other forms that vendors write, as python-pskc takes them."""
    from dateutil.parser import parse  # here, because nearly no file needs it

    try:
        instant = parse(text)
    except (ValueError, OverflowError):
        raise Unusable(
            f"a date is {quoted(text, 30)}, and 2031-12-31T00:00:00Z was expected"
        ) from None
    assert isinstance(instant, datetime)
    return instant
