"""What the service says to a customer: yes, or no with the reason."""

from dataclasses import dataclass
from enum import StrEnum, unique

from host_tools.verification.decision import Verdict


@unique
class RefusalReason(StrEnum):
    """Why the service itself says no, where it is not the host's verdict."""

    NOT_PERMITTED = "not_permitted"
    INCOMPLETE = "incomplete"
    MISMATCH = "mismatch"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    TAKEN = "taken"
    NOT_ELIGIBLE = "not_eligible"
    ENDED = "ended"
    UNFIT = "unfit"


Why = Verdict | RefusalReason
"""Why an answer is as it is: the host's word, or the service's own."""


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """The answer to one request; `words` say it to a person, without any secret.

    `factor` is the moving factor of an accepted code, None where none was checked.
    """

    reason: Why
    words: str
    factor: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the answer is yes."""
        return self.reason is Verdict.ACCEPTED


class No(Exception):  # noqa: N818 - it says what happened
    """A refusal on its way to the door; it never leaves this package."""

    def __init__(self, reason: Why, words: str) -> None:
        super().__init__(words)
        self.answer = ServiceAnswer(reason, words)
