"""Writes the tables of faults into docs/BENCH.md: python -m tests.emulator.faults.fault_table.

A fault's row is made from its declaration, its bench command, its Python method and its step.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

from emulator.bench.commands import COMMANDS
from emulator.faults.vocabulary import BOARD_FAULTS, LINE_FAULTS, MISTAKES, LineFault
from host_tools.scenario.parameters import FRAME_FAULTS
from host_tools.scenario.steps import STEPS, board_faults, faults, mistakes
from keyfob.testing.fob_board import FobBoard
from keyfob.testing.fob_line import FobLine
from keyfob.testing.fob_mistakes import FobMistakes

PAGE = Path(__file__).parents[3] / "docs" / "BENCH.md"
HEAD = "| bench | Python | scenario | what happens |\n|---|---|---|---|\n"
BOUNDS = ("the frames", "the chance", "how long", "the direction")
PLAIN = {
    "LINE:NOISe": ("noise", "send_noise", "the host gets so many random bytes now, unasked"),
    "LINE:DISConnect": (
        "disconnect",
        "unplug",
        "the port is closed, for all fobs on it, until it is plugged in or for that time",
    ),
    "LINE:PLUG": ("plug_in", "plug_in", "the port is open again"),
}
"""Faults of a line that meet no frame, and what ends one: method, step, words."""
RECORDS = {
    "wrong_step": "the host believes another time step than the fob has, 30 s or 60 s",
    "wrong_encoding": "the host took the seed's text for the seed",
}
"""Mistakes with a record: no bench can make them, because they are made on the way to a server."""


def tables() -> dict[str, str]:
    """Return each table by the name of its place in the page."""
    return {
        "line": HEAD + "".join(_line_rows()),
        "board": HEAD + "".join(_board_rows()),
        "mistakes": HEAD + "".join(_mistake_rows()),
    }


def page() -> str:
    """Return the page with today's tables in it."""
    text = PAGE.read_text("utf-8")
    for name, table in tables().items():
        before, begin, rest = text.partition(f"<!-- table: {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert begin, f"the page has no place for {name}"
        assert end, f"the place for {name} has no end"
        text = before + begin + table + end + after
    return text


def _line_rows() -> Iterator[str]:
    for fault in LINE_FAULTS:
        scpi = _scpi(f"FAULt:{fault.name}", BOUNDS)
        yield _row(scpi, _python(FobLine, "line", fault.method), _said(fault), fault.words)
    for header, (method, step, words) in PLAIN.items():
        scpi, python = _scpi(f"FAULt:{header}"), _python(FobLine, "line", method)
        yield _row(scpi, python, _step(faults, step), words)


def _board_rows() -> Iterator[str]:
    for fault in BOARD_FAULTS:
        python = _python(FobBoard, "board", fault.method)
        step = _step(board_faults, fault.method)
        yield _row(_scpi(f"FAULt:{fault.header}"), python, step, fault.words)


def _mistake_rows() -> Iterator[str]:
    for fault in MISTAKES:
        python = _python(FobMistakes, "mistakes", fault.method)
        step = _step(mistakes, fault.method)
        yield _row(_scpi(f"FAULt:{fault.header}"), python, step, fault.words)
    for method, words in RECORDS.items():
        python = _python(FobMistakes, "mistakes", method)
        yield _row("–", python, _step(mistakes, "mistaken"), words)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _scpi(header: str, left_out: tuple[str, ...] = ()) -> str:
    if header.endswith("SILence"):
        left_out = ()
    names = [one.name for one in COMMANDS[header.upper()].parameters if one.name not in left_out]
    given = ",".join(name.removeprefix("the ").replace(" ", "-") for name in names)
    return f"`{f'{header} {given}'.strip()}`"


def _python(owner: type, name: str, method: str) -> str:
    parameters = inspect.signature(getattr(owner, method)).parameters
    values = [one for one in parameters if one not in ("self", "frames", "bounds")]
    return f"`fob.{name}.{method}({', '.join(values)})`"


def _said(fault: LineFault) -> str:
    if fault.method == "silence":
        return _step(faults, "silence")
    words = next(words for one, words in FRAME_FAULTS.items() if one.value == fault.header)
    return f"…frame(s) … will be {words[0]}<br>…{words[1]}"


def _step(module: object, function: str) -> str:
    one = next(s for s in STEPS.steps if s is getattr(module, function))
    return f"{one.english}<br>{one.japanese}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
