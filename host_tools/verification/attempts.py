"""What a code does at the host: verification and resynchronisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from firmware_model.errors import BadInput, InUse, KeyfobError
from host_tools.vault.audit import AuditEntry
from host_tools.vault.database import Overtaken, RowRefusal
from host_tools.vault.tables import Change
from host_tools.verification.case import HostContext, TokenCase, checked_names, open_cases
from host_tools.verification.decision import AttemptState, Bar, Decision, clean_codes, decide
from host_tools.verification.host_json import answer_json
from host_tools.verification.rows import TallyRow, TokenRow, tally_change, token_change
from host_tools.verification.schema import SUBMISSION
from host_tools.verification.states import Actor, Role
from host_tools.verification.submissions import Submission
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


@dataclass(frozen=True, slots=True)
class Attempt:
    """Codes brought for a token, its user, or both; `now_seconds` is Unix time."""

    codes: Sequence[str] = field(repr=False)
    now_seconds: int
    token: str = ""
    user: str = ""
    submission: Submission | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was said when an attempt was first submitted, as `host_json.answer_json` has it."""

    answer: Mapping[str, Any]


Said = HostAnswer | KeptAnswer | KeyfobError
"""What came of one of several attempts."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """An attempt that is decided and not yet durable: the answer, its entry and its changes."""

    answer: HostAnswer
    entry: AuditEntry
    changes: list[Change]

    @property
    def rows(self) -> set[tuple[str, str]]:
        """The rows it changes, as the log names them."""
        return {change.row for change in self.changes}


def verify(context: HostContext, attempt: Attempt) -> HostAnswer:
    """Decide on one code, or resynchronise by consecutive ones; see `Host.verify`."""
    assert attempt.submission is None, "verify_all answers those"
    (said,) = verify_all(context, [attempt])
    if isinstance(said, KeyfobError):
        raise said
    assert isinstance(said, HostAnswer)
    return said


def verify_all(context: HostContext, attempts: Sequence[Attempt]) -> list[Said]:
    """Decide on all attempts, in their order for each token; all of it is durable on return.

    Together they cost two round trips and one commit, as long as each is about another token:
    what changes a row that an earlier one changes waits for the next pair. Where another process
    came first, each attempt is decided anew by itself.
    """
    said: dict[int, Said] = {}
    waiting = list(range(len(attempts)))
    while waiting:
        group = [(place, attempts[place]) for place in waiting]
        try:
            done = _verify_group(context, group)
        except (Overtaken, RowRefusal):
            done = {place: _verify_alone(context, attempt) for place, attempt in group}
        said |= done
        waiting = [place for place in waiting if place not in done]
    return [said[place] for place in range(len(attempts))]


def _verify_alone(context: HostContext, attempt: Attempt) -> Said:
    def once() -> Said:
        try:
            return _verify_group(context, [(0, attempt)])[0]
        except RowRefusal:  # another host was quicker with the same idempotency key
            raise Overtaken from None

    try:
        return context.store.attempt(once)
    except InUse as error:
        return error


def _verify_group(context: HostContext, group: Sequence[tuple[int, Attempt]]) -> dict[int, Said]:
    """Decide on those of a group that touch rows of their own; raises Overtaken."""
    said: dict[int, Said] = {}
    clean: list[tuple[int, Attempt]] = []
    for place, attempt in group:
        try:
            clean.append((place, _clean(attempt)))
        except KeyfobError as error:
            said[place] = error
    clean = _without_kept(context, clean, said)
    cases, tail = open_cases(context, [(attempt.token, attempt.user) for _, attempt in clean])
    entries: list[AuditEntry] = []
    changes: list[Change] = []
    touched: set[tuple[str, str]] = set()
    later: list[tuple[AuditEntry, list[Change]]] = []
    for (place, attempt), case in zip(clean, cases, strict=True):
        try:
            weighed = _weigh(context, attempt, case)
        except KeyfobError as error:
            said[place] = error
            continue
        if len(clean) > 1:
            rows = weighed.rows
            if touched & rows:
                continue
            touched |= rows
        later.append((weighed.entry, weighed.changes))
        said[place] = weighed.answer
    for entry, those in later:
        # Each further change of an attempt goes with its event, by an entry without one.
        entries += [entry, *[AuditEntry(entry.at, "", "")] * (len(those) - 1)]
        changes += those
    if entries:
        context.store.guarded.commit(entries, changes, tail)
    return said


def _without_kept(
    context: HostContext, group: list[tuple[int, Attempt]], said: dict[int, Said]
) -> list[tuple[int, Attempt]]:
    """Return the attempts that are new; note in `said` what the others were answered before."""
    guarded, new = context.store.guarded, []
    for place, attempt in group:
        submission = attempt.submission
        row = None if submission is None else guarded.get(SUBMISSION, submission.name)
        if submission is None or row is None:
            new.append((place, attempt))
            continue
        try:
            said[place] = KeptAnswer(submission.kept_answer(context.keys, row))
        except KeyfobError as error:
            said[place] = error
    return new


def _clean(attempt: Attempt) -> Attempt:
    codes = clean_codes(attempt.codes)
    if not codes:
        raise BadInput("no code given")
    token, user = checked_names(attempt.token, attempt.user)
    return Attempt(codes, attempt.now_seconds, token, user, attempt.submission)


def _weigh(context: HostContext, attempt: Attempt, case: TokenCase | KeyfobError) -> _Weighed:
    if isinstance(case, KeyfobError):
        raise case
    event = "verify" if len(attempt.codes) == 1 else "resync"
    now = attempt.now_seconds
    case.require_user(context.policy.limits.scope)
    decision = weigh(context, case, attempt.codes, now, case.bar(now))
    if case.is_kept and not decision.accepted:
        # Each refusal reads as much, so that none tells whose token was used here of late.
        context.store.lookup(context.policy.limits.scope).reread(case.asked)
    changes = [token_change(case.token, moved(case.token, decision, now))]
    changes += [tally_change(row, tally) for row, tally in tallies(case.tally, decision)]
    done = entry(case, event, decision, now, Actor(Role.USER, case.user))
    if attempt.submission is not None:
        kept = answer_json(answer(case, decision))
        changes.append(attempt.submission.change(context.keys, kept, now))
    return _Weighed(answer(case, decision), done, changes)


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
