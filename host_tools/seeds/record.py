"""One seed and everything a server or a fob must know about it."""

from dataclasses import dataclass, field
from datetime import date

from firmware_model.generators import COUNTER_MAX, DIGITS, Hash, OtpKind
from firmware_model.identity import check_identifier

SEED_BYTES_MAX = 128
"""A longer key only gets hashed down by HMAC, in every hash we know (RFC 2104 §2)."""

STEP_SECONDS_MAX = 86_400
TEXT_CHARACTERS_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord:
    """What a seed file says about one OTP key.

    `serial_number` is the fob's, `credential_id` the key's (the same where a format has one
    only). `seed` is 1 to 128 bytes; it is empty only in an `Entry` that is still locked. `counter`
    is HOTP's next moving factor (0..2^64-1) and 0 for TOTP. `step_seconds` and `t0_seconds` are
    RFC 6238's X (1..86400) and T0, `time_steps` is the count of steps the file gives as the fob's
    time (mostly 0), and `drift_steps` is the fob's clock minus the server's, in steps (RFC 6030
    §4.3.4: negative where the fob is slow); all of them mean nothing for HOTP. The dates are days
    in UTC, both included. Raises ValueError with the reason where a value is out of range.
    """

    serial_number: str
    credential_id: str
    seed: bytes = field(repr=False)
    kind: OtpKind
    algorithm: Hash = Hash.SHA1
    digits: int = 6
    counter: int = 0
    step_seconds: int = 30
    t0_seconds: int = 0
    time_steps: int = 0
    drift_steps: int = 0
    manufacturer: str = ""
    model: str = ""
    issuer: str = ""
    user: str = ""
    start_date: date | None = None
    expiry_date: date | None = None

    def __post_init__(self) -> None:
        _check(self.serial_number, "serial number")
        _check(self.credential_id, "key identifier")
        if len(self.seed) > SEED_BYTES_MAX:
            raise ValueError(f"its seed has {len(self.seed)} bytes, at most {SEED_BYTES_MAX} fit")
        if self.digits not in DIGITS:
            raise ValueError(
                f"it wants codes of {self.digits} digits; {DIGITS.start} to {DIGITS.stop - 1} exist"
            )
        if not 0 <= self.counter <= COUNTER_MAX:
            raise ValueError("its counter is not within 0 to 2^64-1 (RFC 4226 §5.1)")
        if not 1 <= self.step_seconds <= STEP_SECONDS_MAX:
            raise ValueError(f"its time step of {self.step_seconds} s is not within 1 to 86400 s")
        if abs(self.drift_steps) > 2**31 or not 0 <= self.time_steps <= COUNTER_MAX:
            raise ValueError("its time or drift is out of range (RFC 6030 §4.3.4)")
        for text in (self.manufacturer, self.model, self.issuer, self.user):
            if len(text) > TEXT_CHARACTERS_MAX or not text.isprintable():
                raise ValueError(
                    "its manufacturer, model, issuer or user is no printable text"
                    f" of at most {TEXT_CHARACTERS_MAX} characters"
                )
        if self.start_date and self.expiry_date and self.start_date > self.expiry_date:
            raise ValueError("it expires before it starts")


def _check(identifier: str, what: str) -> None:
    try:
        check_identifier(identifier)
    except ValueError as error:
        raise ValueError(f"its {what} is not usable: {error}") from None
