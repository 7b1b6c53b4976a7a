"""What a program tells becomes effects: events, and what its pictures meant."""

from firmware_model.effects import FobEvent, Happened, Shown
from firmware_model.hardware.board import Board

_HAPPENED = {event: Happened(event) for event in FobEvent}


class EffectObserver:
    """A `ProgramObserver` that puts what it is told among the board's effects, in their order."""

    __slots__ = ("_board",)

    def __init__(self, board: Board) -> None:
        self._board = board

    def on_event(self, event: FobEvent) -> None:
        """Add the event."""
        self._board.outbox.append(_HAPPENED[event])

    def on_picture(self, text: str, moving_factor: int | None) -> None:
        """Say in the effect of the last `drive` what the program meant by it."""
        if text:
            self._board.outbox[-1] = Shown(text, moving_factor)
