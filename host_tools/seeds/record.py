"""One seed and everything a server or a fob must know about it."""

from dataclasses import dataclass, field
from datetime import date

from firmware_model.generators import COUNTER_MAX, DIGITS, Hash, OtpKind

SEED_BYTES_MAX = 128
"""A longer key only gets hashed down by HMAC, in every hash we know (RFC 2104 §2)."""

STEP_SECONDS_MAX = 2**31 - 1
"""xs:int, in which RFC 6030 §11 writes it; RFC 6238 sets no bound."""

NAME_CHARACTERS_MAX = 128
"""An authenticator's issuer and account together; a fob's own names have 64 (identity.py)."""

TEXT_CHARACTERS_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRecord:
    """What a seed file says about one OTP key.

    `serial_number` is the fob's, `credential_id` the key's (the same where a format has one
    only); each has 1 to 128 printable characters, of any script. `seed` is 1 to 128 bytes; it is
    empty only in a `SeedEntry` that is still locked. `counter`
    is HOTP's next moving factor (0..2^64-1) and 0 for TOTP. `step_seconds` and `t0_seconds` are
    RFC 6238's X (1..2^31-1) and T0, `time_steps` is the count of steps the file gives as the fob's
    time (mostly 0), and `drift_steps` is the fob's clock minus the server's, in steps (RFC 6030
    §4.3.4: negative where the fob is slow); all of them mean nothing for HOTP. The dates are days
    in UTC, both included. Raises ValueError with the reason where a value is out of range.

    Example:
        >>> keyfob.generate_seeds("fob-t60")[0].step_seconds
        60
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
                f"its codes have {self.digits} digits, not {DIGITS.start} to {DIGITS.stop - 1}"
            )
        if not 0 <= self.counter <= COUNTER_MAX:
            raise ValueError("its counter is not within 0 to 2^64-1 (RFC 4226 §5.1)")
        if not 1 <= self.step_seconds <= STEP_SECONDS_MAX:
            raise ValueError(f"its time step of {self.step_seconds} s is not within 1 to 2^31-1 s")
        if abs(self.drift_steps) > 2**31 or not 0 <= self.time_steps <= COUNTER_MAX:
            raise ValueError("its time or drift is out of range (RFC 6030 §4.3.4)")
        for what, text in (
            ("manufacturer", self.manufacturer),
            ("model", self.model),
            ("issuer", self.issuer),
            ("user", self.user),
        ):
            if len(text) > TEXT_CHARACTERS_MAX:
                raise ValueError(f"its {what} has more than {TEXT_CHARACTERS_MAX} characters")
            if not text.isprintable():
                raise ValueError(unprintable(text, what))
        if self.start_date and self.expiry_date and self.start_date > self.expiry_date:
            raise ValueError("it expires before it starts")


def _check(name: str, what: str) -> None:
    if not 1 <= len(name) <= NAME_CHARACTERS_MAX:
        raise ValueError(f"its {what} has {len(name)} characters, not 1 to {NAME_CHARACTERS_MAX}")
    if not name.isprintable():
        raise ValueError(unprintable(name, what))
    if name != name.strip():
        raise ValueError(f"its {what} has blanks at an end")


def unprintable(text: str, what: str) -> str:
    """Say which character of `text` is not printable: one of control, or that turns direction."""
    index, character = next(item for item in enumerate(text) if not item[1].isprintable())
    return (
        f"its {what} has the control or direction character U+{ord(character):04X}"
        f" at position {index + 1}; remove it"
    )
