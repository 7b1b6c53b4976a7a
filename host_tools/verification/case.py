"""One token and one user before the host: what an attempt or a move starts from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from firmware_model.errors import BadInput, KeyfobError
from host_tools.vault.key_ring import KeyRing
from host_tools.vault.log import LogTail
from host_tools.verification.decision import Bar, Verdict
from host_tools.verification.intake import day_of, validity_bar
from host_tools.verification.lookup import USABLE, AskedToken, FoundToken
from host_tools.verification.policy import Policy
from host_tools.verification.rows import DECOY_ID, Holder, TallyRow, TokenRow, tally_of
from host_tools.verification.schema import TALLY
from host_tools.verification.states import TokenState, effective
from host_tools.verification.store import HostStore
from host_tools.verification.throttle import Scope, settled, subject_of

NAME_MAX = 256
"""Of a token's or a user's name, in characters."""


@dataclass(frozen=True, slots=True)
class HostContext:
    """What every operation of a host works with."""

    store: HostStore
    keys: KeyRing
    policy: Policy


@dataclass(slots=True)
class TokenCase:
    """What was read of a token: the row, its users, the user meant, and the failure counter.

    `asked` is how it was asked for; an unknown name gets the decoy's row, so that all that follows
    is done for it too. `is_kept`: nothing was read for it, as nobody else had written.
    """

    asked: AskedToken
    token: TokenRow
    holders: list[Holder]
    user: str
    tally: TallyRow
    is_kept: bool

    @property
    def known(self) -> bool:
        """Whether there is such a token."""
        return self.token.id != DECOY_ID

    @property
    def name(self) -> str:
        """The token's serial number; the name asked for, if any, where it is unknown."""
        return self.token.serial_number or self.asked.token

    @property
    def users(self) -> frozenset[str]:
        """Whose token it is: enrolled or assigned."""
        return frozenset(holder.user for holder in self.holders if holder.ended is None)

    def holder_named(self, user: str) -> Holder | None:
        """Return what is known of this user of the token, whether it is his now or not."""
        return next((holder for holder in self.holders if holder.user == user), None)

    @property
    def enrolled(self) -> list[str]:
        """Who uses it now."""
        return [holder.user for holder in self.holders if holder.enrolled]

    def state(self, now_seconds: int, policy: Policy) -> TokenState:
        """Return the state it shows at `now_seconds`, its lock and its expiry laid over."""
        tally = settled(self.tally.tally, now_seconds, policy.limits)
        expiry = self.token.expiry_date
        return effective(
            self.token.state,
            locked=tally.locked_at is not None,
            expired=expiry is not None and day_of(now_seconds) > expiry,
        )

    def bar(self, now_seconds: int) -> Bar | None:
        """Return what forbids the acceptance of any code at `now_seconds`, or None."""
        if not self.known:
            return Bar(Verdict.UNKNOWN, self._unknown())
        if self.token.state not in USABLE:
            return Bar(Verdict.NOT_ACTIVE, f"the token is {self.token.state}{self._waiver()}")
        if self.user and self.user not in self.enrolled:
            return Bar(Verdict.NOT_ENROLLED, f"the token is not enrolled for {self.user}")
        if bar := validity_bar(self.token.start_date, self.token.expiry_date, now_seconds):
            return bar
        if self.token.state is TokenState.SUSPENDED:
            return Bar(Verdict.SUSPENDED, f"the token is suspended{self._waiver()}")
        return None

    def require_known(self) -> None:
        """Raise BadInput where there is no such token."""
        if not self.known:
            raise BadInput(self._unknown())

    def require_user(self, scope: Scope) -> None:
        """Raise BadInput where failures are counted by user and it is not clear by whose."""
        if scope is not Scope.GENERATOR and not self.user and self.enrolled:
            raise BadInput(f"{self.name} is shared by {len(self.enrolled)} users: name the user")

    def _unknown(self) -> str:
        name = self.asked.token
        return f"unknown token {name}" if name else f"{self.user} has no token in use"

    def _waiver(self) -> str:
        until = latest(holder.waived_until for holder in self.holders)
        return f"; the service works without a code until {until}" if until else ""


def open_case(context: HostContext, token: str, user: str, *, enrolling: bool = False) -> TokenCase:
    """Read the case of the token named `token`, or of the one `user` uses, and of `user`.

    A user's name is `CONTRACT/USER`, or just one name where contract and person are the same.
    Where `user` is "" and the token is enrolled for one user, that one is meant.

    Raises:
        BadInput: neither is named, a name cannot be one, or it fits several.
    """
    token, user = checked_names(token, user)
    (case,), _ = open_cases(context, [(token, user)], enrolling=enrolling)
    if isinstance(case, KeyfobError):
        raise case
    return case


def open_cases(
    context: HostContext, named: Sequence[tuple[str, str]], *, enrolling: bool = False
) -> tuple[list[TokenCase | KeyfobError], LogTail | None]:
    """Read the cases of tokens and users, all as of one instant; see `open_case`.

    Returns also the log's end as of that instant, for `HostStore.commit`.
    """
    asked = [AskedToken(token, user) for token, user in named]
    lookup, tail = context.store.lookup(context.policy.limits.scope).read(asked)
    cases: list[TokenCase | KeyfobError] = []
    for each, found in zip(asked, lookup, strict=True):
        try:
            if isinstance(found, KeyfobError):
                raise found
            cases.append(_case_of(context, each, found, enrolling=enrolling))
        except KeyfobError as error:
            cases.append(error)
    return cases, tail


def _case_of(
    context: HostContext, asked: AskedToken, found: FoundToken, *, enrolling: bool
) -> TokenCase:
    user, scope = asked.user, context.policy.limits.scope
    enrolled = [holder.user for holder in found.holders if holder.enrolled]
    if not user and not enrolling and len(enrolled) == 1:
        user = enrolled[0]
    # Names that are nobody's get no failure counter of their own.
    counted = user if enrolling or user in enrolled else ""
    subject = found.token.serial_number
    if scope is not Scope.GENERATOR:
        subject = subject_of(scope, counted)
    row = found.tallies.get(TALLY.key_from((scope, subject)))
    tally = context.store.tally(scope, subject) if row is None else tally_of(scope, subject, row)
    if tally.row is None and (counted in enrolled or (scope is Scope.GENERATOR and enrolled)):
        raise context.store.guarded.altered(f"the failure counter of {tally.subject} was deleted")
    return TokenCase(asked, found.token, found.holders, user, tally, found.is_kept)


def latest(days: Iterable[date | None]) -> date | None:
    """Return the latest of `days`, None where there is none."""
    return max((day for day in days if day is not None), default=None)


def checked_names(token: str, user: str) -> tuple[str, str]:
    """Return a token's and a user's name without blanks around them; raises BadInput."""
    token, user = _name(token), _name(user)
    if not token and not user:
        raise BadInput("name a token or a user")
    return token, user


def _name(text: str) -> str:
    # Whoever asks chooses the name, and the log keeps it: no line ends, no novels.
    name = text.strip()
    if len(name) > NAME_MAX or not name.isprintable():
        raise BadInput(f"a name has at most {NAME_MAX} characters, all of them printable")
    return name
