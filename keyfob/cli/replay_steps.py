"""`keyfob replay --step`: through a recording forwards and back, by keys or as one text."""

import sys
from collections import deque
from collections.abc import Callable, Iterator

import click

from emulator.recordings.replay import Moment
from keyfob.cli.moment_view import difference_lines, moment_lines
from keyfob.cli.output import only_ascii
from keyfob.cli.terminal import columns

KEPT = 2000
"""Moments that are kept to go back to at once; older ones are replayed again."""

FORWARD = ("\r", "\n", " ", "n", "\x1b[C", "\x1b[B")
BACK = ("b", "p", "\x7f", "\b", "\x1b[D", "\x1b[A")
FIRST, LAST = ("g", "\x1b[H"), ("G", "\x1b[F")
QUIT = ("q", "\x1b", "\x03", "\x04")
KEYS = "next: Space or →, back: b or ←, first: g, last: G, quit: q"
_CLEAR = "\x1b[H\x1b[2J"


class MomentWindow:
    """The moments of a replay by their place from 0; `replay` starts it afresh."""

    def __init__(self, replay: Callable[[], Iterator[Moment]]) -> None:
        self._replay = replay
        self._restart()

    def at(self, place: int) -> Moment | None:
        """Return the moment at `place`, None behind the last.

        Raises:
            BadInput: the recording is damaged or cut short before it.
        """
        if place < self._next - len(self._kept):
            self._restart()
        while self._next <= place:
            moment = next(self._moments, None)
            if moment is None:
                return None
            self._kept.append(moment)
            self._next += 1
        return self._kept[place - self._next]

    def last(self) -> int:
        """Return the place of the last moment; -1 where there is none."""
        while self.at(self._next) is not None:
            pass
        return self._next - 1

    def _restart(self) -> None:
        self._moments = self._replay()
        self._kept: deque[Moment] = deque(maxlen=KEPT)
        self._next = 0


def is_interactive() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def step(replay: Callable[[], Iterator[Moment]]) -> None:
    """Show one moment at a time, and go where the keys say, until `q`."""
    window, place = MomentWindow(replay), 0
    while True:
        moment = window.at(place)
        if moment is None:  # behind the last, or there is none
            if place == 0:
                click.echo("the recording has no inputs")
                return
            place -= 1
            continue
        click.echo(_CLEAR + "\n".join(lines_of(moment)))
        click.echo(f"\n{KEYS}")
        key = click.getchar()
        if key in QUIT:
            return
        if key in BACK:
            place = max(0, place - 1)
        elif key in FORWARD:
            place += 1
        elif key in FIRST:
            place = 0
        elif key in LAST:
            place = max(0, window.last())


def lines_of(moment: Moment) -> list[str]:
    """Return a moment as lines for this terminal, with its difference if it has one."""
    width, plain = columns(), only_ascii()
    lines = moment_lines(moment, width, plain=plain)
    if moment.difference is not None:
        lines += difference_lines(moment, width, plain=plain)
    return lines
