"""The kinds of tables: where the columns stand without a header, and what is meant by silence."""

from dataclasses import dataclass

from firmware_model.generators import OtpKind
from host_tools.seeds.columns import Column

USER, SERIAL, HEX = Column.USER, Column.SERIAL, Column.HEX


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKind:
    """One kind of table.

    `columns` stand in this order where there is no header, the first `required` of them in every
    row. `encoding` is how the seed is written ("" for any, found by content), `otp` the type of
    token where none is named (None: guessed with a doubt).
    """

    columns: tuple[Column, ...] = ()
    required: int = 2
    encoding: str = ""
    otp: OtpKind | None = None
    hash_by_length: bool = False


_OATH = (SERIAL, HEX, Column.TYPE, Column.DIGITS, Column.MOVING, Column.HASH)

OATH = TableKind(columns=_OATH, encoding="hex", otp=OtpKind.HOTP, hash_by_length=True)
"""OATH CSV of privacyIDEA, LinOTP and NetIQ; LinOTP adds the sixth column."""

OATH_2 = TableKind(
    columns=(USER, Column.IGNORED, Column.IGNORED, *_OATH),
    required=5,
    encoding="hex",
    otp=OtpKind.HOTP,
    hash_by_length=True,
)
"""After a first line `# version: 2`: user, resolver and realm stand before."""

MULTIOTP = TableKind(
    columns=(SERIAL, Column.MANUFACTURER, Column.TYPE, HEX, Column.DIGITS, Column.MOVING),
    required=5,
    encoding="hex",
)

ENTRA = TableKind(encoding="base32", otp=OtpKind.TOTP)
"""Microsoft Entra ID's upload, with a header."""

ANY = TableKind(hash_by_length=True)
"""Any other table: columns by its header, by --columns, or by content."""
