"""One fob as a test handles it: its button, its display, its clock, its cell, its port."""

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from firmware_model import catalogue
from firmware_model.catalogue import Model
from firmware_model.errors import BadInput, InUse, KeyfobError, NoAnswer, Refused
from firmware_model.wire.messages import (
    CHALLENGE_BYTES,
    ExternalAuthenticate,
    InitializeUpdate,
    SecurityLevel,
)
from firmware_model.wire.objects import TriesLeft
from host_tools.client.bench import BenchClient, DisplayReading, unquoted
from host_tools.client.fob_state import FobState, read_state
from host_tools.client.session import TokenSession, open_session
from keyfob.testing.duration import Duration
from keyfob.testing.fob_board import FobBoard
from keyfob.testing.fob_line import FobLine
from keyfob.testing.fob_mistakes import FobMistakes
from keyfob.testing.rack_time import RackTime, seconds_to_step_end

if TYPE_CHECKING:
    from host_tools.seeds.record import SeedRecord

NOT_A_NUMBER = Decimal("9.91E+37")
"""SCPI's value for what does not exist (SCPI-99 volume 1 §7.2.1.5)."""

CODE_SECONDS = 30
"""How long `code` waits unless told otherwise: longer than any notice stands before a code."""

DARK_SECONDS = 7200
"""Longer than any model stays lit after a press: the longest time step is an hour."""

LONG_SECONDS = Decimal(7)
"""Longer than any model of the catalogue asks for."""


class NoBenchError(Exception):
    """The fob is on no bench: nothing can press its button or read its display.

    Example:
        >>> raise keyfob.NoBenchError("no bench")
        Traceback (most recent call last):
        keyfob.testing.fob.NoBenchError: no bench
    """


class NoCode(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """No code came up on the display; the message says what was shown, or why it was dark.

    Example:
        >>> with keyfob.Rack.start(preset="blank") as rack:
        ...     rack[1].code(seconds=1)
        Traceback (most recent call last):
        keyfob.testing.fob.NoCode: fob 1 (fob-h6): no code within 1 s: ...
    """

    exit_status = 1


class Fob:
    """One fob: `port` and `address` are for any host; the rest is done on the bench.

    `channel` is its number on the bench, from 1.

    Raises, from every method:
        NoBenchError: the fob is on no bench.
        KeyfobError: as `Bench` does.

    Example:
        >>> with keyfob.Rack.start(model="fob-h6") as rack:
        ...     fob = rack[1]
        ...     print(fob.code(), fob.idle_presses(2), fob.code())
        755224 ['287082', '359152'] 969429
    """

    def __init__(
        self,
        port: str,
        address: int,
        channel: int,
        bench: BenchClient | None,
        model: Model | None = None,
    ) -> None:
        self.port = port
        self.address = address
        self.channel = channel
        self._bench = bench
        self._model = model

    def __repr__(self) -> str:
        return f"Fob(port={self.port!r}, address={self.address}, channel={self.channel})"

    # Button and display

    def press(self, seconds: Decimal | float = Decimal("0.2"), *, rapid: bool = False) -> None:
        """Press the button for `seconds` (0.001..3600) and wait until the press has ended.

        A press that comes too soon after the last one first waits out the fob's guard time, so
        every press counts. With `rapid` it does not wait, and the fob may ignore it.
        """
        self._at_bench().press(seconds, str(self.channel), rapid=rapid)

    def long_press(self) -> None:
        """Press long enough for any model's long press (7 s): it wakes a sealed fob."""
        self.press(LONG_SECONDS)

    @property
    def display(self) -> DisplayReading:
        """What the display shows now: text, segments, bars, icons, contrast."""
        return self._at_bench().display(self.channel)

    @property
    def text(self) -> str:
        """What is read on the display now, "" while it is dark."""
        return self.display.text

    def code(self, seconds: float = CODE_SECONDS) -> str:
        """Return a code: press if the display is dark, then wait up to `seconds` of true time.

        A notice before the code, such as "bAtt 4", is waited out and never returned. A code that
        stands on the display already is returned without a press. Only digits are returned.

        Raises:
            NoCode: none came up; the message says what was shown instead.
        """
        if not self.text:
            self.press()
        if not self.text and self.model.otp.step_seconds:
            self.press()  # the time step ended during the press, and the code's time with it
        return self.wait_for_code(seconds)

    def wait_for_code(self, seconds: float = CODE_SECONDS) -> str:
        """Return the code on the display, waiting for it up to `seconds` of true time; no press.

        Where time stands still, waiting moves it from event to event.

        Raises:
            NoCode: none came up; the message says what was shown instead.
        """
        bench, digits = self._at_bench(), self.model.otp.digits
        pattern = "[0-9]" * digits
        found = bench.wait_for_text(pattern, seconds, self.channel)
        if found is None:
            seen = self.display
            what = f"it shows {seen.text!r}" if seen.text else f"it is dark: {seen.dark_because}"
            raise NoCode(
                f"fob {self.channel} ({self.model.name}): no code within {seconds:g} s: {what}"
            )
        return found.strip()

    def wait_until_dark(self, seconds: float = DARK_SECONDS) -> None:
        """Wait up to `seconds` of true time until the display is dark.

        Raises:
            NoAnswer: it is still lit then.
        """
        if self._at_bench().wait_for_text("", seconds, self.channel) is None:
            raise NoAnswer(f"fob {self.channel}: still lit after {seconds:g} s: {self.text!r}")

    def idle_presses(self, count: int) -> list[str]:
        """Press `count` times (0 or more) without using the codes; return those that were shown.

        Each press waits until the display is dark again, so each counts. A TOTP fob shows the same
        code for presses within one time step.

        Raises:
            BadInput: `count` is negative, or the model's display never goes dark.
            NoCode: a press brought no code.
        """
        if count < 0:
            raise BadInput(f"idle_presses({count}): expected 0 or more")
        if count and self.model.screen.until == "always":
            raise BadInput(f"a {self.model.name} is always on: a press brings no code of its own")
        codes = []
        for _ in range(count):
            if self.text:
                self.wait_until_dark()
            self.press()
            codes.append(self.wait_for_code())
            self.wait_until_dark()
        return codes

    # Time and clock

    def age(self, duration: Duration) -> None:
        """Let `duration` pass at once, such as "2y": for all fobs of the rack, time is one.

        The fob keeps its clock and drains its cell meanwhile; nobody presses it.

        Raises:
            BadInput: it is not a duration, or negative.
        """
        RackTime(self._at_bench()).advance(duration)

    @property
    def clock_error(self) -> Decimal | None:
        """How far the fob's clock is ahead of true time (+) or behind (-), in seconds.

        None where it was never set, as in a blank fob, or has lost its supply.
        """
        error = Decimal(self._at_bench().query(f"CLOCk:ERRor? (@{self.channel})"))
        return None if error == NOT_A_NUMBER else error

    def set_clock_offset(self, seconds: Decimal | float) -> None:
        """Set the fob's clock to be `seconds` ahead of true time (+) or behind it (-).

        Raises:
            BadInput: the fob has no clock that was ever set.
        """
        error = self.clock_error
        if error is None:
            raise BadInput(f"fob {self.channel} ({self.model.name}): its clock was never set")
        shift = Decimal(str(seconds)) - error
        self._at_bench().do(f"CLOCk:SHIFt {shift},(@{self.channel})")

    def to_step_end(self, before: Decimal | float = 1) -> None:
        """Let time pass to `before` seconds before a time step ends by the fob's own clock.

        Raises:
            BadInput: the fob is HOTP, or its clock was never set.
        """
        error = self.clock_error
        if error is None or not self.model.otp.step_seconds:
            raise BadInput(f"fob {self.channel} ({self.model.name}): it has no time steps")
        bench = self._at_bench()
        own = bench.now() + error - self.model.otp.t0_seconds
        bench.advance(seconds_to_step_end(own, self.model.otp.step_seconds, Decimal(str(before))))

    # Supply and surroundings

    @property
    def charge(self) -> Decimal:
        """What is left in the coin cell, in percent of a new one (0..100)."""
        return self._at_bench().charge(self.channel)

    def set_charge(self, percent: Decimal | float) -> None:
        """Set what is left in the coin cell, in percent of a new one (0..100)."""
        self._at_bench().set_charge(percent, str(self.channel))

    def set_temperature(self, celsius: Decimal | float) -> None:
        """Set the temperature around the fob, in degrees Celsius (-60..120)."""
        self._at_bench().set_temperature(celsius, str(self.channel))

    def cut_power(self) -> None:
        """Take the coin cell out: firmware and clock stop at once."""
        self._at_bench().cut_power(str(self.channel))

    def restore_power(self) -> None:
        """Put the coin cell back: the firmware boots, its clock starts from nothing."""
        self._at_bench().restore_power(str(self.channel))

    @cached_property
    def board(self) -> FobBoard:
        """Its supply, key and glass, to be made bad on purpose: `fob.board.pull_cell("2s")`."""
        return FobBoard(self._at_bench(), self.channel)

    @cached_property
    def mistakes(self) -> FobMistakes:
        """Mistakes of the field, made on purpose: `fob.mistakes.drawer("2y")`."""
        return FobMistakes(self, self._at_bench())

    # Port

    @cached_property
    def line(self) -> FobLine:
        """Its line, to be made bad on purpose: `fob.line.drop(2)`."""
        return FobLine(self._at_bench(), self.channel)

    def session(self) -> TokenSession:
        """Open the port and select the token application; use it as a context manager."""
        return open_session(self.port, self.address)

    def state(self) -> FobState:
        """Read everything that the fob tells over its port without keys.

        Raises:
            InUse: another program holds the port.
        """
        with self.session() as session:
            return read_state(session)

    def wrong_keys(self, times: int = 1) -> int | None:
        """Try to open the secure channel with wrong keys, `times` times; return the tries left.

        Each try is counted by the fob in flash. At 0 the fob refuses secure commands; it still
        shows codes. From the third failure in a row on the fob delays its answer, by 1, 2, 4 … 32 s
        of its own time: where time stands still, no more than two failures in a row can be made.

        Raises:
            BadInput: `times` is negative.
            NoAnswer: the fob delays its answer, and time stands still.
        """
        if times < 0:
            raise BadInput(f"wrong_keys({times}): expected 0 or more")
        with self.session() as session:
            for _ in range(times):
                _fail_once(session)
            left = session.get(TriesLeft)
        return None if left is None else left.count

    # What it is

    @cached_property
    def model(self) -> Model:
        """The model, as its data sheet says.

        Raises:
            BadInput: the bench names a model that is not in the catalogue.
        """
        if self._model is not None:
            return self._model
        return catalogue.load(unquoted(self._at_bench().query(f"LABel:MODel? (@{self.channel})")))

    @cached_property
    def serial_number(self) -> str:
        """The serial number printed on its back."""
        return unquoted(self._at_bench().query(f"LABel:SERial? (@{self.channel})"))

    @property
    def record(self) -> "SeedRecord":
        """The seed record of a fob that began with a preset: a server's import wants it.

        Presets load the published test seed of RFC 4226 appendix D (SHA-1) or RFC 6238 appendix B.
        A fob that began blank, or that runs elsewhere, may hold another seed. The counter and the
        expiry date are those that the fob has when this is first asked for; a model's own while
        another session holds the port.
        """
        from host_tools.seeds.generation import published_seed, record_for

        model = self.model
        record = record_for(model, self.serial_number, published_seed(model.otp.algorithm))
        try:
            state = self.state()
        except InUse:
            return record
        counters = [slot.counter for slot in state.slots if slot.counter is not None]
        return replace(
            record,
            expiry_date=state.expiry_date or record.expiry_date,
            counter=counters[0] if counters else record.counter,
        )

    def _at_bench(self) -> BenchClient:
        if self._bench is None:
            raise NoBenchError("there is no bench: give its address with --keyfob-bench")
        return self._bench


def _fail_once(session: TokenSession) -> None:
    """Authenticate with a wrong host cryptogram, as a host with other keys would (WIRE §7)."""
    session.select()
    challenge, wrong = bytes(CHALLENGE_BYTES), bytes(8)
    with suppress(Refused):
        session.send(InitializeUpdate(0, challenge).command(), "to open a channel")
        message = ExternalAuthenticate(SecurityLevel.ALL, wrong, wrong)
        session.send(message.command(), "to accept wrong keys")
