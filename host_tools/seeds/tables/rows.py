"""Rows of a table: which delimiter, which fields, which line is the header."""

import csv
import re
from collections.abc import Sequence

from host_tools.seeds.columns import SEEDS, Column, named_column
from host_tools.seeds.entry import Unusable
from host_tools.seeds.tables.cells import unwrapped

DELIMITERS = "\t;,|"
"""In the order of preference where several fit: commas also stand in decimals and in names."""

BLANKS = " "
"""Runs of blanks, where nothing else stands between fields."""

HEADER_ROWS = 5
"""A header stands within the first lines; titles may stand before it."""

_TABS_ARE_BLANKS = re.compile(r"[;,|]\t")
"""Columns that are set out with tabs after their delimiters."""

_SEPARATOR_LINE = re.compile(r"sep=(.)", re.IGNORECASE)


def separator_named(line: str) -> str | None:
    """Return the delimiter that a spreadsheet's own first line `sep=;` names, None for others."""
    match = _SEPARATOR_LINE.fullmatch(line.strip('"'))
    return match[1] if match else None


def delimiter_of(lines: Sequence[str]) -> str | None:
    """Return what stands between the fields of most of `lines`, None where nothing does."""
    best, best_score = None, (0, 0)
    for delimiter in DELIMITERS:
        if delimiter == "\t" and _TABS_ARE_BLANKS.search("\n".join(lines)):
            continue
        counts = []
        for line in lines:
            try:
                counts.append(len(split_row(line, delimiter)))
            except Unusable:
                counts.append(1)
        several = [count for count in counts if count > 1]
        usual = max(set(several), key=several.count, default=0)
        score = (len(several), several.count(usual))
        if score > best_score:
            best, best_score = delimiter, score
    if best is None and lines:
        widths = {len(line.split()) for line in lines}
        return BLANKS if len(widths) == 1 and widths.pop() > 1 else None
    return best


def split_row(line: str, delimiter: str) -> list[str]:
    """Return the fields of `line`, stripped; quotation marks may stand around them.

    Raises Unusable where a quotation mark is not closed.
    """
    if delimiter == BLANKS:
        return [unwrapped(field.strip('"')) for field in line.split()]
    if '"' not in line:
        return [unwrapped(field.strip()) for field in line.split(delimiter)]
    if line.count('"') % 2:
        raise Unusable("a quotation mark is not closed on this line")
    reader = csv.reader([line], delimiter=delimiter, skipinitialspace=True)
    return [unwrapped(field.strip()) for field in next(reader)]


def header_columns(fields: Sequence[str]) -> list[Column | None] | None:
    """Return what each cell of a header names (None: unknown), or None where it is no header.

    A header names the serial number and the seed, or one of them and two more columns.
    """
    names = [named_column(field) for field in fields]
    known = [name for name in names if name is not None]
    anchors = (Column.SERIAL in known) + bool(SEEDS.intersection(known))
    return names if anchors == 2 or (anchors == 1 and len(known) >= 3) else None
