"""What a host's command asks of whoever holds the fob: a press of the button."""

from collections.abc import Callable
from dataclasses import dataclass, field

from firmware_model.wire.apdu import Response, StatusWord

Answer = Response | StatusWord
"""What a command is answered with: a response, or a status word alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A command that goes on only after a press.

    `text` is shown for `seconds`. `confirm` carries the command out and returns its answer;
    without a press it is answered `refusal`. Where there is a `meanwhile`, that is the answer,
    given at once; then it waits also when the host has left.
    """

    text: str
    seconds: int
    confirm: Callable[[], Answer] = field(repr=False)
    refusal: StatusWord
    meanwhile: Response | None = None
