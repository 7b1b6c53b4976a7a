"""From seed and moving factor to code: HOTP (RFC 4226) and TOTP (RFC 6238).

Every code comes from `OtpKey.code(factor, digits)`; for TOTP the factor is `time_step(...)`.
"""

from firmware_model.generators.hotp import (
    COUNTER_MAX,
    DIGITS,
    Hash,
    OtpKey,
    OtpKind,
    hotp,
    truncated,
)
from firmware_model.generators.totp import step_start, time_step, totp

__all__ = [
    "COUNTER_MAX",
    "DIGITS",
    "Hash",
    "OtpKey",
    "OtpKind",
    "hotp",
    "step_start",
    "time_step",
    "totp",
    "truncated",
]
