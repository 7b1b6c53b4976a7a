"""Many equal presses at once: what they leave in flash, clock and cell, without living each.

A press takes a third of a millisecond to simulate, and a life has thousands. In the middle of a
life each press does the same: it writes one record, and after some forty records the journal
goes over to its other bank. So the first rounds of both banks are written record by record,
further whole rounds are added up, and the last rounds are written record by record again. Wear,
presses and moving factor are then those of the presses themselves. The charge of processor and
display is that of `expectation`, a mean over all presses.
"""

from typing import NamedTuple

from firmware_model.catalogue import Model
from firmware_model.effect_observer import EffectObserver
from firmware_model.expectation import awake_nas
from firmware_model.firmware.memory import Key
from firmware_model.firmware.moving_factor import take_factor
from firmware_model.firmware.slots import Slot
from firmware_model.firmware.token import Token
from firmware_model.generators import OtpKind
from firmware_model.hardware.board import Board
from firmware_model.units import NS_PER_SECOND, SECONDS_PER_DAY, SimTime

_NO_LIMIT = 1 << 40
_ERASES_SPARED = 4
"""So close to the end of a page's life its erases are left to presses that are really made."""
_TURNS_PER_ROUND = 2
_BOOTS_TO_HIDE = 2
"""Reading the flash here counts as a boot, and so does the reset that follows."""


class _Turn(NamedTuple):
    """The state at a change of banks: presses so far, charge, flash operations, erases a page."""

    pressed: int
    written_ac: int
    operations: int
    erases: tuple[int, ...]


class _Writer:
    """Writes the records of equal presses of one slot, from the board's present time on."""

    def __init__(self, board: Board, token: Token, slot: Slot, every_ns: int) -> None:
        self._board = board
        self._token = token
        self._slot = slot
        self._start = board.now
        self._every_ns = every_ns
        self.pressed = 0
        self._written_ac = 0

    def write(self, count: int) -> None:
        """Write the records of `count` presses; fewer where no more are like the first."""
        turns: list[_Turn] = []
        journal = self._token.journal
        sequence = journal.sequence
        while self.pressed < count and self._write_one():
            if journal.sequence != sequence and len(turns) <= _TURNS_PER_ROUND:
                sequence = journal.sequence
                turns.append(self._turn())
                if len(turns) > _TURNS_PER_ROUND:
                    self._skip_rounds(turns[0], turns[-1], count)

    def _write_one(self) -> bool:
        """Write the next press; return False where it would be unlike the others."""
        board, token = self._board, self._token
        board.at(SimTime(self._start + self.pressed * self._every_ns))
        before_ac = board.battery.drawn_ac
        if token.is_over() or is_nearly_worn(board):
            return False
        if isinstance(take_factor(token, self._slot, press=1), str):
            return False
        self.pressed += 1
        self._written_ac += board.battery.drawn_ac - before_ac
        return True

    def _turn(self) -> _Turn:
        flash = self._board.flash
        erases = tuple(page.erases for page in flash.pages)
        return _Turn(self.pressed, self._written_ac, flash.operations, erases)

    def _skip_rounds(self, first: _Turn, last: _Turn, count: int) -> None:
        """Add whole rounds as the one from `first` to `last` was; leave one to be written."""
        presses = last.pressed - first.pressed
        wear = [new - old for old, new in zip(first.erases, last.erases, strict=True)]
        rounds = min(count - self.pressed, self._presses_to_limit()) // presses - 1
        pages = self._board.flash.pages
        for page, worn in zip(pages, wear, strict=True):
            if worn:
                rounds = min(rounds, (page.life - page.erases) // worn - _ERASES_SPARED - 2)
        if rounds <= 0:
            return
        for page, worn in zip(pages, wear, strict=True):
            page.erases += rounds * worn
        self._board.flash.operations += rounds * (last.operations - first.operations)
        self._board.battery.drawn_ac += rounds * (last.written_ac - first.written_ac)
        self._token.journal.sequence += rounds * _TURNS_PER_ROUND
        self.pressed += rounds * presses
        self._slot.presses += rounds * presses
        if self._slot.kind is OtpKind.HOTP:
            self._slot.factor += rounds * presses

    def _presses_to_limit(self) -> int:
        """Return how many presses come before the model's limits end the fob."""
        token = self._token
        most = token.model.life.presses
        left = most - token.presses if most else _NO_LIMIT
        last_day, now_s = token.last_day, token.unix_seconds()
        if last_day is None or now_s is None:
            return left
        left_ns = ((last_day + 1) * SECONDS_PER_DAY - now_s) * NS_PER_SECOND
        return min(left, left_ns // self._every_ns)


def is_nearly_worn(board: Board) -> bool:
    """Return whether a page of flash is close to the end of its life."""
    return any(page.erases + _ERASES_SPARED >= page.life for page in board.flash.pages)


def press_in_bulk(board: Board, model: Model, count: int, every_ns: int) -> int:
    """Leave on `board` what presses of our program leave, one every `every_ns` from now.

    At most `count`; it ends early at the model's limits, without a time, and before the flash
    wears out. The fob rests before: its display is dark, and no timer runs. The caller stays
    clear of the last percents of the cell, where presses are no longer equal.

    Returns:
        How many presses were made; time comes to `every_ns` after the last. The program must be
        reset then.
    """
    start, token = board.now, Token(board, EffectObserver(board), model)
    slot = token.first_slot() if token.mount() else None
    made = count
    if slot is not None and not token.is_sealed:
        writer = _Writer(board, token, slot, every_ns)
        writer.write(count)
        made = writer.pressed
        board.battery.drawn_ac += made * awake_nas(model) * NS_PER_SECOND
    token.journal.put(Key.BOOTS, (token.boots - _BOOTS_TO_HIDE).to_bytes(4, "big"))
    board.at(SimTime(start + made * every_ns))
    return made
