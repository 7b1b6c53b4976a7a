"""A serial card reader with a fob in it: the link `ccid` (WIRE §10).

It echoes each command and answers it. Blocks of T=1 go to the card, whose machine is `T1Card`.
"""

from collections.abc import Callable
from typing import ClassVar

from firmware_model.units import NS_PER_MS, SimTime
from firmware_model.wire.ccid import (
    REFUSAL,
    Found,
    ReaderDeframer,
    ReaderFrame,
    ReaderMessageKind,
    SlotError,
)
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.fob_link import LinkEvent
from firmware_model.wire.t1_card import T1Card, T1Event

INTER_OCTET_NS = 500 * NS_PER_MS
READER_NAME = b"GemTwin-V2.00-GF03"
"""What the reader calls itself: programs look at the first letters only."""

_ASK_NAME, _NOTIFY_MOVEMENTS = b"\x02", b"\x01\x01\x01"
_T1 = 1
_PARAMETERS_BYTES = 7
_PPS, _PPS_BYTES = 0xFF, range(3, 7)
_ACTIVE, _INACTIVE, _FAILED = 0x00, 0x01, 0x40


class CcidReader:
    """The reader and the fob in it.

    `atr` is the fob's answer to reset, `ifsc` the longest information field it takes,
    `waiting_ms` its block waiting time, `parameters` those of T=1 as CCID 1.1 §6.1.7 has them.
    """

    __slots__ = (
        "_atr",
        "_card",
        "_deframer",
        "_ifsc",
        "_last_answer",
        "_octet_at",
        "_own_parameters",
        "_parameters",
        "_stretch",
        "_transfer",
        "_waiting_ms",
    )

    def __init__(self, atr: bytes, ifsc: int, waiting_ms: int, parameters: bytes) -> None:
        self._atr = atr
        self._ifsc = ifsc
        self._waiting_ms = waiting_ms
        self._own_parameters = self._parameters = parameters
        self._stretch = 1
        self._deframer = ReaderDeframer()
        self._octet_at = SimTime(0)
        self._card: T1Card | None = None
        self._transfer: ReaderFrame | None = None
        """The transfer that the card has not answered yet."""
        self._last_answer = b""

    @property
    def deadline(self) -> SimTime | None:
        """When `timeout` must be called, None where no time-out runs."""
        due = []
        if self._deframer.is_waiting:
            due.append(self._frame_ends_at)
        if self._card is not None and (card_due := self._card.deadline) is not None:
            due.append(card_due)
        return min(due) if due else None

    def receive(self, data: bytes, now: SimTime) -> list[LinkEvent]:
        """Take bytes from the host."""
        events = self.timeout(now)
        self._octet_at = now
        return events + self._take_all(self._deframer.feed(data), now)

    def respond(self, information: bytes, now: SimTime) -> list[LinkEvent]:
        """Give the fob's answer to the card, which sends it in blocks."""
        return [] if self._card is None else self._carry(self._card.respond(information, now))

    def timeout(self, now: SimTime) -> list[LinkEvent]:
        """Drop a frame that was begun; let the card ask for more time."""
        events: list[LinkEvent] = []
        if self._deframer.is_waiting and now >= self._frame_ends_at:
            events += self._take_all(self._deframer.expire(), now)
        if self._card is not None:
            events += self._carry(self._card.timeout(now))
        return events

    def stretch(self, factor: int) -> None:
        """Make the time-outs `factor` (1 or more) times the usual, for a slower peer."""
        self._stretch = factor
        if self._card is not None:
            self._card.stretch(factor)

    @property
    def _frame_ends_at(self) -> SimTime:
        return SimTime(self._octet_at + INTER_OCTET_NS * self._stretch)

    def _take_all(self, found: list[ReaderFrame | Found], now: SimTime) -> list[LinkEvent]:
        events: list[LinkEvent] = []
        for one in found:
            if isinstance(one, ReaderFrame):
                events += [Send(one.encode()), *self._take(one, now)]
            elif one is Found.DAMAGED:
                events.append(Send(REFUSAL))
            elif self._last_answer:
                events.append(Send(self._last_answer))
        return events

    def _take(self, command: ReaderFrame, now: SimTime) -> list[LinkEvent]:
        act = self._COMMANDS.get(command.kind)
        kind = _ANSWERS.get(command.kind, ReaderMessageKind.SLOT_STATUS)
        if command.slot != 0:
            return self._answer(command, kind, error=SlotError.BAD_SLOT)
        if act is None:
            return self._answer(command, kind, error=SlotError.NOT_SUPPORTED)
        return act(self, command, now)

    def _answer(
        self,
        command: ReaderFrame,
        kind: ReaderMessageKind,
        data: bytes = b"",
        *,
        error: SlotError | None = None,
        last: int = 0,
    ) -> list[LinkEvent]:
        status = _INACTIVE if self._card is None else _ACTIVE
        if error is not None:
            status |= _FAILED
        specific = bytes((status, error or 0, last))
        answer = ReaderFrame(kind, command.slot, command.sequence, specific, data)
        self._last_answer = answer.encode()
        return [Send(self._last_answer)]

    # Commands -----------------------------------------------------------------------------------

    def _power_on(self, command: ReaderFrame, _: SimTime) -> list[LinkEvent]:
        self._card = T1Card(self._ifsc, self._waiting_ms)
        self._card.stretch(self._stretch)
        self._transfer = None
        self._parameters = self._own_parameters
        return [Connected(), *self._answer(command, ReaderMessageKind.DATA, self._atr)]

    def _power_off(self, command: ReaderFrame, _: SimTime) -> list[LinkEvent]:
        self._card = self._transfer = None
        return [Disconnected(), *self._answer(command, ReaderMessageKind.SLOT_STATUS)]

    def _tell_status(self, command: ReaderFrame, _: SimTime) -> list[LinkEvent]:
        return self._answer(command, ReaderMessageKind.SLOT_STATUS)

    def _set_parameters(self, command: ReaderFrame, now: SimTime) -> list[LinkEvent]:
        kind = ReaderMessageKind.PARAMETERS
        if command.specific[0] != _T1:
            return self._answer(command, kind, error=SlotError.BAD_PROTOCOL)
        if len(command.data) != _PARAMETERS_BYTES:
            return self._answer(command, kind, error=SlotError.BAD_LENGTH)
        self._parameters = command.data
        return self._tell_parameters(command, now)

    def _tell_parameters(self, command: ReaderFrame, _: SimTime) -> list[LinkEvent]:
        return self._answer(command, ReaderMessageKind.PARAMETERS, self._parameters, last=_T1)

    def _escape(self, command: ReaderFrame, _: SimTime) -> list[LinkEvent]:
        kind = ReaderMessageKind.ESCAPED
        if command.data == _ASK_NAME:
            return self._answer(command, kind, READER_NAME)
        error = None if command.data == _NOTIFY_MOVEMENTS else SlotError.NOT_SUPPORTED
        return self._answer(command, kind, error=error)

    def _transfer_block(self, command: ReaderFrame, now: SimTime) -> list[LinkEvent]:
        card, kind = self._card, ReaderMessageKind.DATA
        if card is None:
            return self._answer(command, kind, error=SlotError.CARD_MUTE)
        if self._transfer is not None:
            return self._answer(command, kind, error=SlotError.SLOT_BUSY)
        if command.data[:1] == bytes((_PPS,)) and len(command.data) in _PPS_BYTES:
            return self._answer(command, kind, command.data)
        self._transfer = command
        events = self._carry(card.receive(command.data, now))
        if not events:
            if card.awaits_answer:
                return events
            self._transfer = None
            return self._answer(command, kind, error=SlotError.CARD_MUTE)
        return events

    def _carry(self, events: list[T1Event]) -> list[LinkEvent]:
        """Send the card's blocks as answers to the transfer that waits."""
        carried: list[LinkEvent] = []
        for event in events:
            if isinstance(event, Indication):
                carried.append(event)
            elif self._transfer is not None:
                command, self._transfer = self._transfer, None
                carried += self._answer(command, ReaderMessageKind.DATA, event.data)
        return carried

    _COMMANDS: ClassVar[
        dict[int, Callable[["CcidReader", ReaderFrame, SimTime], list[LinkEvent]]]
    ] = {
        ReaderMessageKind.SET_PARAMETERS: _set_parameters,
        ReaderMessageKind.POWER_ON: _power_on,
        ReaderMessageKind.POWER_OFF: _power_off,
        ReaderMessageKind.GET_SLOT_STATUS: _tell_status,
        ReaderMessageKind.ESCAPE: _escape,
        ReaderMessageKind.GET_PARAMETERS: _tell_parameters,
        ReaderMessageKind.TRANSFER: _transfer_block,
        ReaderMessageKind.ABORT: _tell_status,
    }


_ANSWERS: dict[int, ReaderMessageKind] = {
    ReaderMessageKind.SET_PARAMETERS: ReaderMessageKind.PARAMETERS,
    ReaderMessageKind.GET_PARAMETERS: ReaderMessageKind.PARAMETERS,
    ReaderMessageKind.POWER_ON: ReaderMessageKind.DATA,
    ReaderMessageKind.TRANSFER: ReaderMessageKind.DATA,
    ReaderMessageKind.ESCAPE: ReaderMessageKind.ESCAPED,
}
"""What each command is answered with, also where it fails."""
