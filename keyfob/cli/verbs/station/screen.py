"""The station's board: a count to be read from across the room, or a line for each fob."""

import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import click
from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from host_tools.client.closing import Closing
from host_tools.provisioning.station.confirm import ObserverGone
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.states import FailureCause, JobState

LAST_LINES = 6
SCALE_MAX = 4
REFRESHES_PER_SECOND = 4

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


class StationScreen(Closing):
    """Hears what happens on the tray and shows it.

    `done` and `causes` count this run's fobs, `empty` the places where none answered.

    On a terminal the count fills it, green while all is well and red from the first fob that
    did not get on, and those that did not stay on the screen at the end; elsewhere each fob is a
    line on standard error.
    """

    def __init__(self, total: int) -> None:
        self.done = self.empty = 0
        self.causes: Counter[FailureCause] = Counter()
        self._total = total
        self._lines: deque[Text] = deque(maxlen=LAST_LINES)
        self._failures: list[str] = []
        self._at: dict[str, str] = {}
        self._lock = threading.Lock()
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._live = (
            Live(console=self._console, refresh_per_second=REFRESHES_PER_SECOND, screen=True)
            if sys.stderr.isatty()
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def close(self) -> None:
        """Give the terminal back; what failed stays on it."""
        if self._live is not None:
            self._live.stop()
            for line in self._failures:
                click.echo(line, err=True)

    def on_event(self, event: StationEvent) -> None:
        """Take in one event; one thread at a time."""
        if event.cause is not None:
            self.causes[event.cause] += 1
            place = "" if event.subject == str(event.place) else f" ({event.place})"
            self._failures.append(f"✗ {event.subject}{place}: {event.cause}: {event.message}")
            self._line(self._failures[-1], "bold red")
        elif event.state is JobState.RECEIPTED:
            self.done += 1
            self._line(f"✓ {event.subject} sealed ({event.place})", "green")
        elif event.state is not None:
            self._at[event.place.port] = f"{event.place}: {event.subject} {event.state}"
        else:
            self.empty += 1
        if self._live is not None:
            self._live.update(self._drawn())

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give the terminal to a question, one line of the tray at a time."""
        with self._lock:
            if self._live is not None:
                self._live.stop()
            try:
                yield
            finally:
                if self._live is not None:
                    self._live.start(refresh=True)

    def _line(self, text: str, style: str) -> None:
        if self._live is None:
            click.echo(text, err=True)
        else:
            self._lines.append(Text(text, style=style, no_wrap=True, overflow="ellipsis"))

    def _drawn(self) -> RenderableType:
        width, height = self._console.size
        room = height - LAST_LINES - len(self._at) - 6
        colour = "red" if self.causes else "green"
        failed = ", ".join(f"{count} {cause}" for cause, count in self.causes.items())
        count = big(f"{self.done}/{self._total}", width - 4, room)
        return Group(
            Panel(Align.center(Text(count, style=f"bold {colour}")), border_style=colour),
            Text(failed or "no failure", style=f"bold {colour}"),
            *self._lines,
            *(Text(words, style="dim", no_wrap=True) for words in self._at.values()),
        )


class Person:
    """The operator as the one who looks at displays and labels."""

    def __init__(self, board: StationScreen) -> None:
        self._board = board

    def code(self, place: TrayPlace, serial_number: str, attempt: int) -> str:
        """Ask for the code that the display shows."""
        wrong = "that is not its code; " if attempt > 1 else ""
        return self._ask(f"{place}: {wrong}press {serial_number} and type its code")

    def label(self, place: TrayPlace) -> str:
        """Ask for the serial number on the case."""
        return self._ask(f"{place}: scan or type the serial number on the case")

    def close(self) -> None:
        """Nothing is held."""

    def _ask(self, question: str) -> str:
        with self._board.aside():
            click.echo(f"{question}: ", nl=False, err=True)
            answer = sys.stdin.readline()
        if not answer:
            raise ObserverGone("standard input ended where a code or a serial number was expected")
        return answer.strip()


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
