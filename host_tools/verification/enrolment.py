"""How a token comes into a user's use, and how another takes its place."""

import os
from collections.abc import Sequence
from dataclasses import replace

from firmware_model.errors import BadInput, Denied
from host_tools.vault.tables import Change
from host_tools.verification.attempts import HostAnswer, answer, entry, moved, tallies, weigh
from host_tools.verification.case import HostContext, TokenCase, open_case
from host_tools.verification.decision import AttemptState, Bar, Decision, Verdict, clean_codes
from host_tools.verification.intake import validity_bar
from host_tools.verification.moves import permit
from host_tools.verification.rows import TallyRow, TokenRow, enrolment_change, seed_place
from host_tools.verification.schema import ENROLMENT
from host_tools.verification.states import TRANSITIONS, Actor, TokenEvent, TokenState
from host_tools.verification.throttle import Tally

VOID_SEED_BYTES = 20


def enroll(
    context: HostContext,
    token: str,
    user: str,
    codes: Sequence[str],
    now_seconds: int,
    actor: Actor,
) -> HostAnswer:
    """Put a token into a user's use; see `Host.enroll`."""
    codes = _counted(codes, context.policy.enrolment.codes, "enrolment")
    if not user.strip():
        raise BadInput("name the user the token is for")

    def once() -> HostAnswer:
        case = open_case(context, token, user, enrolling=True)
        if case.known:
            permit(context, case, TokenEvent.ENROLL, now_seconds, actor, frozenset({case.user}))
            _check_room(context, case)
        decision = _decision(context, case, codes, now_seconds, _bar(case, now_seconds))
        context.store.commit(
            [entry(case, TokenEvent.ENROLL, decision, now_seconds, actor)],
            [(case.token, _enrolled(case.token, decision, now_seconds))],
            tallies(case.tally, decision),
            [_begin(case, now_seconds)] if decision.accepted else (),
        )
        return answer(case, decision)

    return context.store.attempt(once)


def exchange(
    context: HostContext,
    old: str,
    new: str,
    old_codes: Sequence[str],
    new_codes: Sequence[str],
    now_seconds: int,
    actor: Actor,
    user: str = "",
) -> tuple[HostAnswer, HostAnswer | None]:
    """Let a new token take an old one's place; see `Host.exchange`."""
    old_codes = _counted(old_codes, int(context.policy.exchange.old_code), "the old token")
    new_codes = _counted(new_codes, context.policy.enrolment.codes, "enrolment")

    def once() -> tuple[HostAnswer, HostAnswer | None]:
        going = open_case(context, old, user)
        if going.known:
            _check_going(going)
            permit(context, going, TokenEvent.EXCHANGE, now_seconds, actor)
        proof_bar = going.bar(now_seconds)
        if not old_codes and proof_bar is not None and proof_bar.verdict is Verdict.EXPIRED:
            proof_bar = None
        proof = _decision(context, going, old_codes, now_seconds, proof_bar)
        proved = [entry(going, TokenEvent.EXCHANGE, proof, now_seconds, actor)]
        before = [(going.token, moved(going.token, proof, now_seconds))]
        if not proof.accepted:
            context.store.commit(proved, before, tallies(going.tally, proof))
            return answer(going, proof), None

        coming = _after_proof(open_case(context, new, going.user, enrolling=True), going, proof)
        if coming.known:
            if coming.token.id == going.token.id:
                raise BadInput(f"{going.name} cannot be exchanged for itself")
            _check_enrollable(coming)
            _check_room(context, coming)
        start = _decision(context, coming, new_codes, now_seconds, _bar(coming, now_seconds))
        ((row, token),) = before
        if start.accepted:
            # It is void for good: its seed goes, and another stands for it in what is compared.
            seed = context.keys.seal(os.urandom(VOID_SEED_BYTES), seed_place(row.serial_number))
            token = replace(token, state=TokenState.EXCHANGED, successor=coming.name, seed=seed)
        context.store.commit(
            [*proved, entry(coming, TokenEvent.ENROLL, start, now_seconds, actor)],
            [(row, token), (coming.token, _enrolled(coming.token, start, now_seconds))],
            _merged(tallies(going.tally, proof), tallies(coming.tally, start)),
            [*_end(going, now_seconds), _begin(coming, now_seconds)] if start.accepted else (),
        )
        return answer(going, proof), answer(coming, start)

    answers = context.store.attempt(once)
    context.store.guarded.forget_old_pages()
    return answers


def _counted(codes: Sequence[str], wanted: int, what: str) -> tuple[str, ...]:
    if len(codes) != wanted:
        raise BadInput(f"{what}: {wanted} consecutive code(s) expected, {len(codes)} given")
    return clean_codes(codes)


def _decision(
    context: HostContext, case: TokenCase, codes: Sequence[str], now_seconds: int, bar: Bar | None
) -> Decision:
    if codes:
        return weigh(context, case, codes, now_seconds, bar)
    standing = AttemptState(case.token.progress, case.tally.tally)
    if bar is not None:
        return Decision(bar.verdict, bar.reason, standing)
    return Decision(Verdict.ACCEPTED, "no code is asked for", standing)


def _bar(case: TokenCase, now_seconds: int) -> Bar | None:
    if not case.known:
        return case.bar(now_seconds)
    return validity_bar(case.token.start_date, case.token.expiry_date, now_seconds)


def _check_room(context: HostContext, case: TokenCase) -> None:
    if case.user in case.enrolled:
        raise Denied(f"{case.name} is enrolled for {case.user} already")
    others = case.users - {case.user}
    if any(holder.assigned and holder.user in others for holder in case.holders):
        raise Denied(f"{case.name} is assigned to another user")
    limit = context.policy.enrolment.users_per_token
    if limit and len(others) >= limit:
        raise Denied(f"{case.name} belongs to another user; {limit} may use one token")


def _check_going(case: TokenCase) -> None:
    if not case.user:
        raise BadInput(f"{case.name} is not one user's: name the user")
    if case.enrolled != [case.user]:
        raise Denied(f"{case.name} is shared or not {case.user}'s: it cannot be exchanged")


def _check_enrollable(case: TokenCase) -> None:
    if (case.token.state, TokenEvent.ENROLL) not in TRANSITIONS:
        raise Denied(f"{case.name} is {case.token.state}: it cannot take another's place")


def _after_proof(coming: TokenCase, going: TokenCase, proof: Decision) -> TokenCase:
    # With one failure counter for both, the new token's attempt comes after the old one's.
    if (coming.tally.scope, coming.tally.subject) != (going.tally.scope, going.tally.subject):
        return coming
    return replace(coming, tally=replace(coming.tally, tally=proof.standing.tally))


def _merged(
    first: list[tuple[TallyRow, Tally]], second: list[tuple[TallyRow, Tally]]
) -> list[tuple[TallyRow, Tally]]:
    last = {(row.scope, row.subject): (row, tally) for row, tally in [*first, *second]}
    return list(last.values())


def _enrolled(token: TokenRow, decision: Decision, now_seconds: int) -> TokenRow:
    token = moved(token, decision, now_seconds)
    return replace(token, state=TokenState.ACTIVE) if decision.accepted else token


def _begin(case: TokenCase, now_seconds: int) -> Change:
    return enrolment_change(
        case.holder_named(case.user), case.token.id, case.user, since=now_seconds
    )


def _end(case: TokenCase, now_seconds: int) -> list[Change]:
    return [
        Change(ENROLMENT, holder.row, {"ended": now_seconds})
        for holder in case.holders
        if holder.ended is None
    ]
