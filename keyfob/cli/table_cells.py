"""Text cells in tables that people open in a spreadsheet: none becomes a formula.

Reports, receipts and labels are such tables. Files that another program imports are not: there a
cell like this is refused by line and column (SEEDS §5), because a changed one would be imported.
"""

import re

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
APOSTROPHE = "'"

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


def guard_cell(text: str) -> str:
    """Return `text` with one apostrophe before it where it would be a formula; numbers stay.

    A text that begins with an apostrophe gets one too: one apostrophe less is always the text. No
    command of ours reads such a table back.

    Example:
        >>> guard_cell("=1+1"), guard_cell("-5"), guard_cell("'quoted")
        ("'=1+1", '-5', "''quoted")
    """
    if text.startswith((APOSTROPHE, *FORMULA_STARTS)) and not _NUMBER.fullmatch(text):
        return APOSTROPHE + text
    return text
