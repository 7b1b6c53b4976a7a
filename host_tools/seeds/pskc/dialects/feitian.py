"""Feitian's files: PSKC 1.0 in clear today, the drafts' form before (LinOTP's "Feitian XML").

What they leave out is the step, where the buyer knows it: a c200 runs at 60 s unless it was ordered
otherwise, and RFC 6030 §4.3.4 means 30 s. After the samples in python-pskc's and LinOTP's tests.
"""

import re

from host_tools.seeds.pskc.values import PskcKey

_MAKER = re.compile(r"\b(feitian|ftsafe)\b", re.IGNORECASE)


def matches(key: PskcKey) -> bool:
    """Tell whether the maker is Feitian."""
    return _MAKER.search(key.device.manufacturer) is not None


def adapt(key: PskcKey, doubts: list[str]) -> None:
    """Doubt a time-based key without a step."""
    if key.algorithm.lower().endswith("totp") and "time_interval" not in key.values:
        doubts.append("Feitian's time-based fobs run at 60 s unless they were ordered otherwise")
