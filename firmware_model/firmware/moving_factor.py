"""The moving factor of the next code: chosen, made durable first, and how long it holds."""

from firmware_model.firmware import screens
from firmware_model.firmware.slots import EXHAUSTED, Slot, store_factor
from firmware_model.firmware.token import Token
from firmware_model.generators import step_start
from firmware_model.units import NS_PER_MS, NS_PER_SECOND


def take_factor(token: Token, slot: Slot, *, press: int) -> int | str:
    """Make the moving factor of the next code durable and return it.

    Counts `press` presses (0 or 1). Where none may be shown, returns the text that stands in its
    place. A TOTP code is that of the instant at which it will have been computed.
    """
    if not slot.is_timed:
        factor = slot.factor
        if factor == EXHAUSTED:
            return screens.NO_MORE
        store_factor(token.journal, slot, factor + 1, press=press)
        return factor
    unix_ns = token.unix_ns()
    if unix_ns is None:
        return screens.NO_CLOCK
    ready_ns = unix_ns + token.model.mcu.compute_ms * NS_PER_MS
    factor = slot.step_at(ready_ns // NS_PER_SECOND)
    if factor < max(0, slot.earliest_step):
        return screens.NO_CLOCK
    ahead = 0
    if token.profiles is not None:  # the display goes on with each step, as one that is always on
        lit = token.profiles.settings(slot.number).shown_seconds
        ahead = slot.step_at(ready_ns // NS_PER_SECOND + lit + 1) + 1 - factor
    store_factor(token.journal, slot, factor + ahead, press=press, ahead=ahead)
    return factor


def is_past(token: Token, slot: Slot, factor: int) -> bool:
    """Return whether the step `factor` of a TOTP slot has ended by the fob's own clock."""
    seconds = token.unix_seconds()
    return seconds is not None and slot.step_at(seconds) > factor


def until_step(token: Token, slot: Slot, step: int) -> int:
    """Return the nanoseconds until `step` starts by the fob's own clock, at least 0."""
    start_ns = step_start(step, slot.step_seconds, slot.t0_seconds) * NS_PER_SECOND
    return max(0, start_ns - (token.unix_ns() or 0))
