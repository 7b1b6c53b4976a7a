"""The two logs of Yubico's personalisation tool: "traditional" (18 columns) and "Yubico".

Traditional: `OATH-HOTP,date,slot,public id,private id,secret,…`, digits in column 12, moving factor
in column 13. Yubico: `serial,public id,moving factor,secret,access code,date,` for OATH-HOTP. Both
may stand in one file, as privacyIDEA's and LinOTP's importers take them.

After the tool's source (yubikey-personalization-gui, `yubikeylogger.cpp` of 2024-05): the moving
factor is the counter itself, a multiple of 16 up to 1,048,560; a challenge-response key looks like
an OATH-HOTP key without public ID at moving factor 0.
"""

import re
from collections.abc import Iterator, Sequence
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
YUBICO_COLUMNS = ("serial", "public ID", "counter", "seed, hex", "access code", "date")

MOVING_FACTOR_MAX = 65_535 * 16
"""A YubiKey keeps it in 16 bits, in sixteens."""

_TYPES = ("oath-hotp", "yubico otp", "static password", "challenge-response", "configuration ")
_TIMED = re.compile(r"\d{4}-\d\d-\d\dT")
_FACTOR = re.compile(r"[0-9]{1,7}")
_PRIVATE_ID = re.compile(r"[0-9a-fA-F]{12}")
_MODHEX = str.maketrans("cbdefghijklnrtuv", "0123456789abcdef")


def sniff_traditional(head: str) -> bool:
    """Tell whether the first row starts with a type the tool logs, or is the log's first line."""
    rows = first_rows(head).rows
    return head.lstrip("\ufeff").startswith("LOGGING START") or bool(
        rows and rows[0][0].lower().startswith(_TYPES)
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
    yield from _rows(file, reading)


def read_yubico(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield the rows that hold an OATH secret; Yubico and static modes are left out by name."""
    yield _columns(YUBICO_COLUMNS)
    yield from _rows(file, reading)


def _rows(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    text = TextLines(file, reading)
    for number, line in text:
        if line.startswith("#") or line.lower().startswith("logging start"):
            continue
        where, doubts, name = f"line {number}", list[str](), ""
        try:
            row = split_row(line, ",")
            record_of, index = (_yubico, 0) if row[0].isdigit() else (_traditional, 3)
            name = row[index] if len(row) > index else ""
            if shown := displayed(name):
                where += f", {shown}"
            yield SeedEntry(where, record_of(row, doubts), doubts=tuple(doubts))
        except ForeignKey as error:
            yield Remark(f"left out: {error}", where, left_out=True, name=name)
        except (Unusable, ValueError) as error:
            yield SeedEntry(where, fault=str(error), doubts=tuple(doubts), name=name)
    if text.remark:
        yield Remark(text.remark)


def _traditional(row: Sequence[str], doubts: list[str]) -> SeedRecord:
    if row[0].lower().startswith("configuration "):
        raise ForeignKey("a change of a YubiKey's settings, which holds no key")
    if kind_of(row[0].partition(":")[0]) is not OtpKind.HOTP:
        raise Unusable("its type is TOTP, which this log does not have")
    if not 12 <= len(row) <= 19:
        raise Unusable(f"{len(row)} columns instead of 12 to 19: fields are missing or shifted")
    slot, public_id = row[2], row[3]
    if not slot.isdigit():
        raise Unusable("its slot in column 3 is no number: fields may be shifted")
    if not public_id:
        raise Unusable(
            "its public ID in column 4 is empty: write there what names the fob, in"
            " modhex letters (cbdefghijklnrtuv)"
        )
    return SeedRecord(
        serial_number=f"UBOM{_modhex_number(public_id):08d}_{slot}",  # as privacyIDEA names them
        credential_id=public_id,
        seed=hex_seed(row[5], doubts),
        kind=OtpKind.HOTP,
        digits=whole_number(row[11], "number of digits"),
        counter=_moving_factor(row[12]) if len(row) > 12 and row[12] else 0,
        manufacturer="oath.UB",
    )


def _yubico(row: Sequence[str], doubts: list[str]) -> SeedRecord:
    if not 4 <= len(row) <= 7:
        raise Unusable(f"{len(row)} columns instead of 4 to 7: fields are missing or shifted")
    mode = row[2].replace(" ", "")
    if not mode:
        raise ForeignKey("a static password")
    if _PRIVATE_ID.fullmatch(mode):
        raise ForeignKey("a Yubico OTP key (AES)")
    if not _FACTOR.fullmatch(mode):
        raise Unusable(
            "its column 3 is neither a moving factor (OATH), empty (static) nor a private ID"
        )
    serial = identifier(row[0])
    counter = _moving_factor(mode)
    doubts.append("the format says neither slot nor digits; 6 digits taken")
    if not row[1] and not counter:
        doubts.append("it may be a challenge-response key, which looks the same in this log")
    return SeedRecord(
        serial_number=serial,
        credential_id=row[1] or serial,
        seed=hex_seed(row[3], doubts),
        kind=OtpKind.HOTP,
        counter=counter,
        manufacturer="oath.UB",
    )


def _moving_factor(text: str) -> int:
    """Return the counter; raises Unusable for one at which a YubiKey cannot start."""
    factor = whole_number(text, "moving factor")
    if factor % 16 or factor > MOVING_FACTOR_MAX:
        raise Unusable(
            f"its moving factor is no multiple of 16 up to {MOVING_FACTOR_MAX:,}, as YubiKeys have"
        )
    return factor


def _columns(names: Sequence[str]) -> TableColumns:
    return TableColumns(
        tuple(f"column {number}: {name}" for number, name in enumerate(names, 1) if name)
    )


def _modhex_number(public_id: str) -> int:
    try:
        return int(public_id.lower().translate(_MODHEX), 16)
    except ValueError:
        raise Unusable("its public ID is not modhex") from None
