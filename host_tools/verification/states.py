"""The life of a token at the host, as one table, and who may move it (data: `data/policy.toml`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class State(StrEnum):
    """Where a token stands. The value is its name in JSON and in the store."""

    STOCKED = "stocked"
    ASSIGNED = "assigned"
    MAILED = "mailed"
    RETURNED = "returned"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LOCKED = "locked"
    RELEASED = "released"
    LOST = "lost"
    EXPIRED = "expired"
    EXCHANGED = "exchanged"


@unique
class Event(StrEnum):
    """What moves a token. The value is its name in a policy, in the command and in the log."""

    STOCK = "stock"
    ASSIGN = "assign"
    MAIL = "mail"
    RETURN = "return"
    ENROLL = "enroll"
    SUSPEND = "suspend"
    RESUME = "resume"
    LOCK = "lock"
    UNLOCK = "unlock"
    RELEASE = "release"
    LOSE = "lost"
    FIND = "found"
    EXPIRE = "expire"
    EXTEND = "extend"
    EXCHANGE = "exchange"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    # From the shelf to the user's hand.
    (State.STOCKED, Event.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Event.MAIL): State.MAILED,
    (State.MAILED, Event.RETURN): State.RETURNED,
    (State.RETURNED, Event.MAIL): State.MAILED,
    (State.ASSIGNED, Event.STOCK): State.STOCKED,
    (State.RETURNED, Event.STOCK): State.STOCKED,
    (State.RELEASED, Event.STOCK): State.STOCKED,
    # Into use; an active token is enrolled again by the next one who shares it.
    (State.STOCKED, Event.ENROLL): State.ACTIVE,
    (State.ASSIGNED, Event.ENROLL): State.ACTIVE,
    (State.MAILED, Event.ENROLL): State.ACTIVE,
    (State.RELEASED, Event.ENROLL): State.ACTIVE,
    (State.ACTIVE, Event.ENROLL): State.ACTIVE,
    # In use.
    (State.ACTIVE, Event.SUSPEND): State.SUSPENDED,
    (State.LOCKED, Event.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Event.RESUME): State.ACTIVE,
    (State.ACTIVE, Event.LOCK): State.LOCKED,
    (State.LOCKED, Event.UNLOCK): State.ACTIVE,
    (State.ACTIVE, Event.EXPIRE): State.EXPIRED,
    (State.LOCKED, Event.EXPIRE): State.EXPIRED,
    (State.SUSPENDED, Event.EXPIRE): State.EXPIRED,
    (State.ACTIVE, Event.EXTEND): State.ACTIVE,
    (State.LOCKED, Event.EXTEND): State.LOCKED,
    (State.SUSPENDED, Event.EXTEND): State.SUSPENDED,
    (State.EXPIRED, Event.EXTEND): State.ACTIVE,
    # Failed enrolments lock too; a token that nobody uses does not show it, but must be opened.
    (State.STOCKED, Event.UNLOCK): State.STOCKED,
    (State.ASSIGNED, Event.UNLOCK): State.ASSIGNED,
    (State.MAILED, Event.UNLOCK): State.MAILED,
    (State.RELEASED, Event.UNLOCK): State.RELEASED,
    (State.SUSPENDED, Event.UNLOCK): State.SUSPENDED,
    # Out of use.
    (State.ACTIVE, Event.RELEASE): State.RELEASED,
    (State.LOCKED, Event.RELEASE): State.RELEASED,
    (State.SUSPENDED, Event.RELEASE): State.RELEASED,
    (State.EXPIRED, Event.RELEASE): State.RELEASED,
    (State.ACTIVE, Event.EXCHANGE): State.EXCHANGED,
    (State.EXPIRED, Event.EXCHANGE): State.EXCHANGED,
    (State.STOCKED, Event.LOSE): State.LOST,
    (State.ASSIGNED, Event.LOSE): State.LOST,
    (State.MAILED, Event.LOSE): State.LOST,
    (State.RETURNED, Event.LOSE): State.LOST,
    (State.ACTIVE, Event.LOSE): State.LOST,
    (State.LOCKED, Event.LOSE): State.LOST,
    (State.SUSPENDED, Event.LOSE): State.LOST,
    (State.EXPIRED, Event.LOSE): State.LOST,
    (State.RELEASED, Event.LOSE): State.LOST,
    # What was found must be enrolled anew; a policy in which nobody may do it makes loss final.
    (State.LOST, Event.FIND): State.RELEASED,
}
"""A missing pair is refused: that event cannot happen to a token in that state."""

OVERLAYS = frozenset({Event.LOCK, Event.UNLOCK, Event.EXPIRE, Event.EXTEND})
"""Events that move a lock or a date and leave the state below as it is.

LOCKED and EXPIRED are laid over it (see `effective`), so that neither suspending and resuming nor
extending ever opens a lock.
"""

CAUSED_BY_NOBODY = frozenset({Event.LOCK, Event.EXPIRE})
"""What the failure counter and the calendar do; a policy grants these to no one."""


@unique
class Role(StrEnum):
    """Who acts."""

    USER = "user"
    ADMINISTRATOR = "administrator"
    MASTER_USER = "master_user"
    BANK = "bank"
    SYSTEM = "system"


@unique
class Reach(StrEnum):
    """Whose tokens a role may move: all, those of the one who acts, or everybody else's."""

    ANY = "any"
    OWN = "own"
    OTHERS = "others"


Permissions = Mapping[Event, Mapping[Role, Reach]]
"""Who may cause what, and to whose tokens. An event that is missing is granted to nobody."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `name` is the user's, or a clerk's for the log, and may be "" for bank, system."""

    role: Role = Role.BANK
    name: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.name}" if self.name else str(self.role)


def effective(stored: State, *, locked: bool, expired: bool) -> State:
    """Return the state a token shows: its stored one under its expiry date and its lock."""
    if expired and stored in (State.ACTIVE, State.SUSPENDED):
        return State.EXPIRED
    if locked and stored is State.ACTIVE:
        return State.LOCKED
    return stored


def may(permissions: Permissions, event: Event, actor: Actor, users: frozenset[str]) -> bool:
    """Tell whether `actor` may cause `event` for a token that belongs to `users`."""
    reach = permissions.get(event, {}).get(actor.role)
    if reach is None:
        return False
    return reach is Reach.ANY or (actor.name in users) is (reach is Reach.OWN)
