"""The life of a token at the host, as one table, and who may move it (data: `data/policy.toml`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class TokenState(StrEnum):
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
class TokenEvent(StrEnum):
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
    RESET_DRIFT = "reset_drift"


TRANSITIONS: Mapping[tuple[TokenState, TokenEvent], TokenState] = {
    # From the shelf to the user's hand.
    (TokenState.STOCKED, TokenEvent.ASSIGN): TokenState.ASSIGNED,
    (TokenState.ASSIGNED, TokenEvent.MAIL): TokenState.MAILED,
    (TokenState.MAILED, TokenEvent.RETURN): TokenState.RETURNED,
    (TokenState.RETURNED, TokenEvent.MAIL): TokenState.MAILED,
    (TokenState.ASSIGNED, TokenEvent.STOCK): TokenState.STOCKED,
    (TokenState.RETURNED, TokenEvent.STOCK): TokenState.STOCKED,
    (TokenState.RELEASED, TokenEvent.STOCK): TokenState.STOCKED,
    # Into use; an active token is enrolled again by the next one who shares it.
    (TokenState.STOCKED, TokenEvent.ENROLL): TokenState.ACTIVE,
    (TokenState.ASSIGNED, TokenEvent.ENROLL): TokenState.ACTIVE,
    (TokenState.MAILED, TokenEvent.ENROLL): TokenState.ACTIVE,
    (TokenState.RELEASED, TokenEvent.ENROLL): TokenState.ACTIVE,
    (TokenState.ACTIVE, TokenEvent.ENROLL): TokenState.ACTIVE,
    # In use.
    (TokenState.ACTIVE, TokenEvent.SUSPEND): TokenState.SUSPENDED,
    (TokenState.LOCKED, TokenEvent.SUSPEND): TokenState.SUSPENDED,
    (TokenState.SUSPENDED, TokenEvent.RESUME): TokenState.ACTIVE,
    (TokenState.ACTIVE, TokenEvent.LOCK): TokenState.LOCKED,
    (TokenState.LOCKED, TokenEvent.UNLOCK): TokenState.ACTIVE,
    (TokenState.ACTIVE, TokenEvent.EXPIRE): TokenState.EXPIRED,
    (TokenState.LOCKED, TokenEvent.EXPIRE): TokenState.EXPIRED,
    (TokenState.SUSPENDED, TokenEvent.EXPIRE): TokenState.EXPIRED,
    (TokenState.ACTIVE, TokenEvent.EXTEND): TokenState.ACTIVE,
    (TokenState.LOCKED, TokenEvent.EXTEND): TokenState.LOCKED,
    (TokenState.SUSPENDED, TokenEvent.EXTEND): TokenState.SUSPENDED,
    (TokenState.EXPIRED, TokenEvent.EXTEND): TokenState.ACTIVE,
    # The stored drift (RFC 6238 §6) is set to 0: the token's clock was right, its user late.
    (TokenState.ACTIVE, TokenEvent.RESET_DRIFT): TokenState.ACTIVE,
    (TokenState.LOCKED, TokenEvent.RESET_DRIFT): TokenState.LOCKED,
    (TokenState.SUSPENDED, TokenEvent.RESET_DRIFT): TokenState.SUSPENDED,
    # Failed enrolments lock too; a token that nobody uses does not show it, but must be opened.
    (TokenState.STOCKED, TokenEvent.UNLOCK): TokenState.STOCKED,
    (TokenState.ASSIGNED, TokenEvent.UNLOCK): TokenState.ASSIGNED,
    (TokenState.MAILED, TokenEvent.UNLOCK): TokenState.MAILED,
    (TokenState.RELEASED, TokenEvent.UNLOCK): TokenState.RELEASED,
    (TokenState.SUSPENDED, TokenEvent.UNLOCK): TokenState.SUSPENDED,
    # Out of use.
    (TokenState.ACTIVE, TokenEvent.RELEASE): TokenState.RELEASED,
    (TokenState.LOCKED, TokenEvent.RELEASE): TokenState.RELEASED,
    (TokenState.SUSPENDED, TokenEvent.RELEASE): TokenState.RELEASED,
    (TokenState.EXPIRED, TokenEvent.RELEASE): TokenState.RELEASED,
    (TokenState.ACTIVE, TokenEvent.EXCHANGE): TokenState.EXCHANGED,
    (TokenState.EXPIRED, TokenEvent.EXCHANGE): TokenState.EXCHANGED,
    (TokenState.STOCKED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.ASSIGNED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.MAILED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.RETURNED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.ACTIVE, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.LOCKED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.SUSPENDED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.EXPIRED, TokenEvent.LOSE): TokenState.LOST,
    (TokenState.RELEASED, TokenEvent.LOSE): TokenState.LOST,
    # What was found must be enrolled anew; a policy in which nobody may do it makes loss final.
    (TokenState.LOST, TokenEvent.FIND): TokenState.RELEASED,
}
"""A missing pair is refused: that event cannot happen to a token in that state."""

OVERLAYS = frozenset(
    {
        TokenEvent.LOCK,
        TokenEvent.UNLOCK,
        TokenEvent.EXPIRE,
        TokenEvent.EXTEND,
        TokenEvent.RESET_DRIFT,
    }
)
"""Events that move a lock, a date or the drift and leave the state below as it is.

LOCKED and EXPIRED are laid over it (see `effective`), so that neither suspending and resuming nor
extending ever opens a lock.
"""

CAUSED_BY_NOBODY = frozenset({TokenEvent.LOCK, TokenEvent.EXPIRE})
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


Permissions = Mapping[TokenEvent, Mapping[Role, Reach]]
"""Who may cause what, and to whose tokens. An event that is missing is granted to nobody."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `name` is the user's, or a clerk's for the log, and may be "" for bank, system."""

    role: Role = Role.BANK
    name: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.name}" if self.name else str(self.role)


def effective(stored: TokenState, *, locked: bool, expired: bool) -> TokenState:
    """Return the state a token shows: its stored one under its expiry date and its lock."""
    if expired and stored in (TokenState.ACTIVE, TokenState.SUSPENDED):
        return TokenState.EXPIRED
    if locked and stored is TokenState.ACTIVE:
        return TokenState.LOCKED
    return stored


def may(permissions: Permissions, event: TokenEvent, actor: Actor, users: frozenset[str]) -> bool:
    """Tell whether `actor` may cause `event` for a token that belongs to `users`."""
    reach = permissions.get(event, {}).get(actor.role)
    if reach is None:
        return False
    return reach is Reach.ANY or (actor.name in users) is (reach is Reach.OWN)
