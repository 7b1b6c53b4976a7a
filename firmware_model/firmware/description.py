"""What our program is and holds, for whoever shows a fob: never a seed, key or code."""

from collections.abc import Iterable
from hmac import compare_digest
from typing import NamedTuple

from firmware_model.board_program import BoardProgram
from firmware_model.firmware.program import Program
from firmware_model.firmware.slots import Slot
from firmware_model.firmware.token import Token
from firmware_model.generators import OtpKind
from firmware_model.wire.codes import Condition, LifeCycle


class SlotStatus(NamedTuple):
    """A credential without its seed.

    `next_factor` is the counter of the next HOTP code, or the latest TOTP step that was shown.
    """

    number: int
    kind: OtpKind
    algorithm: str
    digits: int
    step_seconds: int
    t0_seconds: int
    next_factor: int


class ProgramStatus(NamedTuple):
    """The state of our program; `life_cycle` in words, such as "in use"."""

    life_cycle: str
    is_expired: bool
    is_battery_low: bool
    slots: tuple[SlotStatus, ...]


def token_of(program: BoardProgram) -> Token | None:
    """Return the token of our program, for reading only; None for any other program."""
    return program.token if isinstance(program, Program) else None


def describe(token: Token) -> ProgramStatus:
    """Return the state of a program and its credentials."""
    life_cycle = token.life_cycle.name.lower()
    if token.life_cycle is LifeCycle.SEALED and token.condition & Condition.IN_USE:
        life_cycle = "in use"
    return ProgramStatus(
        life_cycle,
        bool(token.condition & Condition.EXPIRED),
        bool(token.condition & Condition.LOW_BATTERY),
        tuple(map(_described, token.present_slots())),
    )


def find_factors(token: Token, code: str, factors: Iterable[int]) -> list[int]:
    """Return which of `factors` have `code` in the slot that the display shows."""
    slot = token.first_slot()
    if slot is None:
        return []
    return [one for one in factors if compare_digest(slot.code(one).encode(), code.encode())]


def _described(slot: Slot) -> SlotStatus:
    return SlotStatus(
        slot.number,
        slot.kind,
        slot.algorithm.title,
        slot.digits,
        slot.step_seconds,
        slot.t0_seconds,
        slot.factor,
    )
