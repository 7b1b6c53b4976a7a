"""OATH CSV, as privacyIDEA, LinOTP and NetIQ take it: no header, seed in hex.

`serial, seed[, hotp|totp[, digits[, counter or step[, hash]]]]`; after a first line
`# version: 2` three columns stand before: user, resolver, realm.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import tabular
from host_tools.seeds.entry import Found, Reading, Secret, Unusable
from host_tools.seeds.record import SeedRecord

_VERSION = re.compile(r"#\s*version:\s*([0-9]+)", re.IGNORECASE)
_HEX = re.compile(r"[0-9A-Fa-f ]{8,}")


def sniff(head: str) -> bool:
    """Tell whether the first row is a serial number and a seed in hex."""
    if _VERSION.match(head):
        return True
    row = next((line for line in head.splitlines() if line.strip() and line[0] != "#"), "")
    fields = [field.strip() for field in row.split(",")]
    return len(fields) >= 2 and bool(fields[0]) and _HEX.fullmatch(fields[1]) is not None


def read(file: BinaryIO, reading: Reading) -> Iterator[Found]:
    """Yield what the rows hold; see `tabular.rows` for what it raises."""
    version = "1"
    for number, line in tabular.lines(file, reading):
        if number == 1 and (match := _VERSION.match(line)):
            version = match[1]
        if line.startswith("#"):
            continue
        fields = [field.strip() for field in next(csv.reader([line]))]
        user = ""
        if version == "2":
            user, fields = fields[0], fields[3:]
        serial = fields[0] if fields else ""
        yield tabular.entry_of(number, serial, partial(_record, fields, user))


def write(file: BinaryIO, records: Iterable[SeedRecord], secret: Secret) -> int:
    """Write version 1 in clear; return how many records there were."""
    del secret
    text = io.TextIOWrapper(file, "utf-8", newline="\n", write_through=True)
    count = 0
    for record in records:
        row: list[object] = [record.serial_number, record.seed.hex(), record.kind.name.lower()]
        row += [record.digits]
        row += [record.counter if record.kind is OtpKind.HOTP else record.step_seconds]
        if record.algorithm is not Hash.SHA1 or len(record.seed) in (32, 64):
            row.append(record.algorithm.name.lower())
        csv.writer(text, lineterminator="\n").writerow(row)
        count += 1
    text.detach()
    return count


def _record(row: list[str], user: str, doubts: list[str]) -> SeedRecord:
    row = row + [""] * (6 - len(row))
    serial = tabular.identifier(row[0])
    seed = tabular.hex_seed(row[1], doubts)
    try:
        kind = OtpKind[(row[2] or "hotp").upper()]
    except KeyError:
        raise Unusable(f"its type {row[2][:20]!r} is neither hotp nor totp") from None
    digits = tabular.whole_number(row[3], "number of digits") if row[3] else 6
    last = tabular.whole_number(row[4], "counter or time step") if row[4] else None
    if kind is OtpKind.TOTP and last is None:
        doubts.append("it does not say its time step; 30 s taken, but many such fobs run at 60 s")
    return SeedRecord(
        serial_number=serial,
        credential_id=serial,
        seed=seed,
        kind=kind,
        algorithm=_hash(row[5], seed, doubts),
        digits=digits,
        counter=(last or 0) if kind is OtpKind.HOTP else 0,
        step_seconds=30 if kind is OtpKind.HOTP or last is None else last,
        user=user,
    )


def _hash(text: str, seed: bytes, doubts: list[str]) -> Hash:
    if not text:
        return tabular.hash_by_length(seed, doubts)
    try:
        return Hash[text.upper().replace("-", "").removeprefix("HMAC")]
    except KeyError:
        raise Unusable(f"its hash {text[:20]!r} is none of sha1, sha256, sha512") from None
