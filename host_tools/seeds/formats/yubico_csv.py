"""The two logs of Yubico's personalisation tool: "traditional" (18 columns) and "Yubico".

Traditional: `OATH-HOTP,date,slot,public id,private id,secret,…`, digits in column 12, initial
moving factor in column 13. Yubico: `serial,public id,0,secret,access code,date,` for HOTP.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from firmware_model.generators import OtpKind
from host_tools.seeds.entry import (
    ForeignKey,
    Found,
    Reading,
    Remark,
    SeedEntry,
    TableColumns,
    Unusable,
)
from host_tools.seeds.privacy import displayed
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import hex_seed
from host_tools.seeds.tables.cells import identifier, kind_of, whole_number
from host_tools.seeds.tables.reader import first_rows
from host_tools.seeds.tables.rows import split_row
from host_tools.seeds.text_lines import TextLines

TRADITIONAL_COLUMNS = (
    "type", "date", "slot", "public ID", "private ID", "seed, hex", "access code",
    "new access code", "", "", "", "digits", "counter",
)  # fmt: skip
YUBICO_COLUMNS = ("serial", "public ID", "0 for OATH", "seed, hex", "access code", "date")

_TYPES = ("oath-hotp", "yubico otp", "static password", "challenge-response")
_TIMED = re.compile(r"\d{4}-\d\d-\d\dT")
_PRIVATE_ID = re.compile(r"[0-9a-fA-F]{12}")
_MODHEX = str.maketrans("cbdefghijklnrtuv", "0123456789abcdef")

RowReader = Callable[[Sequence[str], list[str]], SeedRecord]


def sniff_traditional(head: str) -> bool:
    """Tell whether a row starts with a type the tool logs, or the log's own first line."""
    rows = first_rows(head).rows
    return head.lstrip("\ufeff").startswith("LOGGING START") or bool(
        rows and rows[0][0].lower() in _TYPES
    )


def sniff_yubico(head: str) -> bool:
    """Tell whether the first row is serial, two IDs, secret, access code, date."""
    rows = first_rows(head).rows
    return bool(rows) and len(rows[0]) >= 6 and rows[0][0].isdigit() and bool(
        _TIMED.match(rows[0][5])
    )  # fmt: skip


def read_traditional(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the OATH-HOTP rows; other types of credential are left out by name."""
    yield _columns(TRADITIONAL_COLUMNS)
    yield from _rows(file, reading, _traditional, name=3)


def read_yubico(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the rows that hold an OATH secret; Yubico and static modes are left out by name."""
    yield _columns(YUBICO_COLUMNS)
    yield Remark("the format says neither slot nor digits; 6 digits taken", doubtful=True)
    yield from _rows(file, reading, _yubico, name=0)


def _rows(file: BinaryIO, reading: Reading, record_of: RowReader, name: int) -> Iterator[Found]:
    text = TextLines(file, reading)
    for number, line in text:
        if line.startswith("#") or line.lower().startswith("logging start"):
            continue
        where, doubts, serial = f"line {number}", list[str](), ""
        try:
            row = split_row(line, ",")
            serial = row[name] if len(row) > name else ""
            if shown := displayed(serial):
                where += f", {shown}"
            yield SeedEntry(where, record_of(row, doubts), doubts=tuple(doubts))
        except ForeignKey as error:
            yield Remark(f"left out: {error}", where, left_out=True, name=serial)
        except (Unusable, ValueError) as error:
            yield SeedEntry(where, fault=str(error), doubts=tuple(doubts), name=serial)
    if text.remark:
        yield Remark(text.remark)


def _traditional(row: Sequence[str], doubts: list[str]) -> SeedRecord:
    if kind_of(row[0]) is not OtpKind.HOTP:
        raise Unusable("its type is TOTP, which this log does not have")
    if not 12 <= len(row) <= 19:
        raise Unusable(f"{len(row)} columns instead of 12 to 19: fields are missing or shifted")
    slot, public_id = row[2], row[3]
    if not public_id:
        raise Unusable("it has no public ID, so nothing names the fob")
    if not slot.isdigit():
        raise Unusable("its slot in column 3 is no number: fields may be shifted")
    serial = f"UBOM{_modhex_number(public_id):08d}_{slot}"  # as privacyIDEA names them
    factor = whole_number(row[12], "moving factor") if len(row) > 12 and row[12] else 0
    if factor:
        doubts.append("its moving factor may count in sixteens; it was taken as it stands")
    return SeedRecord(
        serial_number=serial,
        credential_id=public_id,
        seed=hex_seed(row[5], doubts),
        kind=OtpKind.HOTP,
        digits=whole_number(row[11], "number of digits"),
        counter=factor,
        manufacturer="oath.UB",
    )


def _yubico(row: Sequence[str], doubts: list[str]) -> SeedRecord:
    if not 4 <= len(row) <= 7:
        raise Unusable(f"{len(row)} columns instead of 4 to 7: fields are missing or shifted")
    mode = row[2]
    if not mode:
        raise ForeignKey("a static password")
    if _PRIVATE_ID.fullmatch(mode):
        raise ForeignKey("a Yubico OTP key (AES)")
    if mode != "0":
        raise Unusable("its column 3 is neither 0 (OATH), empty (static) nor a private ID")
    serial = identifier(row[0])
    if not serial.isdigit():
        raise Unusable("its serial number in column 1 is no number: fields may be shifted")
    return SeedRecord(
        serial_number=serial,
        credential_id=row[1] or serial,
        seed=hex_seed(row[3], doubts),
        kind=OtpKind.HOTP,
        manufacturer="oath.UB",
    )


def _columns(names: Sequence[str]) -> TableColumns:
    return TableColumns(
        tuple(f"column {number}: {name}" for number, name in enumerate(names, 1) if name)
    )


def _modhex_number(public_id: str) -> int:
    try:
        return int(public_id.lower().translate(_MODHEX), 16)
    except ValueError:
        raise Unusable("its public ID is not modhex") from None
