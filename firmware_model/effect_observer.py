"""Effects from a program's reports: its events, and the meaning of its pictures."""

from firmware_model.effects import FobEvent, Happened, Shown
from firmware_model.hardware.board import Board


class EffectObserver:
    """A `ProgramObserver` that adds each report to the board's effects, in order."""

    __slots__ = ("_board",)

    def __init__(self, board: Board) -> None:
        self._board = board

    def on_event(self, event: FobEvent) -> None:
        """Add the event."""
        self._board.outbox.append(Happened(event))

    def on_picture(self, text: str, moving_factor: int | None) -> None:
        """Let the effect of the next `drive` say text and moving factor."""
        self._board.meaning = Shown(text, moving_factor)
