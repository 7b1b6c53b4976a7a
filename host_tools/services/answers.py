"""What the service says to a customer: yes, or no with the reason."""

from dataclasses import dataclass
from enum import StrEnum, unique

from host_tools.verification.decision import Verdict


@unique
class Reason(StrEnum):
    """Why an answer is as it is; the host's verdicts are among them under their own names."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    REPLAYED = "replayed"
    LOCKED = "locked"
    TOO_SOON = "too_soon"
    UNKNOWN = "unknown"
    NOT_ENROLLED = "not_enrolled"
    NOT_ACTIVE = "not_active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    # The service's own.
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


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request; `words` say it to a person, without any secret.

    `factor` is the moving factor of an accepted code, None where none was checked.
    """

    reason: Reason
    words: str
    factor: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the answer is yes."""
        return self.reason is Reason.ACCEPTED


class No(Exception):  # noqa: N818 - it says what happened
    """A refusal on its way to the door; it never leaves this package."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.answer = Answer(reason, words)


def reason_of(verdict: Verdict) -> Reason:
    """Return the service's word for a verdict of the host."""
    return Reason(verdict.value)
