"""The serial line as the firmware drives it: link machine below, applications above.

Whatever the link, it hands command APDUs to the same applications; the table `_LINKS` has them.
"""

from collections.abc import Callable, Sequence
from functools import partial

from firmware_model.datasheet.atr import Atr
from firmware_model.datasheet.card import PLAIN_CARD
from firmware_model.firmware.applications import Applications
from firmware_model.firmware.journal import WornOut
from firmware_model.firmware.question import Question
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.token import Token
from firmware_model.hardware.pins import Pins
from firmware_model.inputs import LineSignals
from firmware_model.units import SimTime
from firmware_model.wire.apdu import Response, StatusWord
from firmware_model.wire.ccid_reader import CcidReader
from firmware_model.wire.events import Indication, Send
from firmware_model.wire.fob_link import FobLink, LinePlace, LinkEvent, LinkKind
from firmware_model.wire.objects import SelfTestResult
from firmware_model.wire.secondary import Secondary
from firmware_model.wire.t1 import NAD
from firmware_model.wire.vpcd import VpcdCard

_LRC_DIRECT = 0x10
"""Error detection and convention of T=1, as CCID 1.1 §6.1.7 codes them."""

_FLASH_FAILED = Response(status=StatusWord.MEMORY_FAILURE).encode()


class UartLine:
    """One fob's end of its line.

    The link and the applications above it are made at the first byte and last until the next
    reset, so a fob without a host costs nothing. All times are the RTC's nanoseconds.
    """

    __slots__ = (
        "_app",
        "_applications",
        "_held",
        "_held_until",
        "_link",
        "_pace",
        "_pins",
        "_place",
        "_signals",
        "_token",
        "self_test",
    )

    def __init__(self, pins: Pins, token: Token, app: SoftApp | None, place: LinePlace) -> None:
        self._pins = pins
        self._token = token
        self._app = app
        self._place = place
        self.self_test = SelfTestResult(0, 0)
        self._link: FobLink | None = None
        self._applications: Applications | None = None
        self._held = b""
        self._held_until = 0
        self._pace = 1
        self._signals = LineSignals()

    @property
    def deadline_ns(self) -> int | None:
        """The RTC reading at which `run_due` is due; None while nothing runs."""
        if self._link is None:
            return None
        due = self._link.deadline
        if self._held:
            return self._held_until if due is None else min(due, self._held_until)
        return due

    @property
    def question(self) -> Question | None:
        """What the last command asks of whoever holds the fob, while that is open."""
        return None if self._applications is None else self._applications.question

    def decide(self, *, pressed: bool) -> None:
        """Carry out the command whose question is open, or refuse it, and send its answer."""
        assert self._applications is not None, "a question came from an application"
        decide, now = self._applications.decide, SimTime(self._pins.rtc_ns)
        self._answer(partial(decide, pressed=pressed), now)

    def receive(self, data: bytes, pace: int) -> None:
        """Take bytes from the UART and send what the link answers.

        `pace` stretches the link's time-outs for a sender whose time runs that much slower.
        """
        if self._applications is None:
            self._applications = Applications(self._token, self._app)
            self._applications.self_test = self.self_test
        if self._link is None:
            self._link = _LINKS[self._place.link](self._place, self._token)
            self._pace = 1
        if pace != self._pace:
            self._pace = pace
            self._link.stretch(pace)
        now = SimTime(self._pins.rtc_ns)
        self._carry_out(self._link.receive(data, now), now)

    def take_signals(self, signals: LineSignals) -> None:
        """Follow the modem lines: a host that drops DTR or sends a BREAK has hung up.

        The connection, the channel and the selection end without a word (WIRE §2.5).
        """
        hung_up = signals.breaking and not self._signals.breaking
        hung_up |= self._signals.data_terminal_ready and not signals.data_terminal_ready
        self._signals = signals
        if hung_up and self._link is not None and self._applications is not None:
            self._link = None
            self._held = b""
            self._applications.reset()

    def run_due(self) -> None:
        """Handle the time-outs that are due, and send an answer whose delay is over."""
        assert self._link is not None, "only a line that was used has time-outs"
        now = SimTime(self._pins.rtc_ns)
        if self._held and now >= self._held_until:
            answer, self._held = self._held, b""
            self._respond(answer, now)
        self._carry_out(self._link.timeout(now), now)

    def _carry_out(self, events: Sequence[LinkEvent], now: SimTime) -> None:
        assert self._applications is not None, "made together with the link"
        transact = self._applications.transact
        for event in events:
            if type(event) is Send:
                self._pins.transmit(event.data)
            elif type(event) is Indication:
                self._answer(partial(transact, event.information), now)
            else:  # connected anew, or disconnected
                self._held = b""
                self._applications.reset()

    def _answer(self, work: Callable[[], bytes], now: SimTime) -> None:
        """Let the applications work and send their answer: at once, later, or when it is there."""
        assert self._applications is not None, "made together with the link"
        try:
            answer = work()
        except WornOut:  # report it to the host as well as on the display
            self._applications.reset()
            self._respond(_FLASH_FAILED, now)
            raise
        if self._applications.delay_ns:
            self._held = answer
            self._held_until = now + self._applications.delay_ns
        elif answer:
            self._respond(answer, now)

    def _respond(self, answer: bytes, now: SimTime) -> None:
        """Hand the answer to the link; a host that has hung up gets none."""
        if self._link is not None:
            self._carry_out(self._link.respond(answer, now), now)


def _answer_to_reset(token: Token) -> Atr:
    atr = Atr.parse(bytes.fromhex((token.model.card or PLAIN_CARD).atr))
    assert atr is not None, "the catalogue checks it"
    return atr


def _reader(atr: Atr) -> CcidReader:
    parameters = bytes((atr.speed, _LRC_DIRECT, 0, atr.waiting_integers, 0, atr.ifsc, NAD))
    return CcidReader(atr.raw, atr.ifsc, atr.block_waiting_ms, parameters)


_LINKS: dict[LinkKind, Callable[[LinePlace, Token], FobLink]] = {
    LinkKind.HDLC: lambda place, _: Secondary(place.address, alone=place.alone),
    LinkKind.CCID: lambda _, token: _reader(_answer_to_reset(token)),
    LinkKind.VPCD: lambda _, token: VpcdCard(_answer_to_reset(token).raw),
}
