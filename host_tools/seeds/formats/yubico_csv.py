"""The two logs of Yubico's personalisation tool: "traditional" (18 columns) and "Yubico".

Traditional: `OATH-HOTP,date,slot,public id,private id,secret,…`, digits in column 12, initial
moving factor in column 13. Yubico: `serial,public id,0,secret,access code,date,` for HOTP.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from firmware_model.generators import OtpKind
from host_tools.seeds import tabular
from host_tools.seeds.entry import Found, Reading, Remark, Unusable
from host_tools.seeds.record import SeedRecord

_TYPES = ("oath-hotp", "yubico otp", "static password", "challenge-response")
_TIMED = re.compile(r"\d{4}-\d\d-\d\dT")
_MODHEX = str.maketrans("cbdefghijklnrtuv", "0123456789abcdef")


def sniff_traditional(head: str) -> bool:
    """Tell whether a row starts with a type the tool logs, or the log's own first line."""
    first = next((line for line in head.splitlines() if line.strip() and line[0] != "#"), "")
    return first.startswith("LOGGING START") or first.split(",")[0].strip().lower() in _TYPES


def sniff_yubico(head: str) -> bool:
    """Tell whether the first row is serial, two IDs, secret, access code, date."""
    first = next((line for line in head.splitlines() if line.strip() and line[0] != "#"), "")
    fields = [field.strip() for field in first.split(",")]
    return len(fields) >= 6 and fields[0].isdigit() and bool(_TIMED.match(fields[5]))


def read_traditional(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the OATH-HOTP rows; other types of credential are remarked upon."""
    for number, row in tabular.rows(file, reading):
        kind = row[0].lower()
        if kind.startswith("logging start"):
            continue
        if kind != "oath-hotp":
            yield Remark(
                f"{row[0][:40]!r}, not a one-time code of OATH, not read", f"line {number}"
            )
            continue
        yield tabular.entry_of(
            number,
            row[3] if len(row) > 3 else "",
            partial(_traditional, row),
        )


def read_yubico(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the rows that hold an OATH secret; Yubico and static modes are remarked upon."""
    yield Remark("the format says neither slot nor digits; 6 digits taken", doubtful=True)
    for number, row in tabular.rows(file, reading):
        if len(row) > 2 and row[2] != "0":
            yield Remark("a Yubico OTP or static password, not read", where=f"line {number}")
            continue
        yield tabular.entry_of(number, row[0], partial(_yubico, row))


def _traditional(row: list[str], doubts: list[str]) -> SeedRecord:
    if len(row) < 12:
        raise Unusable(f"it has {len(row)} columns, at least 12 expected")
    slot, public_id = row[2], row[3]
    if not public_id:
        raise Unusable("it has no public ID, so nothing names the fob")
    serial = f"UBOM{_modhex_number(public_id):08d}_{slot}"  # as privacyIDEA names them
    factor = tabular.whole_number(row[12], "moving factor") if len(row) > 12 and row[12] else 0
    if factor:
        doubts.append("its moving factor may count in sixteens; it was taken as it stands")
    return SeedRecord(
        serial_number=serial,
        credential_id=public_id,
        seed=tabular.hex_seed(row[5], doubts),
        kind=OtpKind.HOTP,
        digits=tabular.whole_number(row[11], "number of digits"),
        counter=factor,
        manufacturer="oath.UB",
    )


def _yubico(row: list[str], doubts: list[str]) -> SeedRecord:
    if len(row) < 4:
        raise Unusable(f"it has {len(row)} columns, at least 4 expected")
    serial = tabular.identifier(row[0])
    return SeedRecord(
        serial_number=serial,
        credential_id=row[1] or serial,
        seed=tabular.hex_seed(row[3], doubts),
        kind=OtpKind.HOTP,
        manufacturer="oath.UB",
    )


def _modhex_number(public_id: str) -> int:
    try:
        return int(public_id.lower().translate(_MODHEX), 16)
    except ValueError:
        raise Unusable("its public ID is not modhex") from None
