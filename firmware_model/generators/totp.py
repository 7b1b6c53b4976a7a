"""TOTP, the time-based code: RFC 6238, which is HOTP over a count of time steps."""

from firmware_model.generators.hotp import Hash, hotp


def time_step(unix_seconds: int, step_seconds: int = 30, t0_seconds: int = 0) -> int:
    """Return T = floor((time - T0) / X) of RFC 6238 §4.2.

    All three are whole seconds; `t0_seconds` counts from 1970. The result is negative before T0,
    which no code can be made of. Raises ValueError when `step_seconds` is not positive.
    """
    if step_seconds < 1:
        raise ValueError(f"a time step is at least one second, not {step_seconds}")
    return (unix_seconds - t0_seconds) // step_seconds


def step_start(step: int, step_seconds: int = 30, t0_seconds: int = 0) -> int:
    """Return the first second, since 1970, of time step `step`."""
    return t0_seconds + step * step_seconds


def totp(
    seed: bytes,
    unix_seconds: int,
    digits: int = 6,
    algorithm: Hash = Hash.SHA1,
    step_seconds: int = 30,
    t0_seconds: int = 0,
) -> str:
    """Return the TOTP code at `unix_seconds`; raises ValueError for a time before T0."""
    return hotp(seed, time_step(unix_seconds, step_seconds, t0_seconds), digits, algorithm)
