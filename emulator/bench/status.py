"""The status model of IEEE 488.2 §11 and SCPI-99 vol. 1 §9: error queue, registers, status byte."""

import logging
from collections import deque
from dataclasses import dataclass, field
from enum import IntFlag, unique

from emulator.bench.errors import Number, ScpiError

ERRORS_MAX = 32
"""Entries of the error queue; the one too many is replaced by -350 (SCPI-99 vol. 2 §21.8.1)."""

_log = logging.getLogger("keyfob.emulator.bench")


@unique
class Standard(IntFlag):
    """The standard event status register (IEEE 488.2 §11.5.1)."""

    OPERATION_COMPLETE = 1
    QUERY_ERROR = 4
    DEVICE_ERROR = 8
    EXECUTION_ERROR = 16
    COMMAND_ERROR = 32


@unique
class StatusByte(IntFlag):
    """The status byte (IEEE 488.2 §11.2)."""

    ERROR_QUEUE = 4
    QUESTIONABLE = 8
    MESSAGE_AVAILABLE = 16
    STANDARD_EVENT = 32
    MASTER_SUMMARY = 64
    OPERATION = 128


@unique
class Operation(IntFlag):
    """Conditions of the operation register that the bench uses."""

    SETTLING = 2
    """A press has not ended."""


@unique
class Questionable(IntFlag):
    """Conditions of the questionable register that the bench uses."""

    POWER = 8
    """The supply of a fob is cut."""


@dataclass(slots=True)
class Register:
    """An event register with its enable mask; a condition that becomes true sets its event."""

    enable: int = 0
    event: int = 0
    _before: int = 0

    def follow(self, condition: int) -> None:
        """Take in the present `condition` (15 bits)."""
        self.event |= condition & ~self._before
        self._before = condition

    def take(self) -> int:
        """Return the events and clear them."""
        event, self.event = self.event, 0
        return event

    @property
    def summary(self) -> bool:
        """Whether an enabled event is set."""
        return bool(self.event & self.enable)


@dataclass(slots=True)
class BenchStatus:
    """The error queue and the registers of one controller."""

    errors: deque[ScpiError] = field(default_factory=deque)
    standard: Register = field(default_factory=Register)
    operation: Register = field(default_factory=Register)
    questionable: Register = field(default_factory=Register)
    service_enable: int = 0

    def put(self, error: ScpiError) -> None:
        """Queue `error` and set its bit of the standard event register."""
        _log.info("refused: %d", error.number)  # its detail may quote a password
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(error)
        else:
            self.errors[-1] = ScpiError(Number.QUEUE_OVERFLOW)
        self.standard.event |= _bit_of(error.number)

    def next_error(self) -> ScpiError:
        """Remove and return the oldest error; "no error" where there is none."""
        return self.errors.popleft() if self.errors else ScpiError(Number.NO_ERROR)

    def clear(self) -> None:
        """Clear all events and errors, keep the enable masks (`*CLS`)."""
        self.errors.clear()
        for register in (self.standard, self.operation, self.questionable):
            register.event = 0

    def byte(self, *, message_available: bool) -> int:
        """Return the status byte."""
        byte = StatusByte(0)
        if self.errors:
            byte |= StatusByte.ERROR_QUEUE
        if self.questionable.summary:
            byte |= StatusByte.QUESTIONABLE
        if message_available:
            byte |= StatusByte.MESSAGE_AVAILABLE
        if self.standard.summary:
            byte |= StatusByte.STANDARD_EVENT
        if self.operation.summary:
            byte |= StatusByte.OPERATION
        if byte & self.service_enable:
            byte |= StatusByte.MASTER_SUMMARY
        return int(byte)


def _bit_of(number: int) -> Standard:
    if number <= -400:
        return Standard.QUERY_ERROR
    if number <= -300:
        return Standard.DEVICE_ERROR
    if number <= -200:
        return Standard.EXECUTION_ERROR
    return Standard.COMMAND_ERROR
