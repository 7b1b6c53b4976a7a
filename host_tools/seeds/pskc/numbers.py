"""The numbers of a key: counter, step, time, drift; as text, base64 or decrypted bytes."""

import re

from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.pskc.ciphers import CipherFault, from_base64

XS_LONG_MAX = 2**63 - 1
"""RFC 6030 §11 writes a counter as xs:long."""

ELEMENTS = {
    "counter": "Counter",
    "time": "Time",
    "time_interval": "TimeInterval",
    "time_drift": "TimeDrift",
}

_BINARY_BYTES = (4, 8)
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"([+-]?[0-9]{1,20})\.0*")


def number_in(text: str, name: str, doubts: list[str]) -> int:
    """Return the number that the PlainValue of `name` (a key of `ELEMENTS`) gives.

    Decimal digits are the standard, four or eight bytes in base64 a draft's way; a fraction of
    zeros is taken with a doubt, except for a drift, which then counts another unit.

    Raises Unusable, naming the element and its value.
    """
    element = ELEMENTS[name]
    if _WHOLE.fullmatch(text):
        number = int(text)
        if number > XS_LONG_MAX:
            doubts.append(f"its {element} is above 2^63-1, where RFC 6030 §11 ends (xs:long)")
        return number
    decimal = _DECIMAL.fullmatch(text)
    if decimal and name != "time_drift":
        doubts.append(f"its {element} is written as a decimal fraction; {int(decimal[1])} taken")
        return int(decimal[1])
    try:
        data = from_base64(text, element)
    except CipherFault:
        data = b""
    if data.isdigit() or len(data) in _BINARY_BYTES:
        return number_from(data)
    unit = ", in steps of the fob's clock" if name == "time_drift" else ""
    raise Unusable(f"its {element} {quoted(text, 20)} is no whole number{unit} (RFC 6030 §4.3.4)")


def number_from(data: bytes) -> int:
    """Return the number that decrypted bytes give: ASCII digits, or big-endian."""
    return int(data) if data.isdigit() and len(data) <= 20 else int.from_bytes(data)
