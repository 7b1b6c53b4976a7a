"""The card's end of T=1: blocks in, blocks and commands out (ISO/IEC 7816-3 §11.6, WIRE §10.2).

Half-duplex: the reader sends one block and gets one, so every input but a time-out or an answer has
at most one block for an answer.
"""

from collections.abc import Callable
from typing import ClassVar

from firmware_model.units import NS_PER_MS, SimTime
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.t1 import (
    IFS_DEFAULT,
    BlockDamage,
    BlockKind,
    Supervision,
    T1Block,
    decode,
)
from firmware_model.wire.t1_table import TRANSITIONS, T1Effect, T1Input, T1State

COMMAND_BYTES_MAX = 4096
"""The longest command put together from a chain; a longer one is aborted."""

MISTAKES_MAX = 3
"""How many blocks in a row may be damaged; at one more the card falls silent."""

WTX_MULTIPLIER = 10
"""How many block waiting times are asked for at once."""

T1Event = Send | Indication


class T1Card:
    """One card in a reader, from its power on.

    `ifsc` is the longest information field that it takes, `waiting_ms` the block waiting time.
    """

    __slots__ = (
        "_answer",
        "_asked_at",
        "_assembled",
        "_ifsd",
        "_is_extended",
        "_last",
        "_mistakes",
        "_pending",
        "_receive_next",
        "_send_next",
        "_stretch",
        "_unacknowledged",
        "_waiting_ns",
        "ifsc",
        "state",
    )

    def __init__(self, ifsc: int, waiting_ms: int) -> None:
        self.ifsc = ifsc
        self.state = T1State.READY
        self._waiting_ns = waiting_ms * NS_PER_MS
        self._stretch = 1
        self._ifsd = IFS_DEFAULT
        self._asked_at = SimTime(0)
        self._is_extended = False
        self._last: T1Block | None = None
        self._mistakes = 0
        self._answer: bytes | None = None
        self._unacknowledged: T1Block | None = None
        self._forget()

    @property
    def deadline(self) -> SimTime | None:
        """When `timeout` must be called, None where no time-out runs.

        In the middle of the block waiting time, so that the request arrives before its end.
        """
        if self.state is not T1State.BUSY:
            return None
        factor = WTX_MULTIPLIER if self._is_extended else 1
        return SimTime(self._asked_at + self._waiting_ns * factor * self._stretch // 2)

    @property
    def awaits_answer(self) -> bool:
        """Whether the reader waits for a block while the application works."""
        return self.state is T1State.BUSY

    def stretch(self, factor: int) -> None:
        """Take the block waiting time for `factor` times as long."""
        self._stretch = factor

    def receive(self, raw: bytes, now: SimTime) -> list[T1Event]:
        """Take one block from the reader; what is none is answered as a damaged one."""
        if self.state is T1State.BUSY:
            return []
        found = decode(raw)
        what = found if isinstance(found, BlockDamage) else self._sort(found)
        block = None if isinstance(found, BlockDamage) else found
        if not isinstance(what, BlockDamage):
            self._mistakes = 0
            return self._step(what, block, now)
        self._mistakes += 1
        exhausted = self._mistakes > MISTAKES_MAX
        complaint = T1Block(BlockKind.R, error=what)
        return self._step(T1Input.EXHAUSTED if exhausted else T1Input.DAMAGED, complaint, now)

    def respond(self, answer: bytes, now: SimTime) -> list[T1Event]:
        """Send the application's answer; one that nobody waits for any more is dropped."""
        if self.state not in (T1State.BUSY, T1State.EXTENDING):
            return []
        self._answer = answer
        return self._step(T1Input.ANSWERED, None, now)

    def timeout(self, now: SimTime) -> list[T1Event]:
        """Ask for more time where the block waiting time is about to be over."""
        deadline = self.deadline
        if deadline is None or now < deadline:
            return []
        return self._step(T1Input.LATE, None, now)

    # Sorting ------------------------------------------------------------------------------------

    def _sort(self, block: T1Block) -> T1Input | BlockDamage:
        match block.kind:
            case BlockKind.I:
                return self._sort_information(block)
            case BlockKind.R:
                return self._sort_acknowledgement(block)
            case BlockKind.S_REQUEST:
                return _REQUESTS.get(block.about, BlockDamage.OTHER)
        asked = self._last
        if asked is None or asked.kind is not BlockKind.S_REQUEST or asked.about is not block.about:
            return BlockDamage.OTHER
        if asked.information != block.information:
            return BlockDamage.OTHER
        return T1Input.TIME_GIVEN if block.about is Supervision.WTX else T1Input.ABORTED

    def _sort_information(self, block: T1Block) -> T1Input | BlockDamage:
        out_of_turn = self._pending or self.state is T1State.EXTENDING
        if out_of_turn or block.number != self._receive_next or len(block.information) > self.ifsc:
            return BlockDamage.OTHER
        if len(self._assembled) + len(block.information) > COMMAND_BYTES_MAX:
            return T1Input.TOO_LONG
        return T1Input.SEGMENT if block.more else T1Input.COMMAND

    def _sort_acknowledgement(self, block: T1Block) -> T1Input | BlockDamage:
        sent = self._unacknowledged
        if sent is not None and block.number == sent.number:
            return T1Input.MISSED
        if sent is not None and self._pending:
            return T1Input.ACKNOWLEDGED
        return BlockDamage.OTHER if self._last is None or sent is self._last else T1Input.MISSED

    # Effects ------------------------------------------------------------------------------------

    def _step(self, what: T1Input, block: T1Block | None, now: SimTime) -> list[T1Event]:
        step = TRANSITIONS.get((self.state, what))
        if step is None:
            return []
        effect, self.state = step
        return self._EFFECTS[effect](self, block, now)

    def _forget(self) -> None:
        self._receive_next = self._send_next = 0
        self._assembled = self._pending = b""
        self._answer = None
        self._unacknowledged = None

    def _send(self, block: T1Block) -> list[T1Event]:
        self._last = block
        return [Send(block.encode())]

    def _send_ready(self, error: int = 0) -> list[T1Event]:
        return self._send(T1Block(BlockKind.R, number=self._receive_next, error=error))

    def _take(self, block: T1Block | None) -> None:
        """Count an I-block; it acknowledges the answer before."""
        assert block is not None, "an I-block was taken"
        self._receive_next ^= 1
        self._unacknowledged = None
        self._assembled += block.information

    def _execute(self, block: T1Block | None, now: SimTime) -> list[T1Event]:
        self._take(block)
        command, self._assembled = self._assembled, b""
        self._asked_at, self._is_extended = now, False
        self._answer = None
        return [Indication(command)]

    def _assemble(self, block: T1Block | None, _: SimTime) -> list[T1Event]:
        self._take(block)
        return self._send_ready()

    def _refuse(self, block: T1Block | None, _: SimTime) -> list[T1Event]:
        self._take(block)
        self._assembled = b""
        return self._send(T1Block(BlockKind.S_REQUEST, about=Supervision.ABORT))

    def _go_on(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        segment, self._pending = self._pending[: self._ifsd], self._pending[self._ifsd :]
        more = bool(self._pending)
        block = T1Block(BlockKind.I, segment, number=self._send_next, more=more)
        self._send_next ^= 1
        self._unacknowledged = block
        return self._send(block)

    def _repeat(self, asked: T1Block | None, _: SimTime) -> list[T1Event]:
        sent = self._unacknowledged
        if sent is not None and asked is not None and asked.number == sent.number:
            return self._send(sent)
        assert self._last is not None, "there was a block to miss"
        return self._send(self._last)

    def _complain(self, complaint: T1Block | None, _: SimTime) -> list[T1Event]:
        assert complaint is not None, "made with the input"
        asked = self._last
        answer = self._send_ready(complaint.error)
        if self.state is T1State.EXTENDING:
            self._last = asked  # the request still stands
        return answer

    def _fall_silent(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        self._forget()
        return []

    def _start_over(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        self._forget()
        return self._send(T1Block(BlockKind.S_RESPONSE, about=Supervision.RESYNCH))

    def _adopt(self, block: T1Block | None, _: SimTime) -> list[T1Event]:
        assert block is not None, "S(IFS request) was taken"
        self._ifsd = block.information[0]
        asked = self._last
        answer = self._send(T1Block(BlockKind.S_RESPONSE, block.information, about=Supervision.IFS))
        if self.state is T1State.EXTENDING:
            self._last = asked
        return answer

    def _give_way(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        self._assembled = self._pending = b""
        self._answer = self._unacknowledged = None
        return self._send(T1Block(BlockKind.S_RESPONSE, about=Supervision.ABORT))

    def _yield(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        return self._send_ready()

    def _keep(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        return []

    def _wait(self, _block: T1Block | None, now: SimTime) -> list[T1Event]:
        self._asked_at, self._is_extended = now, True
        return [] if self._answer is None else self._step(T1Input.ANSWERED, None, now)

    def _send_answer(self, block: T1Block | None, now: SimTime) -> list[T1Event]:
        assert self._answer is not None, "kept with the input"
        self._pending, self._answer = self._answer, None
        return self._go_on(block, now)

    def _ask_for_time(self, _block: T1Block | None, _: SimTime) -> list[T1Event]:
        multiplier = bytes((WTX_MULTIPLIER,))
        return self._send(T1Block(BlockKind.S_REQUEST, multiplier, about=Supervision.WTX))

    _EFFECTS: ClassVar[
        dict[T1Effect, Callable[["T1Card", T1Block | None, SimTime], list[T1Event]]]
    ] = {
        T1Effect.EXECUTE: _execute,
        T1Effect.ASSEMBLE: _assemble,
        T1Effect.REFUSE: _refuse,
        T1Effect.GO_ON: _go_on,
        T1Effect.REPEAT: _repeat,
        T1Effect.COMPLAIN: _complain,
        T1Effect.FALL_SILENT: _fall_silent,
        T1Effect.START_OVER: _start_over,
        T1Effect.ADOPT: _adopt,
        T1Effect.GIVE_WAY: _give_way,
        T1Effect.YIELD: _yield,
        T1Effect.KEEP: _keep,
        T1Effect.WAIT: _wait,
        T1Effect.ANSWER: _send_answer,
        T1Effect.ASK_FOR_TIME: _ask_for_time,
    }


_REQUESTS: dict[Supervision | None, T1Input] = {
    Supervision.RESYNCH: T1Input.RESYNCH,
    Supervision.IFS: T1Input.IFS,
    Supervision.ABORT: T1Input.ABORT,
}
"""S(WTX request) is the card's alone."""
