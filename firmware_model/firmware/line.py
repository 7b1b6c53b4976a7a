"""The serial line as the firmware drives it: link machine below, applications above."""

from firmware_model.firmware.applications import Applications
from firmware_model.firmware.journal import WornOut
from firmware_model.firmware.soft import SoftApp
from firmware_model.firmware.token import Token
from firmware_model.hardware.pins import Pins
from firmware_model.inputs import LineSignals
from firmware_model.units import SimTime
from firmware_model.wire.apdu import Response, StatusWord
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.objects import SelfTestResult
from firmware_model.wire.secondary import DEFAULT_TIMING, Secondary, SecondaryEvent

_FLASH_FAILED = Response(status=StatusWord.MEMORY_FAILURE).encode()


class UartLine:
    """One fob's end of its line.

    The link and the applications above it are made at the first byte and last until the next
    reset, so a fob without a host costs nothing. All times are the RTC's nanoseconds.
    """

    __slots__ = (
        "_address",
        "_alone",
        "_app",
        "_applications",
        "_held",
        "_held_until",
        "_link",
        "_pace",
        "_pins",
        "_signals",
        "_token",
        "self_test",
    )

    def __init__(
        self, pins: Pins, token: Token, app: SoftApp | None, address: int, *, alone: bool
    ) -> None:
        self._pins = pins
        self._token = token
        self._app = app
        self._address = address
        self._alone = alone
        self.self_test = SelfTestResult(0, 0)
        self._link: Secondary | None = None
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

    def receive(self, data: bytes, pace: int) -> None:
        """Take bytes from the UART and send what the link answers.

        `pace` stretches the link's time-outs for a sender whose time runs that much slower.
        """
        if self._applications is None:
            self._applications = Applications(self._token, self._app)
            self._applications.self_test = self.self_test
        if self._link is None:
            self._link = Secondary(self._address, alone=self._alone)
            self._pace = 1
        if pace != self._pace:
            self._pace = pace
            self._link.timing = DEFAULT_TIMING.stretched(pace)
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
            self._carry_out(self._link.respond(answer, now), now)
        self._carry_out(self._link.timeout(now), now)

    def _carry_out(self, events: list[SecondaryEvent], now: SimTime) -> None:
        assert self._link is not None, "events come from the link"
        assert self._applications is not None, "made together with the link"
        for event in events:
            match event:
                case Send(data):
                    self._pins.transmit(data)
                case Indication(information):
                    try:
                        answer = self._applications.transact(information)
                    except WornOut:  # report it to the host as well as on the display
                        self._applications.reset()
                        self._carry_out(self._link.respond(_FLASH_FAILED, now), now)
                        raise
                    if self._applications.delay_ns:
                        self._held = answer
                        self._held_until = now + self._applications.delay_ns
                    else:
                        self._carry_out(self._link.respond(answer, now), now)
                case Connected() | Disconnected():
                    self._held = b""
                    self._applications.reset()
