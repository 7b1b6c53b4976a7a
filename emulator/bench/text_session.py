"""A controller that sends lines of text: bytes to lines, lines to units, units to answers."""

import asyncio
import hmac
import logging
from collections.abc import Callable
from typing import Protocol

from emulator.bench.declared import spellings
from emulator.bench.errors import Number, ScpiError
from emulator.bench.grammar import Text, parse, split
from emulator.bench.session import Bench, Session
from emulator.ports.foreign import is_foreign
from emulator.tasks import start_task
from firmware_model.inputs import LineSignals

LINE_BYTES_MAX = 16_384
"""Longest line; a longer one is -363 and is not carried out."""

LINES_MAX = 64
"""Lines waiting to be carried out before no more are read."""

TOKEN_HEADERS = frozenset(spellings("SYSTem:TOKen"))
COMMAND_ERRORS = range(-199, -99)

_log = logging.getLogger("keyfob.emulator.bench")


class Carrier(Protocol):
    """The connection of a controller."""

    def send(self, data: bytes) -> None:
        """Send an answer."""

    def pause(self) -> None:
        """Read nothing more until `resume`."""

    def resume(self) -> None:
        """Read again."""

    def hang_up(self) -> None:
        """Close the connection."""


class TextSession(Session):
    """A controller's connection, which sends SCPI lines."""

    def __init__(self, bench: Bench, carrier: Carrier, token: bytes | None = None) -> None:
        super().__init__(bench)
        self._token = token
        self._carrier = carrier
        self._input = bytearray()
        self._discarding = False
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._work = start_task(self._serve())
        bench.sessions.add(self)
        self.when_done(lambda: bench.sessions.discard(self))

    def connected(self) -> None:
        """Do nothing: a session is made when its controller connects."""

    def disconnected(self) -> None:
        """The controller has left: carry out what it sent, then end."""
        self.end_input()

    def signalled(self, signals: LineSignals) -> None:
        """Do nothing: the bench does not use modem lines."""

    def received(self, data: bytes) -> None:
        """Take bytes; queue every line that is complete."""
        *lines, rest = (bytes(self._input) + data).split(b"\n")
        for line in lines:
            if self._discarding:
                self._discarding = False
            elif is_foreign(line):
                self._refuse_browser()
                return
            elif len(line) > LINE_BYTES_MAX:
                self._too_long()
                self._discarding = False
            else:
                self._lines.put_nowait(line)
        if not self._discarding and is_foreign(rest):
            self._refuse_browser()
            return
        if len(rest) > LINE_BYTES_MAX or self._discarding:
            if not self._discarding:
                self._too_long()
            rest = b""
        self._input[:] = rest
        if self._lines.qsize() > LINES_MAX:
            self._carrier.pause()

    def end_line(self) -> None:
        """Take what was received as a line that has no LF (IEEE 488.2 §7.5: END)."""
        if self._input:
            self._lines.put_nowait(bytes(self._input))
            self._input.clear()

    def end_input(self) -> None:
        """Carry out and answer every line received, then close the connection."""
        self.end_line()
        self._lines.put_nowait(None)

    def when_done(self, act: Callable[[], None]) -> None:
        """Call `act` when no more work is done for this controller."""
        self._work.add_done_callback(lambda _: act())

    def end(self) -> None:
        """Stop working for this controller at once."""
        self._work.cancel()
        self.forget_completion()

    def _refuse_browser(self) -> None:
        _log.warning("connection closed: it sent HTTP or TLS")
        self._carrier.hang_up()
        self.end()

    def _too_long(self) -> None:
        self.status.put(ScpiError(Number.INPUT_BUFFER_OVERRUN))
        self._discarding = True

    async def _serve(self) -> None:
        while True:
            line = await self._lines.get()
            if line is None:
                self._carrier.hang_up()
                return
            if self._lines.qsize() == LINES_MAX // 2:
                self._carrier.resume()
            if self._token is not None:
                if not self._is_token(line):
                    _log.warning("connection closed: no valid SYSTem:TOKen in its first line")
                    self._carrier.hang_up()
                    return
                self._token = None
                continue
            await self._carry_out_line(line)
            if self.answers:  # joined as IEEE 488.2 §8.4 says; an empty list is an answer too
                self._carrier.send(";".join(self.answers).encode() + b"\n")

    def _is_token(self, line: bytes) -> bool:
        """Return whether `line` is `SYSTem:TOKen "…"` with our token, in the same time if not."""
        assert self._token is not None
        given = b""
        try:
            unit, _ = parse(_text(line), "")
            if unit.header in TOKEN_HEADERS and len(unit.data) == 1:
                given = unit.data[0].value.encode() if isinstance(unit.data[0], Text) else b""
        except ScpiError:
            pass
        return hmac.compare_digest(given, self._token)

    async def _carry_out_line(self, line: bytes) -> None:
        """Carry out one program message and leave its answers in `answers`."""
        self.answers = []
        path = ""
        try:
            text = _text(line)
            for unit in split(text) if text else []:
                if unit.strip():
                    path = await self._unit(unit, path)
        except ScpiError as error:
            self.status.put(error)

    async def _unit(self, text: str, path: str) -> str:
        unit, path = parse(text, path)
        command = self.bench.commands.get(unit.header)
        if command is None:
            raise ScpiError(Number.UNDEFINED_HEADER, unit.header)
        try:
            answer = await self.carry_out(command, command.arguments(unit.data, self.fobs))
        except ScpiError as error:
            if error.number in COMMAND_ERRORS:
                raise  # the rest of the message may depend on what was not understood
            self.status.put(error)
            answer = None
        self.follow()
        if answer is not None:
            self.answers.append(answer)
        return path


def _text(line: bytes) -> str:
    try:
        text = line.decode().strip(" \t\r\0")
    except UnicodeDecodeError:
        raise ScpiError(Number.INVALID_CHARACTER, "not UTF-8") from None
    if not text.replace("\t", "").isprintable():
        raise ScpiError(Number.INVALID_CHARACTER, "control character")
    return text
