"""What goes wrong at a fob, as an error with its cause, and the causes of errors from below."""

from firmware_model.errors import BadAnswer, KeyfobError, NoAnswer, PortUnavailable, Refused
from firmware_model.wire.apdu import StatusWord
from host_tools.provisioning.station.states import FailureCause


class FobFault(KeyfobError):  # noqa: N818 - as in firmware_model.errors
    """This fob did not get on; the tray goes on."""

    exit_status = 1

    def __init__(self, cause: FailureCause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


def cause_of(error: KeyfobError) -> FailureCause | None:
    """Return the cause of an error of one fob, None where it is no fob's own."""
    if isinstance(error, FobFault):
        return error.cause
    if isinstance(error, Refused):
        blocked = error.status == StatusWord.AUTHENTICATION_BLOCKED
        return FailureCause.BLOCKED if blocked else FailureCause.REFUSED
    if isinstance(error, NoAnswer | PortUnavailable):
        return FailureCause.NO_ANSWER
    return FailureCause.BAD_ANSWER if isinstance(error, BadAnswer) else None
