"""One row of a table as a seed record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from firmware_model.generators import Hash, OtpKind
from host_tools.seeds import seed_text
from host_tools.seeds.columns import SEEDS, Column
from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import SEED_CHARACTERS_MIN
from host_tools.seeds.record import SeedRecord
from host_tools.seeds.seed_text import SCIENTIFIC
from host_tools.seeds.tables.cells import (
    STEP_MISSING,
    day,
    hash_named,
    identifier,
    is_hash,
    kind_of,
    seed_encoding,
    whole_number,
)
from host_tools.seeds.tables.kinds import TableKind
from host_tools.seeds.tables.layout import TableLayout

_DECODERS: dict[str, Callable[[str, list[str]], bytes]] = {
    "hex": seed_text.hex_seed,
    "base32": seed_text.base32_seed,
    "base64": seed_text.base64_seed,
}
Value = TypeVar("Value")

_NAMES = {Column.SERIAL: "serial number", Column.ID: "key identifier"}
FORMULA_STARTS = "=+-@\t\r＝＋－＠"
"""A spreadsheet takes a cell that begins so for a formula."""


@dataclass(frozen=True, slots=True)
class RowCells:
    """The cells of a row by their meaning."""

    cells: Mapping[Column, str]
    layout: TableLayout

    def text(self, column: Column) -> str:
        """Return a cell, "" where the table has none."""
        return self.cells.get(column, "")

    def value(self, column: Column, read: Callable[[str], Value], empty: Value) -> Value:
        """Return what `read` makes of a cell, `empty` where there is nothing in it.

        Raises Unusable with the reason and the column's number.
        """
        text = self.cells.get(column, "")
        if not text:
            return empty
        try:
            return read(text)
        except Unusable as error:
            raise Unusable(f"{error} ({self.place(column)})") from None

    def number(self, column: Column, what: str) -> int | None:
        """Return a cell's whole number, None where there is none; raises as `value`."""
        return self.value(column, lambda text: whole_number(text, what), None)

    def place(self, column: Column) -> str:
        """Return where `column` stands, in words."""
        return f"column {self.layout.columns.index(column) + 1}"


def row_record(
    cells: Mapping[Column, str], layout: TableLayout, kind: TableKind, doubts: list[str]
) -> SeedRecord:
    """Return the record of a row; append to `doubts` what was guessed.

    Raises:
        ForeignKey: the row is for a token that is not OATH's.
        Unusable, ValueError: it cannot be taken, with the reason.
    """
    row = RowCells(cells, layout)
    cell, number = row.text, row.number
    otp, hash_ = _type_and_hash(row)
    serial = row.value(Column.SERIAL, identifier, "") or identifier("")
    seed = _seed(row, doubts)
    step = number(Column.STEP, "time step")
    counter = number(Column.COUNTER, "counter")
    moving = number(Column.MOVING, "counter or time step")
    otp = otp or kind.otp or _guessed(step, counter, doubts)
    if otp is OtpKind.TOTP:
        step = moving if step is None else step
        if step is None:
            doubts.append(STEP_MISSING)
    elif counter is None:
        counter = moving
    if hash_ is None:
        hash_ = seed_text.hash_by_length(seed, doubts) if kind.hash_by_length else Hash.SHA1
    digits = number(Column.DIGITS, "number of digits")
    drift = row.value(Column.DRIFT, _signed, 0)
    t0 = number(Column.T0, "T0") or 0
    for what in (Column.MANUFACTURER, Column.MODEL, Column.ISSUER, Column.USER):
        if cell(what).startswith(tuple(FORMULA_STARTS)):
            doubts.append(f"its {what} begins as a formula of a spreadsheet does")
    if t0 and otp is OtpKind.TOTP:
        doubts.append(f"its time steps count from T0 = {t0} s, where nearly all count from 0")
    timed = otp is OtpKind.TOTP
    start = row.value(Column.START, lambda text: day(text, "start date"), None)
    expiry = row.value(Column.EXPIRY, lambda text: day(text, "expiry date"), None)
    return SeedRecord(
        serial_number=serial,
        credential_id=cell(Column.ID) or serial,
        seed=seed,
        kind=otp,
        algorithm=hash_,
        digits=6 if digits is None else digits,
        counter=0 if timed else counter or 0,
        step_seconds=step if timed and step is not None else 30,
        t0_seconds=t0 if timed else 0,
        drift_steps=drift if timed else 0,
        start_date=start,
        expiry_date=expiry,
        manufacturer=cell(Column.MANUFACTURER),
        model=cell(Column.MODEL),
        issuer=cell(Column.ISSUER),
        user=cell(Column.USER),
    )


def _seed(row: RowCells, doubts: list[str]) -> bytes:
    """Return the seed of a row; raises Unusable, naming a column that looks like the seed."""
    layout = row.layout
    column = next((one for one in row.cells if one in SEEDS), Column.SEED)
    text = row.text(column)
    encoding = (layout.any_encoding and seed_encoding(text)) or layout.encoding
    if encoding != layout.encoding:
        doubts.append(f"its seed was read as {encoding}, where {layout.encoding} is expected")
    if len(text) < SEED_CHARACTERS_MIN and not SCIENTIFIC.fullmatch(text):
        for other, cell in row.cells.items():
            if other not in SEEDS and seed_encoding(cell):
                what = _NAMES.get(other, str(other))
                raise Unusable(
                    f"its {what} looks like a seed ({row.place(other)}), and its seed does not:"
                    " fields are shifted or swapped"
                )
    try:
        return _DECODERS[encoding](text, doubts)
    except seed_text.OtherSpelling as error:
        hint = f"--columns can say {error.spelling}"
        raise Unusable(f"{error} ({row.place(column)}); {hint}") from None
    except Unusable as error:
        where = f" ({row.place(column)})" if column in row.cells else ""
        raise Unusable(f"{error}{where}") from None


def _type_and_hash(row: RowCells) -> tuple[OtpKind | None, Hash | None]:
    """Return what three columns name; the algorithm's stands for either of the others."""
    otp, hash_ = Column.TYPE, Column.HASH
    if algorithm := row.text(Column.ALGORITHM):
        if not row.text(Column.TYPE) and not is_hash(algorithm):
            otp = Column.ALGORITHM
        elif not row.text(hash_):
            hash_ = Column.ALGORITHM
    if row.text(otp) and not row.text(hash_) and is_hash(row.text(otp)):
        return None, row.value(otp, hash_named, None)
    return row.value(otp, kind_of, None), row.value(hash_, hash_named, None)


def _guessed(step: int | None, counter: int | None, doubts: list[str]) -> OtpKind:
    kind = OtpKind.TOTP if step is not None and counter is None else OtpKind.HOTP
    doubts.append(f"it does not name its type; {kind.name} taken")
    return kind


def _signed(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * whole_number(text.lstrip("+-"), "drift")
