"""The tray as a picture: each place with its state, and the next one in large type."""

from collections.abc import Sequence

from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.states import FailureCause, JobState

SCALE_MAX = 3

_FONT = {
    "0": ("111", "101", "101", "101", "111"),
    "1": ("010", "110", "010", "010", "111"),
    "2": ("111", "001", "111", "100", "111"),
    "3": ("111", "001", "111", "001", "111"),
    "4": ("101", "101", "111", "001", "001"),
    "5": ("111", "100", "111", "001", "111"),
    "6": ("111", "100", "111", "101", "111"),
    "7": ("111", "001", "001", "001", "001"),
    "8": ("111", "101", "111", "101", "111"),
    "9": ("111", "101", "111", "001", "111"),
    "/": ("001", "001", "010", "100", "100"),
}
"""Five rows of three dots each."""

MARKS = {
    "waiting": ("·", "dim"),
    "in work": ("…", "yellow"),
    "done": ("✓", "green"),
    "stopped": ("✗", "bold red"),
    "empty": ("○", "dim"),
    "skipped": ("↷", "magenta"),
}
"""How a place is drawn: its mark and style, by what is known of it."""


def standing(event: StationEvent | None) -> str:
    """Return which of MARKS a place has whose last event this is."""
    if event is None:
        return "waiting"
    if event.cause is FailureCause.SKIPPED:
        return "skipped"
    if event.cause is not None:
        return "stopped"
    if event.state is None:
        return "empty"
    return "done" if event.state is JobState.RECEIPTED else "in work"


def draw_map(outcome: TrayOutcome, columns: int, rows: int, at: TrayPlace | None) -> Text:
    """Return the places in rows of as many as fit; of a tray too large, those around `at`.

    Args:
        outcome: what is known of each place.
        columns: how wide the picture may be, 10 or more.
        rows: how high it may be, 1 or more.
        at: the place that is drawn inverse, None for none.
    """
    last = {event.place: event for event in outcome.all()}
    digits = len(str(len(outcome.places)))
    across = max(1, columns // (digits + 2))
    lines = [outcome.places[n : n + across] for n in range(0, len(outcome.places), across)]
    if len(lines) > rows:
        here = (at.position - 1) // across if at is not None else 0
        first = min(max(here - rows // 2, 0), len(lines) - rows)
        lines = lines[first : first + rows]
    text = Text(no_wrap=True)
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for place in line:
            mark, style = MARKS[standing(last.get(place))]
            style += " reverse" if place == at else ""
            text.append(f"{place.position:>{digits}}{mark}", style=style)
            text.append(" ")
    return text


def draw_tray(
    outcome: TrayOutcome,
    columns: int,
    rows: int,
    *,
    at: TrayPlace | None,
    messages: Sequence[Text] = (),
) -> RenderableType:
    """Return the whole picture: counts, the next place in large type, the map, what happened.

    Args:
        outcome: what is known of each place.
        columns: of the terminal.
        rows: that may be filled.
        at: the place that is next, None where none is.
        messages: lines for the bottom.
    """
    skipped = sum(event.cause is FailureCause.SKIPPED for event in outcome.failed)
    failed, silent = len(outcome.failed) - skipped, len(outcome.silent)
    colour = "red" if failed else "green"
    counts = f"{outcome.done}/{outcome.expected} done"
    counts += f", {failed} stopped" if failed else ""
    counts += f", {skipped} skipped" if skipped else ""
    counts += f", {silent} empty" if silent else ""
    left = rows - len(messages) - 1
    number = str(at.position) if at is not None else f"{outcome.done}/{outcome.expected}"
    large = big(number, columns - 4, max(1, left // 2 - 2))
    height = large.count("\n") + 3
    title = f"place {at.position}" if at is not None else "done"
    return Group(
        Text(counts, style=f"bold {colour}", no_wrap=True, overflow="ellipsis"),
        Panel(Align.center(Text(large, style=f"bold {colour}")), title=title, border_style=colour),
        draw_map(outcome, columns, max(1, left - height), at),
        *messages,
    )


def big(text: str, columns: int, rows: int) -> str:
    """Return digits and slashes as large as fits into `columns` by `rows`, else as they are."""
    for scale in range(SCALE_MAX, 0, -1):
        if len(text) * 4 * 2 * scale <= columns and 5 * scale <= rows:
            break
    else:
        return text
    lines = []
    for row in range(5):
        dots = "0".join(_FONT[sign][row] for sign in text)
        line = "".join(("█" if dot == "1" else " ") * 2 * scale for dot in dots)
        lines += [line] * scale
    return "\n".join(lines)
