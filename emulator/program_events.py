"""What happened to a fob's program, as text for traces; what stops it is said aloud."""

import logging

from emulator.fob import EmulatedFob
from firmware_model.effects import FobEvent

_log = logging.getLogger("keyfob.emulator")


def event_text(fob: EmulatedFob, event: FobEvent) -> str:
    """Return an event of `fob` as text: of a reset or a stop of its program, also why.

    A stop is a warning in the log: the fob stays dark until its supply comes again.
    """
    if event not in (FobEvent.PROGRAM_RESET, FobEvent.PROGRAM_STOPPED):
        return str(event.value)
    text = f"{event.value}: {fob.device.program_failure}"
    if event is FobEvent.PROGRAM_STOPPED:
        _log.warning("fob %d: %s", fob.number, text)
    return text
