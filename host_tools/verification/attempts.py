"""What a code does at the host: verification and resynchronisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firmware_model.errors import BadInput
from host_tools.vault.audit import AuditEntry
from host_tools.verification.case import HostContext, TokenCase, open_case
from host_tools.verification.decision import AttemptState, Bar, Decision, clean_codes, decide
from host_tools.verification.rows import TallyRow, TokenRow
from host_tools.verification.states import Actor, Role
from host_tools.verification.throttle import Tally


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """What the host says to a code; a name is "" where no token or no user was meant or found.

    Example:
        >>> with keyfob.Verifier() as host:
        ...     host.verify("755224", token="nobody's").decision.verdict.value
        'unknown'
    """

    serial_number: str
    credential_id: str
    user: str
    decision: Decision

    @property
    def accepted(self) -> bool:
        """Whether the answer is yes."""
        return self.decision.accepted


def verify(
    context: HostContext, codes: Sequence[str], now_seconds: int, *, token: str, user: str
) -> HostAnswer:
    """Decide on one code, or resynchronise by consecutive ones; see `Host.verify`."""
    codes = clean_codes(codes)
    if not codes:
        raise BadInput("no code given")
    event = "verify" if len(codes) == 1 else "resync"

    def once() -> HostAnswer:
        case = open_case(context, token, user)
        case.require_user(context.policy.limits.scope)
        decision = weigh(context, case, codes, now_seconds, case.bar(now_seconds))
        context.store.commit(
            [entry(case, event, decision, now_seconds, Actor(Role.USER, case.user))],
            [(case.token, moved(case.token, decision, now_seconds))],
            tallies(case.tally, decision),
        )
        return answer(case, decision)

    return context.store.attempt(once)


def weigh(
    context: HostContext, case: TokenCase, codes: Sequence[str], now_seconds: int, bar: Bar | None
) -> Decision:
    """Decide on `codes` (one or more) for the token of `case`, changing nothing."""
    return decide(
        case.token.credential(context.keys),
        AttemptState(case.token.progress, case.tally.tally),
        codes,
        now_seconds,
        context.policy.windows,
        context.policy.limits,
        bar,
        case.token.used_at,
    )


def moved(token: TokenRow, decision: Decision, now_seconds: int) -> TokenRow:
    """Return `token` as `decision` leaves it."""
    used_at = now_seconds if decision.accepted else token.used_at
    return replace(token, progress=decision.standing.progress, used_at=used_at)


def tallies(row: TallyRow, decision: Decision) -> list[tuple[TallyRow, Tally]]:
    """Return the change of the failure counter, to be committed.

    A success that has nothing to forget writes none, unless there is no counter yet: from
    enrolment on there always is one. Every refusal writes it, whatever its reason, so that none of
    them is quicker than another.
    """
    if decision.accepted and row.row is not None and decision.standing.tally == row.tally:
        return []
    return [(row, decision.standing.tally)]


def entry(
    case: TokenCase, event: str, decision: Decision, now_seconds: int, actor: Actor
) -> AuditEntry:
    """Return the audit entry of `decision`."""
    detail = f"failures {decision.standing.tally.failures}"
    if decision.factor is not None:
        detail = f"factor {decision.factor}, {detail}"
    if decision.locks:
        detail += ", locks"
    return AuditEntry(
        now_seconds, event, decision.verdict, case.name, case.user, str(actor), detail
    )


def answer(case: TokenCase, decision: Decision) -> HostAnswer:
    """Return what is said to the one who asked."""
    return HostAnswer(case.name, case.token.credential_id, case.user, decision)
