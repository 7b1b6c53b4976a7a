"""One row of a table as a seed record."""

from collections.abc import Callable, Mapping

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
_NAMES = {Column.SERIAL: "serial number", Column.ID: "key identifier"}
FORMULA_STARTS = "=+-@\t\r＝＋－＠"
"""A spreadsheet takes a cell that begins so for a formula."""


def row_record(
    cells: Mapping[Column, str], layout: TableLayout, kind: TableKind, doubts: list[str]
) -> SeedRecord:
    """Return the record of a row; append to `doubts` what was guessed.

    Raises:
        ForeignKey: the row is for a token that is not OATH's.
        Unusable, ValueError: it cannot be taken, with the reason.
    """

    def cell(column: Column) -> str:
        return cells.get(column, "")

    def number(column: Column, what: str) -> int | None:
        return whole_number(cell(column), what) if cell(column) else None

    otp, hash_ = _type_and_hash(cell(Column.TYPE), cell(Column.HASH), cell(Column.ALGORITHM))
    serial = identifier(cell(Column.SERIAL))
    seed_cell = (
        next(cells[column] for column in cells if column in SEEDS) if SEEDS & set(cells) else ""
    )
    encoding = (layout.any_encoding and seed_encoding(seed_cell)) or layout.encoding
    if encoding != layout.encoding:
        doubts.append(f"its seed was read as {encoding}, where {layout.encoding} is expected")
    seed = _seed(cells, seed_cell, encoding, doubts)
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
    drift = cell(Column.DRIFT)
    t0 = number(Column.T0, "T0") or 0
    for what in (Column.MANUFACTURER, Column.MODEL, Column.ISSUER, Column.USER):
        if cell(what).startswith(tuple(FORMULA_STARTS)):
            doubts.append(f"its {what} begins as a formula of a spreadsheet does")
    if t0 and otp is OtpKind.TOTP:
        doubts.append(f"its time steps count from T0 = {t0} s, where nearly all count from 0")
    timed = otp is OtpKind.TOTP
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
        drift_steps=_signed(drift) if drift and timed else 0,
        start_date=day(cell(Column.START), "start date") if cell(Column.START) else None,
        expiry_date=day(cell(Column.EXPIRY), "expiry date") if cell(Column.EXPIRY) else None,
        manufacturer=cell(Column.MANUFACTURER),
        model=cell(Column.MODEL),
        issuer=cell(Column.ISSUER),
        user=cell(Column.USER),
    )


def _seed(cells: Mapping[Column, str], cell: str, encoding: str, doubts: list[str]) -> bytes:
    """Return the seed of a row; raises Unusable, naming a column that looks like the seed."""
    if len(cell) < SEED_CHARACTERS_MIN and not SCIENTIFIC.fullmatch(cell):
        for column, text in cells.items():
            if column not in SEEDS and seed_encoding(text):
                what = _NAMES.get(column, str(column))
                raise Unusable(
                    f"its {what} looks like a seed, and its seed does not:"
                    " fields are shifted or swapped"
                )
    try:
        return _DECODERS[encoding](cell, doubts)
    except seed_text.OtherSpelling as error:
        raise Unusable(f"{error}; --columns can say {error.spelling}") from None


def _type_and_hash(otp: str, hash_: str, algorithm: str) -> tuple[OtpKind | None, Hash | None]:
    """Return what the three columns name; `algorithm` stands for either of the others."""
    if algorithm and not otp and not is_hash(algorithm):
        otp = algorithm
    elif algorithm and not hash_:
        hash_ = algorithm
    if otp and not hash_ and is_hash(otp):
        otp, hash_ = "", otp
    return kind_of(otp) if otp else None, hash_named(hash_) if hash_ else None


def _guessed(step: int | None, counter: int | None, doubts: list[str]) -> OtpKind:
    kind = OtpKind.TOTP if step is not None and counter is None else OtpKind.HOTP
    doubts.append(f"it does not name its type; {kind.name} taken")
    return kind


def _signed(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    return sign * whole_number(text.lstrip("+-"), "drift")
