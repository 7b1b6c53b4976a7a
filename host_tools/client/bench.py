"""The bench as an instrument: SCPI lines out, answers back, its error queue as exceptions.

Lines follow IEEE 488.2 and SCPI-99; the commands are those of BENCH.
"""

import os
import re
import time
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from firmware_model.errors import BadAnswer, KeyfobError, NoAnswer
from host_tools.client.bench_token import TOKEN_FILE_VARIABLE, read_token
from host_tools.client.closing import Closing
from host_tools.client.ports import Port, open_port

GREETING_SECONDS = 10.0
"""Wall time in which whatever is no bench, or none any more, gives itself away."""

QUEUE = "SYSTem:ERRor?"
ANSWER_SECONDS = 120.0
"""Wall time for the answer of a bench that has greeted: ten thousand presses take their time."""

LINE_BYTES_MAX = 1 << 20

TIME_OUT = -365
"""SCPI's error number of a wait that ended without what was waited for (SCPI-99 §21.8.10)."""

_PART = re.compile(r'(?:^|(?<=;))((?:"(?:[^"]|"")*"|[^;"])*)(?=;|$)')
"""One answer of several in a line (IEEE 488.2 §8.4): a semicolon within quotes does not part."""

_ERROR = re.compile(r'([+-]?\d+),"(.*)"')


class BenchError(KeyfobError):
    """The bench refused a line: `number` is its SCPI error (SCPI-99 volume 2 §21.8).

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     rack.bench.do("BUTTon:PUSH")
        Traceback (most recent call last):
        host_tools.client.bench.BenchError: ... -113 ...
    """

    def __init__(self, line: str, number: int, text: str) -> None:
        first = line.partition(";")[0]  # the rest of a long message says nothing new
        super().__init__(f"the bench refused {first!r}: {number} {text}")
        self.number = number


@dataclass(frozen=True, slots=True)
class DisplayReading:
    """What an eye sees at one instant.

    `text` is "" when dark, and `dark_because` then says why, in words. `segments` has a bit
    pattern for each position (see `art`), `contrast_percent` is 0 when dark.

    Example:
        >>> with keyfob.Rack.start() as rack:
        ...     rack[1].press()
        ...     print(rack[1].display.text, rack[1].display.contrast_percent)
        755224 100
    """

    text: str
    segments: tuple[int, ...]
    bars: int
    icons: tuple[str, ...]
    dark_because: str
    contrast_percent: int = 100


class BenchClient(Closing):
    """A bench that answers at `url` (`tcp:HOST:PORT`, `pty:PATH`, any pyserial URL).

    A channel is a fob of the rack, counted from 1; where a method takes `channels`, SCPI's
    channel list without its brackets is meant: "1", "1:500", "1,3".

    Raises, from every method:
        PortUnavailable, InUse, BadInput: as `open_port`, or the bench went away.
        NoAnswer: nothing came in time.
        BadAnswer: what came is not what SCPI says.
        BenchError: the bench refused the line.

    Example:
        >>> with keyfob.Rack.start() as rack, keyfob.Bench(rack.bench_address) as bench:
        ...     bench.press(0.2)
        ...     print(bench.display().text, bench.query("LABel:MODel?"))
        755224 "fob-h6"
    """

    def __init__(
        self,
        url: str,
        token_file: str | None = None,
        *,
        greeting_seconds: float = GREETING_SECONDS,
    ) -> None:
        token_file = token_file or os.environ.get(TOKEN_FILE_VARIABLE)
        token = read_token(token_file) if token_file else None
        self._port: Port = open_port(url)
        self._buffer = b""
        try:
            if token is not None:
                self._send(f'SYSTem:TOKen "{token}"')
            self.do("*CLS", greeting_seconds)
        except BaseException:
            self.close()
            raise

    def do(self, line: str, within_seconds: float = ANSWER_SECONDS) -> None:
        """Send a command that gives no answer, and make sure that the bench took it."""
        self._send(line, QUEUE)
        self._check(line, self._line(line, within_seconds))

    def query(self, line: str, within_seconds: float = ANSWER_SECONDS) -> str:
        """Send a query and return its answer, one line without its end."""
        self._send(line, QUEUE)
        answer = self._line(line, within_seconds)
        error = _ERROR.fullmatch(answer)
        if error and not re.search("ERR", line, re.IGNORECASE):
            # A refused query gives no answer: what came is the error queue's line already.
            self._check(line, answer)
            return ""
        self._check(line, self._line(line, within_seconds))
        return answer

    def press(
        self,
        seconds: Decimal | float = Decimal("0.2"),
        channels: str = "1",
        *,
        rapid: bool = False,
    ) -> None:
        """Hold the button for `seconds` (0.001..3600) and return when the press is over.

        The bench first waits out the fob's guard time against repeated presses; with `rapid` it
        does not, and the fob may ignore the press.
        """
        self.do(f"BUTTon:PRESs{':RAPid' * rapid} {seconds},(@{channels})")
        self.query("*OPC?", ANSWER_SECONDS + float(seconds))

    def ignored_presses(self, channel: int = 1) -> int:
        """Return how many presses the fob has ignored since its emulator was started."""
        return int(self._number(f"BUTTon:IGNored? (@{channel})"))

    def display(self, channel: int = 1) -> DisplayReading:
        """Look at the display."""
        # One message: between two, the display might change.
        names = ("TEXT", "SEGMents", "BARS", "ICONs", "DARK", "CONTrast")
        asked = ";".join(f":DISPlay:{name}? (@{channel})" for name in names)
        parts = _PART.findall(self.query(asked))
        try:
            text, segments, bars, icons, dark_because, contrast = parts
            return DisplayReading(
                text=unquoted(text),
                segments=tuple(int(bits) for bits in segments.split(",") if bits),
                bars=int(bars),
                icons=tuple(filter(None, unquoted(icons).split(","))),
                dark_because=unquoted(dark_because),
                contrast_percent=int(contrast),
            )
        except ValueError:
            raise BadAnswer(f"the bench does not say what channel {channel} displays") from None

    def press_and_read(self, seconds: Decimal | float = Decimal("0.2"), channel: int = 1) -> str:
        """Press as `press` does and return the text on the display then, all in one message."""
        at = f"(@{channel})"
        line = f"BUTTon:PRESs {seconds},{at};*OPC?;:DISPlay:TEXT? {at}"
        _done, _, text = self.query(line, ANSWER_SECONDS + float(seconds)).partition(";")
        return unquoted(text)

    def wait_for_text(self, pattern: str, seconds: Decimal | float, channel: int = 1) -> str | None:
        """Wait up to `seconds` of true time for a text on the display; None if it did not come.

        Args:
            pattern: `?` is one character, `*` any number, `[0-9]` a digit; "" is a dark display.
            seconds: of true time. Where it stands still, the wait moves it from event to event.
            channel: which fob.
        """
        line = f'DISPlay:WAIT? "{pattern}",{seconds},(@{channel})'
        try:
            return unquoted(self.query(line, ANSWER_SECONDS + float(seconds)))
        except BenchError as error:
            if error.number != TIME_OUT:
                raise
            return None

    def channel_at(self, port: str, address: int = 1) -> int | None:
        """Return the channel of the fob at HDLC `address` (0: any) of `port`, None without one."""
        kind, colon, rest = port.partition(":")
        if not colon:
            port = os.path.abspath(port)  # noqa: PTH100 - it follows no link, as the bench does
        elif kind.lower() in ("pty", "serial", "unix"):
            port = f"{kind}:{os.path.abspath(rest)}"  # noqa: PTH100
        named = port.replace('"', '""')
        return int(self._number(f'INSTrument:FIND? "{named}",{address}')) or None

    def has_power(self, channel: int = 1) -> bool:
        """Return whether the supply is enough for the firmware to run."""
        return bool(self._number(f"POWer:STATe? (@{channel})"))

    def now(self) -> Decimal:
        """Return true time: seconds since 1970 with decimals."""
        return self._number("TIME:NOW?")

    def advance(self, seconds: Decimal | float) -> None:
        """Let `seconds` (0 or more) pass at once."""
        self.do(f"TIME:ADVance {seconds}", within_seconds=600)

    def charge(self, channel: int = 1) -> Decimal:
        """Return what is left in the coin cell, in percent."""
        return self._number(f"BATTery:CHARge? (@{channel})")

    def set_charge(self, percent: Decimal | float, channels: str = "1") -> None:
        """Set what is left in the coin cell, in percent (0..100)."""
        self.do(f"BATTery:CHARge {percent},(@{channels})")

    def temperature(self, channel: int = 1) -> Decimal:
        """Return the temperature around the fob, in degrees Celsius."""
        return self._number(f"TEMPerature? (@{channel})")

    def set_temperature(self, celsius: Decimal | float, channels: str = "1") -> None:
        """Set the temperature around the fob, in degrees Celsius."""
        self.do(f"TEMPerature {celsius},(@{channels})")

    def cut_power(self, channels: str = "1") -> None:
        """Take the coin cell out: firmware and clock stop at once."""
        self.do(f"POWer:CUT (@{channels})")

    def restore_power(self, channels: str = "1") -> None:
        """Put the coin cell back: the firmware boots, its clock starts from nothing."""
        self.do(f"POWer:RESTore (@{channels})")

    def close(self) -> None:
        """Leave the bench; what it simulates goes on."""
        self._port.close()

    def _number(self, line: str) -> Decimal:
        answer = self.query(line)
        try:
            return Decimal(answer)
        except InvalidOperation:
            raise BadAnswer(f"the bench answered {line!r} with no number") from None

    def _check(self, line: str, answer: str) -> None:
        error = _ERROR.fullmatch(answer)
        if error is None:
            raise BadAnswer(f"{self._port.url} is no SCPI bench: the answer has no error number")
        if int(error[1]):
            self._send("*CLS")  # one line can leave several errors in the queue
            raise BenchError(line, int(error[1]), error[2])

    def _send(self, *lines: str) -> None:
        """Send lines in one write: each costs the bench a wake-up."""
        self._port.write(b"".join(line.encode() + b"\n" for line in lines))

    def _line(self, question: str, within_seconds: float) -> str:
        deadline = time.monotonic() + within_seconds
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NoAnswer(
                    f"the bench at {self._port.url} gave no answer to {question!r}"
                    f" within {within_seconds:g} s; is it a bench's address, and not a fob's?"
                )
            self._buffer += self._port.read(left)
            if len(self._buffer) > LINE_BYTES_MAX:
                raise BadAnswer(f"what answers at {self._port.url} never ends its line")
        line, _, self._buffer = self._buffer.partition(b"\n")
        text = line.rstrip(b"\r").decode("utf-8", "replace")
        # What a bench says may be printed: no escape sequence of its may reach a terminal.
        if text.isprintable():
            return text
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def unquoted(answer: str) -> str:
    """Return the text of a quoted SCPI string; doubled quotes stand for one (IEEE 488.2 §8.7.8)."""
    if len(answer) >= 2 and answer[0] == answer[-1] == '"':
        return answer[1:-1].replace('""', '"')
    return answer
