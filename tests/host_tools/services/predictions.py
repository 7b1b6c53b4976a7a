"""Which rows a broken value must turn red, by articles alone: nothing here was ever played.

A value names the article it comes from, and a row's tags name the articles it is about. So a value
is predicted to be noticed by the rows about its article: those tagged with just that article, else
with the smallest part of the document around it, else with parts of it. What comes out otherwise
is written down in `differences.toml`, each with the reason that was found in the document.
"""

import re
import tomllib
from collections import Counter
from pathlib import Path

from host_tools.services import rulebook
from tests.host_tools.services.rows import plan_of, row_of, used_by

_LETTERS_THEN_NUMBER = re.compile(r"(?<=[A-Za-z])[ -](?=[0-9])")


def predicted_rows(bank: str) -> dict[str, set[int]]:
    """Return for each value of a rulebook the rows about its article."""
    rows = _rows_by_article(bank)
    return {
        path: {row for article in _articles(stated.article) for row in _about(article, rows)}
        for path, stated in rulebook.shipped(bank).values.items()
    }


def explained_differences() -> tuple[Counter[str], Counter[str]]:
    """Return what is explained: rows more than predicted, and fewer, as `bank path row`."""
    document = tomllib.loads(Path(__file__).with_name("differences.toml").read_text("utf-8"))
    reasons = document["difference"]
    assert all(one["why"] for one in reasons)
    more = Counter(cell for one in reasons for cell in _cells(one.get("more", [])))
    fewer = Counter(cell for one in reasons for cell in _cells(one.get("fewer", [])))
    return more, fewer


def _cells(lines: list[str]) -> list[str]:
    """Return each cell of lines such as `rokin acts.revoke.of 7 10`."""
    split = [line.split() for line in lines]
    return [f"{bank} {path} {row}" for bank, path, *rows in split for row in rows]


def _rows_by_article(bank: str) -> dict[str, set[int]]:
    rows: dict[str, set[int]] = {}
    for scenario, lines in plan_of(bank).scenes:
        if used_by(lines):
            for tag in scenario.articles:
                rows.setdefault(_plain(tag), set()).add(row_of(scenario))
    return rows


def _articles(text: str) -> list[str]:
    return [_plain(one.strip()) for one in text.split(",") if one.strip()]


def _plain(article: str) -> str:
    """Write an article in one way: `PC 1`, `PC-1` and `PC1` are the same."""
    return _LETTERS_THEN_NUMBER.sub("", article)


def _about(article: str, rows: dict[str, set[int]]) -> set[int]:
    if article in rows:
        return rows[article]
    around = [tag for tag in rows if _is_part(article, tag)]
    if around:
        return rows[max(around, key=len)]
    return {row for tag, some in rows.items() if _is_part(tag, article) for row in some}


def _is_part(one: str, other: str) -> bool:
    """Tell whether article `one` is a part of `other`, as 9-1 is of 9 and 91 is not."""
    rest = one.removeprefix(other)
    return rest not in (one, "") and not (rest[0].isdigit() and other[-1].isdigit())
