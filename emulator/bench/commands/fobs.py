"""What commands of all subjects do with the fobs that they name."""

from collections.abc import Iterable

from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.rack import EmulatedFob
from firmware_model.inputs import Input


def give(session: Session, fobs: Iterable[EmulatedFob], stimulus: Input) -> None:
    """Let `stimulus` happen to each of `fobs`, with all that follows."""
    rack = session.bench.rack
    for fob in fobs:
        rack.give(fob, stimulus)
    rack.settle()


def only(fobs: list[EmulatedFob]) -> EmulatedFob:
    """Return the one fob of a query whose answer is a list already.

    Raises:
        ScpiError: there are more.
    """
    if len(fobs) != 1:
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, "one channel at a time")
    return fobs[0]
