"""privacyIDEA's own export: lower-case tags, and some values of the server's own database.

Seen with privacyIDEA 3.14 (`lib/importotp.py`, export_pskc; a file of it is in vectors/): the hash
is an attribute of Suite (`hashalgo`, which its own import overlooks), press-counted keys have a
TimeInterval of 0, TimeDrift is the server's timeShift in seconds, possibly with decimals or `None`.
"""

import math

from host_tools.seeds.entry import ForeignKey, Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.pskc.values import PskcKey, PskcValue

ISSUER = "privacyIDEA"


def matches(key: PskcKey) -> bool:
    """Tell whether `key` is from such an export: it always names itself as the issuer."""
    return key.issuer == ISSUER


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Drop the time values of press-counted keys; turn the drift from seconds into steps.

    Raises:
        ForeignKey: the key is a password, which such exports hold too.
        Unusable: the drift is no number.
    """
    if key.algorithm.endswith(":pw"):
        raise ForeignKey("a password of privacyIDEA")
    drift = key.values.get("time_drift")
    if key.algorithm.endswith(":hotp"):
        for name in ("time_interval", "time_drift", "time"):
            key.values.pop(name, None)
    elif drift is not None and drift.plain is not None:
        key.values["time_drift"] = _in_steps(drift.plain, _step(key), doubts)


def _step(key: PskcKey) -> int:
    interval = key.values.get("time_interval")
    text = interval.plain if interval is not None else None
    return int(text) if text and text.isascii() and text.isdigit() and int(text) else 30


def _in_steps(text: str, step: int, doubts: list[str]) -> PskcValue:
    try:
        seconds = 0.0 if text == "None" else float(text)
    except ValueError:
        seconds = math.nan
    if not abs(seconds) < 2**31:
        raise Unusable(f"its TimeDrift {quoted(text, 20)} is no number of seconds")
    steps = round(seconds / step)
    if seconds:
        doubts.append(
            f"its TimeDrift {quoted(text, 20)} is in seconds, as privacyIDEA writes it;"
            f" {steps} steps of {step} s taken"
        )
    return PskcValue(plain=str(steps))
