"""One issue of a soft token as values: its life as a table, its terms, why it is refused."""

from dataclasses import dataclass
from enum import StrEnum, unique

from firmware_model.errors import BadInput
from firmware_model.generators import Hash
from firmware_model.units import SECONDS_PER_DAY


@unique
class IssueState(StrEnum):
    """Where an issue stands. The value is its name in JSON and in the store."""

    OPEN = "open"
    """The user has what he needs and may activate."""
    GRANTED = "granted"
    """The password was right and the grant went out; its receipt has not come in."""
    ACTIVATED = "activated"
    LOCKED = "locked"
    """Too many wrong passwords."""
    WITHDRAWN = "withdrawn"


@unique
class IssueEvent(StrEnum):
    """What moves an issue."""

    GRANT = "grant"
    CONFIRM = "confirm"
    LOCK = "lock"
    WITHDRAW = "withdraw"


# An absent pair means: refused. An activation works once; where the line broke before the receipt,
# the same user may try again, and what the first try gave is void.
TRANSITIONS: dict[tuple[IssueState, IssueEvent], IssueState] = {
    (IssueState.OPEN, IssueEvent.GRANT): IssueState.GRANTED,
    (IssueState.OPEN, IssueEvent.LOCK): IssueState.LOCKED,
    (IssueState.OPEN, IssueEvent.WITHDRAW): IssueState.WITHDRAWN,
    (IssueState.GRANTED, IssueEvent.GRANT): IssueState.GRANTED,
    (IssueState.GRANTED, IssueEvent.CONFIRM): IssueState.ACTIVATED,
    (IssueState.GRANTED, IssueEvent.LOCK): IssueState.LOCKED,
    (IssueState.GRANTED, IssueEvent.WITHDRAW): IssueState.WITHDRAWN,
    (IssueState.ACTIVATED, IssueEvent.WITHDRAW): IssueState.WITHDRAWN,
    (IssueState.LOCKED, IssueEvent.WITHDRAW): IssueState.WITHDRAWN,
}


@unique
class IssueReason(StrEnum):
    """Why the bank says no. The app is never told which."""

    UNKNOWN = "unknown"
    WRONG = "wrong password"
    LOCKED = "locked"
    USED = "used already"
    LATE = "too late"
    WITHDRAWN = "withdrawn"
    NOT_NEAR = "not near its expiry date"
    NO_EXPIRY = "without an expiry date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a service issues soft tokens; the defaults are ours.

    A start password has `password_digits` digits (fewest, most), is good for `password_days` and
    for `tries` wrong passwords. A token lives `life_days` (None: no expiry), and may be extended
    for as long again from `extend_from_days` before its last day on, also after it. With
    `step_seconds` of 0 its codes count presses.
    """

    serial_prefix: str = "ZZP1"
    algorithm: Hash = Hash.SHA1
    digits: int = 6
    step_seconds: int = 30
    life_days: int | None = None
    extend_from_days: int = 30
    password_digits: tuple[int, int] = (4, 8)
    password_days: int = 30
    tries: int = 5

    def check_password(self, start_password: str) -> None:
        """Raise BadInput unless `start_password` is as the service wants it; it is not repeated."""
        fewest, most = self.password_digits
        good = start_password.isascii() and start_password.isdecimal()
        if not (good and fewest <= len(start_password) <= most):
            raise BadInput(f"a start password has {fewest} to {most} digits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One soft token on its way to one user, or there.

    `failures` counts wrong passwords of `tries`; `valid_until` is the last second of the start
    password, Unix time. Days count from 1970. `device_id` is the device that was granted it.
    """

    service_id: str
    user_id: str
    serial_number: str
    state: IssueState
    failures: int
    tries: int
    valid_until: int
    issue_days: int
    expiry_days: int | None
    life_days: int | None
    extend_from_days: int
    algorithm: Hash
    digits: int
    step_seconds: int
    device_id: str = ""

    def refusal(self, now_seconds: int) -> IssueReason | None:
        """Return why this issue cannot be activated now, None where it can."""
        if self.state is IssueState.LOCKED or self.failures >= self.tries:
            return IssueReason.LOCKED
        if (self.state, IssueEvent.GRANT) not in TRANSITIONS:
            return IssueReason.USED if self.state is IssueState.ACTIVATED else IssueReason.WITHDRAWN
        return IssueReason.LATE if now_seconds > self.valid_until else None

    def extended(self, now_seconds: int) -> int | IssueReason:
        """Return the day to which this token may be extended now, or why it may not."""
        if self.state is not IssueState.ACTIVATED:
            return (
                IssueReason.WITHDRAWN if self.state is IssueState.WITHDRAWN else IssueReason.UNKNOWN
            )
        if self.expiry_days is None or self.life_days is None:
            return IssueReason.NO_EXPIRY
        today = now_seconds // SECONDS_PER_DAY
        if today < self.expiry_days - self.extend_from_days:
            return IssueReason.NOT_NEAR
        return max(today, self.expiry_days) + self.life_days
