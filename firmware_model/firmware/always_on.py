"""The display that is always on: which steps it makes durable, and when it is updated next.

It reserves steps before it shows them (NVM §3.4). That spares the flash, and the processor does
not wake for steps that are not read.
"""

from dataclasses import dataclass

from firmware_model.firmware import screens
from firmware_model.firmware.moving_factor import until_step
from firmware_model.firmware.slots import AHEAD_MAX, Slot, store_factor
from firmware_model.firmware.token import Token
from firmware_model.generators import step_start
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY

SETTLED_DAYS = 7
"""How far a display that has run undisturbed reserves; one that starts, to the next midnight."""


@dataclass(slots=True)
class LastingPicture:
    """What the display shows: the code of the step `factor`, or a `text` where that is None.

    `lasting_ns` is how long it holds, None where it holds until something changes.
    """

    factor: int | None = None
    text: str = ""
    lasting_ns: int | None = None


def slot_to_show(token: Token) -> Slot | None:
    """Return the slot whose codes an always-on display shows, None where it has to be dark."""
    slot = token.first_slot()
    if token.model.screen.until != "always" or slot is None or not slot.is_timed:
        return None
    return None if token.stays_dark else slot


def lasting_picture(token: Token, slot: Slot, *, settled: bool) -> LastingPicture:
    """Return what to show of `slot` from now on, its steps made durable first.

    `settled` says that a reservation has run out undisturbed.
    """
    if token.is_over():
        return LastingPicture(text=token.expire())
    unix_ns = token.unix_ns()
    if unix_ns is None:
        return LastingPicture(text=screens.NO_CLOCK)
    seconds = unix_ns // NS_PER_SECOND
    step = slot.step_at(seconds)
    if step < slot.earliest_step or step < 0:
        earliest = max(0, slot.earliest_step)
        return LastingPicture(text=screens.NO_CLOCK, lasting_ns=until_step(token, slot, earliest))
    if step >= slot.factor or not slot.ahead:
        ahead = _steps_ahead(slot, seconds, SETTLED_DAYS if settled else 1)
        store_factor(token.journal, slot, step + ahead, press=0, ahead=ahead)
    ends_s = step_start(slot.factor, slot.step_seconds, slot.t0_seconds)
    if token.last_day is not None:
        ends_s = min(ends_s, (token.last_day + 1) * SECONDS_PER_DAY)
    return LastingPicture(step, lasting_ns=max(0, ends_s * NS_PER_SECOND - unix_ns))


def _steps_ahead(slot: Slot, seconds: int, days: int) -> int:
    """Return how many steps there are to the end of that many days (UTC), this one included."""
    end = (seconds // SECONDS_PER_DAY + days) * SECONDS_PER_DAY
    return min(-((seconds - end) // slot.step_seconds), AHEAD_MAX)
