"""The station's screen: a map of the tray that stands still for questions, or plain lines."""

import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import click
from rich.console import Console
from rich.control import Control
from rich.screen import Screen
from rich.text import Text

from host_tools.client.closing import Closing
from host_tools.provisioning.station.confirm import ObserverGone
from host_tools.provisioning.station.outcome import TrayOutcome
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.states import JobState
from keyfob.cli.verbs.station.tray_map import draw_tray

LAST_LINES = 4
REFRESH_SECONDS = 0.25
LEAVE_SECONDS = 5.0


class StationScreen(Closing):
    """Shows what happens on the tray.

    On a terminal a map of the tray fills it; while a question is open nothing on it moves, and
    what happens meanwhile is drawn after the answer. Elsewhere each fob is a line on standard
    error.

    Args:
        outcome: has taken in the events that are shown.
        console: where the map is drawn; None for standard error.
    """

    def __init__(self, outcome: TrayOutcome, console: Console | None = None) -> None:
        self.outcome = outcome
        self._console = console or Console(stderr=True, highlight=False, markup=False)
        self._fills = self._console.is_terminal
        self._lines: deque[Text] = deque(maxlen=LAST_LINES)
        self._held_back: list[str] = []
        self._at: TrayPlace | None = None
        self._asking = False
        self._changed = True
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._refresher: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._fills:
            self._console.set_alt_screen()
            self._console.show_cursor(show=False)
            self._refresher = threading.Thread(target=self._refresh, daemon=True)
            self._refresher.start()
        return self

    def close(self) -> None:
        """Give the terminal back."""
        if self._refresher is not None:
            self._stop.set()
            self._refresher.join(LEAVE_SECONDS)
            self._refresher = None
            self._console.set_alt_screen(enable=False)
            self._console.show_cursor()

    @property
    def asked(self) -> TrayPlace | None:
        """The place that a question is open about, None while none is."""
        return self._at if self._asking else None

    def on_event(self, event: StationEvent) -> None:
        """Show one event."""
        with self._lock:
            self._changed = True
            if event.state is not None and event.state is not JobState.RECEIPTED:
                self._at = event.place
                return
            place = "" if event.subject in ("", str(event.place)) else f"{event.place}: "
            if event.cause is not None:
                line = f"✗ {place}{event.subject}: {event.cause}: {event.message}"
                self._show(line, "bold red")
            elif event.state is JobState.RECEIPTED:
                self._show(f"✓ {place}{event.subject} sealed", "green")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep the questions of other lines waiting until the block ends."""
        with self._turn:
            yield

    def ask(
        self,
        place: TrayPlace,
        question: str,
        prompt: str,
        problem: str,
        *,
        subject: str = "",  # noqa: ARG002 - the question names it
    ) -> str:
        """Ask the operator something about `place`, and return the line typed.

        Args:
            place: drawn as the next one.
            question: what is to be done, in a sentence.
            prompt: what stands before the answer.
            problem: what was wrong with the answer before, "" if nothing.
            subject: the fob that it is about, "" where that is not known.

        Raises:
            ObserverGone: standard input has ended.
        """
        with self._lock:
            self._at, self._asking = place, True
            self._draw_question(question, prompt, problem)
        try:
            answer = sys.stdin.readline()
        finally:
            with self._lock:
                self._asking, self._changed = False, True
                if self._fills:
                    self._console.show_cursor(show=False)
                for line in self._held_back:
                    click.echo(line, err=True)
                self._held_back.clear()
        if not answer:
            raise ObserverGone("standard input ended where a code or a serial number was expected")
        return answer.strip()

    # Drawing, with the lock held ------------------------------------------------------------------

    def _show(self, text: str, style: str) -> None:
        if self._fills:
            self._lines.append(Text(text, style=style, no_wrap=True, overflow="ellipsis"))
        elif self._asking:
            self._held_back.append(text)
        else:
            click.echo(text, err=True)

    def _draw_question(self, question: str, prompt: str, problem: str) -> None:
        if not self._fills:
            said = f"{problem}; " if problem else ""
            click.echo(f"{place_of(self._at)}: {said}{question}: ", nl=False, err=True)
            return
        width, height = self._console.size
        messages = [Text(problem, style="bold red")] if problem else []
        messages.append(Text(f"{place_of(self._at)}: {question}"))
        wrapped = [line for each in messages for line in each.wrap(self._console, width)]
        self._draw(wrapped, rows=height - 1)
        self._console.control(Control.move_to(0, height - 1))
        self._console.print(f"{prompt}: ", end="")
        self._console.show_cursor()

    def _draw(self, messages: list[Text], rows: int) -> None:
        width = self._console.size.width
        picture = draw_tray(self.outcome, width, rows, at=self._at, messages=messages)
        self._console.control(Control.home())
        self._console.print(Screen(picture), end="")
        self._changed = False

    def _refresh(self) -> None:
        while not self._stop.wait(REFRESH_SECONDS):
            with self._lock:
                if self._changed and not self._asking:
                    self._draw(list(self._lines), rows=self._console.size.height)


def place_of(place: TrayPlace | None) -> str:
    """Return how a question names a place."""
    return "" if place is None else f"place {place.position} ({place})"
