"""Moving a token through its states: who may, and what goes with it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from firmware_model.errors import BadInput, Denied
from host_tools.vault.audit import AuditEntry
from host_tools.vault.tables import Change
from host_tools.verification.case import HostContext, TokenCase, open_case
from host_tools.verification.intake import day_of
from host_tools.verification.rows import TokenRow, enrolment_change
from host_tools.verification.schema import ENROLMENT
from host_tools.verification.states import OVERLAYS, TRANSITIONS, Actor, TokenEvent, TokenState, may
from host_tools.verification.throttle import Scope, Tally, subject_of

BY_CODE = frozenset({TokenEvent.ENROLL, TokenEvent.EXCHANGE})
"""Moves that need a code; see `enrolment`."""

_DATED = frozenset({TokenEvent.SUSPEND, TokenEvent.RELEASE, TokenEvent.EXTEND})


def permit(
    context: HostContext,
    case: TokenCase,
    event: TokenEvent,
    now_seconds: int,
    actor: Actor,
    users: frozenset[str] | None = None,
) -> TokenState:
    """Return where `event` leads the token of `case`, if `actor` may cause it.

    `users` are those whose token it is or will be; without it those it belongs to.

    Raises:
        Denied: it cannot happen in the token's state, or not by this actor.
    """
    state = case.state(now_seconds, context.policy)
    target = TRANSITIONS.get((state, event))
    if target is None:
        raise Denied(f"{case.name} is {state}: {event} cannot happen to it")
    if not may(context.policy.permissions, event, actor, case.users if users is None else users):
        raise Denied(f"{case.name}: {event} is not granted to {actor}")
    return target


def move(
    context: HostContext,
    event: TokenEvent,
    token: str,
    now_seconds: int,
    actor: Actor,
    user: str = "",
    until: date | None = None,
) -> TokenState:
    """Move a token by `event`; see `Host.move`."""
    assert event not in BY_CODE
    _check_until(event, until, now_seconds)

    def once() -> TokenState:
        case = open_case(context, token, user, enrolling=event is TokenEvent.ASSIGN)
        case.require_known()
        if event is TokenEvent.ASSIGN and not case.user:
            raise BadInput("name the user the token is for")
        if event is TokenEvent.UNLOCK:
            case.require_user(context.policy.limits.scope)
        if user and event is not TokenEvent.ASSIGN and case.user not in case.users:
            raise Denied(f"{case.name} is not {case.user}'s")
        users = frozenset({case.user}) if event is TokenEvent.ASSIGN else None
        target = permit(context, case, event, now_seconds, actor, users)
        going = case.users
        if event is TokenEvent.RELEASE and user and case.users != {case.user}:
            # One of those who share it gives it up; it stays in the use of the others.
            going, target = frozenset({case.user}), case.token.state
        after = _after(case.token, event, target, until)
        context.store.commit(
            [_entry(case, event, target, now_seconds, actor, until)],
            [(case.token, after)],
            [(case.tally, Tally())] if event in (TokenEvent.UNLOCK, TokenEvent.STOCK) else [],
            _holders(case, event, going, now_seconds, until),
        )
        return open_case(context, case.name, user).state(now_seconds, context.policy)

    return context.store.attempt(once)


def unlock_user(context: HostContext, user: str, now_seconds: int, actor: Actor) -> None:
    """Forget the failures that lock a user, or all of a contract; see `Host.unlock_user`."""
    scope = context.policy.limits.scope
    if scope is Scope.GENERATOR:
        raise BadInput("failures are counted by generator: name the generator")

    def once() -> None:
        tally = context.store.tally(scope, subject_of(scope, user))
        entry = AuditEntry(now_seconds, TokenEvent.UNLOCK, "unlocked", "", user, str(actor), "")
        context.store.commit([entry], [], [(tally, Tally())])

    context.store.attempt(once)


def _check_until(event: TokenEvent, until: date | None, now_seconds: int) -> None:
    if until is not None and event not in _DATED:
        raise BadInput(f"{event} takes no date")
    if until is None and event is TokenEvent.EXTEND:
        raise BadInput("extend needs the new last day")
    if until is not None and until < day_of(now_seconds):
        raise BadInput(f"{until} is past already")


def _after(token: TokenRow, event: TokenEvent, target: TokenState, until: date | None) -> TokenRow:
    if event is TokenEvent.EXTEND:
        return replace(token, expiry_date=until)
    if event is TokenEvent.RESET_DRIFT:
        return replace(token, progress=replace(token.progress, drift_steps=0))
    return token if event in OVERLAYS else replace(token, state=target)


def _holders(
    case: TokenCase, event: TokenEvent, going: frozenset[str], now_seconds: int, until: date | None
) -> Iterable[Change]:
    if event is TokenEvent.ASSIGN:
        yield enrolment_change(case.holder_named(case.user), case.token.id, case.user)
        return
    changes: dict[str, object] = {"waived_until": until and until.isoformat()}
    if event in (TokenEvent.STOCK, TokenEvent.FIND, TokenEvent.RELEASE):
        changes["ended"] = now_seconds
    elif event in (TokenEvent.SUSPEND, TokenEvent.RESUME):
        going = case.users
    else:
        return
    for holder in case.holders:
        if holder.ended is None and holder.user in going:
            yield Change(ENROLMENT, holder.row, changes)


def _entry(
    case: TokenCase,
    event: TokenEvent,
    target: TokenState,
    now_seconds: int,
    actor: Actor,
    until: date | None,
) -> AuditEntry:
    detail = f"until {until}" if until else ""
    return AuditEntry(now_seconds, event, target, case.name, case.user, str(actor), detail)
