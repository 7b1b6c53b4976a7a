"""What requests and answers look like: the OpenAPI document is made of these."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AUDIT_ENTRIES_MAX = 1000
"""Entries of the audit log in one answer."""

Name = Annotated[str, StringConstraints(max_length=256)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Form(BaseModel):
    """A body; a field that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class VerifyForm(Form):
    """A code, of a token, its user, or both."""

    token: Name = Field("", description="Serial number or Credential ID.")
    user: Name = Field("", description="CONTRACT/USER, or one name.")
    code: Code = Field(description="What the display shows.")


class ResyncForm(Form):
    """Two consecutive codes, of a token, its user, or both."""

    token: Name = ""
    user: Name = ""
    codes: list[Code] = Field(min_length=2, max_length=2)


class EnrollForm(Form):
    """A token for a user, with as many consecutive codes as the policy wants."""

    token: Name
    user: Name
    codes: list[Code] = Field(default_factory=list, max_length=10)


class ExchangeForm(Form):
    """A new token in the place of an old one; `old_code` where the policy wants one."""

    token: Name = Field(description="The token that goes.")
    new: Name = Field(description="The token that comes.")
    user: Name = ""
    old_code: Code | None = None
    codes: list[Code] = Field(default_factory=list, max_length=10)


class MoveForm(Form):
    """A token, its user where that is not clear, and a last day where the verb takes one."""

    token: Name
    user: Name = ""
    until: date | None = None


class AskForm(Form):
    """A code that known verifiers are asked about; nothing is used up."""

    token: Name
    code: Code


class NoForm(Form):
    """Nothing is asked but by the resource's own path."""


class TokenQuery(Form):
    """A token, and its user where that is not clear."""

    token: Annotated[Name, Field(min_length=1)]
    user: Name = ""


class UserQuery(Form):
    """A user."""

    user: Annotated[Name, Field(min_length=1)]


class AuditQuery(Form):
    """Entries of the audit log: those after a number, and how many at most."""

    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: int = Field(AUDIT_ENTRIES_MAX, ge=1, le=AUDIT_ENTRIES_MAX)


class CounterAnswer(BaseModel):
    """Where a token stands."""

    next_moving_factor: int | None
    drift_steps: int
    failures: int


class VerifyAnswer(BaseModel):
    """What the host says to a code (HOST §9)."""

    serial_number: str | None
    credential_id: str | None
    user: str | None
    accepted: bool
    verdict: str
    reason: str
    moving_factor: int | None
    counters: CounterAnswer


class ExchangeAnswer(BaseModel):
    """What the host says to both tokens; `new` is null where the old one's code was refused."""

    old: VerifyAnswer
    new: VerifyAnswer | None


class MoveAnswer(BaseModel):
    """The token, and the state it shows now."""

    serial_number: str
    state: str


class TokenUser(BaseModel):
    """A user of a token."""

    user: str
    enrolled_at: int | None
    ended_at: int | None
    waived_until: str | None


class StatusAnswer(BaseModel):
    """Where a token stands; times are Unix times."""

    serial_number: str
    credential_id: str
    model: str
    kind: str
    state: str
    users: list[TokenUser]
    counters: CounterAnswer
    locked_at: int | None
    used_at: int | None
    expiry_date: str | None
    successor: str | None


class SummaryAnswer(BaseModel):
    """The policy's name, and how many tokens are stored in each state."""

    policy: str
    tokens: dict[str, int]


class AuditAnswer(BaseModel):
    """Entries of the log, and its head."""

    head: str
    entries: list[dict[str, Any]]


class WholeAnswer(BaseModel):
    """Whether log and rows are whole, and what is not."""

    whole: bool
    faults: list[str]
    head: str | None


class OpinionAnswer(BaseModel):
    """What another verifier would have said; null = not known."""

    profile: str
    accepted: bool | None
    reason: str


class HealthAnswer(BaseModel):
    """That the host answers."""

    status: str
