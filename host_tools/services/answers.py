"""The service's answer to a customer: accepted, or refused with the reason."""

from dataclasses import dataclass
from enum import StrEnum, unique

from host_tools.verification.decision import Verdict


@unique
class RefusalReason(StrEnum):
    """Why the service itself refuses, where it is not the host's verdict."""

    NOT_PERMITTED = "not_permitted"
    INCOMPLETE = "incomplete"
    MISMATCH = "mismatch"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    TAKEN = "taken"
    TOO_MANY = "too_many"
    NOT_ELIGIBLE = "not_eligible"
    ENDED = "ended"
    UNFIT = "unfit"
    TEMPORARY = "temporary"


Why = Verdict | RefusalReason
"""Why an answer is as it is: the host's verdict, or the service's own reason."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """The answer to one request; `message` says it to a person, without any secret.

    `factor` is the moving factor of an accepted code, None where none was checked. `screen` is the
    title of the page that is shown then, "" where the document names none.
    """

    reason: Why
    message: str
    factor: int | None = None
    screen: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the request was accepted."""
        return self.reason is Verdict.ACCEPTED


class Refusal(Exception):  # noqa: N818 - it is no error
    """A request is refused; it never leaves this package."""

    def __init__(self, reason: Why, message: str) -> None:
        super().__init__(message)
        self.answer = ServiceAnswer(reason, message)
