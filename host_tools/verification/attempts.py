"""What a code does at the host: verification and resynchronisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from firmware_model.errors import BadInput, InUse, KeyfobError
from host_tools.vault.audit import AuditEntry
from host_tools.vault.database import Overtaken, RowRefusal
from host_tools.vault.kept_rows import RowName
from host_tools.vault.log import LogTail
from host_tools.vault.tables import Change
from host_tools.verification.case import HostContext, TokenCase, checked_names, open_cases
from host_tools.verification.decision import AttemptState, Bar, Decision, clean_codes, decide
from host_tools.verification.host_json import answer_json
from host_tools.verification.rows import TallyRow, TokenRow, progress_change, tally_change
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


class _Weighed(NamedTuple):
    """An attempt that is decided and not yet durable: the answer, its entry and its changes."""

    answer: HostAnswer
    entry: AuditEntry
    changes: list[Change]

    @property
    def rows(self) -> set[RowName]:
        """The rows it changes."""
        return {change.row for change in self.changes}


class _DecidedGroup(NamedTuple):
    """What is said by place in the group, and what is to be durable before that."""

    said: dict[int, Said]
    entries: list[AuditEntry]
    changes: list[Change]
    tail: LogTail | None

    def add(self, weighed: _Weighed) -> None:
        """Take in one attempt; each further change of it goes with an entry without an event."""
        self.entries.append(weighed.entry)
        further = len(weighed.changes) - 1
        self.entries.extend([AuditEntry(weighed.entry.at, "", "")] * further)
        self.changes.extend(weighed.changes)


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
    """Decide on those of a group that touch rows of their own, durably; raises Overtaken."""
    guarded = context.store.guarded
    if any(len(attempt.codes) > 1 for _, attempt in group):
        # A resynchronisation may search for long: no lock is held meanwhile.
        decided = _decide_group(context, group)
        if decided.entries:
            guarded.commit(decided.entries, decided.changes, decided.tail)
        return decided.said
    with guarded.deciding():
        decided = _decide_group(context, group)
        if decided.entries:
            guarded.write(decided.entries, decided.changes, decided.tail)
    guarded.report(decided.entries)
    return decided.said


def _decide_group(context: HostContext, group: Sequence[tuple[int, Attempt]]) -> _DecidedGroup:
    """Decide on those of a group that touch rows of their own, writing nothing."""
    said: dict[int, Said] = {}
    clean: list[tuple[int, Attempt]] = []
    for place, attempt in group:
        try:
            clean.append((place, _clean(attempt)))
        except KeyfobError as error:
            said[place] = error
    clean = _without_kept(context, clean, said)
    cases, tail = open_cases(context, [(attempt.token, attempt.user) for _, attempt in clean])
    decided = _DecidedGroup(said, [], [], tail)
    touched: set[RowName] = set()
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
        said[place] = weighed.answer
        decided.add(weighed)
    return decided


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
    used_at = now if decision.accepted else case.token.used_at
    changes = [progress_change(case.token, decision.standing.progress, used_at)]
    changes += [tally_change(row, tally) for row, tally in tallies(case.tally, decision)]
    done = entry(case, event, decision, now, Actor(Role.USER, case.user))
    said = answer(case, decision)
    if attempt.submission is not None:
        changes.append(attempt.submission.change(context.keys, answer_json(said), now))
    return _Weighed(said, done, changes)


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
