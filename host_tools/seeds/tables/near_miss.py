"""What a file that no format takes for its own looks like, for the message."""

import re

from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.tables.layout import by_content, from_header
from host_tools.seeds.tables.reader import first_rows
from host_tools.seeds.tables.rows import BLANKS

MEMBERS_MAX = 6
"""So many names of a JSON file's members are told."""

_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*)[\s/>]")
_MEMBER = re.compile(r'"([^"\\\n]{1,40})"\s*:')


def near_miss(head: str) -> str:
    """Return what a file looks like, and what is off with it, as the end of a message.

    It is "" where the file is no table, XML or JSON. No text is quoted that could be a seed.
    """
    text = head.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        root = _ROOT.search(text)
        return f"; it is XML whose root is {quoted(root[1], 40)}" if root else ""
    if text.startswith(("{", "[")):
        names = list(dict.fromkeys(_MEMBER.findall(text)))[:MEMBERS_MAX]
        return f"; it is JSON with {', '.join(map(quoted, names))}" if names else ""
    start = first_rows(head)
    try:
        if start.names is not None:
            from_header(start.names, start.header)
        elif start.delimiter != BLANKS and any(sum(map(bool, row)) > 1 for row in start.rows):
            by_content(start.rows)
    except Unusable as error:
        return f"; as a table: {error}"
    return ""
