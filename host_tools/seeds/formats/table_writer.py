"""Write a table for another program: UTF-8, commas, no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from firmware_model.errors import BadInput
from host_tools.seeds.tables.row_record import FORMULA_STARTS


def write_rows(
    file: BinaryIO, rows: Iterable[Sequence[object]], header: Sequence[str] | None = None
) -> int:
    """Write `header`, if any, and `rows`; return how many rows there were.

    Raises:
        BadInput: naming line and column: a cell begins as a formula does. The file is for a
            program, so nothing is changed in it silently.
    """
    text = io.TextIOWrapper(file, "utf-8", newline="\n", write_through=True)
    table = csv.writer(text, lineterminator="\n")
    if header is not None:
        table.writerow(header)
    count = 0
    for count, row in enumerate(rows, 1):
        line = count + (header is not None)
        for number, cell in enumerate(row, 1):
            if isinstance(cell, str) and cell.startswith(tuple(FORMULA_STARTS + "'")):
                name = f" ({header[number - 1]})" if header else ""
                raise BadInput(
                    f"line {line}, column {number}{name}: the text begins with {cell[0]!r}, so a"
                    " spreadsheet would take it for a formula; change it in the source"
                )
        table.writerow(row)
    text.detach()
    return count
