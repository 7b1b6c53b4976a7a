"""Code 128 (ISO/IEC 15417): text to bars.

Own code, because the library for it installs packages named `tests` and `docs` beside ours; a
barcode reader we did not write checks it.
"""

import re

START_B, START_C, TO_C, TO_B, STOP = 104, 105, 99, 100, 106
TEXT_CHARACTERS_MAX = 64

_TABLE = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212
112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131
311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
"""
_WIDTHS = _TABLE.split()
"""Widths of bar, space, bar … of each symbol character, in modules; the last is the stop."""

_RUN = re.compile(r"\d{4,}|\D+|\d{1,3}", re.ASCII)


def encode(text: str) -> list[int]:
    """Return the symbol characters of `text` (1 to 64 printable ASCII characters).

    Start, data, check character (modulo 103) and stop. Four digits or more in a row go in pairs.

    Raises ValueError where the text is longer, empty, or has other characters.
    """
    if not 1 <= len(text) <= TEXT_CHARACTERS_MAX or not all(" " <= sign <= "~" for sign in text):
        raise ValueError("a barcode holds 1 to 64 printable ASCII characters")
    symbols: list[int] = []
    code = ""
    for run in _RUN.findall(text):
        pairs = len(run) // 2 if run[:4].isdigit() and len(run) >= 4 else 0
        # Of an odd count the first digit goes alone, so that the pairs end the run.
        alone = run[: len(run) - 2 * pairs]
        if alone:
            code = _switch(symbols, code, "B")
            symbols += [ord(sign) - ord(" ") for sign in alone]
        if pairs:
            code = _switch(symbols, code, "C")
            digits = run[len(alone) :]
            symbols += [int(digits[at : at + 2]) for at in range(0, len(digits), 2)]
    check = (symbols[0] + sum(n * symbol for n, symbol in enumerate(symbols))) % 103
    return [*symbols, check, STOP]


def bars(text: str) -> list[tuple[int, int]]:
    """Return the bars of `text` as (start, width) in modules; quiet zones are not counted."""
    found, at = [], 0
    for symbol in encode(text):
        for index, width in enumerate(map(int, _WIDTHS[symbol])):
            if index % 2 == 0:
                found.append((at, width))
            at += width
    return found


def _switch(symbols: list[int], code: str, wanted: str) -> str:
    if not code:
        symbols.append(START_B if wanted == "B" else START_C)
    elif code != wanted:
        symbols.append(TO_B if wanted == "B" else TO_C)
    return wanted
