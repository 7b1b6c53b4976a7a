"""SET STATUS: the fob's life-cycle, moved from either application (WIRE §4)."""

from firmware_model.firmware.applications.context import CommandContext, refused_to_write
from firmware_model.firmware.question import Answer
from firmware_model.wire.apdu import StatusWord
from firmware_model.wire.codes import LifeCycle
from firmware_model.wire.messages import SetStatus

_ALL = frozenset(LifeCycle)


def set_status(context: CommandContext, message: SetStatus) -> Answer:
    """Go to another state where the life-cycle's own table permits; else 6985."""
    if refused := refused_to_write(context, _ALL):
        return refused
    if not context.token.advance(message.life_cycle):
        return StatusWord.CONDITIONS_NOT_SATISFIED
    return StatusWord.OK
