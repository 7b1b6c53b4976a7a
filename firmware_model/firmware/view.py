"""What an eye sees of the running program beyond the latch: worked out when somebody looks.

So an always-on display and its step bars cost nothing while nobody does.
"""

from firmware_model.firmware.modes import Mode
from firmware_model.firmware.moving_factor import until_step
from firmware_model.firmware.program import Program
from firmware_model.wire.codes import Condition, LifeCycle


def current_text(program: Program) -> str:
    """Return what the always-on display shows now, or what the latch holds."""
    slot = program.slot
    if program.mode is not Mode.ALWAYS or slot is None:
        return program.pins.latch.text
    seconds = program.token.unix_seconds()
    assert seconds is not None, "an always-on display runs only with a clock"
    # An alarm is up to a microsecond late, and what is not reserved is never shown.
    return slot.code(min(slot.step_at(seconds), slot.factor - 1))


def turns_ns(program: Program) -> int | None:
    """Return at which reading of the RTC the always-on display goes on to its next step by itself.

    None where no display does.
    """
    slot, seconds = program.slot, program.token.unix_seconds()
    if program.mode is not Mode.ALWAYS or slot is None or seconds is None:
        return None
    return program.pins.rtc_ns + until_step(program.token, slot, slot.step_at(seconds) + 1)


def bars(program: Program) -> int:
    """Return how many step bars stand now: all at a step's start, none at its end."""
    slot, count = program.slot, program.model.screen.bars
    seconds = program.token.unix_seconds()
    if not count or slot is None or seconds is None:
        return 0
    if program.mode not in (Mode.CODE, Mode.ALWAYS):
        return 0
    left = slot.step_seconds - (seconds - slot.t0_seconds) % slot.step_seconds
    return -(-left * count // slot.step_seconds)


def dark_because(program: Program) -> str:
    """Return in words why nothing is shown."""
    token = program.token
    if program.app is not None and (because := program.app.dark_because()):
        return because
    if token.life_cycle is LifeCycle.TERMINATED:
        return "the fob is terminated"
    if token.first_slot() is None:
        return "no seed is loaded"
    if token.is_sealed:
        hold_seconds = program.model.button.long_ms / 1000
        return f"the fob is sealed: hold the button for {hold_seconds:g} s"
    if token.condition & Condition.EXPIRED:
        return "the fob has expired"
    if program.mode is Mode.BUSY:
        return "a code is being computed"
    return "nobody has pressed the button"
