"""What commands of several subjects share: an input for each fob, a query of one fob."""

from collections.abc import Iterable

from emulator.bench.errors import Number, ScpiError
from emulator.bench.session import Session
from emulator.fob import EmulatedFob
from firmware_model.inputs import Input


def give(session: Session, fobs: Iterable[EmulatedFob], stimulus: Input) -> None:
    """Give `stimulus` to each of `fobs`, and carry out its effects."""
    rack = session.bench.rack
    for fob in fobs:
        rack.give(fob, stimulus)
    rack.settle()


def only(fobs: list[EmulatedFob]) -> EmulatedFob:
    """Return the fob of a query that takes one channel only.

    Raises:
        ScpiError: there is more than one.
    """
    if len(fobs) != 1:
        raise ScpiError(Number.ILLEGAL_PARAMETER_VALUE, "one channel at a time")
    return fobs[0]
