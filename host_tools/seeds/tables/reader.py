"""Read a table of seeds: find its columns, then give an entry for each row."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from host_tools.seeds.columns import SEEDS, Column
from host_tools.seeds.entry import (
    BadSeedFile,
    ForeignKey,
    Found,
    Reading,
    Remark,
    SeedEntry,
    TableColumns,
    Unusable,
)
from host_tools.seeds.privacy import displayed, quoted
from host_tools.seeds.tables.cells import is_kind, seed_encoding
from host_tools.seeds.tables.kinds import TableKind
from host_tools.seeds.tables.layout import (
    TableLayout,
    by_content,
    from_header,
    usual_encoding,
)
from host_tools.seeds.tables.row_record import row_record
from host_tools.seeds.tables.rows import (
    HEADER_ROWS,
    delimiter_of,
    header_columns,
    separator_named,
    split_row,
)
from host_tools.seeds.text_lines import TextLines

_NO_WORD = re.compile(r"[0-9@]")

SAMPLE_ROWS = 64
"""So many rows decide on delimiter, columns and encoding of the seed."""

Line = tuple[int, str]


@dataclass(slots=True)
class TableStart:
    """What the first lines of a table show.

    `skipped` are the rows before the header; with `unknown_header` the last of them looks like a
    header whose words are unknown.
    """

    delimiter: str
    names: list[Column | None] | None = None
    header: list[str] = field(default_factory=list)
    header_line: int = 0
    rows: list[list[str]] = field(default_factory=list)
    skipped: int = 0
    unknown_header: bool = False


def read_table(file: BinaryIO, reading: Reading, kind: TableKind) -> Iterator[Found]:
    """Yield the columns of a table, then what its rows hold.

    Raises:
        BadSeedFile: naming the line: it is not text, or its columns cannot be told.
    """
    text = TextLines(file, reading)
    lines = (line for line in text if not line[1].startswith("#"))
    sample = list(itertools.islice(lines, SAMPLE_ROWS))
    start = look_at([line for _, line in sample])
    first = sample[start.header_line][0] if start.names is not None and sample else 1
    try:
        layout = _layout(start, reading, kind)
    except Unusable as error:
        raise BadSeedFile(reading.path, str(error), f"line {first}") from None
    yield TableColumns(layout.described(start.rows))
    yield from _remarks(start, layout, sample)
    begin = start.skipped + (start.names is not None)
    for number, line in itertools.chain(sample[begin:], lines):
        found = _entry(number, line, start.delimiter, layout, kind)
        if found is not None:
            yield found
    if text.remark:
        yield Remark(text.remark)


def look_at(lines: Sequence[str]) -> TableStart:
    """Return delimiter, header and rows of the first lines of a table."""
    named = separator_named(lines[0]) if lines else None
    start = TableStart(named or delimiter_of(lines) or ",", skipped=1 if named else 0)
    for index, line in enumerate(lines):
        if index < start.skipped:
            continue
        try:
            fields = split_row(line, start.delimiter)
        except Unusable:
            continue
        if index < HEADER_ROWS and start.names is None:
            start.names = header_columns(fields)
            if start.names is not None:
                start.header, start.header_line = fields, index
                start.skipped, start.rows = index, []
                continue
        start.rows.append(fields)
    if start.names is None and _is_unknown_header(start.rows) and not start.skipped:
        start.skipped, start.unknown_header = 1, True
        start.rows.pop(0)
    return start


def _is_unknown_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row holds only words, and the second a seed."""
    if len(rows) < 2 or len(rows[0]) < 2 or not any(map(seed_encoding, rows[1])):
        return False
    return all(
        cell and not (_NO_WORD.search(cell) or is_kind(cell) or seed_encoding(cell))
        for cell in rows[0]
    )


def first_rows(head: str) -> TableStart:
    """Return what the first lines of a file, which `head` may cut, show of a table."""
    lines = [line.strip() for line in head.lstrip("\ufeff").splitlines()]
    if len(lines) > 1 and not head.endswith(("\n", "\r")):
        lines.pop()
    return look_at([line for line in lines[:64] if line and not line.startswith("#")])


def _layout(start: TableStart, reading: Reading, kind: TableKind) -> TableLayout:
    width = len(start.header) or max((len(row) for row in start.rows), default=0)
    guessed = False
    unknown: tuple[str, ...] = ()
    least = most = width
    if reading.columns is not None:
        columns = reading.columns
        if len(columns) > width:
            raise Unusable(f"--columns names {len(columns)} columns, the table has {width}")
    elif start.names is not None:
        columns = from_header(start.names, start.header)
        unknown = tuple(
            cell
            for cell, name in zip(start.header, start.names, strict=True)
            if name is None and cell
        )
    elif kind.columns:
        columns, least, most = kind.columns, kind.required, len(kind.columns)
    else:
        columns, guessed = by_content(start.rows), True
    index = next(number for number, column in enumerate(columns) if column in SEEDS)
    cells = [row[index] for row in start.rows if len(row) > index]
    encoding = usual_encoding(kind, columns[index], cells)
    return TableLayout(columns, encoding, least, most, guessed, unknown, reading.any_encoding)


def _remarks(start: TableStart, layout: TableLayout, sample: Sequence[Line]) -> Iterator[Remark]:
    if layout.guessed:
        yield Remark(
            "the table has no header: its columns were found by content; --columns fixes them",
            doubtful=True,
        )
    for cell in layout.unknown:
        yield Remark(
            f"the column {quoted(cell, 30)} is not read: its meaning is unknown; --columns can"
            " name it, or pass it over as -",
            doubtful=True,
        )
    for index, (number, line) in enumerate(sample[: start.skipped], 1):
        if start.unknown_header and index == start.skipped:
            text = "it looks like a header of unknown words, and was passed over; --columns names"
            yield Remark(f"{text} the columns", f"line {number}", doubtful=True)
        elif not separator_named(line):
            yield Remark("text before the header, not read", f"line {number}")


def _entry(
    number: int, line: str, delimiter: str, layout: TableLayout, kind: TableKind
) -> Found | None:
    where, doubts, name = f"line {number}", list[str](), ""
    try:
        fields = split_row(line, delimiter)
        if not any(fields):
            return None
        cells = layout.cells(fields)
        name = cells.get(Column.SERIAL, "")
        if shown := displayed(name):
            where += f", {shown}"
        record = row_record(cells, layout, kind, doubts)
    except ForeignKey as error:
        return Remark(f"left out: {error}", where, left_out=True, name=name)
    except (Unusable, ValueError) as error:
        return SeedEntry(where, fault=str(error), doubts=tuple(doubts), name=name)
    return SeedEntry(where, record, doubts=tuple(doubts))
