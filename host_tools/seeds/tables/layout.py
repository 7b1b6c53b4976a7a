"""Which column of a table means what: from --columns, the header, the kind, or the content."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from host_tools.seeds.columns import SEEDS, Column
from host_tools.seeds.entry import Unusable
from host_tools.seeds.privacy import quoted
from host_tools.seeds.seed_text import SCIENTIFIC
from host_tools.seeds.tables.cells import is_hash, is_kind, seed_encoding
from host_tools.seeds.tables.kinds import TableKind

_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z _./:#-]{1,63}")
_BITS = {"hex": 4, "base32": 5, "base64": 6}
_CHARACTERS = {
    "hex": re.compile(r"[0-9a-fA-F]+"),
    "base32": re.compile(r"[A-Za-z2-7]+"),
    "base64": re.compile(r"[0-9A-Za-z+/_]+"),
}


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The meaning of each column, and how the seed is encoded.

    `least` and `most` bound how many columns a row has. `guessed` tells that content decided.
    `unknown` names the header's cells whose meaning is not known. With `any_encoding` each seed is
    taken as what it looks like.
    """

    columns: tuple[Column, ...]
    encoding: str
    least: int
    most: int
    guessed: bool = False
    unknown: tuple[str, ...] = ()
    any_encoding: bool = False

    def cells(self, fields: Sequence[str]) -> dict[Column, str]:
        """Return the cells of a row by their meaning.

        Raises Unusable where the number of columns is off; no field is quoted then.
        """
        count = len(fields)
        while count > self.most and not fields[count - 1]:
            count -= 1
        if not self.least <= count <= self.most:
            span = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise Unusable(f"{count} columns instead of {span}: fields are missing or shifted")
        return dict(zip(self.columns, fields, strict=False))

    def described(self, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Return what each column was taken for, in words; of the seed only encoding and length."""
        texts = []
        width = max((len(row) for row in rows), default=len(self.columns))
        for index, column in enumerate(self.columns[:width]):
            text = "not read" if column is Column.IGNORED else str(column)
            if column in SEEDS:
                cells = [row[index] for row in rows if len(row) > index]
                text = f"seed, {self.encoding}{_lengths(cells, self.encoding)}"
            texts.append(f"column {index + 1}: {text}")
        return tuple(texts)


def from_header(names: Sequence[Column | None], fields: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns that a header names.

    Raises Unusable where serial number or seed is missing, or one is there twice.
    """
    columns = tuple(name or Column.IGNORED for name in names)
    counts: Counter[Column] = Counter(column for column in columns if column is not Column.IGNORED)
    missing = [
        what
        for what, is_there in (
            ("serial number", Column.SERIAL in counts),
            ("seed", any(seed in counts for seed in SEEDS)),
        )
        if not is_there
    ]
    if missing:
        shown = ", ".join(quoted(field, 20) for field in fields)
        raise Unusable(f"the header names no {' and no '.join(missing)} column: {shown}; {ADVICE}")
    twice = [column for column, count in counts.items() if count > 1]
    if twice or sum((counts[seed] for seed in SEEDS), 0) > 1:
        raise Unusable(f"the header names {twice[0] if twice else 'the seed'} twice; {ADVICE}")
    return columns


ADVICE = "name the columns: --columns serial,seed,…"


def by_content(rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """Return the columns that the cells of some rows show.

    Raises Unusable, saying what each column looks like, where not just one column holds seeds,
    or it is not clear which names the token.
    """
    width = max(Counter(len(row) for row in rows).items(), key=lambda item: item[1])[0]
    cells = [[row[index] for row in rows if len(row) == width] for index in range(width)]
    looks = [_look(column) for column in cells]
    seeds = [index for index, look in enumerate(looks) if look == "seed"]
    columns = [_MEANINGS.get(look, Column.IGNORED) for look in looks]
    if len(seeds) != 1:
        what = "several columns look" if seeds else "no column looks"
        raise Unusable(f"{what} like a seed ({_summary(looks)}); {ADVICE}")
    names = [index for index, look in enumerate(looks) if look == "name"]
    distinct = [index for index in names if len(set(cells[index])) == len(cells[index])]
    numbered = [index for index in distinct if any(map(str.isdigit, "".join(cells[index])))]
    chosen = numbered if len(numbered) == 1 else distinct if len(distinct) == 1 else []
    if len(chosen) != 1:
        raise Unusable(
            f"it is not clear which column names the token ({_summary(looks)}); {ADVICE}"
        )
    columns[chosen[0]] = Column.SERIAL
    for meaning in (Column.TYPE, Column.HASH, Column.USER, Column.DIGITS, Column.MOVING):
        if columns.count(meaning) > 1:
            raise Unusable(f"several columns look like {meaning} ({_summary(looks)}); {ADVICE}")
    return tuple(columns)


_MEANINGS = {
    "seed": Column.SEED,
    "type": Column.TYPE,
    "hash": Column.HASH,
    "user": Column.USER,
    "digits": Column.DIGITS,
    "number": Column.MOVING,
}


def _look(cells: Sequence[str]) -> str:
    """Return what most cells of a column look like."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "empty"
    for look, test in _TESTS:
        if sum(1 for cell in filled if test(cell)) * 2 > len(filled):
            return look
    return "text"


_TESTS = (
    ("seed", lambda cell: bool(seed_encoding(cell) or SCIENTIFIC.fullmatch(cell))),
    ("type", is_kind),
    ("hash", is_hash),
    ("user", lambda cell: "@" in cell),
    ("digits", lambda cell: cell in {"6", "7", "8"}),
    ("number", lambda cell: cell.isascii() and cell.isdigit() and len(cell) <= 4),
    ("name", lambda cell: _IDENTIFIER.fullmatch(cell) is not None),
)


def _summary(looks: Sequence[str]) -> str:
    return ", ".join(f"column {number}: {look}" for number, look in enumerate(looks, 1))


def usual_encoding(kind: TableKind, column: Column, cells: Sequence[str]) -> str:
    """Return how the seeds in `cells` are encoded: as the column or the kind says, else as most."""
    if column is not Column.SEED:
        return str(column)
    if kind.encoding:
        return kind.encoding
    found = Counter(encoding for cell in cells if (encoding := seed_encoding(cell)))
    if found["base64"] and not found["base32"]:
        return "base64"
    return max(found, key=lambda name: found[name], default="hex")


def _lengths(cells: Sequence[str], encoding: str) -> str:
    """Return how many bytes the seeds in `cells` have, as far as they are of that encoding."""
    sizes = set()
    for cell in cells:
        plain = re.sub(r"[\s-]|=+$|^0[xX]", "", cell)
        if _CHARACTERS[encoding].fullmatch(plain):
            sizes.add(len(plain) * _BITS[encoding] // 8)
    span = sorted({min(sizes), max(sizes)}) if sizes else []
    return f", {' to '.join(map(str, span))} bytes" if span else ""
