"""Draws the state tables of docs/WIRE.md from the code; run as a module, it writes them there."""

from enum import Enum
from pathlib import Path
from types import ModuleType

from firmware_model.wire import primary_table, secondary_table, t1_table

PAGE = Path(__file__).parents[3] / "docs" / "WIRE.md"
TABLES: dict[str, tuple[ModuleType, type[Enum], type[Enum], type[Enum]]] = {
    "secondary": (
        secondary_table,
        secondary_table.SecondaryState,
        secondary_table.SecondaryInput,
        secondary_table.SecondaryEffect,
    ),
    "primary": (
        primary_table,
        primary_table.PrimaryState,
        primary_table.PrimaryInput,
        primary_table.PrimaryEffect,
    ),
    "t1": (t1_table, t1_table.T1State, t1_table.T1Input, t1_table.T1Effect),
}


def draw(name: str) -> str:
    """Return one machine as two Markdown tables: what happens where, and what each effect does."""
    table, states, inputs, effects = TABLES[name]
    lines = [_row("input", *(_word(state) for state in states)), _row(*["---"] * (len(states) + 1))]
    for what in inputs:
        cells = [table.TRANSITIONS.get((state, what)) for state in states]
        lines.append(_row(_word(what), *("–" if cell is None else _cell(*cell) for cell in cells)))
    lines += ["", _row("effect", "what it does"), _row("---", "---")]
    lines += [_row(_word(effect), effect.value) for effect in effects]
    return "\n".join(lines)


def with_tables(page: str) -> str:
    """Return `page` with each drawn table between its two marks."""
    for name in TABLES:
        start, end = f"<!-- table: {name} -->\n", f"\n<!-- end: {name} -->"
        before, _, rest = page.partition(start)
        _, _, after = rest.partition(end)
        page = before + start + draw(name) + end + after
    return page


def _cell(effect: Enum, target: Enum) -> str:
    return f"{_word(effect)} → {_word(target)}"


def _word(member: Enum) -> str:
    return member.name.lower().replace("_", " ")


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
