"""A segment display as text: each digit drawn from its segment bits.

Bit 0 is segment a, the top one; b to f follow clockwise (b upper right, c lower right, d bottom,
e lower left, f upper left) and bit 6 is g, the middle one.
"""

from collections.abc import Sequence

A, B, C, D, E, F, G = (1 << bit for bit in range(7))

NARROW = 40
"""Columns of the narrowest terminal that is drawn for."""


def draw(
    segments: Sequence[int],
    *,
    text: str = "",
    bars: int = 0,
    icons: Sequence[str] = (),
    columns: int = 80,
    plain: bool = False,
) -> str:
    """Return the display as lines in a frame, without a line end.

    Args:
        segments: one bit pattern for each digit position; none for a dark display or a screen.
        text: what a screen shows, which has letters and no segments.
        bars: how many step bars are lit (0..).
        icons: names of the lit icons.
        columns: width of the terminal; where the large digits do not fit, small ones are drawn.
        plain: use ASCII only.
    """
    glyph = _small if plain else _large
    if not plain and len(segments) * 5 + 3 > columns:
        glyph = _small
    digits = [glyph(bits) for bits in segments] or [glyph(0)] * 6
    rows = [" ".join(parts) for parts in zip(*digits, strict=True)]
    if text and not segments:
        rows = ["", f" {text} ", ""]
    below = []
    if bars:
        below.append(("|" if plain else "▮") * bars)
    below += [f"[{icon}]" for icon in icons]
    if below:
        rows.append(" ".join(below))
    return _framed(rows, plain=plain)


def _large(bits: int) -> tuple[str, ...]:
    def across(segment: int) -> str:
        return " ━━ " if bits & segment else "    "

    def upright(left: int, right: int) -> str:
        return ("┃" if bits & left else " ") + "  " + ("┃" if bits & right else " ")

    return across(A), upright(F, B), across(G), upright(E, C), across(D)


def _small(bits: int) -> tuple[str, ...]:
    def cell(segment: int, sign: str) -> str:
        return sign if bits & segment else " "

    return (
        " " + cell(A, "_") + " ",
        cell(F, "|") + cell(G, "_") + cell(B, "|"),
        cell(E, "|") + cell(D, "_") + cell(C, "|"),
    )


def _framed(rows: list[str], *, plain: bool) -> str:
    width = max(map(len, rows))
    side, across, corners = ("|", "-", "++++") if plain else ("│", "─", "╭╮╰╯")
    body = [f"{side} {row.ljust(width)} {side}" for row in rows]
    line = across * (width + 2)
    return "\n".join([corners[0] + line + corners[1], *body, corners[2] + line + corners[3]])
