"""What goes wrong at a fob, as an error with its cause, and the causes of errors from below."""

from firmware_model.wire.apdu import StatusWord
from host_tools.errors import BadAnswer, HostError, NoAnswer, PortUnavailable, Refused
from host_tools.provisioning.station.states import Cause


class FobFault(HostError):  # noqa: N818 - as in host_tools.errors
    """This fob did not get on; the tray goes on."""

    exit_status = 1

    def __init__(self, cause: Cause, words: str) -> None:
        super().__init__(words)
        self.cause = cause


def cause_of(error: HostError) -> Cause | None:
    """Return the cause of an error of one fob, None where it is no fob's own."""
    if isinstance(error, FobFault):
        return error.cause
    if isinstance(error, Refused):
        blocked = error.status == StatusWord.AUTHENTICATION_BLOCKED
        return Cause.BLOCKED if blocked else Cause.REFUSED
    if isinstance(error, NoAnswer | PortUnavailable):
        return Cause.NO_ANSWER
    return Cause.BAD_ANSWER if isinstance(error, BadAnswer) else None
